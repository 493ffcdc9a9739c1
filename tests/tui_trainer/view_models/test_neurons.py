from __future__ import annotations

import numpy as np
import pytest

from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.neurons import batch_rows, layer_activities
from tui_trainer.view_models.run import RunModel


def run_with(mask: list[list[int]], rate: float = 0.2, dead: list[int] | None = None) -> RunModel:
    spec = make_spec(network__units=[len(mask)], network__dropout=rate)
    run = RunModel(make_welcome(spec))
    run.masks[0] = np.array(mask, np.uint8)
    if dead is not None:
        run.dead[0] = np.array(dead, np.uint8)
    return run


def test_a_row_shows_who_is_at_work_dropped_and_dead() -> None:
    run = run_with([[1, 0], [0, 1], [1, 1], [0, 1]], dead=[0, 0, 1, 0])
    (layer,) = layer_activities(run, row=0)
    assert (layer.states, layer.at_work, layer.dead) == ("■□✕□", 2, 1)
    (layer,) = layer_activities(run, row=1)
    assert (layer.states, layer.at_work) == ("□■✕■", 3)


def test_expectation_and_scale_belong_to_the_rate() -> None:
    (layer,) = layer_activities(run_with([[1, 0]] * 16, rate=0.2), row=0)
    assert layer.expected == pytest.approx(12.8)
    assert layer.scale == pytest.approx(1.25)


def test_bars_rise_with_the_rows_a_neuron_was_dropped_for() -> None:
    (layer,) = layer_activities(run_with([[1] * 8, [0] * 4 + [1] * 4, [0] * 8]), row=0)
    assert layer.dropped_rows is not None
    assert layer.dropped_rows.tolist() == [0, 4, 8]
    assert layer.bars() == "▁▄█"


def test_without_dropout_nobody_is_dropped() -> None:
    (layer,) = layer_activities(run_with([[1, 1]] * 3, rate=0.0), row=0)
    assert (layer.states, layer.dropped_rows, layer.bars()) == ("■■■", None, "")


def test_masks_of_a_network_that_is_no_more_are_not_shown() -> None:
    run = run_with([[0, 0]] * 3)
    run.spec = make_spec(network__units=[5])
    (layer,) = layer_activities(run, row=0)
    assert layer.states == "■■■■■"


def test_a_row_beyond_a_smaller_last_batch_is_its_last() -> None:
    run = run_with([[1, 0, 1], [1, 1, 0]])
    assert batch_rows(run) == 3
    assert layer_activities(run, row=31)[0].states == "■□"


def test_before_the_first_step_all_are_at_work() -> None:
    run = RunModel(make_welcome())
    assert [layer.at_work for layer in layer_activities(run, row=0)] == [16, 8]
    assert batch_rows(run) == 0
