"""The case of a trainer: what it knows of its own training, as a judge is told it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.judgement.case import (
    MOST_VALUES,
    NO_GRADIENTS,
    Case,
    CurveSamples,
    DataOfCase,
    Floats,
    LayerGradients,
    NeuronCount,
    Overflow,
)
from engine.judgement.separability import separation
from engine.numerics import textbook
from engine.run.metrics import GRADIENT_NORM
from engine.run.series import median_over_seeds
from engine.store.metrics import MetricsLog
from engine.training.trainer import Trainer
from engine.views.neurons import MOST_ACTIVATIONS, dead, saturated


def case_of(
    trainer: Trainer,
    data: DataOfCase,
    curves: CurveSamples,
    gradients: LayerGradients = NO_GRADIENTS,
    neurons: Sequence[NeuronCount] = (),
    *,
    separable: bool | None = None,
) -> Case:
    """Return the case of a trainer, of data that it knows, with the curves that it has come to."""
    overflow, sampled = trainer.non_finite, curves.curves()
    last = sampled.epochs[-1] if len(sampled) else 0
    with_curve = int(np.searchsorted(gradients.epochs, last, side="right"))
    return Case(
        spec=trainer.spec,
        data=data,
        curves=sampled,
        gradients=LayerGradients(gradients.epochs[:with_curve], gradients.norms[:with_curve]),
        neurons=tuple(neurons),
        parameters=tuple(layer.weights.shape[-2] * (layer.weights.shape[-1] + 1) for layer in trainer.layers),
        overflow=None if overflow is None else Overflow(overflow.epoch, overflow.cause),
        separable=separable,
    )


class GradientSamples:
    """The gradient norms of a network's layers as they are measured; of another number of layers they begin anew."""

    def __init__(self, layers: int) -> None:
        self._layers = layers
        self._epochs: list[int] = []
        self._norms: list[Floats] = []

    @classmethod
    def of(cls, log: MetricsLog, layers: int, last_epoch: int) -> GradientSamples:
        """Return those that a run has recorded up to an epoch.

        Raises:
            InputError: The store is damaged.
        """
        samples = cls(layers)
        points = [log.points(f"{GRADIENT_NORM}.{layer}") for layer in range(layers)]
        common = set.intersection(*(set(each.epochs.tolist()) for each in points)) if points else set[int]()
        rows = [dict(zip(each.epochs.tolist(), each.values, strict=True)) for each in points]
        for epoch in sorted(epoch for epoch in common if epoch <= last_epoch):
            samples.add(epoch, np.stack([row[epoch] for row in rows]))
        return samples

    def add(self, epoch: int, norms: Floats) -> None:
        """Add the norms (L, S) of an epoch."""
        if len(norms) != self._layers:
            self._layers, self._epochs, self._norms = len(norms), [], []
        self._epochs.append(epoch)
        self._norms.append(np.asarray(median_over_seeds(norms[..., None])[:, 0], np.float64))

    def gradients(self) -> LayerGradients:
        """Return them as a judge is told."""
        return LayerGradients(np.array(self._epochs, np.int64), np.array(self._norms).reshape(-1, self._layers))


MOST_SAMPLED = 128
"""Training rows on which neurons are looked at before all rows are."""
SAMPLED = 8
"""Epochs of every octave, as from 65 to 128, after which neurons are looked at; all epochs are up to twice as many."""


def next_look_at_neurons(epoch: int) -> int:
    """Return the first epoch after ``epoch`` at whose end neurons are looked at: it depends on the number alone."""
    stride = 1 << max(0, epoch.bit_length() - SAMPLED.bit_length())
    return (epoch // stride + 1) * stride


def neuron_counts(trainer: Trainer, ill: Collection[int] = ()) -> list[NeuronCount]:
    """Return how many neurons of each hidden layer are dead or saturated now, of the first seed.

    Some rows are looked at first, and all of them where these leave a layer in doubt: a neuron that fires for one of
    them is not dead.

    Args:
        trainer: What trains.
        ill: Layers of which it has been told already; of these some rows tell whether they still are.
    """
    some = _counts(trainer, _activations_of_some(trainer))
    if all(of.layer in ill or not (of.is_dead or of.is_saturated) for of in some):
        return some
    units = sum(layer.units for layer in trainer.spec.network.layers[:-1])
    if units * len(trainer.data.train) * len(trainer.seeds) > MOST_ACTIVATIONS:
        return []
    return _counts(trainer, [activations[0] for activations in trainer.inside.hidden_activations()])


def _counts(trainer: Trainer, activations: Sequence[Floats]) -> list[NeuronCount]:
    layers = trainer.spec.network.layers
    return [
        NeuronCount(
            epoch=trainer.epoch,
            layer=layer,
            units=len(of_layer),
            dead=int(dead(of_layer).sum()),
            saturated=int(saturated(of_layer, layers[layer].activation).sum()),
        )
        for layer, of_layer in enumerate(activations)
    ]


def _activations_of_some(trainer: Trainer) -> list[Floats]:
    """Return (units, B) of each hidden layer for B training rows that lie evenly, by the textbook's forward pass."""
    X = trainer.data.train.X
    rows = np.linspace(0, len(X) - 1, min(len(X), MOST_SAMPLED)).astype(np.intp)
    hidden = trainer.network.textbook_layers(0)[:-1]
    return [np.asarray(a.T, np.float64) for a in textbook.forward(hidden, X[rows]).a] if hidden else []


def asks_separability(trainer: Trainer) -> bool:
    """Return whether it is asked of a training if a line separates the classes of its rows.

    It is of two classes, without hidden layers, and of so few rows that it takes a second or two at most.
    """
    data = trainer.data
    plain = len(trainer.spec.network.layers) == 1 and len(data.table.classes) == 2
    return plain and trainer.spec.training.epochs > 0 and data.train.X.size <= MOST_VALUES


def rows_to_separate(trainer: Trainer) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the training rows (B, n) of two classes, and which of them (B,) are of the second."""
    data = trainer.data
    return data.train.X.astype(np.float64), np.asarray(data.table.y[data.train.rows] == 1)


def is_separable(trainer: Trainer) -> bool | None:
    """Return whether a line separates the two classes of the training rows; None where that is not asked."""
    return separation(*rows_to_separate(trainer)).is_separable if asks_separability(trainer) else None
