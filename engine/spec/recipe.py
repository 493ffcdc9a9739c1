"""A whole recipe: ``Spec`` holds everything that decides the numbers of a run apart from its seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, ValidationError, field_validator, model_validator

from engine.declarations.activations import DECLARED_ACTIVATIONS, OUTPUT_LOSSES
from engine.errors import InputError, describe_validation, sanitize
from engine.names import MAX_PRESET, PATTERN, expected_name, is_name
from engine.spec.data import Source, replace_source
from engine.spec.model import SpecModel
from engine.spec.network import NetworkSpec
from engine.spec.paths import set_at_path, value_at_path
from engine.spec.preparation import ScalerSpec, SplitSpec
from engine.spec.training import TrainingSpec


def _checked_name(name: str) -> str:
    if not is_name(name, MAX_PRESET):
        raise ValueError(f"{expected_name(name, 'my-network', MAX_PRESET)} (got {sanitize(repr(name), 60)})")
    return name


class ChangeSpec(SpecModel):
    """Dials that turn by themselves: ``set`` holds from the start of ``epoch`` on."""

    epoch: Annotated[int, Field(ge=1, le=2**53, examples=[31])]
    set: Annotated[dict[str, Any], Field(min_length=1, examples=[{"training.learning_rate": 0.01}])]


class Spec(SpecModel):
    """A whole recipe. ``name`` is the preset's."""

    name: Annotated[
        str,
        AfterValidator(_checked_name),
        Field(json_schema_extra={"pattern": PATTERN, "maxLength": MAX_PRESET}, examples=["my-network"]),
    ]
    data: Annotated[Source, Field(examples=[{"source": "iris"}])]
    split: SplitSpec = SplitSpec()
    scaler: ScalerSpec = ScalerSpec()
    network: Annotated[NetworkSpec, Field(examples=[{"layers": [{"units": 1, "activation": "sigmoid"}]}])]
    training: Annotated[TrainingSpec, Field(examples=[{"loss": "bce"}])]
    changes: tuple[ChangeSpec, ...] = ()

    @field_validator("changes")
    @classmethod
    def _in_order(cls, changes: tuple[ChangeSpec, ...]) -> tuple[ChangeSpec, ...]:
        return tuple(sorted(changes, key=lambda change: change.epoch))

    @model_validator(mode="after")
    def _exit_and_loss_fit(self) -> Self:
        exit_name = self.network.layers[-1].activation
        allowed = OUTPUT_LOSSES[exit_name]
        if self.training.loss not in allowed:
            raise ValueError(f"training.loss: output {exit_name} takes {' or '.join(allowed)}")
        activations = [layer.activation for layer in self.network.layers]
        without = [name for name in activations if not DECLARED_ACTIVATIONS[name].learns]
        if self.training.epochs and without:
            raise ValueError(f"network.layers: a {without[0]} has no slope to learn from; set training.epochs = 0")
        spec: Spec = self
        for change in self.changes:
            try:
                spec = override(spec.model_copy(update={"changes": ()}), change.set)
            except InputError as error:
                raise ValueError(f"changes (epoch {change.epoch}): {error}") from error
        return self


def validate(document: Mapping[str, Any], where: str) -> Spec:
    """Return the spec that ``document`` describes.

    Raises:
        InputError: One line naming ``where`` (a file, a flag), the key, and what was expected.
    """
    try:
        return Spec.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{sanitize(where)}: {describe_validation(error)}") from None


def override(spec: Spec, values: Mapping[str, Any]) -> Spec:
    """Return ``spec`` with the values at dotted paths replaced, and validated again.

    Paths go through tables and lists (``network.layers.0.units``). ``network.units`` (a list) and
    ``network.dropout`` (a number or a list) speak of all hidden layers at once. A
    ``data.source`` of another kind leaves none of the old one's options behind.

    Raises:
        InputError: A path that leads nowhere, or a value the key does not take.
    """
    document = spec.model_dump(mode="json", exclude_unset=False)
    if "data.source" in values:
        document["data"] = replace_source(document["data"], values["data.source"])
    for path, value in values.items():
        set_at_path(document, path, value)
    try:
        return Spec.model_validate(document)
    except ValidationError as error:
        problem = describe_validation(error)
    if problem.partition(":")[0] in values:  # it names the key, and what it got
        raise InputError(sanitize(problem))
    where = ", ".join(f"{path}={sanitize(value, 40)}" for path, value in values.items())
    raise InputError(f"{sanitize(where)}: {problem}")


def value_at(spec: Spec, path: str) -> Any:
    """Return the value at a dotted path, as JSON has it; ``network.units`` and ``network.dropout`` are lists.

    Raises:
        InputError: A path that leads nowhere.
    """
    return value_at_path(spec.model_dump(mode="json"), path)
