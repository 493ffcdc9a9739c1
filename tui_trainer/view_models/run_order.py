"""In which order runs and sweeps are listed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from tui_trainer.view_models.runs import RunLine
    from tui_trainer.view_models.sweeps import SweepLine

Order = Literal["age", "name", "state", "loss", "score", "size"]

ORDERS: Final[tuple[Order, ...]] = ("age", "name", "state", "loss", "score", "size")


def ordered(lines: Iterable[RunLine], order: Order) -> list[RunLine]:
    """Return the runs sorted: the last active, the largest or the best first; those of which nothing is known last."""
    return sorted(lines, key=lambda line: (line.problem is not None, *_KEYS[order](line), line.age, line.name))


def ordered_sweeps(lines: Iterable[SweepLine], order: Order) -> list[SweepLine]:
    """Return the sweeps sorted as runs are; by their age where that tells nothing of a sweep."""
    key = _SWEEP_KEYS.get(order)
    return sorted(lines, key=lambda line: (line.problem is not None, *(key(line) if key else ()), line.age, line.name))


def _ascending(value: float | None) -> tuple[float]:
    return (math.inf if value is None else value,)


_KEYS: Final[dict[Order, Callable[[RunLine], tuple[Any, ...]]]] = {
    "age": lambda line: (line.age,),
    "name": lambda line: (line.name,),
    "state": lambda line: (line.state or "",),
    "loss": lambda line: _ascending(line.validation if line.validation is not None else line.train),
    "score": lambda line: _ascending(None if line.score is None else -line.score),
    "size": lambda line: (-line.size,),
}
_SWEEP_KEYS: Final[dict[Order, Callable[[SweepLine], tuple[Any, ...]]]] = {
    "name": lambda line: (line.name,),
    "state": lambda line: (line.state,),
    "loss": lambda line: _ascending(line.best),
    "size": lambda line: (-line.size,),
}
