"""Plots of a lab: axes around what is drawn, a crosshair that tells real points, panels that fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presets.labs.contract import Curve, Plot
from tests.properties import examples
from tui_trainer.view_models.lab_plots import SMALLEST, Panel, panels_of, reading_text, tiling

finite = st.floats(-1e9, 1e9)


def plot(*curves: Curve, x_label: str = "x", log_x: bool = False, log_y: bool = False) -> Plot:
    return Plot(title="t", x_label=x_label, y_label="y", curves=curves, log_x=log_x, log_y=log_y)


def panel(*curves: Curve, log_x: bool = False, log_y: bool = False) -> Panel:
    return panels_of([plot(*curves, log_x=log_x, log_y=log_y)])[0]


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=30))
@settings(max_examples=examples(60))
def test_every_point_lies_within_the_axes(points: list[tuple[float, float]]) -> None:
    x, y = (tuple(part) for part in zip(*points, strict=True))
    shown = panel(Curve("a", x, y))
    assert shown.x.low <= min(x) <= max(x) <= shown.x.high
    for line in shown.lines(Curve("a", x, y), 40):
        assert (line[:, 1] >= -1e-9).all()
        assert (line[:, 1] <= 1 + 1e-9).all()
        assert ((line[:, 0] >= -1e-6) & (line[:, 0] <= 39 + 1e-6)).all()


def test_what_is_no_number_parts_a_curve_as_what_is_not_above_zero_does_on_a_logarithmic_axis() -> None:
    shown = panel(Curve("a", (0, 1, 2, 3, 4), (1, 2, math.nan, math.inf, 5)))
    assert [len(line) for line in shown.lines(shown.plot.curves[0], 10)] == [2, 1]
    logarithmic = panel(Curve("a", (0, 1, 2), (1, 0, 100)), log_y=True)
    assert [len(line) for line in logarithmic.lines(logarithmic.plot.curves[0], 10)] == [1, 1]
    assert (logarithmic.y.low, logarithmic.y.high) == (1, 100)


@pytest.mark.parametrize("curves", [(), (Curve("a", (), ()),), (Curve("a", (1.0,), (math.nan,)),)])
def test_a_plot_of_nothing_has_axes_and_no_crosshair(curves: tuple[Curve, ...]) -> None:
    shown = panel(*curves)
    assert shown.moved(None, 1, 40) is None
    assert shown.y.low < shown.y.high
    assert shown.x.low < shown.x.high


def test_the_crosshair_goes_from_point_to_point_and_tells_what_stands_there() -> None:
    steps = Curve("loss", tuple(float(n) for n in range(6)), (9.0, 4.0, 2.0, 1.0, 0.5, 0.25))
    shown = panel(steps)
    at = shown.moved(None, 1, 60)
    assert at == 3
    assert shown.reading(steps, at, 60) == (3, 1)
    at = shown.moved(at, 1, 60)
    assert at == 4
    assert shown.moved(5, 1, 60) == 5
    assert shown.moved(0, -1, 60) == 0
    assert shown.nearest_stop(0, 60) == 0


def test_of_dense_points_the_crosshair_takes_one_a_column() -> None:
    x = np.linspace(0, 1, 1001)
    shown = panel(Curve("a", tuple(x), tuple(x**2)))
    at = 0.0
    stops = 0
    while (following := shown.moved(at, 1, 21)) != at:
        assert following is not None
        at, stops = following, stops + 1
    assert stops == 20


def test_a_curve_that_ends_before_the_crosshair_has_no_number_there() -> None:
    short, long = Curve("short", (0, 1), (1, 2)), Curve("long", (0, 1, 10), (1, 2, 3))
    shown = panel(short, long)
    assert shown.reading(short, 10, 60) is None
    assert shown.reading(long, 10, 60) == (10, 3)


def test_small_multiples_share_axes_that_each_of_them_fills() -> None:
    low, high, flat = Curve("a", (0, 10), (0, 5)), Curve("b", (0, 9), (0, 8)), Curve("c", (0, 10), (0, 0.1))
    shared = panels_of([plot(low), plot(high)])
    assert shared[0].x == shared[1].x
    assert shared[0].y == shared[1].y
    apart = panels_of([plot(low), plot(high), plot(flat)])
    assert apart[2].y.high < apart[0].y.high
    assert apart[0].x == apart[2].x
    other = panels_of([plot(low), plot(high, x_label="z")])
    assert other[0].x != other[1].x


@given(st.integers(1, 12), st.integers(1, 200), st.integers(1, 60), st.integers(0, 11))
@settings(max_examples=examples(60))
def test_the_chosen_panel_is_always_in_sight_and_none_is_too_small(
    count: int, width: int, height: int, chosen: int
) -> None:
    chosen = min(chosen, count - 1)
    tiles = tiling(count, width, height, chosen)
    assert chosen in tiles.shown
    assert len(tiles.shown) <= tiles.columns * tiles.rows
    assert tiles.columns == 1 or width // tiles.columns >= SMALLEST[0]
    assert tiles.rows == 1 or height // tiles.rows >= SMALLEST[1]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (9.0, "9"),
        (0.105360516, "0.10536"),
        (1e-9, "1e−9"),
        (-2.68435e-6, "−2.684e−6"),
        (2.13e10, "2.13e+10"),
        (-2.5, "−2.5"),
    ],
)
def test_a_number_under_the_crosshair(value: float, text: str) -> None:
    assert reading_text(value) == text
