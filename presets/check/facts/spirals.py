"""The published spirals: both lie on one curve; and how far rounding moves their log."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import presets
from engine.data import dataset
from engine.training.trainer import Trainer

PERTURBATIONS = (1e-15, 1e-13, 1e-10)
EVERY = range(99, 1000, 100)
"""The epochs of the printed log, from 0."""


def as_drawn() -> dict[str, Any]:
    """Return the first point and the sum over all."""
    train = Trainer(presets.load("spirals-as-published")).data.train
    return {"first_point": train.X[0].copy(), "sum_X": train.X.sum()}


def on_one_curve() -> dict[str, Any]:
    """Return where on the curve r = θ / 4π each class lies, and what is left to guess.

    Without noise every point's radius gives the angle θ, turns included, at which it must lie if it is on the curve;
    it is, of either class. Where the two stretches of the curve overlap both classes are equally likely.
    """
    data = dataset.load(presets.load("spirals-as-published", set={"data.noise": 0.0, "training.streams": "modern"}))
    X, y = data.table.X, data.table.y
    theta, angle = 4 * np.pi * np.hypot(*X.T), np.arctan2(*X.T[::-1])
    off_curve = np.abs(np.exp(1j * theta) - np.exp(1j * angle))[np.hypot(*X.T) > 0]
    first, second = ([float(theta[y == number].min()), float(theta[y == number].max())] for number in (0, 1))
    overlap = (first[1] - second[0]) / (first[1] - first[0])
    bayes = (1 - overlap) + overlap / 2
    return {
        "claim": bayes,
        "class0_theta": first,
        "class1_theta": second,
        "same_curve_r_eq_theta_over_4pi": bool(off_curve.max() < 1e-9),
        "overlap_fraction": overlap,
        "bayes_accuracy_noise_free_limit": bayes,
    }


def rounding() -> dict[str, Any]:
    """Return the log of the published run with its inputs off by 1e-15, 1e-13 and 1e-10 of themselves."""
    published = Trainer(presets.load("spirals-as-published"))
    plain = _log(published, 0.0)
    figures: dict[str, Any] = {}
    for perturbation in PERTURBATIONS:
        rows = _log(published, perturbation)
        apart = np.flatnonzero(np.abs(rows[:, 0] - plain[:, 0]) > 5e-5)
        figures[f"loss with {perturbation:g}"] = rows[EVERY, 0]
        figures[f"acc_pct with {perturbation:g}"] = 100 * rows[EVERY, 1]
        figures[f"first epoch off with {perturbation:g}"] = int(apart[0]) + 1 if len(apart) else len(rows) + 1
    return figures


def _log(published: Trainer, perturbation: float) -> NDArray[np.float64]:
    """Return (1000, 5), the ``METRICS`` of a run from the published start, with inputs times 1 + ``perturbation``."""
    train, classes = published.data.train, list(published.data.table.classes)
    rows = {"source": "rows", "X": (train.X * (1 + perturbation)).tolist(), "y": train.y.tolist(), "classes": classes}
    changes = {
        "data": rows,
        "training.streams": "modern",
        "network.weights": [layer.weights.tolist() for layer in published.layers],
        "network.biases": [layer.bias.tolist() for layer in published.layers],
    }
    log: NDArray[np.float64] = Trainer(presets.load("spirals-as-published", set=changes)).advance(1000)[:, 0]
    return log
