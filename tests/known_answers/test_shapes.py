"""The stored shapes are what scipy makes today."""

from tests.known_answers.shapes import FILE, as_text, known_answers


def test_the_stored_shapes_are_those_of_today():
    assert FILE.read_text() == as_text(known_answers())
