"""The curves of a chart with their names and inks: of a metric, of a series, of other runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from engine.errors import sanitize
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.curve_sources import (
    LAYER_SERIES,
    CurveSource,
    LayerSeries,
    MetricCurve,
    NamedSeries,
)
from tui_trainer.view_models.history import History
from tui_trainer.view_models.run import Overlay, RunModel

Word = Callable[[str], str]
Kind = Literal["losses", "scores"]
"""The metrics of a chart: those of which lower is better, or higher; see ``MetricSet``."""
Series = LayerSeries | NamedSeries

CURVE_INKS: Final = (Ink.TRAIN, Ink.VALIDATION)
RANGE_INKS: Final = (Ink.TRAIN_RANGE, Ink.VALIDATION_RANGE)
OTHER_INKS: Final = (Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4)
LAYER_INKS: Final = (*CURVE_INKS, *OTHER_INKS)
"""Inks of the layers; those of a deeper network begin anew."""


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


def metric_curves(run: RunModel, kind: Kind, word: Word) -> list[PlottedCurve]:
    """Return the curves of one metric, on the training and the validation part; of a reported run all of its kind."""
    metrics = metrics_of(run.history, kind)
    if run.welcome.reported is not None:
        return _reported_curves(run, metrics)
    names = [word(part) for part in ("train", "validation")]
    return [
        PlottedCurve(name, name.split()[0], MetricCurve(run.history, metric), ink, range_ink)
        for name, metric, ink, range_ink in zip(names, metrics, CURVE_INKS, RANGE_INKS, strict=True)
    ]


def metrics_of(history: History, kind: Kind) -> tuple[int, ...]:
    """Return the columns of a history that a chart shows."""
    return history.metrics.losses if kind == "losses" else history.metrics.scores


def _reported_curves(run: RunModel, metrics: Sequence[int]) -> list[PlottedCurve]:
    """Return a curve for each metric under its own name; inks follow the parts of the data as far as they can."""
    of_parts = {"train": Ink.TRAIN, "validation": Ink.VALIDATION}
    curves: list[PlottedCurve] = []
    for metric in metrics:
        about, used = run.columns.metrics[metric], {curve.ink for curve in curves}
        preferred = of_parts.get(about.part or "", Ink.TRAIN)
        free = [ink for ink in (preferred, *LAYER_INKS) if ink not in used]
        ink = free[0] if free else LAYER_INKS[len(curves) % len(LAYER_INKS)]
        range_ink = dict(zip(CURVE_INKS, RANGE_INKS, strict=True)).get(ink, Ink.FAINT)
        name = sanitize(about.name, 24)
        curves.append(PlottedCurve(name, name[:12], MetricCurve(run.history, metric), ink, range_ink))
    return curves


def of_its_parts(run: RunModel, curves: Sequence[PlottedCurve]) -> Sequence[PlottedCurve]:
    """Return the curves of a metric without that of a validation part, where the run is known to have none."""
    return curves if run.welcome.reported is not None else curves[: 1 + run.has_validation]


def series_choices(run: RunModel) -> list[Series | None]:
    """Return what a chart can show: its metric (None), the series of the layers, or whatever else was reported."""
    if run.welcome.reported is None:
        return [None, *LAYER_SERIES]
    charted = {*run.columns.losses, *run.columns.scores}
    choices = [NamedSeries(name, column) for column, name in enumerate(run.columns) if column not in charted]
    return [None, *choices, *map(NamedSeries, run.welcome.series)]


def series_curves(run: RunModel, series: Series, word: Word) -> list[PlottedCurve]:
    """Return the curves of a series that have points: one for each layer, or the one that was reported."""
    if isinstance(series, LayerSeries):
        return _layer_curves(run, series, word)
    title, column = series.term.standard, series.column
    source = run.series.get(series.name) if column is None else MetricCurve(run.history, column)
    return [PlottedCurve(title, title[:12], source, Ink.TRAIN, Ink.TRAIN_RANGE)] if source else []


def _layer_curves(run: RunModel, series: LayerSeries, word: Word) -> list[PlottedCurve]:
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


def overlay_metric(overlay: Overlay, kind: Kind) -> int | None:
    """Return what to show of another run: the validation part, where it has one; None where it has nothing."""
    history = overlay.history
    metrics = sorted(metrics_of(history, kind), key=lambda one: history.metrics.metrics[one].part != "validation")
    held = (one for one in metrics if not np.isnan(history.latest(one) or np.nan))
    return next(held, metrics[-1] if metrics else None)


def overlay_part(overlay: Overlay, metric: int, word: Word) -> str:
    """Return which part of the data a metric of another run is measured on, else its name."""
    about = overlay.history.metrics.metrics[metric]
    return word(about.part) if about.part else sanitize(about.name, 24)


def _shortened(name: str) -> str:
    return name if len(name) <= 4 else name[:3]
