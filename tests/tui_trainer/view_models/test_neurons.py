from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.neurons import batch_rows, captions, layer_activities, matrix_heading
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


@given(st.integers(1, 64), st.integers(1, 400), st.integers(0, 20))
def test_the_heading_of_a_matrix_has_whole_numbers_or_none(side: int, units: int, index: int) -> None:
    run = RunModel(make_welcome(make_spec(network__units=[units] * (index + 1))))
    heading = matrix_heading(layer_activities(run, 0)[index], side)
    assert len(heading) <= side
    whole = {str(index + 1), str(side), str(units)}
    assert all(word in whole for word in heading.split() if word.isdecimal())


@pytest.mark.parametrize("rate", [0.2, 0.9999, 0.9999999])
def test_what_is_said_of_dropout_is_said_whole_or_not_at_all(rate: float) -> None:
    run = RunModel(make_welcome(make_spec(network__units=[16], network__dropout=rate)))
    run.masks = {0: np.ones((16, 4), np.uint8)}
    (layer,) = layer_activities(run, 0)
    roomy = captions(layer, 60, str)
    assert roomy[-1].startswith(("scaled ×1.25", "scaled ×10000.00", "scaled ×1e+7"))
    for room in range(30):
        assert set(captions(layer, room, str)) <= {*roomy, *captions(layer, 29, str)}
        assert all(len(caption) <= room for caption in captions(layer, room, str))
