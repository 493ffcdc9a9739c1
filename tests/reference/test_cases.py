"""Every case of the tutorials is computed by some test, or listed here with what keeps the engine from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.reference.cases import CASES, case

NOT_COMPUTED = {
    "W15_printed_code_crashes": "what Python says when the tutorial's own statements are run; none of them is ours",
}
IN_PART = {
    "R11_float32_edge": "e^88 and e^89 are NumPy's; ours is that a loss on either side of the edge is exact",
    "R12_sigmoid_clip": "inf and nan are what the tutorial's formulas give; ours is finite",
    "R13_Z_minus500": "the same",
    "R14_relu_exit": "a loss below zero comes of a formula that nobody uses; ours clips as Keras does",
    "A05_bce_values": "the loss at p = 0 with the tutorial's epsilon; ours is computed from z and needs none",
    "B05_mse": "the dollar sign",
    "B12_dropout": "the mask is the tutorial's draw; ours has its own stream",
    "W07_log_saturation": "what becomes of 1 - p and of epsilon in the tutorial's formula; ours has neither",
    "W08_likelihood_underflow": "the product is NumPy's; ours adds up logarithms",
    "W10_pixel": "the photographs are not to be had; ours is the division",
    "W16_backprop_gradcheck": "the rounding left between two gradients; ours is below the tolerance",
}
"""Cases of which some figures are no work of the engine's, and why."""

ERRORS_BY_CASE = {
    "E01": "R13",  # at z = -500 the sigmoid is 0, not nan
    "E02": "R12",  # clipping z does not protect the loss
    "E03": "R06c",  # wiggled slopes that agree to three digits only after rounding
    "E04": "R03",  # 0.221 comes of a rounded p
    "E05": "R17",  # the gap does not close
    "E06": "R18",  # patient 203
    "E07": "R14",  # the loss of a ReLU exit does not go below zero
    "E08": "R20",  # the leak of the scaler cannot be measured
    "E09": "R10",  # dropout per row, with its scale
    "E11": "A10",  # not linearly separable
    "E12": "A08",  # the loss rises
    "E13": "A06",  # "after 5 steps" is after six
    "E14": "A07",  # 0.9 ends nearer to the minimum than 0.05
    "E15": "A08",  # running accuracy and accuracy
    "E16": "B14",  # both spirals on one curve
    "E18": "B08",  # 0.9 is not too low
    "E19": "B09",  # Adam is further off
    "E20": "B11",  # how a signal grows with depth and width
    "E22": "W01",  # sigmoid(2)
    "E23": "W06",  # the swapped update
    "E25": "W16",  # the transposed weights of the way back
    "E26": "W07",  # where the logarithm of zero begins
    "E27": "W03",  # the printed start
    "E28": "W10",  # the pixel that is no whole number
    "E30": "W11",  # four neurons are not enough at a rate of 0.1
}
"""The tutorials' errors that concern numbers, and the case that has the right ones."""
ERRORS_WITHOUT_NUMBERS = {
    "E10": "what random_state seeds in Keras",
    "E17": "a stray line of code",
    "E21": "demonstrations that are not seeded",
    "E24": "calls that crash",
    "E29": "rows and columns, told in two ways",
    "E31": "words about a loss of 1, clusters and multiples of two",
    "E32": "two listings called the same that differ in batch, rate and start",
}


def asked_for() -> set[str]:
    """Return the cases that some test asks for, by their names in the sources."""
    here = Path(__file__)
    sources = [path.read_text(encoding="utf-8") for path in here.parent.glob("test_*.py") if path != here]
    asked = {name for source in sources for name in re.findall(r'"([RABW]\d\d[^"]*)"', source)}
    found = {id(case(name)) for name in asked}
    return {name for name, content in CASES.items() if id(content) in found}


def test_every_case_is_computed_or_listed() -> None:
    assert len(CASES) == 81
    assert set(CASES) - asked_for() == set(NOT_COMPUTED)


@pytest.mark.parametrize("name", IN_PART)
def test_what_is_computed_in_part_is_asked_for(name: str) -> None:
    assert name in asked_for()


def test_every_error_of_the_tutorials_is_answered() -> None:
    errors = {f"E{number:02}" for number in range(1, 33)}
    assert set(ERRORS_BY_CASE) | set(ERRORS_WITHOUT_NUMBERS) == errors
    asked = {id(CASES[name]) for name in asked_for()}
    assert [error for error, name in ERRORS_BY_CASE.items() if id(case(name)) not in asked] == []
