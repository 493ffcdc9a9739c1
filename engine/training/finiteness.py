"""Detect NaN and infinity: in metrics, parameters and the optimiser's averages, and where ReLU would hide it.

ReLU makes 0 of −∞, and in a step of NaN as well (see ``engine.numerics.kernels``), so that the loss is a plain number.
Where weights or inputs are so large that a sum overflows, the order of its terms decides which it is. A bound on the
sums, from the sum of squares that is taken each epoch anyway, says at next to no cost that none overflows; else the
rows go forward once more, and each sum is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics.compiler import Architecture, with_ones
from engine.numerics.optimizers import Optimizer
from engine.numerics.parameters import Parameters
from engine.training.network import Network
from engine.training.results import EpochResult, NonFinite, Number

LARGEST_LOGARITHM = 709.0
"""Of a number that float64 holds."""
ROWS_AT_ONCE = 4096


class HiddenOverflow:
    """Finds sums that overflow and are hidden by ReLU.

    By Cauchy and Schwarz |w · a| ≤ ‖w‖ √(in + 1) max(|a|, 1), and no activation is larger than the larger of 1 and |z|.

    Args:
        X: (N, n) training rows, as the network sees them.
    """

    def __init__(self, X: Floats) -> None:
        self._X = X
        self._largest = max(1.0, float(X.max(initial=0)), -float(X.min(initial=0)))
        self._architecture: Architecture | None = None
        self._limit = math.inf

    def is_of(self, X: Floats) -> bool:
        """Return whether it looks at these rows (B, n)."""
        return self._X is X

    def is_possible(self, network: Network, sum_of_squares: float) -> bool:
        """Return whether a sum that goes into a ReLU may overflow.

        Args:
            network: The networks.
            sum_of_squares: Of all parameters of all seeds, or more.
        """
        if network.architecture is not self._architecture:
            self._architecture, self._limit = network.architecture, self._limit_of(network)
        return not sum_of_squares <= self._limit

    def _limit_of(self, network: Network) -> float:
        """Return up to which sum of squares no sum overflows; ∞ where no hidden layer is ReLU."""
        hidden = network.architecture.layers[:-1]
        if not any(layer.activation == "relu" for layer in hidden):
            return math.inf
        growth = math.prod(math.sqrt(size + 1) for size in network.parameters.sizes[: len(hidden)])
        growth *= math.prod(1 / (1 - layer.dropout) for layer in hidden)
        room = float(np.finfo(network.parameters.flat.dtype).max) / 4 / growth / self._largest
        return math.exp(min(2 / len(hidden) * math.log(room), LARGEST_LOGARITHM)) if room >= 1 else -1.0

    def find(self, network: Network, epoch: int, seeds: Sequence[int], alive: NDArray[np.bool_]) -> NonFinite | None:
        """Return the first layer in which the sum of any row is not finite; None where all are.

        Args:
            network: The networks.
            epoch: After which this is.
            seeds: The S seeds.
            alive: (S,) seeds that have not stopped.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            layers = {seed: self._first_layer(network, place) for place, seed in enumerate(seeds) if alive[place]}
        broken_layers = {seed: layer for seed, layer in layers.items() if layer is not None}
        if not broken_layers:
            return None
        layer, dtype = min(broken_layers.values()), network.parameters.flat.dtype
        cause = f"the sum that goes into a neuron of layer {layer + 1} is not finite after epoch {epoch}"
        return NonFinite(epoch, layer, tuple(broken_layers), f"{cause}: weights or inputs too large for {dtype}")

    def _first_layer(self, network: Network, seed: int) -> int | None:
        hidden = network.architecture.layers[:-1]
        layers = []
        for start in range(0, len(self._X), ROWS_AT_ONCE):
            signal = with_ones(self._X[start : start + ROWS_AT_ONCE], network.parameters.flat.dtype).T
            for index, (layer, weights) in enumerate(zip(hidden, network.parameters.layers, strict=False)):
                z = weights[seed] @ signal
                if layer.activation == "relu" and not np.isfinite(z).all():
                    layers.append(index)
                    break
                signal = np.concatenate([layer.function.value(z), signal[-1:]])
        return min(layers, default=None)


def find_non_finite(
    result: EpochResult,
    parameters: Parameters,
    optimizer: Optimizer,
    seeds: Sequence[int],
    stopped: NDArray[np.bool_] | None,
    sum_of_squares: float,
    likely_cause: Callable[[], str],
) -> NonFinite | None:
    """Return what is not finite after an epoch; None where all is.

    Args:
        result: The epoch's metrics.
        parameters: As the epoch left them.
        optimizer: As the epoch left it. An infinite average of squared gradients makes every update 0, so the network
            would stop learning and nothing else would show it.
        seeds: S seeds, to name those concerned.
        stopped: (S,) seeds that do not count, as they have ended; None for none.
        sum_of_squares: What ``optimizer.sum_of_squares`` returns.
        likely_cause: Returns what may have brought it about.
    """
    if _is_surely_finite(result, sum_of_squares):
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
        cause=f"{what} is not finite after epoch {result.epoch}: {likely_cause()}",
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


def _is_surely_finite(result: EpochResult, sum_of_squares: float) -> bool:
    """Return whether one sum over everything is finite, which takes less time than to look at every number.

    A regression's r² may be undefined, so there all is looked at.
    """
    total = sum_of_squares + _total(result.train.loss)
    if result.validation is not None:
        total += _total(result.validation.loss)
    return result.train.r2 is None and math.isfinite(total)


def _total(losses: Number) -> float:
    return losses if isinstance(losses, float) else float(losses.sum())
