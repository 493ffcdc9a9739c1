"""Looking for values that are no numbers any more; ``fmax`` and its kin swallow them on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.numerics.parameters import Parameters
from engine.training.results import EpochResult, NonFinite, Number


def find_non_finite(
    result: EpochResult, parameters: Parameters, seeds: Sequence[int], stopped: NDArray[np.bool_] | None
) -> NonFinite | None:
    """Return what is no number any more after an epoch; None where all is well.

    Args:
        result: The epoch's metrics.
        parameters: As the epoch left them.
        seeds: S seeds, to name those concerned.
        stopped: (S,) seeds that do not count, as they have ended; None for none.
    """
    if _looks_fine(result, parameters):
        return None
    concerned: NDArray[np.bool_] = np.asarray(~np.isfinite(parameters.flat).all(axis=1))
    for part in (result.train, result.validation):
        if part is not None:
            concerned |= ~part.finite
    if stopped is not None:
        concerned &= ~stopped
    if not concerned.any():
        return None
    layer = next((i for i, layer in enumerate(parameters.layers) if not np.isfinite(layer[concerned]).all()), None)
    loss = "validation" if np.atleast_1d(result.train.finite)[concerned].all() else "training"
    what = f"the {loss} loss" if layer is None else f"a weight of layer {layer + 1}"
    return NonFinite(
        epoch=result.epoch,
        layer=layer,
        seeds=tuple(seed for seed, bad in zip(seeds, concerned, strict=True) if bad),
        cause=f"{what} is no finite number any more after epoch {result.epoch}: a learning rate that is too large, "
        "or inputs that were not scaled, usually bring this about",
    )


def _looks_fine(result: EpochResult, parameters: Parameters) -> bool:
    """Whether a sum over everything is finite: what is not spoils it, and to look at one number costs less."""
    total = float(np.vdot(parameters.flat, parameters.flat)) + _total(result.train.loss)
    if result.validation is not None:
        total += _total(result.validation.loss)
    return result.train.r2 is None and math.isfinite(total)


def _total(losses: Number) -> float:
    return losses if isinstance(losses, float) else float(losses.sum())
