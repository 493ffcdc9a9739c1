"""Plots as SVG: well-formed whatever is plotted, points where they belong, gaps where there is no number."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from presets import labs
from presets.labs.contract import Curve, CurveStyle, Mark, Plot
from tests.tui_trainer.handouts.drawings import parsed
from tui_trainer.handouts import picture_drawing, svg

SPACE = "{http://www.w3.org/2000/svg}"
ANY = st.floats(allow_nan=True, allow_infinity=True)


def parts(chart: Plot, tag: str) -> list[Element]:
    return list(parsed(svg.plot(chart)).iter(SPACE + tag))


def chart(*curves: Curve, log_x: bool = False, log_y: bool = False, marks: tuple[Mark, ...] = ()) -> Plot:
    return Plot(title="T", x_label="x", y_label="y", curves=curves, marks=marks, log_x=log_x, log_y=log_y)


def stretches(chart: Plot) -> list[list[tuple[float, float]]]:
    return [
        [(float(x), float(y)) for x, y in (pair.split(",") for pair in line.attrib["points"].split())]
        for line in parts(chart, "polyline")
    ]


@given(
    points=st.lists(st.tuples(ANY, ANY), max_size=8),
    style=st.sampled_from(["line", "dashed", "dots", "both"]),
    log_x=st.booleans(),
    log_y=st.booleans(),
)
def test_whatever_is_plotted_lies_on_the_drawing(
    points: list[tuple[float, float]], style: CurveStyle, log_x: bool, log_y: bool
) -> None:
    curve = Curve("<name>", tuple(x for x, _ in points), tuple(y for _, y in points), style)
    drawn = chart(curve, log_x=log_x, log_y=log_y)
    places = [place for stretch in stretches(drawn) for place in stretch]
    places += [(float(dot.attrib["cx"]), float(dot.attrib["cy"])) for dot in parts(drawn, "circle")]
    for x, y in places:
        assert 0 <= x <= svg.WIDTH
        assert 0 <= y <= svg.HEIGHT + svg.LEGEND_LINE


@given(
    xs=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6),
    ys=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6),
    width=st.sampled_from([300, 440, 640]),
)
def test_a_unit_is_as_long_on_both_axes_where_they_are_said_to_be_equal(
    xs: list[float], ys: list[float], width: int
) -> None:
    """Marks at the corners of what is shown, one unit aside each way: their distances on the drawing agree."""
    reach = 1 + max(map(abs, (*xs, *ys)))
    corners = Curve("c", (0.0, reach, 0.0, *xs), (0.0, 0.0, reach, *([0.0] * len(xs))), "dots")
    others = Curve("d", (0.0,) * len(ys), tuple(ys), "dots")
    plot = Plot(title="T", x_label="x", y_label="y", curves=(corners, others), equal=True)
    places = [
        (float(dot.attrib["cx"]), float(dot.attrib["cy"]))
        for dot in parsed(svg.plot(plot, width, 300)).iter(SPACE + "circle")
    ]
    (x0, y0), (x1, _), (_, y2) = places[:3]
    assert x1 - x0 == pytest.approx(y0 - y2, abs=0.05)


def test_a_value_that_is_none_is_a_gap() -> None:
    curve = Curve("c", (0.0, 1.0, 2.0, 3.0), (1.0, math.nan, 2.0, 3.0))
    assert [len(stretch) for stretch in stretches(chart(curve))] == [1, 2]
    below = Curve("c", (0.0, 1.0, 2.0), (1.0, -1.0, 2.0))
    assert [len(stretch) for stretch in stretches(chart(below, log_y=True))] == [1, 1]


def test_equal_steps_of_a_logarithm_are_equally_far_apart() -> None:
    (line,) = stretches(chart(Curve("c", (1.0, 2.0, 3.0), (0.01, 1.0, 100.0)), log_y=True))
    assert line[0][1] - line[1][1] == pytest.approx(line[1][1] - line[2][1], abs=0.02)
    assert line[0][1] > line[2][1]


def test_marks_are_named_and_axes_too() -> None:
    words = [each.text for each in parts(chart(Curve("c", (0.0,), (0.0,)), marks=(Mark(0, 0, "z = 2"),)), "text")]
    assert {"T", "x", "y", "c", "z = 2"} <= set(words)


@pytest.mark.parametrize("name", labs.names())
def test_every_plot_of_the_labs_can_be_drawn(name: str) -> None:
    lab = labs.lab(name)
    for plotted in lab.compute(lab.defaults).plots:
        assert parsed(svg.plot(plotted)).tag == f"{SPACE}svg"


def test_a_grid_has_a_number_in_each_cell_and_a_shade_by_its_size() -> None:
    values = np.array([[0.0, 0.5, 1.0], [0.0, -1.0, 0.0]])
    drawn = parsed(picture_drawing.drawing(values, "T", signed=True))
    numbers = [each.text for each in drawn.iter(f"{SPACE}text")][1:]
    assert numbers == ["0", "0.5", "1", "0", "−1", "0"]
    fills = [each.attrib["fill"] for each in drawn.iter(f"{SPACE}rect") if each.attrib["fill"] != "none"]
    assert fills == ["#80b8d8", "#0072b2", "#d55e00"]


@given(values=arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=ANY), signed=st.booleans())
@example(values=np.array([[1.7e308, -1.7e308]]), signed=False)
def test_any_grid_can_be_drawn(values: np.ndarray, signed: bool) -> None:
    with np.errstate(all="ignore"):
        assert parsed(picture_drawing.drawing(values, "T", signed=signed)).tag == f"{SPACE}svg"
