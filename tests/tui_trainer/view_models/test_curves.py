from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.run.changes import SetPace, TurnDial
from engine.run.metrics import METRICS
from tui_trainer.view_models.axes import Scale, Window
from tui_trainer.view_models.curve_sources import MetricCurve
from tui_trainer.view_models.curves import (
    TRAIN_LOSS,
    VALIDATION_LOSS,
    Chart,
    ChartModel,
    ChartOptions,
    marker_columns,
    whole_window,
)
from tui_trainer.view_models.history import History


def history_of(losses: list[float], seeds: int = 1) -> History:
    rows = np.ones((len(losses), seeds, len(METRICS)))
    rows[:, :, TRAIN_LOSS] = np.array(losses)[:, None] * np.linspace(1, 2, seeds)
    history = History()
    history.add_rows(1, rows)
    return history


def chart_of(
    history: History,
    options: ChartOptions,
    others: Sequence[History] = (),
    *,
    metrics: Sequence[int] = (TRAIN_LOSS,),
    model: ChartModel | None = None,
) -> Chart | None:
    sources = [MetricCurve(history, metric) for metric in metrics]
    return (model or ChartModel()).chart(sources, options, [MetricCurve(other, TRAIN_LOSS) for other in others])


def change(epoch: int) -> TurnDial:
    return TurnDial(epoch=epoch, step=0, path="training.learning_rate", value=0.01, before=0.001)


@given(
    st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=300), st.integers(2, 120), st.sampled_from(["log", "linear"])
)
def test_points_lie_on_the_chart_from_left_to_right(losses: list[float], dots: int, scale: Scale) -> None:
    chart = chart_of(history_of(losses), ChartOptions(Window(1, 1000), dots, scale))
    assert chart is not None
    (line,) = chart.curves[0].lines
    assert np.all(np.diff(line[:, 0]) >= 0)
    assert line[:, 0].min() == 0
    assert line[:, 0].max() < dots
    assert np.all((line[:, 1] >= -1e-6) & (line[:, 1] <= 1 + 1e-6))


def test_a_spike_among_thousands_of_epochs_reaches_the_top() -> None:
    losses = [0.1] * 5000
    losses[3210] = 0.9
    chart = chart_of(history_of(losses), ChartOptions(Window(1, 5000), 80, "linear"))
    assert chart is not None
    (line,) = chart.curves[0].lines
    spike = line[np.argmax(line[:, 1])]
    assert spike[1] == pytest.approx(0.9)
    assert spike[0] == 3210 * 79 // 4999


def test_what_is_not_finite_is_a_gap() -> None:
    chart = chart_of(history_of([0.5, 0.4, np.nan, np.inf, 0.3, 0.2]), ChartOptions(Window(1, 6), 60, "log"))
    assert chart is not None
    assert [len(line) for line in chart.curves[0].lines] == [2, 2]


def test_nothing_above_zero_cannot_be_drawn_on_a_log_axis() -> None:
    model = ChartModel()
    linear = ChartOptions(Window(1, 6), 60, "linear")
    assert chart_of(history_of([0.0, -1.0]), replace(linear, scale="log"), model=model) is None
    assert chart_of(history_of([0.0, -1.0]), linear, model=model) is not None
    assert chart_of(History(), linear, model=model) is None


def test_zero_is_left_out_of_a_log_axis_and_the_rest_is_drawn() -> None:
    chart = chart_of(history_of([0.5, 0.0, 0.25]), ChartOptions(Window(1, 3), 30, "log"))
    assert chart is not None
    assert [len(line) for line in chart.curves[0].lines] == [1, 1]


def test_several_seeds_are_a_line_within_a_range() -> None:
    options = ChartOptions(Window(1, 2), 20, "log", seeds=3)
    chart = chart_of(history_of([0.5, 0.4], seeds=3), options, metrics=[TRAIN_LOSS, VALIDATION_LOSS])
    assert chart is not None
    curve = chart.curves[0]
    assert curve.lines[0].shape == (2, 2)
    (band,) = curve.range_lines
    assert band[:, 1].min() < curve.lines[0][:, 1].min()


def test_the_range_between_the_seeds_has_no_holes_between_two_epochs() -> None:
    options = ChartOptions(Window(1, 2), 20, "linear", seeds=3)
    chart = chart_of(history_of([0.4, 0.2], seeds=3), options)
    assert chart is not None
    (band,) = chart.curves[0].range_lines
    assert band[:, 0].tolist() == np.repeat(np.arange(20), 2).tolist()
    lows = band[:, 1].reshape(20, 2).min(axis=1)
    assert np.allclose(np.diff(lows), lows[1] - lows[0])


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_chart_without_columns_draws_nothing(seeds: int) -> None:
    assert chart_of(history_of([0.4, 0.2], seeds), ChartOptions(Window(1, 2), 0, "log", seeds)) is None


def test_markers_stand_where_their_epochs_are_and_have_all_changes_of_their_column() -> None:
    markers = marker_columns([change(1), change(50), change(100), change(101)], Window(1, 100), 100)
    assert [dot for dot, _ in markers] == [0, 49, 99]
    first, second = change(50), change(50)
    assert marker_columns([first, second, change(9)], Window(1, 100), 50) == [(3, [change(9)]), (24, [first, second])]


def test_a_change_of_pace_has_no_marker() -> None:
    pace = SetPace(number=1, epoch=9, step=0, value=5.0)
    assert marker_columns([pace, change(50)], Window(1, 100), 100) == [(49, [change(50)])]


def test_a_smoothed_line_lies_within_what_was_measured_and_leaves_that_behind_it() -> None:
    losses = [0.5 + 0.2 * (-1) ** epoch for epoch in range(40)]
    chart = chart_of(history_of(losses), ChartOptions(Window(1, 40), 80, "linear", smoothing=0.9))
    assert chart is not None
    (line,), (measured,) = chart.curves[0].lines, chart.curves[0].range_lines
    assert np.ptp(line[10:, 1]) < 0.2 * np.ptp(measured[:, 1])
    assert measured[:, 1].min() <= line[:, 1].min() <= line[:, 1].max() <= measured[:, 1].max()


def test_a_zoomed_chart_fits_its_window_and_holds_still_in_it() -> None:
    model, history = ChartModel(), history_of([100.0 / epoch for epoch in range(1, 201)])
    whole = chart_of(history, ChartOptions(Window(1, 200), 80, "linear"), model=model)
    zoomed = chart_of(history, ChartOptions(Window(101, 200), 80, "linear", zoomed=True), model=model)
    assert whole is not None
    assert zoomed is not None
    assert (whole.limits.high, zoomed.limits.high) == (100, 1)
    assert zoomed.curves[0].lines[0][[0, -1], 0].tolist() == [0, 79]


def test_other_runs_are_drawn_within_the_same_limits() -> None:
    other = history_of([8.0, 4.0, 2.0])
    chart = chart_of(history_of([0.5]), ChartOptions(Window(1, 3), 30, "linear"), [other])
    assert chart is not None
    ((line,),) = chart.others
    assert line[:, 1].tolist() == [0.8, 0.4, 0.2]
    assert whole_window([history_of([1.0] * 40), other], 50) == Window(1, 50)
