"""From a printed figure and a measured value to a verdict."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presets.check.values import band
from presets.check.verdicts import judge
from presets.claims import Claim

BAND = band([0.1, 0.2, 0.3, 0.4, 0.5])


def claim_of(figure: dict[str, Any]) -> Claim:
    return Claim.model_validate({"case": "C", "where": "here", "figures": [{"key": "x", **figure}]})


def verdict(measured: Any, **figure: Any) -> tuple[str, bool]:
    claim = claim_of(figure)
    judgement = judge(claim, claim.figures[0], measured)
    return judgement.verdict, judgement.is_documented


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_number_holds_where_its_printed_digits_come_out(value: float, digits: int) -> None:
    quantum = Decimal(1).scaleb(-digits)
    text = str(Decimal(value).quantize(quantum, ROUND_HALF_UP))
    assert verdict(value, published=text) == ("holds", True)
    assert verdict(value + 1.01 * float(quantum), published=text) == ("differs", False)


@pytest.mark.parametrize(
    ("published", "measured", "expected"),
    [
        ("0.221", 0.2204174099, "differs"),
        ("0.220", 0.2204174099, "holds"),
        ("1.8e-35", 1.804851388e-35, "holds"),
        ("2.50e-01", 0.25, "holds"),
        ("437162", 437162, "holds"),
        ("437,162", 437162, "holds"),
        (["0.45", "6.80"], [0.45, 6.8], "holds"),
        (["0.45", "6.80"], [0.45, 6.9], "differs"),
        ([["1", "2"], ["3", "4"]], [[1, 2], [3, 4]], "holds"),
        (["1", "2"], [1], "differs"),
        ("1", float("nan"), "differs"),
        ("1", "inf", "differs"),
        ("nan", 0.0, "differs"),
        ("nan", "nan", "holds"),
        ("benign", "malignant", "differs"),
        ("(100, 2)", "(100, 2)", "holds"),
    ],
)
def test_what_is_printed_beside_what_is_measured(published: Any, measured: Any, expected: str) -> None:
    assert verdict(measured, published=published, verdict=expected) == (expected, True)


def test_over_seeds_a_figure_is_inside_its_band_or_not() -> None:
    assert verdict(BAND, published="0.45", verdict="inside") == ("inside", True)
    assert verdict(BAND, published="0.7", verdict="differs") == ("differs", True)
    assert verdict(BAND, published="0.7", band=(0.2, 0.8), verdict="inside") == ("inside", True)


def test_digits_that_rounding_moves_may_come_out_or_lie_in_their_band() -> None:
    assert verdict([0.5326, 0.5187], published=["0.5326", "0.5187"], band=(0.51, 0.54)) == ("holds", True)
    assert verdict([0.5326, 0.5223], published=["0.5326", "0.5187"], band=(0.51, 0.54)) == ("inside", True)
    assert verdict([0.5326, 0.6], published=["0.5326", "0.5187"], band=(0.51, 0.54)) == ("differs", False)


@pytest.mark.parametrize(
    ("bounds", "measured", "expected"),
    [
        ({"at_least": 0.95}, 0.74, "differs"),
        ({"at_least": 0.95}, 0.96, "holds"),
        ({"at_most": 0.0}, 0.018, "differs"),
        ({"at_least": 0.2, "at_most": 0.4}, BAND, "holds"),
    ],
)
def test_a_sentence_holds_within_what_it_takes(bounds: dict[str, float], measured: Any, expected: str) -> None:
    assert verdict(measured, published="it works", **bounds)[0] == expected


def test_where_none_is_printed_ours_is_the_reference() -> None:
    assert verdict(0.25, ours=0.25) == ("holds", True)
    assert verdict(0.2501, ours=0.25) == ("differs", False)
    assert verdict(0.2501, ours=0.25, within=0.001) == ("holds", True)
    assert verdict([0.515, 0.529], band=(0.51, 0.53), verdict="inside") == ("inside", True)
    assert verdict([0.515, 0.549], band=(0.51, 0.53), verdict="inside") == ("differs", False)
    assert verdict(True, ours=True) == ("holds", True)
    assert verdict(True, ours=False) == ("differs", False)


def test_another_value_than_the_documented_one_is_told_even_where_the_verdict_is_the_same() -> None:
    claim = claim_of({"published": "0.221", "ours": 0.2204, "verdict": "differs", "why": "rounded"})
    found = judge(claim, claim.figures[0], 0.3)
    assert (found.verdict, found.is_documented, found.why) == (
        "differs",
        False,
        "expected 0.2204, got differs with 0.3",
    )
    assert judge(claim, claim.figures[0], 0.2204).why == "rounded"
