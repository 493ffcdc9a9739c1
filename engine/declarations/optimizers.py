"""The optimisers, as all but the arithmetic know them; their formulas are in ``engine.numerics.textbook``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

OptimizerName = Literal["sgd", "momentum", "rmsprop", "adam", "adamw"]


@dataclass(frozen=True)
class Hyperparameter:
    """What an optimiser is tuned by, beside the learning rate: a key of the recipe's ``[training]``.

    Attributes:
        name: The key, which is also the glossary's.
        scale: How its dial turns: "decay" towards 1 (0.9, 0.95, 0.98 …), "size" by factors (1, 2, 5, 10 …), "penalty"
            likewise, from 0 on.
        symbol: As the log of changes writes it.
    """

    name: str
    scale: Literal["decay", "size", "penalty"]
    symbol: str


HYPERPARAMETERS: Final[Mapping[str, Hyperparameter]] = {
    declared.name: declared
    for declared in (
        Hyperparameter("momentum", "decay", "momentum"),
        Hyperparameter("beta1", "decay", "β₁"),
        Hyperparameter("beta2", "decay", "β₂"),
        Hyperparameter("epsilon", "size", "ε"),
        Hyperparameter("weight_decay", "penalty", "λ"),
    )
}
"""All that some optimiser is tuned by, by key."""


@dataclass(frozen=True)
class DeclaredOptimizer:
    """An optimiser.

    Attributes:
        name: As in a preset.
        hyperparameters: Keys of ``HYPERPARAMETERS``, in the order in which their dials stand.
        moments: The running averages that it keeps, by symbol, with the heatmap's titles.
        usual_rate: The learning rate to begin with: Keras' default.
        follows: What a step is a multiple of, weight by weight: "gradient", or a moment. None where a step is itself
            an average of earlier ones, or decays the weight as well, so that there is no step size to speak of.
    """

    name: OptimizerName
    hyperparameters: tuple[str, ...]
    moments: Mapping[str, str]
    usual_rate: float
    follows: str | None = "gradient"


_MEAN, _MEAN_SQUARE = "Mean slope m", "Mean square v"

DECLARED_OPTIMIZERS: Final[Mapping[OptimizerName, DeclaredOptimizer]] = {
    declared.name: declared
    for declared in (
        DeclaredOptimizer("sgd", (), {}, 0.01),
        DeclaredOptimizer("momentum", ("momentum",), {"velocity": "Velocity"}, 0.01, follows=None),
        DeclaredOptimizer("rmsprop", ("momentum", "epsilon"), {"v": _MEAN_SQUARE}, 0.001),
        DeclaredOptimizer("adam", ("beta1", "beta2", "epsilon"), {"m": _MEAN, "v": _MEAN_SQUARE}, 0.001, follows="m"),
        DeclaredOptimizer(
            "adamw",
            ("beta1", "beta2", "epsilon", "weight_decay"),
            {"m": _MEAN, "v": _MEAN_SQUARE},
            usual_rate=0.001,
            follows=None,
        ),
    )
}
"""By name, in the order in which the dial goes round."""

MOMENT_TITLES: Final[Mapping[str, str]] = {
    symbol: title for declared in DECLARED_OPTIMIZERS.values() for symbol, title in declared.moments.items()
}
"""Titles of all moments, by symbol."""
