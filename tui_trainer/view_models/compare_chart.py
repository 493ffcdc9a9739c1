"""The chart of a comparison: a curve of each run, by epoch, by step or by the seconds that its training took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Rows
from engine.run.series import HIGH, LAST, LOW
from tui_trainer.formatting import count, plain
from tui_trainer.glossary import Vocabulary, word
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Scale, Window
from tui_trainer.view_models.chart_view import ChartView
from tui_trainer.view_models.compare import KINDS, ComparedRun, Comparison, Part, Ruler
from tui_trainer.view_models.compare_text import run_ink, score_word
from tui_trainer.view_models.curve_sources import CurveSource
from tui_trainer.view_models.curves import Chart, ChartModel, ChartOptions
from tui_trainer.view_models.history import Columns, Reading
from tui_trainer.view_models.plotted_curves import CURVE_INKS, RANGE_INKS, Kind, PlottedCurve
from tui_trainer.view_models.smoothing import next_factor, smoothed

Axis = Literal["epoch", "step", "time"]
Turn = Literal["axis", "kind", "part", "smooth", "log"]
AXES: Final[tuple[Axis, ...]] = ("epoch", "step", "time")
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

    def drawn(self) -> list[tuple[int, RuledCurve]]:
        """Return the curves that there are, each with the place of its run."""
        curves = []
        for place, run in enumerate(self.runs[:MOST_CURVES]):
            column, ruler = run.column(self.kind, self.part), run.rulers.get(self.axis)
            if column is not None and run.epoch and (ruler is not None or self.axis == "epoch"):
                curves.append((place, RuledCurve(run, column, ruler)))
        return curves

    def plotted(self) -> list[PlottedCurve]:
        """Return the curves with names and inks."""
        curves: list[PlottedCurve] = []
        for place, source in self.drawn():
            ink, name = run_ink(place), self.runs[place].name
            range_ink = dict(zip(CURVE_INKS, RANGE_INKS, strict=True)).get(ink, Ink.FAINT)
            curves.append(PlottedCurve(name, name[:12], source, ink, range_ink))
        return curves

    def chart(self, dots: int) -> Chart | None:
        """Return the chart in so many dot columns; None where there is nothing to draw."""
        drawn = self.drawn()
        if not drawn:
            return None
        window = self.view.shown(self.whole())
        options = ChartOptions(window, dots, self.scale(), smoothing=self.view.smoothing, zoomed=window != self.whole())
        sources: list[CurveSource] = [source for _, source in drawn]
        return self._chart.chart(sources, options, seeds=[len(self.runs[place].seeds) for place, _ in drawn])

    def whole(self) -> Window:
        """Return all of the horizontal axis."""
        return Window(1, max([2, *(source.end for _, source in self.drawn())]))

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
        along = {"epoch": self.word("epoch"), "step": self.word("step"), "time": "training time"}[self.axis]
        return f"{self.word(self.part).capitalize()} {what} by {along}"

    def remarks(self) -> list[str]:
        """Return what is to be known of the chart, the most important first."""
        if not self.runs:
            return []
        drawn = {place for place, _ in self.drawn()}
        without = [run.name for place, run in enumerate(self.runs[:MOST_CURVES]) if place not in drawn]
        beyond = len(self.runs) - MOST_CURVES
        has_band = any(len(self.runs[place].seeds) > 1 for place in drawn)
        return [
            *([f"not recorded of {', '.join(without)}"] if without and drawn else []),
            *([f"the first {MOST_CURVES} are drawn"] if beyond > 0 else []),
            *([f"smoothed {plain(self.view.smoothing)}"] if self.view.smoothing else []),
            *(["medians, ranges over seeds"] if has_band else []),
            *([] if self.scale() == "share" else [f"{self.scale()} axis"]),
        ]

    def place_text(self, place: int) -> str:
        """Return a place of the horizontal axis as text."""
        if self.axis != "time":
            return count(place)
        seconds = place / 1000
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s" if seconds >= 1 else f"{place} ms"

    def ticks(self, window: Window, parts: int) -> list[int]:
        """Return the places that part the axis."""
        return sorted({window.first + (window.last - window.first) * part // parts for part in range(parts + 1)})

    def why_empty(self) -> str:
        """Return why there is nothing to draw."""
        if self.comparison is None:
            return "reading…"
        if not any(run.epoch for run in self.runs):
            return f"none of them has been through an {self.word('epoch')} yet"
        if all(run.column(self.kind, self.part) is None for run in self.runs):
            return "none of them was measured on this part of the data"
        if self.axis != "epoch" and not any(self.axis in run.rulers for run in self.runs):
            return "none of them has recorded it: they were trained by an older version, or elsewhere"
        return "no finite value to draw"

    # How it is looked at

    def can_turn(self, what: str) -> bool:
        """Return whether there is another of something."""
        if self.comparison is None:
            return False
        if what == "log" and self.kind != "losses":
            return False
        return what in {"axis", "kind", "part"} or bool(self.drawn())

    def turn(self, what: Turn) -> None:
        """Take the next horizontal axis, metric, part of the data, smoothing, or kind of vertical axis.

        With another horizontal axis window and crosshair go: they are places of the last one.
        """
        match what:
            case "axis":
                self.axis = AXES[(AXES.index(self.axis) + 1) % len(AXES)]
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
