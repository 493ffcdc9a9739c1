"""The chart of a comparison: a curve of each run, by epoch, by step or by the seconds that its training took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Rows
from engine.run.series import HIGH, LAST, LOW
from tui_trainer.formatting import count, plain
from tui_trainer.glossary import Vocabulary, word
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Scale, Window
from tui_trainer.view_models.chart_view import ChartView
from tui_trainer.view_models.compare import KINDS, PARTS, ComparedRun, Comparison, Part, Ruler, Varied
from tui_trainer.view_models.compare_text import run_ink, score_word
from tui_trainer.view_models.curve_sources import CurveSource
from tui_trainer.view_models.curves import Chart, ChartModel, ChartOptions
from tui_trainer.view_models.history import Columns, Reading
from tui_trainer.view_models.plotted_curves import CURVE_INKS, RANGE_INKS, Kind, PlottedCurve
from tui_trainer.view_models.smoothing import next_factor, smoothed

Axis = Literal["epoch", "step", "time", "value"]
Turn = Literal["axis", "kind", "part", "smooth", "log"]
AXES: Final[tuple[Axis, ...]] = ("epoch", "step", "time")
"""What every comparison has; where runs differ in one number alone, their ends can be drawn along that, too."""
ACROSS: Final = 10_000
LOGARITHMIC: Final = 20.0
"""Values of which the largest is so many times the smallest lie on a logarithmic axis."""
MOST_CURVES: Final = 6
"""Runs that are drawn: so many inks can be told apart."""


class RuledCurve:
    """A metric of a run's epochs, along another axis than theirs; a ``CurveSource`` over that axis' whole numbers.

    Args:
        run: The run.
        metric: The column.
        ruler: What had been done by the end of each epoch; None for epochs themselves.
    """

    def __init__(self, run: ComparedRun, metric: int, ruler: Ruler | None) -> None:
        self._history = run.history
        self._metric = metric
        bins = np.arange(1, run.history.count + 1)
        ends = np.minimum(bins * run.history.width, run.history.epochs).astype(np.float64)
        reached: Rows = ends if ruler is None else ruler.at(ends)
        self._places: NDArray[np.int64] = np.maximum(1, np.rint(reached)).astype(np.int64)

    @property
    def end(self) -> int:
        """Where it ends; 0 before the first epoch."""
        return int(self._places[-1]) if len(self._places) else 0

    def columns(self, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """See ``CurveSource``."""
        inside = np.flatnonzero((self._places >= window.first) & (self._places <= window.last))
        values = self._history.values[:, self._metric]
        place = window.columns(self._places[inside], count)
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        if not len(starts):
            nothing = np.empty(0)
            return Columns(place, nothing, nothing, nothing)
        last = values[:, LAST]
        if smoothing:
            last = smoothed(last, smoothing**self._history.width)
        return Columns(
            place=place[starts],
            low=np.fmin.reduceat(values[inside, LOW], starts),
            high=np.fmax.reduceat(values[inside, HIGH], starts),
            last=last[inside][np.append(starts[1:], len(inside)) - 1],
        )

    def at(self, epoch: int) -> Reading | None:
        """Return what is known at a place of the axis: of the last epoch that had ended there; None beyond the end."""
        index = int(np.searchsorted(self._places, epoch, side="right")) - 1
        if not 0 <= index < len(self._places) or epoch > self.end:
            return None
        return self._history.at(self._metric, min((index + 1) * self._history.width, self._history.epochs))

    def latest(self) -> float | None:
        """See ``CurveSource``."""
        return self._history.latest(self._metric)

    def not_finite_since(self) -> int | None:
        """See ``CurveSource``."""
        return self._history.not_finite_since(self._metric)


class ValueCurve:
    """What runs came to along the one number in which they differ; a ``CurveSource`` over 1 … ``ACROSS``.

    Args:
        varied: The runs in the order of their values.
        kind: Losses or scores.
        part: The part of the data.
    """

    def __init__(self, varied: Varied, kind: Kind, part: Part) -> None:
        self._places = places_along(varied.values)
        seeds = [np.array(list(run.values(kind, part).values()), np.float64) for run in varied.runs]
        finite = [values[np.isfinite(values)] for values in seeds]
        summaries = [(each.min(), each.max(), np.median(each)) if len(each) else (np.nan,) * 3 for each in finite]
        self._bounds: Rows = np.array(summaries, np.float64)

    @property
    def end(self) -> int:
        """Where it ends."""
        return int(self._places[-1])

    def columns(self, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:  # noqa: ARG002 (of no use here)
        """See ``CurveSource``."""
        inside = np.flatnonzero((self._places >= window.first) & (self._places <= window.last))
        place = window.columns(self._places[inside], count)
        kept = np.flatnonzero(np.diff(place, append=-1))
        low, high, last = self._bounds[inside[kept]].T
        return Columns(place[kept], low, high, last)

    def at(self, epoch: int) -> Reading | None:
        """Return what is known at the value that is nearest to a place."""
        return Reading(*self._bounds[int(np.abs(self._places - epoch).argmin())].tolist())

    def latest(self) -> float | None:
        """See ``CurveSource``."""
        return float(self._bounds[-1, 2])

    def not_finite_since(self) -> int | None:
        """Nothing is told of: runs that diverged are named beside the chart."""
        return None


def places_along(values: Sequence[float]) -> NDArray[np.int64]:
    """Return (k,), the places 1 … ``ACROSS`` of rising values; by logarithms where they are positive and far apart."""
    numbers = np.array(values, np.float64)
    if numbers[0] > 0 and numbers[-1] / numbers[0] >= LOGARITHMIC:
        numbers = np.log(numbers)
    span = numbers[-1] - numbers[0]
    return np.asarray(1 + np.rint((ACROSS - 1) * (numbers - numbers[0]) / (span or 1.0)), np.int64)


class ShownCurve(NamedTuple):
    """A curve of the chart: its name, its values, its inks, and of how many seeds it is."""

    name: str
    source: RuledCurve | ValueCurve
    ink: Ink
    range_ink: Ink
    seeds: int


@dataclass
class CompareModel:
    """What a comparison's screen shows, and how it is looked at.

    Attributes:
        names: The runs that are compared.
        comparison: What is known of them; None before it has been read.
        axis: What stands on the horizontal axis.
        kind: Losses or scores.
        other_part: Whether the part of the data is shown by which they are not judged.
        log_axis: Whether losses have a logarithmic axis.
        view: Window, crosshair, smoothing; along ``axis``.
        vocabulary: Standard or plain words.
    """

    names: tuple[str, ...]
    comparison: Comparison | None = None
    axis: Axis = "epoch"
    kind: Kind = "losses"
    other_part: bool = False
    log_axis: bool = True
    view: ChartView = field(default_factory=ChartView)
    vocabulary: Vocabulary = "standard"
    _chart: ChartModel = field(default_factory=ChartModel)

    def word(self, key: str) -> str:
        """Return the name of a term in the vocabulary chosen."""
        return word(key, self.vocabulary)

    @property
    def runs(self) -> tuple[ComparedRun, ...]:
        """The runs, as far as they have been read."""
        return self.comparison.runs if self.comparison else ()

    @property
    def part(self) -> Part:
        """The part of the data whose curves are shown."""
        judged = self.comparison.part if self.comparison else "validation"
        return ("train" if judged == "validation" else "validation") if self.other_part else judged

    # What is drawn

    @property
    def axes(self) -> tuple[Axis, ...]:
        """What may stand on the horizontal axis."""
        return (*AXES, "value") if self.comparison and self.comparison.varied else AXES

    def drawn(self) -> list[ShownCurve]:
        """Return the curves that there are."""
        if self.axis == "value":
            return self._along_value()
        curves = []
        for place, run in enumerate(self.runs[:MOST_CURVES]):
            column, ruler = run.column(self.kind, self.part), run.rulers.get(self.axis)
            if column is not None and run.epoch and (ruler is not None or self.axis == "epoch"):
                source = RuledCurve(run, column, ruler)
                curves.append(_shown(run.name, source, run_ink(place), len(run.seeds)))
        return curves

    def _along_value(self) -> list[ShownCurve]:
        varied = self.comparison.varied if self.comparison else None
        if varied is None:
            return []
        seeds = max(len(run.seeds) for run in varied.runs)
        return [
            _shown(self.word(part), ValueCurve(varied, self.kind, part), ink, seeds)
            for part, ink in zip(reversed(PARTS), CURVE_INKS, strict=True)
            if any(run.column(self.kind, part) is not None for run in varied.runs)
        ]

    def plotted(self) -> list[PlottedCurve]:
        """Return the curves with names and inks."""
        return [PlottedCurve(c.name, c.name[:12], c.source, c.ink, c.range_ink) for c in self.drawn()]

    def chart(self, dots: int) -> Chart | None:
        """Return the chart in so many dot columns; None where there is nothing to draw."""
        drawn = self.drawn()
        if not drawn:
            return None
        window = self.view.shown(self.whole())
        options = ChartOptions(window, dots, self.scale(), smoothing=self.view.smoothing, zoomed=window != self.whole())
        sources: list[CurveSource] = [curve.source for curve in drawn]
        return self._chart.chart(sources, options, seeds=[curve.seeds for curve in drawn])

    def whole(self) -> Window:
        """Return all of the horizontal axis."""
        return Window(1, max([2, *(curve.source.end for curve in self.drawn())]))

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        if self.kind == "losses":
            return "log" if self.log_axis else "linear"
        return "share" if all(run.is_classification for run in self.runs) else "linear"

    def reading(self, source: CurveSource) -> float | None:
        """Return a curve's value under the crosshair, else its latest."""
        if self.view.cursor is None:
            return source.latest()
        reading = source.at(self.view.cursor)
        return reading.last if reading else None

    # What is said of it

    def title(self) -> str:
        """Return what is drawn, by what."""
        score = score_word(self.comparison, self.word) if self.comparison else self.word("accuracy")
        what = self.word("loss") if self.kind == "losses" else score
        varied = self.comparison.varied if self.comparison else None
        if self.axis == "value" and varied is not None:
            return f"{what.capitalize()} by {varied.path}"
        along = "training time" if self.axis == "time" else self.word(self.axis)
        return f"{self.word(self.part).capitalize()} {what} by {along}"

    def remarks(self) -> list[str]:
        """Return what is to be known of the chart, the most important first."""
        if not self.runs:
            return []
        drawn, by_run = self.drawn(), self.axis != "value"
        names = {curve.name for curve in drawn}
        without = [run.name for run in self.runs[:MOST_CURVES] if run.name not in names]
        has_band = any(curve.seeds > 1 for curve in drawn)
        return [
            *([f"not recorded of {', '.join(without)}"] if without and drawn and by_run else []),
            *([f"the first {MOST_CURVES} are drawn"] if len(self.runs) > MOST_CURVES and by_run else []),
            *([f"smoothed {plain(self.view.smoothing)}"] if self.view.smoothing else []),
            *(["medians, ranges over seeds"] if has_band else []),
            *([] if self.scale() == "share" else [f"{self.scale()} axis"]),
        ]

    def place_text(self, place: int) -> str:
        """Return a place of the horizontal axis as text."""
        if self.axis == "value" and self.comparison and (varied := self.comparison.varied):
            return plain(varied.values[int(np.abs(places_along(varied.values) - place).argmin())])
        if self.axis != "time":
            return count(place)
        seconds = place / 1000
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s" if seconds >= 1 else f"{place} ms"

    def ticks(self, window: Window, parts: int) -> list[int]:
        """Return the places that part the axis; those of the values themselves where they are what it shows."""
        if self.axis == "value" and self.comparison and (varied := self.comparison.varied):
            return [place for place in places_along(varied.values).tolist() if window.first <= place <= window.last]
        return sorted({window.first + (window.last - window.first) * part // parts for part in range(parts + 1)})

    def why_empty(self) -> str:
        """Return why there is nothing to draw."""
        if self.comparison is None:
            return "reading…"
        if not any(run.epoch for run in self.runs):
            return f"none of them has been through an {self.word('epoch')} yet"
        if all(run.column(self.kind, self.part) is None for run in self.runs):
            return "none of them was measured on this part of the data"
        if self.axis in {"step", "time"} and not any(self.axis in run.rulers for run in self.runs):
            return "none of them has recorded it: they were trained by an older version, or elsewhere"
        return "no finite value to draw"

    # How it is looked at

    def can_turn(self, what: str) -> bool:
        """Return whether there is another of something."""
        if self.comparison is None:
            return False
        if (what == "log" and self.kind != "losses") or (what == "part" and self.axis == "value"):  # that shows both
            return False
        return what in {"axis", "kind", "part"} or bool(self.drawn())

    def turn(self, what: Turn) -> None:
        """Take the next horizontal axis, metric, part of the data, smoothing, or kind of vertical axis.

        With another horizontal axis window and crosshair go: they are places of the last one.
        """
        match what:
            case "axis":
                self.axis = self.axes[(self.axes.index(self.axis) + 1) % len(self.axes)]
                self.view = ChartView(smoothing=self.view.smoothing)
            case "kind":
                self.kind = KINDS[1 - KINDS.index(self.kind)]
            case "part":
                self.other_part = not self.other_part
            case "smooth":
                self.view.smoothing = next_factor(self.view.smoothing)
            case "log":
                self.log_axis = not self.log_axis
        self._chart = ChartModel()

    def adopt(self, runs: Sequence[ComparedRun]) -> None:
        """Show the runs as they have been read."""
        self.comparison = Comparison(tuple(runs))
        if self.axis not in self.axes:
            self.axis = "epoch"


def _shown(name: str, source: RuledCurve | ValueCurve, ink: Ink, seeds: int) -> ShownCurve:
    range_ink = dict(zip(CURVE_INKS, RANGE_INKS, strict=True)).get(ink, Ink.FAINT)
    return ShownCurve(name, source, ink, range_ink, seeds)
