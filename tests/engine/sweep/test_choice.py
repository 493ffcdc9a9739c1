from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.sweep.axes import Choices, Plan
from engine.sweep.choice import NO_VALIDATION, choose, second_beside_best
from engine.sweep.description import SweepDescription
from engine.sweep.results import PartMetrics, TrialResult, median, spread
from tests.engine.sweep.small import recipe


def result(*losses: float | None, scores: tuple[float, ...] | None = None, **fields: Any) -> TrialResult:
    part = PartMetrics(loss=losses, score=scores or (0.5,) * len(losses))
    whole: dict[str, Any] = {"state": "finished", "reason": "epochs", "seconds": 0.0, "validation": part}
    return TrialResult(**whole | fields)


def described(path: str = "training.learning_rate", *values: object) -> SweepDescription:
    plan = Plan(axes=(Choices(path=path, values=values or (0.1, 0.2, 0.3)),))  # type: ignore[arg-type]
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return SweepDescription(sweep="s", created=created, version="0", spec=recipe(), seeds=(1, 2, 3), plans=(plan,))


def test_the_best_is_that_of_the_lowest_median_over_seeds_not_of_the_luckiest_seed() -> None:
    ended = {1: result(0.1, 0.9, 0.8), 2: result(0.5, 0.4, 0.6), 3: result(0.5, 0.7, 0.5)}
    choice = choose(described(), ended)
    assert choice.by == "validation.loss"
    assert [(each.trial, each.median) for each in choice.candidates] == [(2, 0.5), (3, 0.5), (1, 0.8)]


def test_with_patience_the_best_epochs_decide() -> None:
    ended = {1: result(0.1, 0.1, 0.1, best=(0.1, 0.1, 0.1)), 2: result(0.9, 0.9, 0.9, best=(0.05, 0.05, 0.05))}
    best = choose(described(), ended).best
    assert best is not None
    assert (best.trial, best.median) == (2, 0.05)


def test_a_seed_that_diverged_counts_as_infinite_and_what_did_not_come_to_its_end_not_at_all() -> None:
    ended = {
        1: result(0.1, None, None),
        2: result(0.4, 0.4, None),
        3: result(0.01, 0.01, 0.01, state="stopped", reason=None),
        4: result(0.01, 0.01, 0.01, reason="non_finite"),
    }
    assert [each.trial for each in choose(described(), ended).candidates] == [2]


def test_where_losses_are_of_different_kinds_the_score_decides() -> None:
    ended = {1: result(0.1, 0.1, 0.1, scores=(0.7, 0.8, 0.9)), 2: result(5.0, 5.0, 5.0, scores=(0.9, 0.9, 0.8))}
    choice = choose(described("training.loss", "mse", "mae"), ended)
    assert choice.by == "validation.accuracy"
    assert choice.best is not None
    assert choice.best.trial == 2
    assert choice.note is not None


def test_without_validation_rows_there_is_no_choice_and_the_exam_is_no_way_out() -> None:
    choice = choose(described(), {1: result(0.1, validation=None)})
    assert choice.best is None
    assert choice.by is None
    assert choice.why_not == NO_VALIDATION
    assert choose(described(), {}).why_not is not None


def test_different_rows_are_said() -> None:
    assert choose(described("split.seed", 1, 2), {1: result(0.1, 0.1, 0.1)}).note is not None
    assert choose(described(), {1: result(0.1, 0.1, 0.1)}).note is None


def test_the_best_is_held_beside_the_second_seed_by_seed() -> None:
    seeds = (1, 2, 3, 4, 5, 6)
    description = described().model_copy(update={"seeds": seeds})
    ended = {1: result(*(0.5 + seed / 10 for seed in seeds)), 2: result(*(0.4 + seed / 10 for seed in seeds))}
    beside = second_beside_best(description, choose(description, ended))
    assert beside is not None
    assert beside.leader == "first"
    assert beside.differences == pytest.approx((0.1,) * 6)
    assert beside.p_value == pytest.approx(2 / 2**6)
    assert second_beside_best(description, choose(description, {1: ended[1]})) is None


def test_medians_and_ranges_of_seeds() -> None:
    assert median((3.0, 1.0, 2.0)) == 2.0
    assert median((1.0, None, None)) is None
    assert median(()) is None
    assert spread((2.0, 1.0)) == (1.0, 2.0)
    assert spread((2.0, None)) == (2.0, math.inf)
    assert spread((None, None)) is None
