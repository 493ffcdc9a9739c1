from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.protocol.events import Change
from tui_trainer.view_models.curves import TRAIN_LOSS, VALIDATION_LOSS, ChartModel, marker_columns
from tui_trainer.view_models.history import METRIC_COUNT, History


def history_of(losses: list[float], seeds: int = 1) -> History:
    rows = np.ones((len(losses), seeds, METRIC_COUNT))
    rows[:, :, TRAIN_LOSS] = np.array(losses)[:, None] * np.linspace(1, 2, seeds)
    history = History()
    history.add_rows(1, rows)
    return history


def change(epoch: int) -> Change:
    return Change(epoch=epoch, step=0, path="training.learning_rate", value=0.01, before=0.001)


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=300), st.integers(2, 120), st.sampled_from(["log", "linear"])
)
def test_points_lie_on_the_chart_from_left_to_right(losses: list[float], dots: int, scale: str) -> None:
    chart = ChartModel([TRAIN_LOSS]).chart(history_of(losses), 1000, dots, scale)  # type: ignore[arg-type]
    assert chart is not None
    (line,) = chart.curves[0].lines
    assert np.all(np.diff(line[:, 0]) >= 0)
    assert line[:, 0].min() == 0
    assert line[:, 0].max() < dots
    assert np.all((line[:, 1] >= -1e-6) & (line[:, 1] <= 1 + 1e-6))


def test_a_spike_among_thousands_of_epochs_reaches_the_top() -> None:
    losses = [0.1] * 5000
    losses[3210] = 0.9
    chart = ChartModel([TRAIN_LOSS]).chart(history_of(losses), 5000, 80, "linear")
    assert chart is not None
    (line,) = chart.curves[0].lines
    spike = line[np.argmax(line[:, 1])]
    assert spike[1] == pytest.approx(0.9)
    assert spike[0] == 3210 * 79 // 4999


def test_what_is_not_finite_is_a_gap() -> None:
    chart = ChartModel([TRAIN_LOSS]).chart(history_of([0.5, 0.4, np.nan, np.inf, 0.3, 0.2]), 6, 60, "log")
    assert chart is not None
    assert [len(line) for line in chart.curves[0].lines] == [2, 2]


def test_nothing_above_zero_cannot_be_drawn_on_a_log_axis() -> None:
    model = ChartModel([TRAIN_LOSS])
    assert model.chart(history_of([0.0, -1.0]), 6, 60, "log") is None
    assert model.chart(history_of([0.0, -1.0]), 6, 60, "linear") is not None
    assert model.chart(History(), 6, 60, "linear") is None


def test_zero_is_left_out_of_a_log_axis_and_the_rest_is_drawn() -> None:
    chart = ChartModel([TRAIN_LOSS]).chart(history_of([0.5, 0.0, 0.25]), 3, 30, "log")
    assert chart is not None
    assert [len(line) for line in chart.curves[0].lines] == [1, 1]


def test_several_seeds_are_a_line_within_a_range() -> None:
    chart = ChartModel([TRAIN_LOSS, VALIDATION_LOSS]).chart(history_of([0.5, 0.4], seeds=3), 2, 20, "log", seeds=3)
    assert chart is not None
    curve = chart.curves[0]
    assert curve.lines[0].shape == (2, 2)
    assert curve.range_lines[0].shape == (4, 2)
    assert curve.range_lines[0][:, 1].min() < curve.lines[0][:, 1].min()


def test_markers_stand_where_their_epochs_are_and_the_last_of_a_column_wins() -> None:
    markers = marker_columns([change(1), change(50), change(100), change(101)], 100, 100)
    assert [dot for dot, _ in markers] == [0, 49, 99]
    first, second = change(50), change(50)
    assert marker_columns([first, second], 100, 100)[0][1] is second
