"""Who was at work in the latest forward pass: the neurons of the hidden layers, under the masks of dropout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.themes.inks import HEAT_EMPTY, HEAT_STEPS
from tui_trainer.view_models.run import RunModel

WORKING, DROPPED, DEAD = "■", "□", "✕"
BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class LayerActivity:
    """A hidden layer in one forward pass.

    Attributes:
        index: The layer, from 0.
        states: One sign for each neuron, for the row shown.
        at_work: Neurons that dropout has left in, for the row shown.
        expected: How many that is on average, units × (1 − p).
        rate: The dropout rate p.
        dropped_rows: (units,) for how many rows of the batch each was dropped; None without dropout.
        rows: Rows of the batch.
        dead: Neurons that fire for no row of the training set.
        saturated: Neurons at their limits for nearly all of its rows.
        mean: Neurons at work on average over the rows of all steps seen, None where no step was.
        steps_seen: How many steps that is.
    """

    index: int
    states: str
    at_work: int
    expected: float
    rate: float
    dropped_rows: NDArray[np.int64] | None
    rows: int
    dead: int
    saturated: int
    mean: float | None
    steps_seen: int

    @property
    def units(self) -> int:
        """Neurons."""
        return len(self.states)

    @property
    def scale(self) -> float:
        """What dropout multiplies the outputs of those at work with, so that their sum stays the same on average."""
        return 1 / (1 - self.rate)

    def bars(self) -> str:
        """Return one bar for each neuron: the share of the batch's rows for which it was dropped."""
        if self.dropped_rows is None or not self.rows:
            return ""
        heights = np.ceil(self.dropped_rows / self.rows * len(BARS)).astype(int).clip(1, len(BARS)) - 1
        return "".join(BARS[height] for height in heights.tolist())


def layer_activities(run: RunModel, row: int) -> list[LayerActivity]:
    """Return the hidden layers of a run, for row ``row`` of the latest batch."""
    hidden = run.spec.network.layers[:-1]
    return [_layer_activity(index, layer.units, layer.dropout, run, row) for index, layer in enumerate(hidden)]


def batch_rows(run: RunModel) -> int:
    """Return how many rows the batch has that the masks speak of."""
    return max((mask.shape[1] for mask in run.masks.values()), default=len(run.batch_row_numbers))


def sparkline(values: Sequence[float], width: int) -> str:
    """Return the last ``width`` values as bars on a scale from 0 to 1; what is not a number is a gap."""
    last = values[-width:]
    return "".join(
        " " if math.isnan(v) else BARS[min(len(BARS) - 1, int(min(1.0, max(0.0, v)) * len(BARS)))] for v in last
    )


def levels_of(correlations: NDArray[Any]) -> NDArray[np.int64]:
    """Return heat levels of correlations from −1 to 1; a neuron that always answers the same has none."""
    is_finite = np.isfinite(correlations)
    levels = np.rint(np.where(is_finite, correlations, 0.0).clip(-1, 1) * HEAT_STEPS).astype(np.int64)
    return np.where(is_finite, levels, HEAT_EMPTY)


def _layer_activity(index: int, units: int, rate: float, run: RunModel, row: int) -> LayerActivity:
    mask = run.masks.get(index)
    # The architecture may have changed since the masks were drawn; then they speak of other neurons.
    if mask is None or mask.shape[0] != units:
        mask = None
    dead, saturated = _flags(run.dead.get(index), units), _flags(run.saturated.get(index), units)
    working = np.ones(units, bool) if mask is None else mask[:, min(row, mask.shape[1] - 1)].astype(bool)
    return LayerActivity(
        index=index,
        states=_signs(working, dead.astype(bool)),
        at_work=int(working.sum()),
        expected=units * (1 - rate),
        rate=rate,
        dropped_rows=None if mask is None or not rate else (mask == 0).sum(axis=1),
        rows=0 if mask is None else mask.shape[1],
        dead=int(dead.sum()),
        saturated=int(saturated.sum()),
        mean=run.active_neurons.mean(index, units, rate),
        steps_seen=run.active_neurons.steps(index),
    )


def _flags(flags: NDArray[np.uint8] | None, units: int) -> NDArray[np.uint8]:
    """Return (units,) flags; none is raised where they are not known, or speak of another network."""
    return flags if flags is not None and len(flags) == units else np.zeros(units, np.uint8)


def _signs(working: NDArray[Any], dead: NDArray[Any]) -> str:
    signs = np.where(dead, DEAD, np.where(working, WORKING, DROPPED))
    return "".join(signs.tolist())
