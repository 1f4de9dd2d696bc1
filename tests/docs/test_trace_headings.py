"""The document that follows one patient and the test that does so have the same steps."""

import ast
import re

from tests.docs.documents import ROOT, headings

TEST = ROOT / "tests" / "e2e" / "test_trace_one_pet.py"


def test_the_tests_are_the_headings_in_their_order():
    functions = [node.name for node in ast.parse(TEST.read_text()).body if isinstance(node, ast.FunctionDef)]
    tests = [name for name in functions if name.startswith("test_")]
    steps = headings(ROOT / "docs" / "trace-one-pet.md")
    assert tests == ["test_" + re.sub(r"\W+", "_", step.lower()).strip("_") for step in steps]
    assert len(steps) == 8
