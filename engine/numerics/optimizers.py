"""Optimisers, compiled to array operations on the flat parameter vector.

Each optimiser owns its state, (S, P) arrays, and gives the operations of one step. Rates are 0-d arrays that the
operations read when they run, so that turning the learning rate needs no recompilation.

Moments are kept without their (1 − β) factor, which saves two operations a step: M = m / (1 − β₁), V = v / (1 − β₂).
``moments`` gives m and v as the papers write them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Floats

Op = tuple[Callable[..., object], tuple[Any, ...]]
"""A function and its positional arguments: one entry of a program."""
DENORMAL_THRESHOLD = 1e4
"""Times the smallest normal number: what is below in the optimiser's state is flushed to zero."""
SMALL = 8192
"""Up to so many parameters a call costs more than its arithmetic."""


@dataclass(frozen=True)
class Rates:
    """Decay rates and ε of the optimisers (dimensionless); ``engine.declarations.optimizers`` says who uses which."""

    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-7
    weight_decay: float = 0.01


class Optimizer:
    """Base: state by name, and the operations of one step.

    Args:
        parameters: (S, P), changed in place by the operations.
        rates: Decay rates.

    Attributes:
        gradient: (S, P); the gradient of the mean loss is to be put here before each step.
        update: (S, P); ``update_sign`` times it is what the latest step added to the parameters, before rounding.
        learning_rate: 0-d; set it between steps.
        steps: Steps taken.
        state: Arrays (S, P) that a checkpoint must hold, by name.
    """

    state_names: tuple[str, ...] = ()
    update_sign = -1

    def __init__(self, parameters: Floats, rates: Rates) -> None:
        self.parameters = parameters
        self.gradient = np.zeros_like(parameters)
        self.rates = rates
        self.steps = 0
        self.learning_rate = np.array(0, parameters.dtype)
        self.state = {name: np.zeros_like(parameters) for name in self.state_names}
        self._scratch = np.empty_like(parameters)
        self.update = self._scratch
        self._watched = [array.reshape(-1) for array in (parameters, *self.state.values())]

    def operations(self) -> list[Op]:
        """Return the operations of one step, which change state and parameters in place."""
        raise NotImplementedError

    def moments(self) -> dict[str, Floats]:
        """Return the running averages as the papers write them, (S, P) by name."""
        return {}

    def last_update(self) -> Floats:
        """Return what the latest step added to the parameters, (S, P); zeros before the first."""
        raise NotImplementedError

    def restore(self, steps: int, state: Mapping[str, Floats]) -> None:
        """Take over steps and state, (S, P) by name, of a checkpoint or of an optimiser of the same kind."""
        self.steps = steps
        for name, array in self.state.items():
            array[...] = state[name]

    def sum_of_squares(self) -> float:
        """Return Σx² over parameters and state: finite only if all of them are, and cheap."""
        total = 0.0
        for array in self._watched:
            total += float(array.dot(array))
        return total

    def flush_denormals(self) -> None:
        """Flush denormals in the optimiser's state to zero; to be called every few dozen steps.

        Averages of gradients that have vanished (a dead neuron's) decay until they are denormal, stay there for ever,
        and on many processors cost a hundred times as much as normal numbers.
        """
        threshold = DENORMAL_THRESHOLD * np.finfo(self.parameters.dtype).tiny
        for array in self.state.values():
            array[np.abs(array) < threshold] = 0

    def _constant(self, value: float) -> Floats:
        return np.array(value, self.parameters.dtype)  # 0-d: a Python float costs a conversion per call


class GradientDescent(Optimizer):
    """w ← w − η g."""

    def operations(self) -> list[Op]:
        """Return the operations of one step."""
        return [
            (np.multiply, (self.gradient, self.learning_rate, self._scratch)),
            (np.subtract, (self.parameters, self._scratch, self.parameters)),
        ]

    def last_update(self) -> Floats:
        """Return −η g, (S, P)."""
        return -self.learning_rate * self.gradient


class Momentum(Optimizer):
    """v ← μ v − η g, w ← w + v (Polyak 1964, as Keras writes it)."""

    state_names = ("velocity",)
    update_sign = 1

    def __init__(self, parameters: Floats, rates: Rates) -> None:
        super().__init__(parameters, rates)
        self.update = self.state["velocity"]

    def operations(self) -> list[Op]:
        """Return the operations of one step."""
        velocity = self.state["velocity"]
        return [
            (np.multiply, (velocity, self._constant(self.rates.momentum), velocity)),
            (np.multiply, (self.gradient, self.learning_rate, self._scratch)),
            (np.subtract, (velocity, self._scratch, velocity)),
            (np.add, (self.parameters, velocity, self.parameters)),
        ]

    def moments(self) -> dict[str, Floats]:
        """Return the velocity, (S, P)."""
        return {"velocity": self.state["velocity"]}

    def last_update(self) -> Floats:
        """Return the velocity, which is what a step adds, (S, P)."""
        return self.state["velocity"].copy()


class RMSProp(Optimizer):
    """v ← ρ v + (1 − ρ) g², w ← w − η g / (√v + ε); ρ is ``rates.momentum``.

    Tieleman & Hinton 2012, Coursera "Neural Networks for Machine Learning", lecture 6e; ε added to the
    root, as Keras has it.
    """

    state_names = ("V",)

    def operations(self) -> list[Op]:
        """Return the operations of one step."""
        V, scratch, decay = self.state["V"], self._scratch, self.rates.momentum
        return [
            (np.square, (self.gradient, scratch)),
            (np.multiply, (V, self._constant(decay), V)),
            (np.add, (V, scratch, V)),
            (np.multiply, (V, self._constant(1 - decay), scratch)),
            (np.sqrt, (scratch, scratch)),
            (np.add, (scratch, self._constant(self.rates.epsilon), scratch)),
            (np.divide, (self.gradient, scratch, scratch)),
            (np.multiply, (scratch, self.learning_rate, scratch)),
            (np.subtract, (self.parameters, scratch, self.parameters)),
        ]

    def moments(self) -> dict[str, Floats]:
        """Return v, (S, P)."""
        return {"v": self.state["V"] * (1 - self.rates.momentum)}

    def last_update(self) -> Floats:
        """Return −η g / (√v + ε), (S, P)."""
        root = np.sqrt(self.moments()["v"])
        return np.asarray(-self.learning_rate * self.gradient / (root + self.rates.epsilon))


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015, algorithm 1): m̂ / (√v̂ + ε), with both corrections for the start from zero.

    In terms of M and V, with c = √((1 − β₂) / (1 − β₂ᵗ)), so that √v̂ = c √V:
    w ← w − [η (1 − β₁) / (1 − β₁ᵗ) / c] · M / (√V + ε / c).

    M and V lie in one array, and g and g² in another, so that one call moves both averages.
    """

    state_names = ("M", "V")

    def __init__(self, parameters: Floats, rates: Rates) -> None:
        super().__init__(parameters, rates)
        self._averages = np.zeros((2, *parameters.shape), parameters.dtype)
        self._gradient_powers = np.zeros_like(self._averages)
        self.state = dict(zip(self.state_names, self._averages, strict=True))
        self._watched = [parameters.reshape(-1), self._averages.reshape(-1)]
        self.gradient = self._gradient_powers[0]
        self._decay = np.array([rates.beta1, rates.beta2], parameters.dtype).reshape(2, 1, 1)
        if parameters.size <= SMALL:  # a broadcast costs more than it saves
            self._decay = self._decay * np.ones_like(self._averages)
        self._step_size = self._constant(0)
        self._epsilon = self._constant(0)

    def operations(self) -> list[Op]:
        """Return the operations of one step."""
        M, V, scratch = *self._averages, self._scratch
        return [
            (self._correct, ()),
            (np.square, (self.gradient, self._gradient_powers[1])),
            (np.multiply, (self._averages, self._decay, self._averages)),
            (np.add, (self._averages, self._gradient_powers, self._averages)),
            (np.sqrt, (V, scratch)),
            (np.add, (scratch, self._epsilon, scratch)),
            (np.divide, (M, scratch, scratch)),
            (np.multiply, (scratch, self._step_size, scratch)),
            (np.subtract, (self.parameters, scratch, self.parameters)),
        ]

    def _correct(self) -> None:
        self.steps += 1
        step_size, epsilon = self._corrected()
        self._step_size.fill(step_size)  # a third of the time of an assignment
        self._epsilon.fill(epsilon)

    def _corrected(self) -> tuple[float, float]:
        """Return the factor of M and the addend of √V for the latest step."""
        rates, steps = self.rates, self.steps
        c = math.sqrt((1 - rates.beta2) / (1 - rates.beta2**steps))
        return self.learning_rate.item() * (1 - rates.beta1) / (1 - rates.beta1**steps) / c, rates.epsilon / c

    def moments(self) -> dict[str, Floats]:
        """Return m and v, (S, P) each."""
        return {"m": self.state["M"] * (1 - self.rates.beta1), "v": self.state["V"] * (1 - self.rates.beta2)}

    def last_update(self) -> Floats:
        """Return −η m̂ / (√v̂ + ε), (S, P)."""
        if not self.steps:
            return np.zeros_like(self.parameters)
        step_size, epsilon = self._corrected()
        return np.asarray(-step_size * self.state["M"] / (np.sqrt(self.state["V"]) + epsilon))


class AdamW(Adam):
    """Adam with decoupled weight decay: w ← w − η λ w − Adam's step (Loshchilov & Hutter 2019, algorithm 2).

    Weights and biases decay, and λ is multiplied by the learning rate, as PyTorch has it.
    """

    def __init__(self, parameters: Floats, rates: Rates) -> None:
        super().__init__(parameters, rates)
        self._decayed = np.empty_like(parameters)
        self._share = self._constant(0)

    def operations(self) -> list[Op]:
        """Return the operations of one step."""
        *adam, subtract = super().operations()
        return [
            *adam,
            (np.multiply, (self.parameters, self._share, self._decayed)),
            (np.add, (self._scratch, self._decayed, self._scratch)),
            subtract,
        ]

    def _correct(self) -> None:
        super()._correct()
        self._share.fill(self.learning_rate.item() * self.rates.weight_decay)

    def last_update(self) -> Floats:
        """Return −η λ w − η m̂ / (√v̂ + ε), (S, P), w as it was before the step."""
        step, share = super().last_update(), self.learning_rate.item() * self.rates.weight_decay
        if not self.steps or share == 1:  # in the second case nothing is left of w to be told from
            return step
        return np.asarray(step - share / (1 - share) * (self.parameters - step))


OPTIMIZERS: dict[str, type[Optimizer]] = {
    "sgd": GradientDescent,
    "momentum": Momentum,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
}


def regularizing_operations(
    parameters: Floats, gradient: Floats, weight_mask: Floats, *, l1: float, l2: float, clip: float
) -> list[Op]:
    """Return what is done to the gradient before the optimiser sees it; zeros switch each part off.

    Args:
        parameters: (S, P).
        gradient: (S, P), changed in place.
        weight_mask: (P,), 1 at weights and 0 at biases.
        l1: Adds the gradient of l1 · Σ|w| over the weights.
        l2: Adds the gradient of l2 / 2 · Σw² over the weights.
        clip: Then each seed's whole gradient is scaled down to this Euclidean norm where it is longer (Pascanu et al.
            2013).
    """
    scratch = np.empty_like(gradient)
    operations: list[Op] = []
    if l1:
        factor = weight_mask * gradient.dtype.type(l1)
        operations += [
            (np.sign, (parameters, scratch)),
            (np.multiply, (scratch, factor, scratch)),
            (np.add, (gradient, scratch, gradient)),
        ]
    if l2:
        factor = weight_mask * gradient.dtype.type(l2)
        operations += [(np.multiply, (parameters, factor, scratch)), (np.add, (gradient, scratch, gradient))]
    if clip:
        operations.append((_clip, (gradient, clip)))
    return operations


def _clip(gradient: Floats, longest: float) -> None:
    norms = np.sqrt(np.einsum("sp,sp->s", gradient, gradient, dtype=np.float64))
    if norms.max() > longest:
        gradient *= (longest / np.maximum(norms, longest)).astype(gradient.dtype)[:, None]
