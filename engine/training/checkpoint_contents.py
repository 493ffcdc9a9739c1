"""What a checkpoint holds of networks and scalers, so that a run can answer where its data has gone."""

from __future__ import annotations

from itertools import pairwise

from engine.array_types import Arrays
from engine.data.dataset import Dataset
from engine.data.scaling import Scaler
from engine.errors import InputError
from engine.numerics.parameters import Parameters
from engine.protocol.views import arrays_of, named
from engine.spec import Spec
from engine.store.checkpoints import Checkpoint

NEURONS = "neurons"
"""What the names of the arrays begin with that a checkpoint has of the neurons view, where it has any."""
INPUTS, TARGETS = "scaler", "target_scaler"
"""What the names of the scalers' arrays begin with."""


def stored_scalers(data: Dataset) -> Arrays:
    """Return what a checkpoint holds of the scalers of a run's data."""
    arrays = named(INPUTS, data.scaler.arrays())
    return arrays if data.target_scaler is None else {**arrays, **named(TARGETS, data.target_scaler.arrays())}


def is_of_all_seeds(name: str) -> bool:
    """Return whether an array of a checkpoint is of the data, and so the same for all seeds; others lead with S."""
    return name.partition(".")[0] in {INPUTS, TARGETS}


def scalers_of(checkpoint: Checkpoint, spec: Spec) -> tuple[Scaler, Scaler | None] | None:
    """Return the scalers of inputs and targets; None where a version before they were kept wrote the checkpoint."""
    arrays = dict(checkpoint.arrays)
    inputs, targets = arrays_of(arrays, INPUTS), arrays_of(arrays, TARGETS)
    if not inputs or (spec.scaler.targets != "none" and not targets):
        return None
    target_scaler = Scaler.from_arrays(spec.scaler.targets, targets) if targets else None
    return Scaler.from_arrays(spec.scaler.kind, inputs), target_scaler


def parameters_of(checkpoint: Checkpoint, spec: Spec) -> Parameters:
    """Return the parameters of the S networks of a checkpoint.

    Raises:
        InputError: They are not those of its recipe.
    """
    flat = checkpoint.arrays["parameters"]
    units = [layer.units for layer in spec.network.layers]
    behind = sum((fed + 1) * out for fed, out in pairwise(units))
    inputs, rest = divmod(flat.shape[1] - behind - units[0], units[0])
    if rest or inputs < 1:
        raise InputError(f"checkpoint of epoch {checkpoint.epoch}: its parameters are not those of its network")
    parameters = Parameters([inputs, *units], len(flat), flat.dtype)
    parameters.flat[...] = flat
    return parameters
