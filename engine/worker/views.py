"""The insides of a network that a watcher may ask for, as arrays by name.

All views are of the run's first seed. Names and shapes stand in ``engine.protocol.events.Frame``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.commands import View
from engine.training.trainer import Trainer

Arrays = dict[str, NDArray[Any]]
MOST_NEURONS = 64
"""Co-adaptation is looked at among the first so many neurons of a layer."""
MOST_SAMPLES = 200
SATURATED = 0.99
"""A sigmoid or tanh this near to its limit hardly learns."""


def weights(trainer: Trainer) -> Arrays:
    """Return the parameters of each layer."""
    return {f"weights.{number}": layer[0] for number, layer in enumerate(trainer.network.parameters.layers)}


def gradients(trainer: Trainer) -> Arrays:
    """Return the slopes of the latest batch's loss."""
    return _by_layer(trainer, "gradients", trainer.gradients() if trainer.latest_step() else None)


def updates(trainer: Trainer) -> Arrays:
    """Return what the latest step added to each parameter."""
    return _by_layer(trainer, "updates", trainer.last_update() if trainer.latest_step() else None)


def moments(trainer: Trainer) -> Arrays:
    """Return the optimiser's running averages."""
    arrays: Arrays = {}
    for name, flat in trainer.moments().items():
        arrays |= _by_layer(trainer, f"moments.{name}", flat)
    return arrays


def _by_layer(trainer: Trainer, name: str, flat: NDArray[Any] | None) -> Arrays:
    if flat is None:
        return {}
    layers = trainer.network.parameters.split(flat)
    return {f"{name}.{number}": layer[0].astype(np.float32) for number, layer in enumerate(layers)}


def clerks(trainer: Trainer) -> Arrays:
    """Return masks and activations of the latest step, and who is dead or saturated on the training part.

    Of a checkpoint, which keeps no batch, only the latter.
    """
    arrays = _latest_batch(trainer)
    for number, activations in enumerate(trainer.hidden_activations()):
        arrays[f"dead.{number}"] = (~(activations[0] != 0).any(axis=-1)).astype(np.uint8)
        bounded = trainer.spec.network.layers[number].activation in ("sigmoid", "tanh")
        arrays[f"saturated.{number}"] = (bounded & _saturated(activations[0])).astype(np.uint8)
        arrays[f"mean_activations.{number}"] = activations[0].mean(axis=-1).astype(np.float32)
    return arrays


def _latest_batch(trainer: Trainer) -> Arrays:
    """Return rows, masks and activations of the latest step; nothing where none was done since a checkpoint."""
    latest = trainer.latest_step()
    if latest is None:
        return {}
    arrays: Arrays = {"clerk_rows": trainer.data.train.rows[latest.rows[0]].astype(np.int64)}
    for number, activations in enumerate(latest.activations):
        masks = latest.masks.get(number)
        at_work = np.ones(activations[0].shape, np.bool_) if masks is None else masks[0] > 0
        arrays[f"masks.{number}"] = at_work.astype(np.uint8)
        arrays[f"activations.{number}"] = activations[0].astype(np.float32)
    return arrays


def _saturated(activations: NDArray[Any]) -> NDArray[np.bool_]:
    """Return (units,): at its limit for all but a few of the rows. A sigmoid's lower limit counts as well."""
    at_limit = (np.abs(activations) > SATURATED) | (np.abs(activations) < 1 - SATURATED)
    return np.asarray(at_limit.mean(axis=-1) > 0.95)


def coadaptation(trainer: Trainer) -> Arrays:
    """Return how alike the neurons of a layer answer to the training rows: correlations, and their mean size."""
    arrays: Arrays = {}
    means = []
    for number, activations in enumerate(trainer.hidden_activations()):
        matrix = _correlations(activations[0][:MOST_NEURONS].astype(np.float64))
        arrays[f"coadaptation.{number}"] = matrix.astype(np.float32)
        others = ~np.eye(len(matrix), dtype=bool)
        means.append(float(np.nanmean(np.abs(matrix[others]))) if np.isfinite(matrix[others]).any() else np.nan)
    arrays["coadaptation_means"] = np.array(means, np.float64)
    return arrays


def _correlations(activations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (units, units) correlations; NaN for a neuron that always answers the same."""
    centred = activations - activations.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    unit = centred / np.where(norms > 0, norms, np.nan)[:, None]
    return np.asarray(np.clip(unit @ unit.T, -1, 1))


def data(trainer: Trainer) -> Arrays:
    """Return ranges, counts and a sample of the rows; of the sealed exam nothing but counts."""
    train, validation, test = trainer.data.train, trainer.data.validation, trainer.data.test
    table, classes = trainer.data.table, max(len(trainer.data.table.classes), 1)
    raw, scaled = table.X[train.rows], train.X.astype(np.float64)
    seen = [(0, train), *([(1, validation)] if validation is not None else [])]
    sample = [(number, row) for number, part in seen for row in part.rows[: MOST_SAMPLES // len(seen)]]
    rows = np.array([row for _, row in sample], np.int64)
    counts = np.zeros((3, classes), np.int64)
    for number, part in enumerate((train, validation, test)):
        if part is not None:
            labels = table.y[part.rows].astype(np.intp) if table.classes else np.zeros(len(part), np.intp)
            counts[number] = np.bincount(labels, minlength=classes)
    return {
        "data.raw": _ranges(raw),
        "data.scaled": _ranges(scaled),
        "data.counts": counts,
        "data.sample": table.X[rows].astype(np.float64),
        "data.sample_y": np.atleast_2d(table.y[rows].T).T.astype(np.float64),
        "data.sample_rows": rows,
        "data.sample_parts": np.array([number for number, _ in sample], np.uint8),
    }


def _ranges(X: NDArray[Any]) -> NDArray[np.float64]:
    """Return (n, 4): lowest, highest, mean and standard deviation of each column."""
    return np.column_stack([X.min(axis=0), X.max(axis=0), X.mean(axis=0), X.std(axis=0)]).astype(np.float64)


VIEWS: dict[View, Callable[[Trainer], Arrays]] = {
    "weights": weights,
    "gradients": gradients,
    "updates": updates,
    "moments": moments,
    "clerks": clerks,
    "coadaptation": coadaptation,
    "data": data,
}
"""Every view but the boundary, which has options of its own: see ``engine.worker.boundary``."""
