"""The stored figures are what worker/compute/uptake.py says today: whoever changes it must write them anew."""

import json

import numpy as np

from tests.known_answers.uptake import FILE, as_text, known_answers


def test_the_stored_figures_are_those_of_today():
    stored, now = json.loads(FILE.read_text()), json.loads(as_text(known_answers()))
    assert [case["name"] for case in stored["cases"]] == [case["name"] for case in now["cases"]]
    for before, after in zip(stored["cases"], now["cases"], strict=True):
        assert {**before, "answer": None} == {**after, "answer": None}, before["name"]
        for measure, value in after["answer"].items():
            assert np_close(before["answer"][measure], value), (before["name"], measure)


def np_close(before, after) -> bool:
    """Equal to rounding: another build of scipy may add in another order."""

    return bool(np.allclose(before, after, rtol=1e-12, atol=0))
