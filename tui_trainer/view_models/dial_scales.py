"""The scales that dials are turned on: of each kind of value the next one up or down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Value = Any
"""A number, a name, or None: whatever the spec has at the dial's path."""
Turn = Callable[[Any, int], Value]
"""A value and a direction (+1 up, −1 down) to the next value of the dial's scale."""
USUAL_COLUMNS: tuple[tuple[str, ...], ...] = (
    (),
    ("x1^2", "x2^2"),
    ("x1*x2",),
    ("x1^2", "x2^2", "x1*x2"),
    ("sin(x1)", "sin(x2)"),
    ("x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)"),
)
"""Sets of derived columns that the dial turns through; any other is typed."""
MOST_KEPT = 0.9999
"""The largest decay rate that turning reaches."""


def turn_rate(value: float, direction: int) -> float:
    """Return the next value of the scale … 1, 2, 5, 10 … times a power of ten."""
    exponent = math.floor(math.log10(value))
    scale = [step * 10.0**power for power in range(exponent - 1, exponent + 2) for step in (1, 2, 5)]
    if direction > 0:
        following = next(step for step in scale if step > value * (1 + 1e-9))
    else:
        following = next(step for step in reversed(scale) if step < value * (1 - 1e-9))
    return float(f"{following:.0e}")


def turn_penalty(value: float, direction: int) -> float:
    """Return the next value of 0, 1e-5, 2e-5, 5e-5 and so on."""
    if direction > 0:
        return turn_rate(value, +1) if value >= 1e-5 else 1e-5
    return turn_rate(value, -1) if value > 1e-5 else 0.0


def turn_factor(value: float, direction: int) -> float:
    """Return the next value of 0, .01, .02, .05, .1 and so on."""
    if direction > 0:
        return turn_rate(value, +1) if value >= 0.01 else 0.01
    return turn_rate(value, -1) if value > 0.01 else 0.0


def turn_slope(value: float, direction: int) -> float:
    """Return the next value of 0, .01, .02, .05, .1, .2, .5: the slope of leaky ReLU, which is below 1."""
    return min(0.5, turn_factor(value, direction)) if direction > 0 else turn_factor(value, direction)


def turn_decay(value: float, direction: int) -> float:
    """Return the next value of 0, .5, .8, .9, .95, .98, .99 and so on: what is forgotten turns as rates do."""
    if direction < 0:
        return round(max(0.0, 1 - turn_rate(1 - value, +1)), 9)
    return round(min(MOST_KEPT, 1 - turn_rate(1 - value, -1)), 9)


def turn_shrink(value: float, direction: int) -> float:
    """Return the next factor by which a rate falls: as ``turn_decay``, and 1 at the end of the scale."""
    if direction > 0 and value >= 0.99:
        return max(value, 1.0)
    return 0.99 if direction < 0 and value >= 1 else turn_decay(value, direction)


def turn_fraction(value: float, direction: int) -> float:
    """Return the next multiple of .05 within 0 … .95."""
    steps = value * 20
    following = math.floor(steps + 1e-9) + 1 if direction > 0 else math.ceil(steps - 1e-9) - 1
    return min(19, max(0, following)) / 20


def turn_count(value: int, direction: int) -> int:
    """Return the next value of 0, 1, 2, 5, 10, 20 and so on."""
    if direction > 0:
        return int(turn_rate(value, +1)) if value else 1
    return int(turn_rate(value, -1)) if value > 1 else 0


def turn_every(value: int, direction: int) -> int:
    """Return the next value of 1, 2, 5, 10 and so on."""
    return max(1, turn_count(value, direction))


def turn_epochs(value: int, direction: int) -> int:
    """Return the next value of 10, 20, 50, 100 and so on."""
    return max(1, min(10**9, int(turn_rate(max(1, value), direction))))


def turn_samples(value: int, direction: int) -> int:
    """Return the next value of 10, 20, 50, 100 and so on."""
    return max(10, min(10**6, int(turn_rate(max(5, value), direction))))


def turn_batch(value: int | str, direction: int, rows: int) -> int | str:
    """Return the next value of 1, 2, 4, … below ``rows``, "full"."""
    powers = [2**power for power in range((rows - 1).bit_length())]
    size = rows if isinstance(value, str) else value
    if direction > 0:
        return next((power for power in powers if power > size), "full")
    return next((power for power in reversed(powers) if power < size), value)


def turn_pace(value: float | None, direction: int, steps: int) -> float | None:
    """Return the next value of 1, 2, 5, 10 … steps a second, 1, 2, 5 … 1000 epochs a second, full speed (None)."""
    if value is None:
        return None if direction > 0 else 1000.0
    if value > 1 or (value == 1 and direction > 0):
        following = turn_rate(value, direction)
        return following if following <= 1000 else None
    stepwise = turn_rate(value * steps, direction)
    if direction > 0:
        return min(1.0, stepwise / steps)
    return min(value, max(1.0, stepwise) / steps)


def turn_seed(value: int, direction: int) -> int:
    """Return the next seed, or the one before, of those that there are."""
    return min(2**32 - 1, max(0, value + direction))


def turn_derived(value: Sequence[str], direction: int) -> tuple[str, ...]:
    """Return the next of some sets of columns that a plane is bent with: none, squares, the product, sines."""
    at = USUAL_COLUMNS.index(tuple(value)) if tuple(value) in USUAL_COLUMNS else 0
    return USUAL_COLUMNS[(at + direction) % len(USUAL_COLUMNS)]


def turn_through(names: Sequence[str]) -> Turn:
    """Return the scale that goes round through some names."""

    def turn(value: str, direction: int) -> str:
        return names[(names.index(value) + direction) % len(names)]

    return turn


def turn_switch(value: bool, direction: int) -> bool:  # noqa: ARG001 - both directions are the same
    """Return the other of yes and no."""
    return not value
