"""Axes that hold still: their limits jump between round values, outwards at once and inwards only when far too wide."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scale = Literal["linear", "log", "share"]
"""``share`` is for accuracies: it reaches to 1 and begins at a round tenth."""

STEPS = (1, 2, 5)
SHORTEST_SPAN = 16
SHORTEST_WINDOW = 8
"""Epochs that one can zoom in on."""


@dataclass(frozen=True)
class Limits:
    """The ends of an axis."""

    low: float
    high: float
    scale: Scale

    def position(self, value: float) -> float:
        """Return where a value stands, from 0 (the low end) to 1; it is above 0 on a log axis."""
        return float(self.positions(np.array(value)))

    def positions(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same for an array, in its shape; NaN stays NaN."""
        if self.scale == "log":
            span = math.log(self.high) - math.log(self.low)  # their ratio may be beyond all numbers
            return np.asarray((np.log(values) - math.log(self.low)) / span)
        # Halved, which is exact, so that the widest span is a number.
        return np.asarray((values / 2 - self.low / 2) / (self.high / 2 - self.low / 2))

    def ticks(self, most: int) -> list[float]:
        """Return at most ``most`` round values between the limits, both ends included where there is room.

        Empty if the ends are equal or not finite.
        """
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            return []
        if self.scale == "log":
            return _thinned(_rounds_between(self.low, self.high), most)
        return _even_ticks(self.low, self.high, most)


@dataclass(frozen=True)
class Window:
    """The epochs of a horizontal axis, from the first to the last."""

    first: int
    last: int

    @property
    def epochs(self) -> int:
        """How many there are."""
        return self.last - self.first + 1

    def columns(self, epochs: NDArray[np.int64], count: int) -> NDArray[np.int64]:
        """Return in which of ``count`` columns epochs (k,) lie; the first is in the first, the last in the last."""
        return (epochs - self.first) * (count - 1) // max(1, self.last - self.first)

    def column(self, epoch: int, count: int) -> int:
        """Return the same for one epoch."""
        return (epoch - self.first) * (count - 1) // max(1, self.last - self.first)

    def epoch_in(self, column: int, count: int) -> int:
        """Return the first epoch that lies in a column or after it, the nearest one where that is outside."""
        epoch = self.first - (-column * max(1, self.last - self.first) // max(1, count - 1))
        return min(max(self.first, epoch), self.last)

    def scaled(self, factor: float, around: int) -> Window:
        """Return a window so many times as long, in which ``around`` stands where it stood."""
        epochs = max(SHORTEST_WINDOW, round(self.epochs * factor))
        share = min(1.0, max(0.0, (around - self.first) / max(1, self.epochs - 1)))
        first = around - round(share * (epochs - 1))
        return Window(first, first + epochs - 1)

    def centred(self, epoch: int) -> Window:
        """Return a window of the same length in whose middle an epoch stands."""
        first = epoch - (self.epochs - 1) // 2
        return Window(first, first + self.epochs - 1)

    def including(self, epoch: int) -> Window:
        """Return the window moved just so far that an epoch is in it."""
        shift = min(0, epoch - self.first) + max(0, epoch - self.last)
        return Window(self.first + shift, self.last + shift)

    def moved(self, share: float) -> Window:
        """Return the window further on by a share of its length, by an epoch at least."""
        epochs = round(share * self.epochs) or (1 if share > 0 else -1)
        return Window(self.first + epochs, self.last + epochs)

    def within(self, whole: Window) -> Window:
        """Return the window moved, and if need be cut, so that it lies in another one."""
        epochs = min(self.epochs, whole.epochs)
        first = min(max(whole.first, self.first), whole.last - epochs + 1)
        return Window(first, first + epochs - 1)


class HoldingLimits:
    """Limits that follow the data with reluctance."""

    def __init__(self) -> None:
        self._held: Limits | None = None

    def around(self, low: float, high: float, scale: Scale) -> Limits:
        """Return limits around finite values (above 0 on a log scale): the last ones if they do."""
        limits = _limits(low, high, scale)
        held = self._held
        if held is not None and held.scale == scale and _still_good(held, limits):
            limits = Limits(min(limits.low, held.low), max(limits.high, held.high), scale)
        self._held = limits
        return limits


def epoch_span(epoch: int, end: int) -> int:
    """Return how many epochs an axis shows after ``epoch`` of ``end``: it doubles, and stops growing at the end."""
    span = SHORTEST_SPAN
    while span < epoch:
        span *= 2
    return max(epoch, min(span, end), 2)


def round_down(value: float) -> float:
    """Return the largest of … 1, 2, 5, 10 … that is not above ``value``, which is above 0."""
    return next((step for step in reversed(_scale_about(value)) if step <= value * (1 + 1e-9)), value)


def round_up(value: float) -> float:
    """Return the smallest of … 1, 2, 5, 10 … that is not below ``value``, which is above 0."""
    return next((step for step in _scale_about(value) if step >= value * (1 - 1e-9)), value)


def _limits(low: float, high: float, scale: Scale) -> Limits:
    if scale == "log":
        bottom, top = round_down(low), round_up(high)
        return Limits(bottom, top if top > bottom else round_up(bottom * 1.5), scale)
    top = round_up(high) if high > 0 else 0.0
    bottom = -round_up(-low) if low < 0 else 0.0
    if scale == "share":
        top = max(1.0, top)
        bottom = bottom if low < 0 else math.floor(min(0.9, low) * 10 + 1e-9) / 10
    return Limits(bottom, top if top > bottom else bottom + 1, scale)


def _still_good(held: Limits, needed: Limits) -> bool:
    """Return whether the data fill a fair part of the limits held (a third of a log axis, a quarter of others)."""
    least = 1 / 3 if held.scale == "log" else 1 / 4
    return held.position(min(needed.high, held.high)) - held.position(max(needed.low, held.low)) >= least


def _scale_about(value: float) -> list[float]:
    power = math.floor(math.log10(value))
    scale = [float(f"{step}e{exponent}") for exponent in range(power - 1, power + 2) for step in STEPS]
    return [step for step in scale if 0 < step < math.inf]  # at the ends of what a number can be there are fewer


def _rounds_between(low: float, high: float) -> list[float]:
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    scale = [float(f"{step}e{power}") for power in powers for step in STEPS]
    return [value for value in scale if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)]


def _thinned(values: list[float], most: int) -> list[float]:
    """Keep every value, or the powers of ten, or the two ends: the most that fit."""
    decades = [value for value in values if math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-9)]
    for choice in (values, decades[:: max(1, -(-len(decades) // max(1, most)))]):
        if 2 <= len(choice) <= most:
            return choice
    return [*values[:1], *values[1:][-1:]][: max(1, most)]


def _even_ticks(low: float, high: float, most: int) -> list[float]:
    span = high - low
    if not 0 < span / max(1, most - 1) < math.inf:
        return [low, high][: max(1, most)]
    for step in _scale_about(span / max(1, most - 1)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if 2 <= last - first + 1 <= most:
            return [round(index * step, 12) for index in range(first, last + 1)]
    return [low, high][: max(1, most)]
