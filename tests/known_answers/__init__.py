"""Figures that two implementations must agree on: made from Python, checked by Python and by the front end's tests."""
