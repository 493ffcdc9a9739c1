from __future__ import annotations

import numpy as np
import pytest

from tests.tui_trainer.fake_feed import make_spec, make_welcome
from tui_trainer.view_models.clerks import batch_rows, rooms
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
    (room,) = rooms(run, row=0)
    assert (room.states, room.at_work, room.dead) == ("■□✕□", 2, 1)
    (room,) = rooms(run, row=1)
    assert (room.states, room.at_work) == ("□■✕■", 3)


def test_expectation_and_scale_belong_to_the_rate() -> None:
    (room,) = rooms(run_with([[1, 0]] * 16, rate=0.2), row=0)
    assert room.expected == pytest.approx(12.8)
    assert room.scale == pytest.approx(1.25)


def test_bars_rise_with_the_rows_a_neuron_was_dropped_for() -> None:
    (room,) = rooms(run_with([[1] * 8, [0] * 4 + [1] * 4, [0] * 8]), row=0)
    assert room.rows_out is not None
    assert room.rows_out.tolist() == [0, 4, 8]
    assert room.bars() == "▁▄█"


def test_without_dropout_nobody_is_dropped() -> None:
    (room,) = rooms(run_with([[1, 1]] * 3, rate=0.0), row=0)
    assert (room.states, room.rows_out, room.bars()) == ("■■■", None, "")


def test_masks_of_a_network_that_is_no_more_are_not_shown() -> None:
    run = run_with([[0, 0]] * 3)
    run.spec = make_spec(network__units=[5])
    (room,) = rooms(run, row=0)
    assert room.states == "■■■■■"


def test_a_row_beyond_a_smaller_last_batch_is_its_last() -> None:
    run = run_with([[1, 0, 1], [1, 1, 0]])
    assert batch_rows(run) == 3
    assert rooms(run, row=31)[0].states == "■□"


def test_before_the_first_step_all_are_at_work() -> None:
    run = RunModel(make_welcome())
    assert [room.at_work for room in rooms(run, row=0)] == [16, 8]
    assert batch_rows(run) == 0
