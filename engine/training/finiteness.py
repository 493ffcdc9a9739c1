"""Looking for values that are no numbers any more; ``fmax`` and its kin swallow them on the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.numerics.optimizers import Optimizer
from engine.numerics.parameters import Parameters
from engine.training.results import EpochResult, NonFinite, Number


def find_non_finite(
    result: EpochResult,
    parameters: Parameters,
    optimizer: Optimizer,
    seeds: Sequence[int],
    stopped: NDArray[np.bool_] | None,
) -> NonFinite | None:
    """Return what is no number any more after an epoch; None where all is well.

    Args:
        result: The epoch's metrics.
        parameters: As the epoch left them.
        optimizer: As the epoch left it. An infinite average of squared slopes divides every update to nothing, and
            the network would stand still without a word.
        seeds: S seeds, to name those concerned.
        stopped: (S,) seeds that do not count, as they have ended; None for none.
    """
    if _looks_fine(result, optimizer):
        return None
    concerned: NDArray[np.bool_] = np.zeros(len(seeds), np.bool_)
    for array in (parameters.flat, *optimizer.state.values()):
        concerned |= ~np.isfinite(array).all(axis=1)
    for part in (result.train, result.validation):
        if part is not None:
            concerned |= ~part.finite
    if stopped is not None:
        concerned &= ~stopped
    if not concerned.any():
        return None
    layer, what = _where(result, parameters, optimizer, concerned)
    return NonFinite(
        epoch=result.epoch,
        layer=layer,
        seeds=tuple(seed for seed, bad in zip(seeds, concerned, strict=True) if bad),
        cause=f"{what} is not finite after epoch {result.epoch}: learning rate too large, or inputs not scaled?",
    )


def _where(
    result: EpochResult, parameters: Parameters, optimizer: Optimizer, concerned: NDArray[np.bool_]
) -> tuple[int | None, str]:
    """Return the first layer concerned, or None, and what it is that is no number."""
    averages = [parameters.split(array) for array in optimizer.state.values()]
    for what, arrays in (("a weight", [parameters.layers]), ("the optimiser's average of a slope", averages)):
        for layer, of_layer in enumerate(zip(*arrays, strict=True)):
            if not all(np.isfinite(array[concerned]).all() for array in of_layer):
                return layer, f"{what} of layer {layer + 1}"
    train_is_fine = np.atleast_1d(result.train.finite)[concerned].all()
    return None, f"the {'validation' if train_is_fine else 'training'} loss"


def _looks_fine(result: EpochResult, optimizer: Optimizer) -> bool:
    """Whether a sum over everything is finite: what is not spoils it, and to look at one number costs less."""
    total = optimizer.sum_of_squares() + _total(result.train.loss)
    if result.validation is not None:
        total += _total(result.validation.loss)
    return result.train.r2 is None and math.isfinite(total)


def _total(losses: Number) -> float:
    return losses if isinstance(losses, float) else float(losses.sum())
