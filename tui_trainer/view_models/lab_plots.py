"""Plots of a lab without a screen: axes, curves, what stands under the crosshair, how panels tile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from presets.labs.contract import Curve, Plot
from tui_trainer.formatting import cell_text, narrow, plain
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Limits, Scale, round_down, round_up

Points = NDArray[np.float64]

INKS: Final = (Ink.TRAIN, Ink.VALIDATION, Ink.OTHER_1, Ink.OTHER_2, Ink.OTHER_3, Ink.OTHER_4)
"""Of the curves of a plot, in order; further ones begin anew."""

LABELS: Final = 7
"""Columns of the numbers beside the vertical axis."""

SMALLEST: Final = (24, 8)
"""Columns and rows of a panel that still shows something."""

SHARED: Final = 1 / 4
"""How much of a common axis each panel must fill for it to be common."""

PARTS: Final = 4
"""Into how many steps, about, an axis is parted."""

VALUE: Final = 9
"""Columns of a number in the legend at most."""


@dataclass(frozen=True)
class Panel:
    """A plot with its axes.

    Attributes:
        plot: The plot.
        x: The ends of the axis to the right.
        y: Of the one upwards.
    """

    plot: Plot
    x: Limits
    y: Limits

    def fitted(self, across: int, down: int) -> Panel:
        """Return it for a field of so many dots: where a unit is to be as long on both axes, one of them is longer."""
        if not self.plot.equal or self.plot.log_x or self.plot.log_y or across < 2 or down < 2:
            return self
        unit = max((self.x.high - self.x.low) / (across - 1), (self.y.high - self.y.low) / (down - 1))
        x, y = _widened(self.x, unit * (across - 1)), _widened(self.y, unit * (down - 1))
        return Panel(self.plot, x, y)

    def column(self, value: float, columns: int) -> int:
        """Return in which of some columns a place on the axis to the right lies."""
        return round(self.x.position(value) * (columns - 1))

    def lines(self, curve: Curve, dots: int) -> list[Points]:
        """Return a curve as polylines (n, 2) of dot column and height 0 … 1; what is not drawable parts it."""
        x, y = _arrays(curve)
        drawn = self.drawable(x, y)
        with np.errstate(all="ignore"):
            points = np.stack([self.x.positions(x) * (dots - 1), self.y.positions(y)], axis=1)
        edges = np.flatnonzero(np.diff(drawn.astype(int))) + 1
        parts = zip(np.split(points, edges), np.split(drawn, edges), strict=True)
        return [part for part, kept in parts if len(part) and kept[0]]

    def drawable(self, x: Points, y: Points) -> NDArray[np.bool_]:
        """Return which points (m,) are finite and on the axes."""
        return _is_on(x, log=self.plot.log_x) & _is_on(y, log=self.plot.log_y)

    def stops(self) -> Points:
        """Return where the crosshair may stand: at every point of a curve, from left to right."""
        parts = []
        for curve in self.plot.curves:
            x, y = _arrays(curve)
            parts.append(x[self.drawable(x, y)])
        return np.unique(np.concatenate(parts)) if parts else np.empty(0)

    def moved(self, at: float | None, direction: int, columns: int) -> float | None:
        """Return the next stop of the crosshair, at least a column further on; where there was none, the middle one."""
        stops = self.stops()
        if not len(stops):
            return None
        if at is None:
            return float(stops[len(stops) // 2])
        places = np.round([self.x.position(stop) * (columns - 1) for stop in stops])
        here = self.column(at, columns)
        further = np.flatnonzero(places > here) if direction > 0 else np.flatnonzero(places < here)[::-1]
        return float(stops[further[0]]) if len(further) else at

    def nearest_stop(self, column: int, columns: int) -> float | None:
        """Return the stop nearest to a column."""
        stops = self.stops()
        if not len(stops):
            return None
        places = np.array([self.x.position(stop) * (columns - 1) for stop in stops])
        return float(stops[np.argmin(np.abs(places - column))])

    def reading(self, curve: Curve, at: float, columns: int) -> tuple[float, float] | None:
        """Return the point of a curve under the crosshair: that nearest to it, unless it lies columns away."""
        x, y = _arrays(curve)
        drawn = self.drawable(x, y)
        if not drawn.any() or not self.x.low <= at <= self.x.high:
            return None
        x, y = x[drawn], y[drawn]
        here = self.x.position(at)
        distances = np.abs(self.x.positions(x) - here)
        nearest = int(np.argmin(distances))
        if distances[nearest] * max(1, columns - 1) > 1:
            return None
        return float(x[nearest]), float(y[nearest])


def panels_of(plots: Sequence[Plot]) -> list[Panel]:
    """Return plots with their axes: small multiples share those that each of them makes use of."""
    own = [Panel(plot, _limits(plot, "x"), _limits(plot, "y")) for plot in plots]
    if len(plots) > 1 and len({(p.x_label, p.y_label, p.log_x, p.log_y) for p in plots}) == 1:
        xs, ys = _shared([panel.x for panel in own]), _shared([panel.y for panel in own])
        return [Panel(panel.plot, x, y) for panel, x, y in zip(own, xs, ys, strict=True)]
    return own


class Tiling(NamedTuple):
    """How panels stand: columns and rows of them, and the numbers of those that are in sight."""

    columns: int
    rows: int
    shown: range


def tiling(count: int, width: int, height: int, chosen: int) -> Tiling:
    """Return how panels fill a rectangle: all of them where they fit, else the page with the chosen one on it."""
    most_across, most_down = max(1, width // SMALLEST[0]), max(1, height // SMALLEST[1])
    room = min(count, most_across * most_down)
    shapes = [(across, -(-room // across)) for across in range(1, most_across + 1) if -(-room // across) <= most_down]
    across, down = min(shapes, key=lambda shape: _badness(shape, room, width, height)) if shapes else (1, 1)
    page = across * down
    first = chosen // page * page
    return Tiling(across, down, range(first, min(count, first + page)))


def ticks(limits: Limits, most: int) -> list[float]:
    """Return the values that are written beside an axis."""
    return limits.ticks(max(2, most))


def tick_text(value: float, width: int = LABELS - 1) -> str:
    """Return a number beside an axis."""
    return narrow(value, width, plain)


def reading_text(value: float) -> str:
    """Return a number under the crosshair, in as many digits as have room, five at most."""
    texts = (cell_text(float(value), digits) for digits in (5, 4, 3, 2))
    return next((text for text in texts if len(text) <= VALUE), narrow(value, VALUE))


def curve_ink(number: int) -> Ink:
    """Return the ink of a plot's curve by its place."""
    return INKS[number % len(INKS)]


def _arrays(curve: Curve) -> tuple[Points, Points]:
    return np.asarray(curve.x, np.float64), np.asarray(curve.y, np.float64)


def _is_on(values: Points, *, log: bool) -> NDArray[np.bool_]:
    return np.isfinite(values) & (values > 0) if log else np.isfinite(values)


def _limits(plot: Plot, axis: str) -> Limits:
    """Return the ends of an axis: around all that is drawn; upwards, and on a log axis, they are round."""
    log = plot.log_x if axis == "x" else plot.log_y
    scale: Scale = "log" if log else "linear"
    values = []
    for curve in plot.curves:
        x, y = _arrays(curve)
        drawn = _is_on(x, log=plot.log_x) & _is_on(y, log=plot.log_y)
        values.append((x if axis == "x" else y)[drawn])
    every = np.concatenate(values) if values else np.empty(0)
    if not len(every):
        return Limits(1.0 if log else 0.0, 10.0 if log else 1.0, scale)
    low, high = float(every.min()), float(every.max())
    if log:
        low, high = (round_down(low), round_up(high)) if axis == "y" else (low, high)
        return Limits(low, high if high > low else low * 10, scale)
    if axis == "y" and not plot.equal:
        low, high = _rounded(low, high)
    return Limits(low, high, scale) if high > low else Limits(low - 0.5, low + 0.5, scale)


def _rounded(low: float, high: float) -> tuple[float, float]:
    """Return round ends around two values."""
    span = high - low
    if not math.isfinite(span) or span <= max(abs(low), abs(high)) * 1e-9:
        return (low, high) if not math.isfinite(span) else (low - (abs(low) or 1) / 2, high + (abs(high) or 1) / 2)
    step = round_up(span / PARTS)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _widened(limits: Limits, span: float) -> Limits:
    """Return ends of a span around the same middle."""
    middle = limits.low / 2 + limits.high / 2
    return Limits(middle - span / 2, middle + span / 2, limits.scale)


def _shared(limits: Sequence[Limits]) -> list[Limits]:
    """Return one pair of ends for all, unless some would then be hardly used; then each keeps its own."""
    common = Limits(min(each.low for each in limits), max(each.high for each in limits), limits[0].scale)
    used = [common.position(each.high) - common.position(each.low) for each in limits]
    return [common] * len(limits) if min(used) >= SHARED else list(limits)


def _badness(shape: tuple[int, int], count: int, width: int, height: int) -> tuple[float, int]:
    """Return how far panels are from twice as wide as high in dots, and how many places stay empty."""
    across, down = shape
    aspect = max(1.0, width / across) / max(1.0, height / down) / 3.2
    return abs(math.log(aspect)) + 0.3 * (across * down - count), across
