"""What conditions measure of a run, from what its watcher knows; see ``presets.conditions.MEASURES``."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from engine.protocol.queries import View
from engine.run.changes import RECIPE, Change, weight_at
from engine.run.metrics import GRADIENT_NORM
from engine.run.series import LAST, LOW
from tui_trainer.view_models.run import RunModel

RECENT: Final = 10
"""Steps from one epoch to the next that ``train.loss.ups`` looks at."""

LEARNING_RATE: Final = "training.learning_rate"

Measure = Callable[[RunModel], float | None]


def measure(name: str, run: RunModel) -> float | None:
    """Return what a measure is of a run at this moment, None where it has none, or none yet."""
    return _MEASURES[name](run)


def views_for(names: frozenset[str]) -> tuple[View, ...]:
    """Return the views without which measures have no value."""
    return ("neurons",) if names & {"dead", "dead.by.hand"} else ()


def series_for(names: frozenset[str], run: RunModel) -> tuple[str, ...]:
    """Return the names of the series without which measures have no value."""
    layers = len(run.spec.network.layers)
    return (f"{GRADIENT_NORM}.0", f"{GRADIENT_NORM}.{layers - 1}") if "gradient.ratio" in names and layers else ()


def _metric(name: str, *, not_finite: float | None = None) -> Measure:
    """Return the measure that a metric of the last epoch is.

    It is one of the network that there is now: not before an epoch that began after the last change of it is over.
    """

    def of(run: RunModel) -> float | None:
        value = run.history.latest(run.columns.index(name)) if _is_measured_anew(run) else None
        return not_finite if value is not None and not math.isfinite(value) else value

    return of


def _is_measured_anew(run: RunModel) -> bool:
    """Return whether the last epoch began after the last change of network or data had acted."""
    acted = max((change.place for change in _by_hand(run) if not _is_a_dial(change)), default=(1, 0))
    first_whole = acted[0] + (acted[1] > 0)
    return run.history.epochs >= first_whole


def _is_a_dial(change: Change) -> bool:
    """Return whether a change leaves the network, its parameters and the data as they are."""
    return change.path.startswith("training.") or change.path == "pace"


def _by_hand(run: RunModel) -> list[Change]:
    return [change for change in run.changes if change.author != RECIPE]


def _rise(name: str) -> Measure:
    def of(run: RunModel) -> float | None:
        column = run.columns.index(name)
        if not run.history.epochs or not np.isfinite(run.history.values[:, column, LOW]).any():
            return None
        latest, lowest = run.history.values[-1, column, LAST], np.nanmin(run.history.values[:, column, LOW])
        return math.inf if not np.isfinite(latest) else float(latest / lowest) if lowest > 0 else None

    return of


def _ups(run: RunModel) -> float | None:
    epochs, column = run.history.epochs, run.columns.index("train_loss")
    if epochs <= RECENT or run.history.width > 1:
        return None
    losses = run.history.values[epochs - RECENT - 1 : epochs, column, LAST]
    return float(np.mean([not after < before for before, after in pairwise(losses.tolist())]))


def _accuracy_gap(run: RunModel) -> float | None:
    train, validation = (_MEASURES[f"{part}.accuracy"](run) for part in ("train", "validation"))
    return None if train is None or validation is None else train - validation


def _parameters(run: RunModel) -> float | None:
    widths = [run.welcome.inputs, *(layer.units for layer in run.spec.network.layers)]
    return float(sum((before + 1) * units for before, units in pairwise(widths)))


def _dead(run: RunModel) -> float | None:
    hidden = len(run.spec.network.layers) - 1
    return (
        float(sum(int(run.dead[layer].sum()) for layer in range(hidden)))
        if set(range(hidden)) <= set(run.dead)
        else None
    )


def _set_by_hand(run: RunModel) -> set[tuple[int, int, int]]:
    """Return layer, neuron and input of the parameters that were set by hand; the bias is the last input."""
    return {place for change in _by_hand(run) if (place := weight_at(change.path)) is not None}


def _dead_by_hand(run: RunModel) -> float | None:
    if _dead(run) is None:
        return None
    neurons = {(layer, neuron) for layer, neuron, _ in _set_by_hand(run) if layer in run.dead}
    return float(sum(bool(run.dead[layer][neuron]) for layer, neuron in neurons if neuron < len(run.dead[layer])))


def _gradient_ratio(run: RunModel) -> float | None:
    layers = len(run.spec.network.layers)
    curves = [run.series.get(f"{GRADIENT_NORM}.{layer}") for layer in (0, layers - 1)]
    first, last = (curve.latest() if curve is not None and len(curve) else None for curve in curves)
    return first / last if layers > 1 and first is not None and last and _is_measured_anew(run) else None


def _batch_size(run: RunModel) -> float:
    size = run.spec.training.batch_size
    return float(run.welcome.rows[0] if size == "full" else size)


def _exam_accuracy(run: RunModel) -> float | None:
    return run.exam.median("accuracy") if run.exam else None


_MEASURES: Final[Mapping[str, Measure]] = {
    "train.loss": _metric("train_loss", not_finite=math.inf),
    "train.accuracy": _metric("train_score"),
    "validation.loss": _metric("validation_loss", not_finite=math.inf),
    "validation.accuracy": _metric("validation_score"),
    "train.loss.rise": _rise("train_loss"),
    "validation.loss.rise": _rise("validation_loss"),
    "train.loss.ups": _ups,
    "accuracy.gap": _accuracy_gap,
    "epochs": lambda run: float(run.frame.epoch),
    "epochs.planned": lambda run: float(run.epochs),
    "parameters": _parameters,
    "hidden.layers": lambda run: float(len(run.spec.network.layers) - 1),
    "hidden.linear": lambda run: float(sum(layer.activation == "identity" for layer in run.spec.network.layers[:-1])),
    "hidden.neurons": lambda run: float(sum(layer.units for layer in run.spec.network.layers[:-1])),
    "dead": _dead,
    "dead.by.hand": _dead_by_hand,
    "set.by.hand": lambda run: float(len(_set_by_hand(run))),
    "gradient.ratio": _gradient_ratio,
    "learning.rate": lambda run: run.frame.learning_rate,
    "learning.rate.changes": lambda run: float(sum(change.path == LEARNING_RATE for change in _by_hand(run))),
    "batch.size": _batch_size,
    "dropout": lambda run: max((layer.dropout for layer in run.spec.network.layers[:-1]), default=0.0),
    "l2": lambda run: run.spec.training.l2,
    "changes": lambda run: float(sum(change.path != "pace" for change in _by_hand(run))),
    "exam.opened": lambda run: float(run.exam is not None),
    "exam.accuracy": _exam_accuracy,
}
