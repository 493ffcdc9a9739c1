"""Edits of a network's architecture, and the spec each leaves; see also ``engine.training.network_edits``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from engine.declarations.activations import DECLARED_ACTIVATIONS, HANDING_ON
from engine.errors import InputError, describe_validation
from engine.run.frozen import Frozen
from engine.spec import ActivationName, InitializerName, LayerSpec, NetworkSpec, Spec

EDIT_PATH = "network.edit"
"""The path of a change that is an edit of the architecture."""


class Edit(Frozen):
    """Base of all edits. ``layer`` counts from 0; the exit is the last one and keeps its units."""

    layer: Annotated[int, Field(ge=0, le=100_000)]
    keep: bool = True


class AddLayer(Edit):
    """Put a new layer before the one that is now number ``layer``."""

    kind: Literal["add-layer"] = "add-layer"
    units: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """None takes as many as keeping needs."""
    activation: ActivationName = "relu"


class RemoveLayer(Edit):
    """Take a hidden layer away."""

    kind: Literal["remove-layer"] = "remove-layer"


class SetUnits(Edit):
    """Widen or narrow a hidden layer."""

    kind: Literal["set-units"] = "set-units"
    units: Annotated[int, Field(ge=1, le=100_000)]


class SetActivation(Edit):
    """Give a layer another activation; its weights stay."""

    kind: Literal["set-activation"] = "set-activation"
    activation: ActivationName


class SetInitializer(Edit):
    """Choose how new weights are drawn; with ``keep`` only those of later edits."""

    kind: Literal["set-initializer"] = "set-initializer"
    layer: Annotated[int, Field(ge=0, le=100_000)] = 0
    initializer: InitializerName


AnyEdit = Annotated[AddLayer | RemoveLayer | SetUnits | SetActivation | SetInitializer, Field(discriminator="kind")]
_EDITS: TypeAdapter[AnyEdit] = TypeAdapter(AnyEdit)


def parse_edit(value: object) -> AnyEdit:
    """Return the edit that JSON describes.

    Raises:
        InputError: It describes none.
    """
    try:
        return _EDITS.validate_python(value)
    except ValidationError as error:
        raise InputError(f"{EDIT_PATH}: {describe_validation(error)}") from None


def edited(spec: Spec, inputs: int, edit: AnyEdit) -> Spec:
    """Return ``spec`` with the edit's layers, for data of ``inputs`` columns.

    Raises:
        InputError: The edit does not fit this network.
    """
    network = spec.network
    layers = list(network.layers)
    hidden = len(layers) - 1
    if edit.layer > hidden or (edit.layer == hidden and isinstance(edit, RemoveLayer | SetUnits)):
        raise InputError(
            f"{EDIT_PATH}: there is no hidden layer {edit.layer + 1}; the exit has the units of the answer"
        )
    match edit:
        case AddLayer():
            layers.insert(edit.layer, _new_layer(network, edit, inputs))
        case RemoveLayer():
            del layers[edit.layer]
        case SetUnits():
            layers[edit.layer] = layers[edit.layer].model_copy(update={"units": edit.units})
        case SetActivation():
            layers[edit.layer] = layers[edit.layer].model_copy(update={"activation": edit.activation})
        case SetInitializer():
            pass
    update: dict[str, Any] = {"layers": [layer.model_dump() for layer in layers], "weights": None, "biases": None}
    if isinstance(edit, SetInitializer):
        update["initializer"] = edit.initializer
    document = spec.model_dump(mode="json")
    document["network"] |= update
    try:
        return Spec.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{EDIT_PATH}: {describe_validation(error)}") from None


def _new_layer(network: NetworkSpec, edit: AddLayer, inputs: int) -> LayerSpec:
    below = network.layers[edit.layer - 1] if edit.layer else None
    fed = below.units if below else inputs
    if not edit.keep:
        return LayerSpec(units=edit.units or fed, activation=edit.activation)
    if edit.activation not in HANDING_ON:
        raise InputError(f"{EDIT_PATH}: a {edit.activation} layer cannot hand on its input unchanged; add it fresh")
    needed = units_to_keep(edit.activation, below.activation if below else "identity", fed)
    if edit.units is not None and edit.units < needed:
        raise InputError(f"{EDIT_PATH}: keeping what was learned takes {needed} units here (got {edit.units})")
    return LayerSpec(units=edit.units or needed, activation=edit.activation)


def units_to_keep(activation: ActivationName, below: ActivationName, inputs: int) -> int:
    """Return how many units an identity layer needs: ReLU takes two, +x and −x, for a signal that may be negative."""
    handing_on = DECLARED_ACTIVATIONS[activation]
    paired = not handing_on.linear and not DECLARED_ACTIVATIONS[below].never_negative
    return 2 * inputs if paired else inputs
