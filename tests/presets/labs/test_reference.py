"""With all dials as they are at first, a lab's values are those that were re-computed from the tutorials."""

from __future__ import annotations

import math
from typing import Any

import pytest

from presets import labs
from tests.reference.cases import CASES, Case

COVERED = [
    (name, case)
    for name in labs.names()
    for case in labs.lab(name).compute(labs.lab(name).defaults).values
    if case in CASES
]


def compare(found: Any, expected: Any, relative: float, where: str) -> None:
    """Compare figures, lists and tables of them."""
    if isinstance(found, dict):
        assert set(found) == set(expected), where
        for key, value in found.items():
            compare(value, expected[key], relative, f"{where}.{key}")
    elif isinstance(found, list):
        assert len(found) == len(expected), where
        for index, (value, each) in enumerate(zip(found, expected, strict=True)):
            compare(value, each, relative, f"{where}[{index}]")
    elif isinstance(expected, str | bool) or expected is None:
        assert found == expected, where
        assert type(found) is type(expected), where
    else:
        assert math.isclose(found, expected, rel_tol=relative, abs_tol=1e-13), (where, found, expected)


def tolerance(case: Case) -> float:
    """Return how far a figure may be off, of which ten digits are printed."""
    return max(case.margin[0], 1e-9) if case.tolerance.startswith(("rel", "exact")) else 1e-6


@pytest.mark.parametrize(("lab", "name"), COVERED)
def test_a_case_has_the_figures_of_its_recomputation(lab: str, name: str) -> None:
    values = labs.lab(lab).compute(labs.lab(lab).defaults).values[name]
    compare(values, CASES[name].recomputed, tolerance(CASES[name]), name)
