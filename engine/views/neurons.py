"""Which neurons are at work, and how alike they answer, as arrays by name; of the run's first seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays
from engine.training.trainer import Trainer

MOST_NEURONS = 64
"""Co-adaptation is looked at among the first so many neurons of a layer."""
MOST_ACTIVATIONS = 2**24
"""Activations over the training part that are worked out unasked."""
MOST_ROWS = 64
"""Rows that are shown of a network that only goes forward."""
SATURATED = 0.99
"""A sigmoid or tanh this near to its limit hardly learns."""


def neurons(trainer: Trainer) -> Arrays:
    """Return masks and activations of the latest step, and which neurons are dead or saturated on the training part.

    Of a checkpoint, which keeps no batch, only the latter; of a run that only goes forward a pass over its first rows.
    """
    return {**_latest_batch(trainer), **_conditions(trainer)}


def conditions(trainer: Trainer) -> Arrays:
    """Return which neurons are dead or saturated on the training part; nothing where that takes too much memory."""
    units = sum(layer.units for layer in trainer.spec.network.layers[:-1])
    return _conditions(trainer) if units * len(trainer.data.train) * len(trainer.seeds) <= MOST_ACTIVATIONS else {}


def _conditions(trainer: Trainer) -> Arrays:
    arrays: Arrays = {}
    for number, activations in enumerate(trainer.inside.hidden_activations()):
        arrays[f"dead.{number}"] = dead(activations[0]).astype(np.uint8)
        name = trainer.spec.network.layers[number].activation
        arrays[f"saturated.{number}"] = saturated(activations[0], name).astype(np.uint8)
    return arrays


def is_forward_only(trainer: Trainer) -> bool:
    """Return whether no step was or will be taken: what there is to see is a forward pass over the training rows."""
    return not (trainer.spec.training.epochs or trainer.state.total_steps)


def _forward_pass(trainer: Trainer) -> Arrays:
    """Return rows and activations of a pass over the first training rows, at which all are at work."""
    rows = trainer.data.train.rows[:MOST_ROWS]
    arrays: Arrays = {"rows": rows.astype(np.int64)}
    for number, activations in enumerate(trainer.inside.hidden_activations()):
        of_rows = activations[0][:, : len(rows)]
        arrays[f"masks.{number}"] = np.ones(of_rows.shape, np.uint8)
        arrays[f"activations.{number}"] = of_rows.astype(np.float32)
    return arrays


def _latest_batch(trainer: Trainer) -> Arrays:
    """Return rows, masks and activations of the latest step; nothing where none was done since a checkpoint."""
    latest = trainer.inside.latest_step()
    if latest is None:
        return _forward_pass(trainer) if is_forward_only(trainer) else {}
    arrays: Arrays = {"rows": trainer.data.train.rows[latest.rows[0]].astype(np.int64)}
    for number, activations in enumerate(latest.activations):
        masks = latest.masks.get(number)
        at_work = np.ones(activations[0].shape, np.bool_) if masks is None else masks[0] > 0
        arrays[f"masks.{number}"] = at_work.astype(np.uint8)
        arrays[f"activations.{number}"] = activations[0].astype(np.float32)
    return arrays


def dead(activations: NDArray[Any]) -> NDArray[np.bool_]:
    """Return (units,): gives 0 for every row, of activations (units, B)."""
    return np.asarray(~(activations != 0).any(axis=-1))


def saturated(activations: NDArray[Any], activation: str) -> NDArray[np.bool_]:
    """Return (units,): of sigmoid or tanh, at a limit for nearly all rows, of activations (units, B); else none."""
    if activation not in {"sigmoid", "tanh"}:
        return np.zeros(len(activations), np.bool_)
    at_limit = np.abs(activations) > SATURATED
    if activation == "sigmoid":  # whose lower limit is 0
        at_limit |= activations < 1 - SATURATED
    return np.asarray(at_limit.mean(axis=-1) > 0.95)


def coadaptation(trainer: Trainer) -> Arrays:
    """Return how alike the neurons of a layer answer to the training rows: correlations, and their mean size."""
    arrays: Arrays = {}
    means = []
    for number, activations in enumerate(trainer.inside.hidden_activations()):
        matrix = _correlations(activations[0][:MOST_NEURONS].astype(np.float64))
        arrays[f"matrices.{number}"] = matrix.astype(np.float32)
        off_diagonal = ~np.eye(len(matrix), dtype=bool)
        means.append(
            float(np.nanmean(np.abs(matrix[off_diagonal]))) if np.isfinite(matrix[off_diagonal]).any() else np.nan
        )
    arrays["means"] = np.array(means, np.float64)
    return arrays


def _correlations(activations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (units, units) correlations; NaN for a neuron that always answers the same."""
    centred = activations - activations.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(centred, axis=1)
    unit = centred / np.where(norms > 0, norms, np.nan)[:, None]
    return np.asarray(np.clip(unit @ unit.T, -1, 1))
