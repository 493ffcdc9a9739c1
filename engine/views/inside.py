"""The parameters of a network, and what the latest step did to them, as arrays by name; of the run's first seed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays
from engine.protocol.views import named
from engine.training.trainer import Trainer


def weights(trainer: Trainer) -> Arrays:
    """Return the parameters of each layer."""
    return {f"{number}": layer[0] for number, layer in enumerate(trainer.network.parameters.layers)}


def gradients(trainer: Trainer) -> Arrays:
    """Return the slopes of the latest batch's loss."""
    return _by_layer(trainer, trainer.inside.gradients() if trainer.inside.latest_step() else None)


def updates(trainer: Trainer) -> Arrays:
    """Return what the latest step added to each parameter."""
    return _by_layer(trainer, trainer.inside.last_update() if trainer.inside.latest_step() else None)


def moments(trainer: Trainer) -> Arrays:
    """Return the optimiser's running averages."""
    arrays: Arrays = {}
    for name, flat in trainer.inside.moments().items():
        arrays |= named(name, _by_layer(trainer, flat))
    return arrays


def _by_layer(trainer: Trainer, flat: NDArray[Any] | None) -> Arrays:
    if flat is None:
        return {}
    layers = trainer.network.parameters.split(flat)
    return {f"{number}": layer[0].astype(np.float32) for number, layer in enumerate(layers)}
