"""What a chart shows of a run, without a screen: its curves with their names and inks, its legend, why it is empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.curve_sources import CurveSource, LayerSeries, MetricCurve, SeriesCurve
from tui_trainer.view_models.run import Overlay, RunModel

Word = Callable[[str], str]

CURVE_INKS: Final = (Ink.TRAIN, Ink.VALIDATION)
RANGE_INKS: Final = (Ink.TRAIN_RANGE, Ink.VALIDATION_RANGE)
OTHER_INKS: Final = (Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4)
LAYER_INKS: Final = (*CURVE_INKS, *OTHER_INKS)
"""Inks of the layers; those of a deeper network begin anew."""

GAP: Final = 2
"""Columns between two entries of the legend."""

LEGEND_REST: Final = 9 + GAP
"""Columns of a legend's entry beside the name: its sign, its value, the gap to the next."""

RUNNING: Final = (" running, dropout on", " running")
"""What the values of the training part are, in as many words as there is room for; the first where there is dropout."""


@dataclass(frozen=True)
class PlottedCurve:
    """A curve of a chart.

    Attributes:
        name: Its name in the legend.
        short_name: The same where there is little room.
        source: Its values.
        ink: The ink of the line.
        range_ink: The ink of what the line leaves out.
    """

    name: str
    short_name: str
    source: CurveSource
    ink: Ink
    range_ink: Ink = Ink.FAINT


class Legend(NamedTuple):
    """The line above a chart.

    Attributes:
        names: The names of the first curves, as many as fit.
        start: The column where they begin.
        note: What is said of the first one.
        left_out: Curves that have no room in it.
    """

    names: list[str]
    start: int
    note: str = ""
    left_out: int = 0


def metric_curves(run: RunModel, metrics: Sequence[int], word: Word) -> list[PlottedCurve]:
    """Return the curves of one metric, on the training and the validation part."""
    names = [word(part) for part in ("train", "validation")]
    return [
        PlottedCurve(name, name.split()[0], MetricCurve(run.history, metric), ink, range_ink)
        for name, metric, ink, range_ink in zip(names, metrics, CURVE_INKS, RANGE_INKS, strict=True)
    ]


def layer_curves(run: RunModel, series: LayerSeries, word: Word) -> list[PlottedCurve]:
    """Return the curves of a series, one for each layer that has points."""
    layers = len(run.spec.network.layers)
    curves = []
    for layer, name in enumerate(series.names(layers)):
        source = run.series.get(name)
        if source:
            is_last = layer == layers - 1
            long = word("output") if is_last else f"{word('layer')} {layer + 1}"
            short = _shortened(long) if is_last else str(layer + 1)
            curves.append(PlottedCurve(long, short, source, LAYER_INKS[layer % len(LAYER_INKS)]))
    return curves


def overlay_metric(overlay: Overlay, metrics: tuple[int, int]) -> int:
    """Return what to show of another run: the validation part, where it has one."""
    return metrics[0] if np.isnan(overlay.history.latest(metrics[1]) or np.nan) else metrics[1]


def metric_legend(run: RunModel, curves: Sequence[PlottedCurve], width: int, start: int) -> Legend:
    """Return the legend of a metric's curves: no entry for a part that the run does not have."""
    legend = fit_legend(curves[: 1 + run.has_validation], width, start)
    spare = width - legend.start - sum(len(name) + LEGEND_REST for name in legend.names)
    notes = RUNNING if any(layer.dropout for layer in run.spec.network.layers) else RUNNING[1:]
    return legend._replace(note=next((note for note in notes if len(note) <= spare + GAP), ""))


def fit_legend(curves: Sequence[PlottedCurve], width: int, start: int) -> Legend:
    """Return a legend that fits: from column ``start`` on or from the edge, with shorter names if need be."""
    for names in ([curve.name for curve in curves], [curve.short_name for curve in curves]):
        for first in (start, 0):
            if first + sum(len(name) + LEGEND_REST for name in names) <= width + GAP:
                return Legend(names, first)
    names = [curve.short_name[:5] for curve in curves]
    ends = np.cumsum([len(name) + LEGEND_REST for name in names])
    fitting = max(min(2, len(names)), int(np.count_nonzero(ends <= width + GAP - 3)))
    return Legend(names[:fitting], 0, left_out=len(names) - fitting)


def value_at(source: CurveSource, epoch: int | None) -> float | None:
    """Return a curve's value at an epoch, the latest where that is None."""
    if epoch is None:
        return source.latest()
    reading = source.at(epoch)
    return reading.last if reading else None


def why_no_series(run: RunModel, series: LayerSeries, word: Word) -> str:
    """Return why there is nothing to draw of a series."""
    known = [run.series.get(name) for name in series.names(len(run.spec.network.layers))]
    if any(isinstance(curve, SeriesCurve) and len(curve) for curve in known):
        return "no value above 0 to draw"
    if not run.history.epochs:
        return f"it is measured in the last {word('step')} of an {word('epoch')}"
    return "it comes with the next frame…" if None in known else "this run has not measured it"


def _shortened(name: str) -> str:
    return name if len(name) <= 4 else name[:3]
