"""The loss that is trained on, and told of: how much the rows of each class count in it, and how sharp targets are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.data.dataset import Dataset
from engine.errors import InputError
from engine.numerics.losses import OutputHead
from engine.numerics.metrics import true_classes
from engine.spec import TrainingSpec
from engine.training.targets import targets


def class_weights(training: TrainingSpec, data: Dataset) -> tuple[float, ...]:
    """Return the weight of each class, in the order of the data's classes; empty where all rows weigh alike.

    Raises:
        InputError: Not one weight a class, or one that the run's numbers cannot hold.
    """
    if training.class_weight is None:
        return ()
    if training.class_weight == "balanced":
        return _balanced(np.bincount(true_classes(targets(data.train).T), minlength=len(data.table.classes)))
    weights, classes = training.class_weight, data.table.classes
    if len(weights) != len(classes):
        names = ", ".join(classes[:5]) + (", …" if len(classes) > 5 else "")
        raise InputError(
            f"training.class_weight: expected {len(classes)} numbers, one for each class ({names}), got {len(weights)}"
        )
    with np.errstate(over="ignore"):
        held = np.array(weights, training.dtype)
    if not (np.isfinite(held) & (held > 0)).all():
        raise InputError(f"training.class_weight: expected positive numbers that {training.dtype} can hold")
    return weights


def minimized(head: OutputHead, training: TrainingSpec, weights: tuple[float, ...]) -> OutputHead:
    """Return the output head with the loss that training minimises: its classes weighted, their targets smoothed."""
    return replace(head, class_weights=weights, label_smoothing=training.label_smoothing)


def _balanced(counts: np.ndarray[tuple[int], np.dtype[np.intp]]) -> tuple[float, ...]:
    """Return n / (K n_k) from the training rows n_k of each class, as scikit-learn's ``class_weight="balanced"`` does.

    K counts the classes that have training rows; one that has none, and is met in other parts only, weighs 1.
    """
    present = counts > 0
    weights = np.ones(len(counts))
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return tuple(weights.tolist())
