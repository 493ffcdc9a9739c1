"""What a chart shows of a run, without a screen: its curves with their names and inks, its legend, why it is empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from tui_trainer.formatting import count, plain
from tui_trainer.view_models.axes import Scale, Window
from tui_trainer.view_models.chart_legend import RUNNING, Legend, fit_legend, metric_legend
from tui_trainer.view_models.curve_sources import CurveSource, LayerSeries, MetricCurve, SeriesCurve
from tui_trainer.view_models.curves import Chart, ChartModel, ChartOptions, whole_window
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.plotted_curves import (
    Kind,
    PlottedCurve,
    Series,
    Word,
    metric_curves,
    of_its_parts,
    overlay_metric,
    overlay_part,
    series_choices,
    series_curves,
)
from tui_trainer.view_models.run import RunModel

LOOKING = (
    "← → move a crosshair, whose values stand in the legend; ↑ ↓ zoom in and out, < > go along, 0 shows all epochs. "
    "A smoothed line is a moving average, in which each epoch counts so many times as much as the one after it; of a "
    "single seed the faint line behind it is as measured. Of several seeds the line is the median of those still "
    "training, and the band goes from the lowest to the highest. w goes on to the gradient norm and the update ratio "
    "of the layers."
)


class ChartContents:
    """What one chart shows: its metric on both parts of the data, or a series of the layers in its place.

    Args:
        model: The run, and how all charts are looked at.
    """

    METRICS: ClassVar[Kind]

    def __init__(self, model: DashboardModel) -> None:
        self.model = model
        self._chosen: Series | None = None
        self._chart = ChartModel()

    @property
    def _series(self) -> Series | None:
        """The series that is shown in place of the metric; another run may not have the one that was chosen."""
        return self._chosen if self._chosen in series_choices(self.model.run) else None

    def metric_title(self) -> str:
        """Return what the metric is called."""
        raise NotImplementedError

    def metric_scale(self) -> Scale:
        """Return the kind of vertical axis that the metric has."""
        raise NotImplementedError

    def metric_about(self) -> str:
        """Return what the metric is, in a few sentences."""
        raise NotImplementedError

    def next_kind(self) -> None:
        """Show a series of the layers in place of the metric, the next one, or the metric again."""
        choices = series_choices(self.model.run)
        self._chosen = choices[(choices.index(self._series) + 1) % len(choices)]
        self._chart = ChartModel()

    def series_names(self) -> tuple[str, ...]:
        """Return the series that frames must carry: one for each layer that there is by now."""
        layers = len(self.model.run.spec.network.layers)
        return () if self._series is None else self._series.names(layers)

    def title(self) -> str:
        """Return what is shown, in a word or two."""
        if self._series is None:
            return self.metric_title()
        return self._series.term.in_words(self.model.vocabulary).capitalize()

    def about(self) -> str:
        """Return what is shown, and what can be done with it, in a few sentences."""
        about = self.metric_about() if self._series is None else f"{self._series.term.meaning}"
        if isinstance(self._series, LayerSeries):
            about += " A line for each layer."
        return f"{about} {LOOKING}"

    def scale(self) -> Scale:
        """Return the kind of vertical axis."""
        if self._series is None:
            return self.metric_scale()
        return "log" if isinstance(self._series, LayerSeries) else "linear"

    def remarks(self, run: RunModel, width: int, start: int, dots: int) -> list[str]:
        """Return what is to be known of a chart of so many dot columns, the most important first."""
        view, whole = self.model.charts, whole_window_of(run)
        window, epochs, is_metric = view.shown(whole), self.model.word("epochs"), self._series is None
        has_seeds = len(run.welcome.seeds) > 1
        remarks = []
        if view.smoothing:
            # Behind the metric of several seeds is their range, behind everything else what was measured.
            remarks += [
                f"smoothed {plain(view.smoothing)}",
                *([] if has_seeds and is_metric else ["faint: as measured"]),
            ]
        if has_seeds:
            remarks.append(f"median of {run.seeds_training}{', range' if is_metric else ''}")
        if window != whole:
            remarks.append(f"{epochs} {count(window.first)}–{count(window.last)}")
        if is_metric and 1 < run.history.width > window.epochs / dots:
            remarks.append(f"bins of {run.history.width} {epochs}")
        if is_metric and run.has_recipe and not self.legend(run, self.curves(run), width, start).note:
            remarks.append(f"{self.model.word('train')}:{RUNNING[-1]}")
        return remarks if self.scale() == "share" else [*remarks, f"{self.scale()} axis"]

    def curves(self, run: RunModel) -> list[PlottedCurve]:
        """Return the run's curves."""
        if self._series is None:
            return metric_curves(run, self.METRICS, self.model.word)
        return series_curves(run, self._series, self.model.word)

    def overlays(self, run: RunModel) -> list[tuple[str, str, MetricCurve]]:
        """Return the curves of other runs to be drawn over these: name, part, values; none over a series."""
        metrics = [(overlay, overlay_metric(overlay, self.METRICS)) for overlay in run.overlays]
        return [
            (overlay.name, overlay_part(overlay, metric, self.model.word), MetricCurve(overlay.history, metric))
            for overlay, metric in (metrics if self._series is None else ())
            if metric is not None
        ]

    def chart(self, run: RunModel, curves: Sequence[PlottedCurve], dots: int) -> Chart | None:
        """Return the chart of curves in so many dot columns, None where there is nothing to draw."""
        if not curves:
            return None
        view, whole = self.model.charts, whole_window_of(run)
        window, seeds = view.shown(whole), len(run.welcome.seeds) if self._series is None else 1
        options = ChartOptions(window, dots, self.scale(), seeds, view.smoothing, zoomed=window != whole)
        return self._chart.chart([c.source for c in curves], options, [source for *_, source in self.overlays(run)])

    def legend(self, run: RunModel, curves: Sequence[PlottedCurve], width: int, start: int) -> Legend:
        """Return the legend of curves, from column ``start`` on or from the edge."""
        if self._series is None:
            return metric_legend(run, curves, width, start)
        return fit_legend(curves, width, start)

    def reading(self, source: CurveSource) -> float | None:
        """Return the value that the legend has: under the crosshair, else of the epoch visited, else the latest."""
        cursor = self.model.charts.cursor
        return value_at(source, self.model.visiting if cursor is None else cursor)

    def not_finite_since(self, run: RunModel) -> int | None:
        """Return the first epoch of which a value of the metric is not finite, if there is one."""
        if self._series is not None or not run.has_recipe:  # it may just not have been reported
            return None
        curves = of_its_parts(run, self.curves(run))
        return min((epoch for curve in curves if (epoch := curve.source.not_finite_since()) is not None), default=None)

    def why_empty(self, run: RunModel) -> str:
        """Return why there is nothing to draw."""
        if self._series is not None:
            return why_no_series(run, self._series, self.model.word)
        if run.history.epochs:
            return "no finite value to draw"
        return why_no_epoch(run, self.model.word) if self.model.has_frame else ""


class LossContents(ChartContents):
    """The loss."""

    METRICS = "losses"

    def metric_title(self) -> str:
        """Return the title."""
        run, title = self.model.run, self.model.word("loss").capitalize()
        if not (run.is_known and run.has_recipe):
            return title
        weighted = run.spec.training.class_weight is not None or getattr(run.spec.data, "weight", None) is not None
        remarks = {"scaled": run.spec.scaler.targets != "none", "weighted": weighted}
        said = ", ".join(remark for remark, holds in remarks.items() if holds)
        return f"{title} ({said})" if said else title

    def metric_scale(self) -> Scale:
        """Return the axis chosen."""
        return "log" if self.model.log_axis else "linear"

    def metric_about(self) -> str:
        """Return what a loss is."""
        return (
            "How wrong the answers are, after each epoch. The training loss is the one met during the epoch, before "
            "each update and with dropout on; the validation loss is measured at its end, with dropout off, on rows "
            "the network never learns from. Where many epochs share a column, it spans their lowest and highest value. "
            "Dotted lines mark the dials that were turned, ◆ the epoch with the lowest validation loss."
        )


class AccuracyContents(ChartContents):
    """The accuracy, or r² of a regression."""

    METRICS = "scores"

    def metric_title(self) -> str:
        """Return the title."""
        if self.model.run.welcome.reported is not None:
            return "Score"
        is_regression = self.model.run.is_known and not self.model.run.welcome.classes
        return self.model.word("r2" if is_regression else "accuracy").capitalize()

    def metric_scale(self) -> Scale:
        """Return an axis up to 1."""
        return "share" if self.model.run.has_recipe else "linear"

    def metric_about(self) -> str:
        """Return what a score is."""
        return (
            "The share of rows answered correctly (for a regression r², the share of the target's spread that is "
            "explained). Training: during the epoch, dropout on; validation: at its end, dropout off."
        )


def whole_window_of(run: RunModel) -> Window:
    """Return the epochs of a chart that shows everything of a run, and of those laid over it."""
    return whole_window([run.history, *(overlay.history for overlay in run.overlays)], run.epochs)


def value_at(source: CurveSource, epoch: int | None) -> float | None:
    """Return a curve's value at an epoch, the latest where that is None."""
    if epoch is None:
        return source.latest()
    reading = source.at(epoch)
    return reading.last if reading else None


def why_no_series(run: RunModel, series: Series, word: Word) -> str:
    """Return why there is nothing to draw of a series."""
    layers_held = [run.series.get(name) for name in series.names(len(run.spec.network.layers))]
    if any(isinstance(curve, SeriesCurve) and len(curve) for curve in layers_held):
        return "no value above 0 to draw"
    if not run.history.epochs:
        return f"it is measured in the last {word('step')} of an {word('epoch')}"
    return "it comes with the next frame…" if None in layers_held else "this run has not measured it"


def why_no_epoch(run: RunModel, word: Word) -> str:
    """Return why there is no epoch yet of a run whose worker has told how it stands."""
    if run.is_forward_only:
        return "forward only: nothing is trained, so there is no curve to draw"
    if run.frame.state in {"finished", "stopped"}:
        return f"it ended before its first {word('epoch')} was over"
    if run.is_before_first_step:
        return f"nothing to draw before the first {word('step')}"
    return f"the first {word('epoch')} is under way…"
