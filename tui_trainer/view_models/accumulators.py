"""What adds up while one watches: head counts over the steps seen, co-adaptation over time."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import StepPlace
from engine.spec import Spec

REMEMBERED: Final = 240
"""Values kept of a curve."""


class ActiveNeuronStats:
    """How many neurons of each hidden layer dropout left in, on average over the rows of all steps seen.

    A layer begins anew when its width or its dropout rate changes.
    """

    def __init__(self) -> None:
        self._sums: dict[int, tuple[tuple[int, float], int, int, int]] = {}
        self._place: StepPlace | None = None

    def apply(self, place: StepPlace | None, masks: Mapping[int, NDArray[Any]], spec: Spec) -> None:
        """Take in the masks (units, B) of a step, by layer; a step that has been seen already counts once."""
        if place is None or place == self._place:
            return
        self._place = place
        for index, layer in enumerate(spec.network.layers[:-1]):
            mask, kind = masks.get(index), (layer.units, layer.dropout)
            if mask is None or len(mask) != layer.units:
                continue
            last_kind, at_work, rows, steps = self._sums.get(index, (kind, 0, 0, 0))
            at_work, rows, steps = (at_work, rows, steps) if last_kind == kind else (0, 0, 0)
            self._sums[index] = kind, at_work + int(mask.sum(dtype=np.int64)), rows + mask.shape[1], steps + 1

    def mean(self, layer: int, units: int, rate: float) -> float | None:
        """Return the mean head count of a layer of this width and dropout rate, None where no step was seen."""
        kind, at_work, rows, _ = self._sums.get(layer, (None, 0, 0, 0))
        return at_work / rows if kind == (units, rate) and rows else None

    def steps(self, layer: int) -> int:
        """Return over how many steps a layer's mean was taken."""
        return self._sums[layer][-1] if layer in self._sums else 0


class CoadaptationHistory:
    """Co-adaptation by hidden layer: how alike its neurons answer, now and over the time it was watched.

    Attributes:
        matrices: (u, u) correlations among the first neurons of each layer.
    """

    def __init__(self) -> None:
        self.matrices: dict[int, NDArray[Any]] = {}
        self._curves: dict[int, deque[float]] = {}
        self._at: tuple[int, int] | None = None

    def apply(self, at: tuple[int, int], matrices: Mapping[int, NDArray[Any]], means: NDArray[np.float64]) -> None:
        """Take in a frame's correlations and their mean sizes, (layers,); ``at`` are the epoch and step of the frame.

        A frame of the same step, as comes to those who look anew, takes the place of the one before.
        """
        self.matrices = dict(matrices)
        for layer, mean in enumerate(means.tolist()):
            curve = self._curves.setdefault(layer, deque(maxlen=REMEMBERED))
            if curve and at == self._at:
                curve.pop()
            curve.append(mean)
        self._at = at

    def curve(self, layer: int) -> list[float]:
        """Return the mean sizes seen so far, the latest last."""
        return list(self._curves.get(layer, ()))

    def closest(self, layer: int) -> tuple[int, int, float] | None:
        """Return the two neurons of a layer, counted from 0, that answer most alike, and their correlation."""
        matrix = self.matrices.get(layer)
        if matrix is None or len(matrix) < 2:
            return None
        sizes = np.where(np.tri(len(matrix), dtype=bool), 0.0, np.nan_to_num(np.abs(matrix)))
        first, second = divmod(int(sizes.argmax()), len(matrix))
        if not sizes[first, second]:
            return None
        return first, second, float(matrix[first, second])
