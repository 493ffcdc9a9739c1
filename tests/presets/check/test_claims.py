"""The claims of presets and labs: every case is among them, and what takes no training comes out as documented."""

from __future__ import annotations

import math
import runpy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import presets
from engine.errors import InputError
from presets.check.runner import Subject, check
from presets.check.subjects import subjects
from presets.claims import RunMeasure, figures, read_claims
from tests.reference.cases import CASES

DOCS = Path(__file__).parents[3] / "docs"
EVERYTHING = subjects()
SLOW_FACTS = {"swapped update", "spirals and rounding"}


def quick(subject: Subject) -> Subject:
    """Return a subject with the claims that take next to no time."""
    claims = [claim for claim in subject.claims if not isinstance(claim.measure, RunMeasure)]
    kept = tuple(claim for claim in claims if getattr(claim.measure, "name", "") not in SLOW_FACTS)
    return Subject(subject.name, kept)


RUNS = {"lines-perceptron", "spirals-as-published"}
"""Presets whose single runs are over at once."""


def test_what_takes_no_long_training_comes_out_as_documented() -> None:
    chosen = [quick(subject) for subject in EVERYTHING]
    chosen += [subject for subject in EVERYTHING if subject.name in RUNS]
    told: list[tuple[int, int]] = []
    results = list(check(chosen, processes=1, progress=lambda done, jobs: told.append((done, jobs))))
    assert [
        (result.subject.name, result.claimed.figure.key, result.judgement)
        for result in results
        if not result.judgement.is_documented
    ] == []
    assert len(results) > 250
    assert [done for done, _ in told] == list(range(told[-1][1] + 1))


def test_every_case_is_a_claim_and_every_figure_that_differs_says_why() -> None:
    claimed = {claim.case for subject in EVERYTHING for claim in subject.claims}
    assert set(CASES) - claimed == set()
    for subject in EVERYTHING:
        for claim, figure in figures(subject.claims):
            if figure.verdict == "differs":
                assert figure.why, (subject.name, claim.case, figure.key)
                assert figure.published is not None


def test_the_page_in_docs_is_that_of_the_claims() -> None:
    page = runpy.run_path(str(DOCS / "claims.py"))["page"]()
    assert (DOCS / "claims.md").read_text(encoding="utf-8") == page, "run `python docs/claims.py`"


def test_a_case_is_checked_by_its_name_or_the_beginning_of_it() -> None:
    found = subjects(["R03"])
    assert [subject.name for subject in found] == ["one-clerk", "wiggle"]
    assert {claim.case for subject in found for claim in subject.claims} == {"R03_forward"}
    assert [subject.name for subject in subjects(["descent", "xor", "descent"])] == ["descent", "xor"]


def test_a_name_that_is_nothing_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"there is no preset, lab or case 'one-clark'; did you mean one-clerk\?"):
        subjects(["one-clark"])


@pytest.mark.parametrize(
    ("claim", "complaint"),
    [
        ({"case": "C"}, r"x\.toml: claims\.0\.where: this key is required"),
        ({"case": "C", "where": "w", "figures": []}, r"claims\.0\.figures: "),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "verdict": "maybe"}]}, "verdict: expected"),
        ({"case": "C", "where": "w", "figures": [{"key": "k"}], "measure": {"kind": "guess"}}, "measure"),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "ours": date(2026, 1, 1)}]}, "ours: expected a finite"),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "ours": [1.0, math.nan]}]}, "ours: expected a finite"),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "band": [0, math.inf]}]}, "band.1: expected a finite"),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "set": {"a": math.inf}}]}, "expected a finite"),
        ({"case": "C", "where": "w", "figures": [{"key": "k", "publishd": "1"}]}, "did you mean published"),
    ],
)
def test_a_wrong_claim_is_refused_in_a_line(claim: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        read_claims({"claims": [claim]}, where="x.toml")


def test_a_value_that_is_not_there_is_refused_in_a_line() -> None:
    table = {"case": "C", "where": "w", "measure": {"kind": "network"}, "figures": [{"key": "parametres"}]}
    subject = Subject("xor", read_claims({"claims": [table]}, where="x.toml"))
    with pytest.raises(InputError, match=r"xor: C parametres: .*did you mean parameters"):
        list(check([subject], processes=1))


def test_a_preset_that_is_printed_elsewhere_keeps_its_claims(tmp_path: Any) -> None:
    """A name with a control character in it makes the whole file be written anew."""
    text = presets.find("one-clerk").read_text(encoding="utf-8").replace('features = ["x"]', 'features = ["\x7f"]')
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("\x7f", "\\u009b"), encoding="utf-8")
    copy = tmp_path / "copy.toml"
    copy.write_text(presets.text_of(presets.read(path)), encoding="utf-8")
    assert presets.read(copy).claims == presets.read("one-clerk").claims
