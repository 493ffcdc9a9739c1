"""Who was at work in the latest forward pass: the neurons of the hidden layers, under the masks of dropout."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import MINUS, count, narrow
from tui_trainer.themes.inks import HEAT_EMPTY, HEAT_STEPS
from tui_trainer.view_models.run import RunModel

WORKING, DROPPED, DEAD = "■", "□", "✕"
BARS = "▁▂▃▄▅▆▇█"
CURVE_WIDTH = 10
MATRIX_GAP = 2

Word = Callable[[str], str]


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

    def rows_of_cells(self, width: int) -> int:
        """Return how many rows it takes: its head, its signs, their bars where there is dropout, a blank one."""
        chunks = -(-self.units // max(1, width))
        return 1 + chunks * (2 if self.dropped_rows is not None else 1) + 1

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
    """Return the last ``width`` values as bars on a scale from 0 to 1; NaN is a gap."""
    last = values[-width:]
    return "".join(
        " " if math.isnan(v) else BARS[min(len(BARS) - 1, int(min(1.0, max(0.0, v)) * len(BARS)))] for v in last
    )


def levels_of(correlations: NDArray[Any]) -> NDArray[np.int64]:
    """Return heat levels of correlations from −1 to 1, in their shape; a constant neuron has the empty level."""
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


def place_parts(run: RunModel, row: int, word: Word) -> list[str]:
    """Return which step and which row of its batch is shown, nothing where there is no batch."""
    rows, place = batch_rows(run), run.batch_step
    if not rows or (place is None and not run.is_forward_only):
        return []
    row = min(row, rows - 1)
    when = f"{word('step')} {place.step}/{place.steps}" if place else "forward pass"
    parts = [when, f"row {row + 1:>{len(str(rows))}}/{rows}"]
    if row < len(run.batch_row_numbers):
        parts.append(f"case {count(int(run.batch_row_numbers[row]))}")
    return parts


def coadaptation_parts(run: RunModel, layer: int) -> list[str]:
    """Return how alike a layer's neurons answer: the number and its course, then the two most alike."""
    curve, closest = run.coadaptation.curve(layer), run.coadaptation.closest(layer)
    if not curve:
        return []
    latest = "   –" if math.isnan(curve[-1]) else f"{curve[-1]:.2f}"
    parts = [f"alike {layer + 1}  {latest} {sparkline(curve, CURVE_WIDTH):<{CURVE_WIDTH}}"]
    if closest is not None:
        parts.append(f"  {closest[0] + 1}↔{closest[1] + 1} {closest[2]:.2f}".replace("-", MINUS))
    return parts


def matrix_heading(layer: LayerActivity, side: int) -> str:
    """Return what stands above the correlations among a layer's first ``side`` neurons, in so many cells."""
    name = f"alike {layer.index + 1}"
    forms = [f"{name} · first {side} of {layer.units}" if side < layer.units else name, name, str(layer.index + 1)]
    return next((form for form in forms if len(form) <= side), "")


def captions(layer: LayerActivity, room: int, word: Word) -> list[str]:
    """Return what there is to say of a layer with dropout: heads expected, heads on average, the scale.

    The average is over the steps that were seen from here, which others may not have seen: it says how many. What
    has no room as a whole is left out.
    """
    said = [f"expected {layer.expected:.1f}"]
    if layer.mean is not None:
        steps = word("step") if layer.steps_seen == 1 else f"{word('step')}s"
        short = f"{layer.mean:.1f} in {count(layer.steps_seen)}"
        said.append(f"{short} {steps}" if len(f"{short} {steps}") <= room else short)
    if layer.dropped_rows is not None:
        said.append(f"scaled ×{narrow(layer.scale, 8, '{:.2f}'.format)}")
    return [caption for caption in said if len(caption) <= room]


def shelved(sides: Mapping[int, int], width: int, pixels_in_cell: int) -> tuple[dict[int, tuple[int, int]], int]:
    """Return where each matrix goes, column and row, side by side and then below; and the rows they take, headed."""
    places: dict[int, tuple[int, int]] = {}
    x = y = tall = 0
    for index in sorted(sides):
        side = min(sides[index], width)
        if not side:
            continue
        if x + side > width:
            x, y, tall = 0, y + tall, 0
        places[index] = x, y
        x, tall = x + side + MATRIX_GAP, max(tall, 1 - (-side // pixels_in_cell))
    return places, y + tall
