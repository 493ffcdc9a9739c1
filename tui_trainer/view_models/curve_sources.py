"""Where a chart's curves come from: a metric of every epoch, or a series that was measured now and then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.errors import sanitize
from engine.run.series import median_over_seeds
from tui_trainer.glossary import Term
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.history import Columns, History, Reading
from tui_trainer.view_models.smoothing import smoothed

MOST_NAMES: Final = 64
"""Series that are asked for at once; a deeper network's last layers are left out."""


class CurveSource(Protocol):
    """Values by epoch, as a chart wants them."""

    def columns(self, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """Return the values within a window, gathered into columns 0 … ``count − 1``."""

    def at(self, epoch: int) -> Reading | None:
        """Return what is known of an epoch; None where there is nothing, or nothing finite."""

    def latest(self) -> float | None:
        """Return the last value, NaN where it is not finite, None before the first."""

    def not_finite_since(self) -> int | None:
        """Return the first epoch whose value is not finite, if there is one."""


@dataclass(frozen=True)
class MetricCurve:
    """A metric that every epoch has: column ``metric`` of a history."""

    history: History
    metric: int

    def columns(self, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """See ``CurveSource``."""
        return self.history.columns(self.metric, window, count, smoothing=smoothing)

    def at(self, epoch: int) -> Reading | None:
        """See ``CurveSource``."""
        return self.history.at(self.metric, epoch)

    def latest(self) -> float | None:
        """See ``CurveSource``."""
        return self.history.latest(self.metric)

    def not_finite_since(self) -> int | None:
        """See ``CurveSource``."""
        return self.history.not_finite_since(self.metric)


class SeriesCurve:
    """A series of which some epochs have a point; of several seeds it shows the median of those that have a number.

    Args:
        epochs: (k,) epochs of the points, rising.
        values: (k, S) values by seed, NaN for a seed that has none.
    """

    def __init__(self, epochs: NDArray[Any], values: NDArray[Any]) -> None:
        self._epochs: NDArray[np.int64] = np.ceil(epochs).astype(np.int64)
        self._values = np.asarray(median_over_seeds(np.asarray(values, np.float64)[:, :, None])[:, 0], np.float64)

    def __len__(self) -> int:
        return len(self._epochs)

    def columns(self, window: Window, count: int, *, smoothing: float = 0.0) -> Columns:
        """See ``CurveSource``; a moving average counts a point as the epochs from the one before it to it."""
        inside = np.flatnonzero((self._epochs >= window.first) & (self._epochs <= window.last))
        values = self._values[inside]
        place = window.columns(self._epochs[inside], count)
        starts = np.flatnonzero(np.diff(place, prepend=-1))
        if not len(starts):
            return Columns(place, values, values, values)
        last = smoothed(self._values, smoothing**self._spacing)[inside] if smoothing else values
        return Columns(
            place=place[starts],
            low=np.fmin.reduceat(values, starts),
            high=np.fmax.reduceat(values, starts),
            last=last[np.append(starts[1:], len(last)) - 1],
        )

    def at(self, epoch: int) -> Reading | None:
        """Return the value of the last point up to an epoch; None before the first, or where it is not finite."""
        index = int(np.searchsorted(self._epochs, epoch, side="right")) - 1
        if index < 0 or np.isnan(self._values[index]):
            return None
        return Reading(*[float(self._values[index])] * 3)

    def latest(self) -> float | None:
        """See ``CurveSource``."""
        return float(self._values[-1]) if len(self._values) else None

    def not_finite_since(self) -> int | None:
        """See ``CurveSource``."""
        missing = np.flatnonzero(np.isnan(self._values))
        return int(self._epochs[missing[0]]) if len(missing) else None

    @property
    def _spacing(self) -> int:
        """Epochs between the last two points."""
        return int(self._epochs[-1] - self._epochs[-2]) if len(self._epochs) > 1 else 1


@dataclass(frozen=True)
class LayerSeries:
    """A series that each layer has, named ``NAME.LAYER`` with the layers from 0.

    Attributes:
        name: What the names begin with.
        term: Its title in both vocabularies, and what it says.
    """

    name: str
    term: Term

    def names(self, layers: int) -> tuple[str, ...]:
        """Return the names of the series of a network of so many layers."""
        return tuple(f"{self.name}.{layer}" for layer in range(min(layers, MOST_NAMES)))


@dataclass(frozen=True)
class NamedSeries:
    """Something that another program reported beside its losses and scores.

    Attributes:
        name: Its name there.
        column: The metric of every epoch that it is; None for a series.
    """

    name: str
    column: int | None = None

    @property
    def term(self) -> Term:
        """Its title, the same in both vocabularies, and what is known of it."""
        name = sanitize(self.name, 40)
        return Term(name, name, f"What the program that trains this run reports as {name}.")

    def names(self, _layers: int) -> tuple[str, ...]:
        """Return the series that are to be asked for, however many layers there are."""
        return () if self.column is not None else (self.name,)


LAYER_SERIES: Final = (
    LayerSeries(
        "gradient_norm",
        Term(
            "gradient norm",
            "slope size",
            "How long the gradient of each layer was in the last step of an epoch, weights and biases together, as the "
            "optimiser got it. A layer whose gradient is a thousandth of the others' hardly learns; one that grows and "
            "grows is about to run away.",
        ),
    ),
    LayerSeries(
        "update_ratio",
        Term(
            "update ratio",
            "step share",
            "How much the last step of an epoch changed each layer: the size of the update as a share of the size of "
            "the weights. About .001 is healthy; much more shakes the layer, much less leaves it as it is.",
        ),
    ),
)
"""What the charts can show beside loss and score. A further series of the kind needs no more than an entry here."""


def series_of(arrays: Mapping[str, NDArray[Any]], names: Sequence[str]) -> dict[str, SeriesCurve]:
    """Return series by name out of the arrays of an answer, ``INDEX.epochs`` (k,) and ``INDEX.values`` (k, S).

    A series that the run has not measured is there, and empty.
    """
    nothing = np.empty(0), np.empty((0, 1))
    return {
        name: SeriesCurve(arrays.get(f"{index}.epochs", nothing[0]), arrays.get(f"{index}.values", nothing[1]))
        for index, name in enumerate(names)
    }
