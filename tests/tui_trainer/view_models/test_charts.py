from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.chart_legend import GAP, LEGEND_REST, fit_legend, fit_overlays
from tui_trainer.view_models.charts import why_no_series
from tui_trainer.view_models.curve_sources import LAYER_SERIES, SeriesCurve
from tui_trainer.view_models.plotted_curves import PlottedCurve, series_curves
from tui_trainer.view_models.run import RunModel

NORM = LAYER_SERIES[0]


def word(term: str) -> str:
    return term


def run_with(points: int, layers: int = 3) -> RunModel:
    run = RunModel(make_welcome(make_spec(network__units=[4] * (layers - 1))))
    for name in NORM.names(layers):
        run.series[name] = SeriesCurve(np.arange(1.0, points + 1), np.full((points, 1), 0.5))
    return run


def test_each_layer_has_a_curve_of_its_own_name_and_ink() -> None:
    curves = series_curves(run_with(5), NORM, word)
    assert [(curve.name, curve.short_name) for curve in curves] == [
        ("layer 1", "1"),
        ("layer 2", "2"),
        ("output", "out"),
    ]
    assert len({curve.ink for curve in curves}) == 3


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=12), min_size=1, max_size=9), st.integers(20, 120))
def test_a_legend_fits_or_says_how_many_are_left_out(names: list[str], width: int) -> None:
    source = SeriesCurve(np.empty(0), np.empty((0, 1)))
    curves = [PlottedCurve(name, name[:3], source, Ink.TRAIN) for name in names]
    legend = fit_legend(curves, width, 7)
    assert len(legend.names) + legend.left_out == len(names)
    if len(legend.names) > 2:
        assert legend.start + sum(len(name) + LEGEND_REST for name in legend.names) <= width + GAP


@pytest.mark.parametrize(
    ("points", "epochs", "answered", "said"),
    [
        (0, 0, False, "it is measured in the last step of an epoch"),
        (0, 3, False, "it comes with the next frame…"),
        (0, 3, True, "this run has not measured it"),
        (3, 3, True, "no value above 0 to draw"),
    ],
)
def test_it_says_why_there_is_nothing_to_draw(points: int, epochs: int, answered: bool, said: str) -> None:
    run = run_with(points) if answered else RunModel(make_welcome())
    if epochs:
        run.history.add_rows(1, np.ones((epochs, 1, 5)))
    assert why_no_series(run, NORM, word) == said


@pytest.mark.parametrize("width", [20, 36, 48, 90, 120])
@pytest.mark.parametrize("number", [1, 2, 4])
def test_the_names_of_compared_runs_fit_with_their_numbers_or_are_counted(width: int, number: int) -> None:
    overlays = [(f"a-run-with-a-long-name-{n}", "validation") for n in range(number)]
    entries, left_out = fit_overlays(overlays, width)
    assert len(entries) + left_out == number
    taken = sum(len(f"━ {name} {part} " if part else f"━ {name} ") + 6 + GAP for name, part in entries)
    assert taken - GAP + (3 if left_out else 0) <= width
    if width == 120 and number == 2:
        assert [part for _, part in entries] == ["validation", "validation"]
