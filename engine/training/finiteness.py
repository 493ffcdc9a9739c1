"""Detect NaN and infinity: ``fmax`` and ``fmin`` hide NaN, so metrics and parameters are checked each epoch."""

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
    """Return what is not finite after an epoch; None where all is.

    Args:
        result: The epoch's metrics.
        parameters: As the epoch left them.
        optimizer: As the epoch left it. An infinite average of squared gradients makes every update 0, so the network
            would stop learning and nothing else would show it.
        seeds: S seeds, to name those concerned.
        stopped: (S,) seeds that do not count, as they have ended; None for none.
    """
    if _is_surely_finite(result, optimizer):
        return None
    affected = ~_finite_seeds(result, parameters, optimizer)
    if stopped is not None:
        affected &= ~stopped
    if not affected.any():
        return None
    layer, what = _where(result, parameters, optimizer, affected)
    return NonFinite(
        epoch=result.epoch,
        layer=layer,
        seeds=tuple(seed for seed, bad in zip(seeds, affected, strict=True) if bad),
        cause=f"{what} is not finite after epoch {result.epoch}: learning rate too large, or inputs not scaled?",
    )


def _finite_seeds(result: EpochResult, parameters: Parameters, optimizer: Optimizer) -> NDArray[np.bool_]:
    """Return (S,): whether a seed's parameters, averages, losses and scores are all finite."""
    finite = np.asarray(np.isfinite(parameters.flat).all(axis=1))
    for average in optimizer.state.values():
        finite &= np.isfinite(average).all(axis=1)
    for metrics in (result.train, result.validation):
        if metrics is not None:
            finite &= metrics.finite
    return finite


def _where(
    result: EpochResult, parameters: Parameters, optimizer: Optimizer, affected: NDArray[np.bool_]
) -> tuple[int | None, str]:
    """Return the first layer affected, or None, and what of it is not finite; ``affected`` is (S,)."""
    averages = [parameters.split(array) for array in optimizer.state.values()]
    for what, arrays in (("a weight", [parameters.layers]), ("the optimiser's average of a slope", averages)):
        for layer, of_layer in enumerate(zip(*arrays, strict=True)):
            if not all(np.isfinite(array[affected]).all() for array in of_layer):
                return layer, f"{what} of layer {layer + 1}"
    train_is_fine = np.atleast_1d(result.train.finite)[affected].all()
    return None, f"the {'validation' if train_is_fine else 'training'} loss"


def _is_surely_finite(result: EpochResult, optimizer: Optimizer) -> bool:
    """Return whether one sum over everything is finite, which takes less time than to look at every number.

    A regression's r² may be undefined, so there all is looked at.
    """
    total = optimizer.sum_of_squares() + _total(result.train.loss)
    if result.validation is not None:
        total += _total(result.validation.loss)
    return result.train.r2 is None and math.isfinite(total)


def _total(losses: Number) -> float:
    return losses if isinstance(losses, float) else float(losses.sum())
