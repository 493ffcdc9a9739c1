"""The activations, as all but the arithmetic know them; their formulas are in ``engine.numerics.activations``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ActivationName = Literal["identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "softmax"]
LossName = Literal["bce", "cce", "mse", "mae"]

LEAK: Final = 0.01
"""Derivative of leaky ReLU left of zero, unless the recipe says otherwise (Maas et al. 2013)."""


@dataclass(frozen=True)
class DeclaredActivation:
    """An activation f.

    Attributes:
        name: As in a preset.
        low: Infimum of f.
        high: Supremum of f.
        losses: What the network may be trained with where f is the output's; the first is proposed.
        hidden: Whether a hidden layer may have it.
        learns: Whether it has a derivative to learn from.
        hands_on: Whether a layer with it can hand on its input unchanged: f(x) = x where x ≥ 0, and f(x) − f(−x) = g·x.
        linear: Whether f(x) = x everywhere, so that handing on takes no pair.
        signed: Whether the screen shows negative values as far from zero as positive ones.
        label: What the screen calls it where the name is too long.
    """

    name: ActivationName
    low: float
    high: float
    losses: tuple[LossName, ...]
    hidden: bool = True
    learns: bool = True
    hands_on: bool = False
    linear: bool = False
    signed: bool = False
    label: str = ""

    @property
    def short_name(self) -> str:
        """The label, or the name where there is none."""
        return self.label or self.name

    @property
    def never_negative(self) -> bool:
        """Whether f(x) ≥ 0 for all x."""
        return self.low >= 0

    @property
    def saturates(self) -> bool:
        """Whether f levels off at both ends, so that a neuron that is driven there hardly learns."""
        return self.hidden and self.learns and math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def middle(self) -> float:
        """Half-way between the ends of a bounded f, else 0: where a neuron is drawn as on the fence."""
        bounded = self.hidden and math.isfinite(self.low) and math.isfinite(self.high)
        return (self.low + self.high) / 2 if bounded else 0.0


DECLARED_ACTIVATIONS: Final[Mapping[ActivationName, DeclaredActivation]] = {
    declared.name: declared
    for declared in (
        DeclaredActivation("relu", 0, math.inf, ("bce", "mse", "mae"), hands_on=True),  # bce: a tutorial's mistake
        DeclaredActivation("leaky_relu", -math.inf, math.inf, ("mse", "mae"), hands_on=True, label="leaky"),
        DeclaredActivation("tanh", -1, 1, ("mse", "mae"), signed=True),
        DeclaredActivation("sigmoid", 0, 1, ("bce", "mse", "mae")),
        DeclaredActivation("softmax", 0, 1, ("cce",), hidden=False),
        DeclaredActivation(
            "identity",
            -math.inf,
            math.inf,
            ("mse", "mae", "bce"),
            hands_on=True,
            linear=True,
            signed=True,
        ),
        DeclaredActivation("step", 0, 1, ("mse", "mae"), learns=False),  # forward only
    )
}
"""By name, in the order in which a choice goes round."""

OUTPUT_LOSSES: Final[Mapping[ActivationName, tuple[LossName, ...]]] = {
    name: declared.losses for name, declared in DECLARED_ACTIVATIONS.items()
}
"""Activations of the output and the losses they may be trained with; the unmatched pairs get their true gradients."""

HIDDEN_ACTIVATIONS: Final[tuple[ActivationName, ...]] = tuple(
    name for name, declared in DECLARED_ACTIVATIONS.items() if declared.hidden and declared.learns
)
"""What a hidden layer that is to learn may have."""

HANDING_ON: Final[tuple[ActivationName, ...]] = tuple(
    name for name, declared in DECLARED_ACTIVATIONS.items() if declared.hands_on
)
"""Activations with which a layer can be the identity."""


def pair_gain(name: ActivationName, negative_slope: float = LEAK) -> float:
    """Return the g in f(x) − f(−x) = g·x, of an activation that hands on."""
    if DECLARED_ACTIVATIONS[name].linear:
        return 2.0
    return 1 + negative_slope if name == "leaky_relu" else 1.0
