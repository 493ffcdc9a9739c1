"""The case of a trainer: what it knows of its own training, as a judge is told it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.judgement.case import (
    MOST_VALUES,
    NO_GRADIENTS,
    Case,
    LayerGradients,
    NeuronCount,
    Overflow,
    curves_of,
    data_of_case,
)
from engine.judgement.separability import separation
from engine.run.metrics import GRADIENT_NORM
from engine.run.series import EpochSeries, median_over_seeds
from engine.store.metrics import MetricsLog
from engine.training.trainer import Trainer
from engine.views.neurons import conditions


def case_of(
    trainer: Trainer,
    history: EpochSeries,
    gradients: LayerGradients = NO_GRADIENTS,
    neurons: Sequence[NeuronCount] = (),
    *,
    separable: bool | None = None,
) -> Case:
    """Return the case of a trainer with the history that it has come to."""
    overflow = trainer.non_finite
    return Case(
        spec=trainer.spec,
        data=data_of_case(trainer.data, trainer.spec),
        curves=curves_of(history),
        gradients=gradients,
        neurons=tuple(neurons),
        parameters=tuple(layer.weights.shape[-2] * (layer.weights.shape[-1] + 1) for layer in trainer.layers),
        overflow=None if overflow is None else Overflow(overflow.epoch, overflow.cause),
        separable=separable,
    )


def recorded_gradients(log: MetricsLog, layers: int) -> LayerGradients:
    """Return the gradient norms that a run has recorded.

    Raises:
        InputError: The store is damaged.
    """
    points = [log.points(f"{GRADIENT_NORM}.{layer}") for layer in range(layers)]
    if not points or len({len(each.epochs) for each in points}) > 1 or not len(points[0].epochs):
        return NO_GRADIENTS  # layers came or went on the way
    norms = np.stack([each.values for each in points], axis=-1)
    return LayerGradients(points[0].epochs, np.asarray(median_over_seeds(norms), np.float64))


def neuron_counts(trainer: Trainer) -> list[NeuronCount]:
    """Return how many neurons of each hidden layer are dead or saturated now, of the first seed."""
    arrays = conditions(trainer)
    return [
        NeuronCount(
            epoch=trainer.epoch,
            layer=layer,
            units=len(arrays[f"dead.{layer}"]),
            dead=int(arrays[f"dead.{layer}"].sum()),
            saturated=int(arrays[f"saturated.{layer}"].sum()),
        )
        for layer in range(len(trainer.spec.network.layers) - 1)
        if f"dead.{layer}" in arrays
    ]


def is_separable(trainer: Trainer) -> bool | None:
    """Return whether a line separates the two classes of the training rows; None where that is not asked.

    It is asked of two classes, without hidden layers, and of so few rows that it takes a second or two at most.
    """
    data = trainer.data
    plain = len(trainer.spec.network.layers) == 1 and len(data.table.classes) == 2
    if not plain or not trainer.spec.training.epochs or data.train.X.size > MOST_VALUES:
        return None
    positive = data.table.y[data.train.rows] == 1
    return separation(data.train.X.astype(np.float64), positive).is_separable
