from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.run.metrics import METRICS
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.curve_sources import LAYER_SERIES, MOST_NAMES, MetricCurve, SeriesCurve, series_of
from tui_trainer.view_models.history import History

points = st.dictionaries(st.integers(1, 400), st.floats(1e-6, 1e3), min_size=1, max_size=60)


def curve_of(values: dict[int, float]) -> SeriesCurve:
    epochs = np.array(sorted(values), float)
    return SeriesCurve(epochs, np.array([[values[int(epoch)]] for epoch in epochs]))


@given(points, st.integers(1, 300), st.integers(1, 300), st.integers(1, 80))
def test_each_column_spans_the_points_that_fall_into_it(
    values: dict[int, float], first: int, length: int, count: int
) -> None:
    window = Window(first, first + length)
    columns = curve_of(values).columns(window, count)
    by_column: dict[int, list[float]] = {}
    for epoch in sorted(values):
        if window.first <= epoch <= window.last:
            by_column.setdefault(window.column(epoch, count), []).append(values[epoch])
    assert columns.place.tolist() == sorted(by_column)
    assert columns.low.tolist() == [min(found) for _, found in sorted(by_column.items())]
    assert columns.high.tolist() == [max(found) for _, found in sorted(by_column.items())]
    assert columns.last.tolist() == [found[-1] for _, found in sorted(by_column.items())]


@given(points, st.integers(0, 450))
def test_an_epoch_is_answered_with_the_last_point_before_it(values: dict[int, float], epoch: int) -> None:
    before = [known for known in values if known <= epoch]
    reading = curve_of(values).at(epoch)
    assert (reading.last if reading else None) == (values[max(before)] if before else None)


def test_of_several_seeds_it_is_the_median_of_those_that_have_a_number() -> None:
    values = np.array([[1.0, 3.0, 2.0], [5.0, np.nan, 7.0], [np.nan] * 3])
    curve = SeriesCurve(np.array([1.0, 2.0, 4.0]), values)
    assert [reading.last if (reading := curve.at(epoch)) else None for epoch in (1, 2, 3, 4)] == [2.0, 6.0, 6.0, None]
    assert curve.not_finite_since() == 4
    assert np.isnan(curve.latest() or 0.0)


def test_points_as_dense_as_epochs_are_smoothed_as_epochs_are() -> None:
    losses = np.random.default_rng(1).uniform(0.1, 1, 50)
    rows = np.ones((50, 1, len(METRICS)))
    rows[:, 0, 0] = losses
    history = History()
    history.add_rows(1, rows)
    window = Window(1, 50)
    metric = MetricCurve(history, 0).columns(window, 50, smoothing=0.9)
    series = curve_of(dict(enumerate(losses.tolist(), 1))).columns(window, 50, smoothing=0.9)
    np.testing.assert_allclose(series.last, metric.last)


def test_without_points_there_is_nothing() -> None:
    curve = series_of({}, ["gradient_norm.0"])["gradient_norm.0"]
    assert not curve
    assert (curve.latest(), curve.at(3), curve.not_finite_since()) == (None, None, None)
    assert not len(curve.columns(Window(1, 9), 20, smoothing=0.9).place)


def test_layers_are_counted_from_0_and_no_more_are_asked_for_than_a_worker_answers() -> None:
    assert LAYER_SERIES[0].names(3) == ("gradient_norm.0", "gradient_norm.1", "gradient_norm.2")
    assert len(LAYER_SERIES[0].names(500)) == MOST_NAMES
