"""The network: its layers, and where its parameters start."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.declarations.activations import DECLARED_ACTIVATIONS, LEAK, ActivationName
from engine.spec.model import Positive, Rate, SpecModel

InitializerName = Literal["glorot_uniform", "xavier", "he", "lecun", "normal", "zeros"]
MaskGranularity = Literal["example", "step", "epoch"]


class LayerSpec(SpecModel):
    """A dense layer and the dropout that follows it."""

    units: Annotated[int, Field(ge=1, le=100_000, examples=[8])]
    activation: Annotated[ActivationName, Field(examples=["relu"])]
    dropout: Rate = 0.0


_LAYER = {"units": 1, "activation": "sigmoid"}


class NetworkSpec(SpecModel):
    """Layers in order, the last one is the exit."""

    layers: Annotated[tuple[LayerSpec, ...], Field(min_length=1, max_length=256, examples=[[_LAYER]])]
    initializer: InitializerName = "glorot_uniform"
    initializer_scale: Positive = 1.0
    bias_initializer: Literal["zeros", "normal"] = "zeros"
    dropout_mask: MaskGranularity = "example"
    negative_slope: Annotated[float, Field(ge=0, lt=1)] = LEAK
    """Of leaky ReLU: its derivative left of zero."""
    weights: tuple[tuple[tuple[float, ...], ...], ...] | None = None
    """Fixed start: one (out, in) matrix per layer instead of drawn ones."""
    biases: tuple[tuple[float, ...], ...] | None = None
    """Fixed start: one (out,) vector per layer."""

    @model_validator(mode="after")
    def _is_a_network(self) -> Self:
        for index, layer in enumerate(self.layers[:-1]):
            if not DECLARED_ACTIVATIONS[layer.activation].hidden:
                raise ValueError(f"layers.{index}.activation: {layer.activation} belongs at the exit")
        if self.layers[-1].dropout:
            raise ValueError("layers: the exit has no dropout (its outputs are the answer)")
        for name, fixed in (("weights", self.weights), ("biases", self.biases)):
            if fixed is not None and len(fixed) != len(self.layers):
                raise ValueError(f"{name}: expected one entry per layer ({len(self.layers)}), got {len(fixed)}")
        return self
