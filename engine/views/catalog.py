"""The builder of every answer, by the kind of its query."""

from __future__ import annotations

from collections.abc import Callable

from engine.array_types import Arrays
from engine.protocol.queries import View
from engine.training.trainer import Trainer
from engine.views import data, inside, neurons

VIEWS: dict[View, Callable[[Trainer], Arrays]] = {
    "weights": inside.weights,
    "gradients": inside.gradients,
    "updates": inside.updates,
    "moments": inside.moments,
    "neurons": neurons.neurons,
    "coadaptation": neurons.coadaptation,
    "data": data.data,
}
"""Every view without options: the boundary is in ``engine.views.boundary``, series come from the store."""
