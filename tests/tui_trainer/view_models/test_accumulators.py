from __future__ import annotations

import numpy as np
import pytest

from engine.protocol.events import StepPlace
from tests.tui_trainer.fake_client import make_spec
from tui_trainer.view_models.accumulators import REMEMBERED, ActiveNeuronStats, CoadaptationHistory


def place(step: int) -> StepPlace:
    return StepPlace(epoch=1, step=step, steps=11, total_steps=step)


def test_the_head_count_is_the_mean_over_the_rows_of_all_steps() -> None:
    counts, spec = ActiveNeuronStats(), make_spec(network__units=[4])
    counts.apply(place(1), {0: np.array([[1, 1], [0, 1], [1, 1], [0, 1]], np.uint8)}, spec)
    assert counts.mean(0, 4, 0.2) == 3.0
    counts.apply(place(2), {0: np.ones((4, 1), np.uint8)}, spec)
    assert counts.mean(0, 4, 0.2) == pytest.approx((2 + 4 + 4) / 3)


def test_a_step_counts_once_however_often_it_is_told() -> None:
    counts, spec = ActiveNeuronStats(), make_spec(network__units=[2])
    for mask in ([[1], [0]], [[1], [1]]):
        counts.apply(place(1), {0: np.array(mask, np.uint8)}, spec)
    assert counts.mean(0, 2, 0.2) == 1.0


def test_another_width_or_rate_begins_anew() -> None:
    counts, spec = ActiveNeuronStats(), make_spec(network__units=[2])
    counts.apply(place(1), {0: np.zeros((2, 3), np.uint8)}, spec)
    assert counts.mean(0, 2, 0.5) is None
    counts.apply(place(2), {0: np.ones((2, 3), np.uint8)}, make_spec(network__units=[2], network__dropout=0.5))
    assert counts.mean(0, 2, 0.5) == 2.0


def test_masks_are_counted_right_however_many_neurons_there_are() -> None:
    counts, spec = ActiveNeuronStats(), make_spec(network__units=[1000])
    counts.apply(place(1), {0: np.ones((1000, 32), np.uint8)}, spec)
    assert counts.mean(0, 1000, 0.2) == 1000.0


def test_the_two_most_alike_may_be_opposites_but_not_the_same() -> None:
    coadaptation = CoadaptationHistory()
    matrix = np.array([[1, 0.2, -0.9], [0.2, 1, np.nan], [-0.9, np.nan, 1]], np.float32)
    coadaptation.apply((1, 0), {0: matrix, 1: np.ones((1, 1), np.float32)}, np.array([0.5, np.nan]))
    closest = coadaptation.closest(0)
    assert closest is not None
    assert closest[:2] == (0, 2)
    assert closest[2] == pytest.approx(-0.9)
    assert coadaptation.closest(1) is None
    assert coadaptation.closest(7) is None


def test_the_curve_remembers_so_many_values() -> None:
    coadaptation = CoadaptationHistory()
    for value in range(REMEMBERED + 5):
        coadaptation.apply((value, 0), {}, np.array([float(value)]))
    assert len(coadaptation.curve(0)) == REMEMBERED
    assert coadaptation.curve(0)[-1] == REMEMBERED + 4


def test_what_is_told_of_a_step_again_is_no_more_of_the_curve() -> None:
    coadaptation = CoadaptationHistory()
    for at, mean in (((3, 0), 0.4), ((3, 0), 0.5), ((3, 1), 0.6), ((3, 1), 0.6), ((4, 0), 0.7)):
        coadaptation.apply(at, {}, np.array([mean]))
    assert coadaptation.curve(0) == [0.5, 0.6, 0.7]


def test_a_mean_says_over_how_many_steps_it_was_taken() -> None:
    counts, spec = ActiveNeuronStats(), make_spec(network__units=[2])
    assert counts.steps(0) == 0
    for step in (1, 2, 2, 3):
        counts.apply(place(step), {0: np.ones((2, 3), np.uint8)}, spec)
    assert counts.steps(0) == 3
    counts.apply(place(4), {0: np.ones((2, 3), np.uint8)}, make_spec(network__units=[2], network__dropout=0.5))
    assert counts.steps(0) == 1
