"""What a run is, as frozen pydantic models: the same tables as a preset's TOML file.

A ``Spec`` holds everything that decides the numbers of a run apart from its seeds. ``override`` changes it by the
dotted paths that ``--set``, ``[[changes]]`` and the dials of the dashboard share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.data.sources import Source, replace_source
from engine.errors import InputError, describe_validation, sanitize
from engine.strict_model import StrictModel

ActivationName = Literal["identity", "step", "sigmoid", "tanh", "relu", "leaky_relu", "softmax"]
LossName = Literal["bce", "cce", "mse", "mae"]
OptimizerName = Literal["sgd", "momentum", "rmsprop", "adam"]
InitializerName = Literal["glorot_uniform", "xavier", "he", "lecun", "normal", "zeros"]
MaskGranularity = Literal["example", "step", "epoch"]

OUTPUT_LOSSES: Mapping[ActivationName, tuple[LossName, ...]] = {
    "sigmoid": ("bce", "mse", "mae"),
    "softmax": ("cce",),
    "identity": ("mse", "mae", "bce"),
    "relu": ("bce", "mse", "mae"),  # bce is one of the tutorials' mistakes, on purpose
    "leaky_relu": ("mse", "mae"),
    "tanh": ("mse", "mae"),
    "step": ("mse", "mae"),  # forward only
}
"""Exits and the losses they may be trained with; the unmatched pairs get their true gradients."""

Fraction = Annotated[float, Field(ge=0, lt=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class SpecModel(StrictModel):
    """A table of the preset file: no unknown keys, no changes after validation."""

    model_config = ConfigDict(validate_default=True)


class SplitSpec(SpecModel):
    """How the rows are divided; fractions are of all rows. The test part is the sealed exam."""

    validation: Fraction = 0.0
    test: Fraction = 0.0
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    stratify: bool = False
    graded_on: Literal["test", "train"] = "test"
    """On which rows the exam is sat; "train" is one of the tutorials' mistakes, on purpose."""

    @model_validator(mode="after")
    def _leaves_rows_to_train_on(self) -> Self:
        if self.validation + self.test >= 1:
            raise ValueError("validation + test must leave rows to train on (their sum must be below 1)")
        return self


class ScalerSpec(SpecModel):
    """How inputs are scaled, and on which rows the scaler is fitted ("all" is the leak, on purpose)."""

    kind: Literal["none", "standard", "minmax", "divide"] = "none"
    fit: Literal["train", "all"] = "train"
    divisor: Positive | Literal["max"] = 255.0
    """For kind = "divide": a number, or "max" for the largest value of the rows it is fitted on."""


class LayerSpec(SpecModel):
    """A dense layer and the dropout that follows it."""

    units: Annotated[int, Field(ge=1, le=100_000)]
    activation: ActivationName
    dropout: Rate = 0.0


class NetworkSpec(SpecModel):
    """Layers in order, the last one is the exit."""

    layers: Annotated[tuple[LayerSpec, ...], Field(min_length=1, max_length=256)]
    initializer: InitializerName = "glorot_uniform"
    initializer_scale: Positive = 1.0
    bias_initializer: Literal["zeros", "normal"] = "zeros"
    dropout_mask: MaskGranularity = "example"
    weights: tuple[tuple[tuple[float, ...], ...], ...] | None = None
    """Fixed start: one (out, in) matrix per layer instead of drawn ones."""
    biases: tuple[tuple[float, ...], ...] | None = None
    """Fixed start: one (out,) vector per layer."""

    @model_validator(mode="after")
    def _is_a_network(self) -> Self:
        for index, layer in enumerate(self.layers[:-1]):
            if layer.activation == "softmax":
                raise ValueError(f"layers.{index}.activation: softmax belongs at the exit")
        if self.layers[-1].dropout:
            raise ValueError("layers: the exit has no dropout (its outputs are the answer)")
        for name, fixed in (("weights", self.weights), ("biases", self.biases)):
            if fixed is not None and len(fixed) != len(self.layers):
                raise ValueError(f"{name}: expected one entry per layer ({len(self.layers)}), got {len(fixed)}")
        return self


class ScheduleSpec(SpecModel):
    """How the learning rate falls by itself; the dial stays the rate of epoch 1.

    constant: none. step: × factor every ``every`` epochs. exponential: × factor each epoch. cosine: to factor × rate
    at the last epoch, along half a cosine. inverse: rate / (1 + factor · (epoch − 1)).
    """

    kind: Literal["constant", "step", "exponential", "cosine", "inverse"] = "constant"
    factor: NotNegative = 0.5
    every: Annotated[int, Field(ge=1)] = 10


class StoppingSpec(SpecModel):
    """Early stopping on the validation loss; patience 0 is off."""

    patience: Annotated[int, Field(ge=0)] = 0
    minimum_change: NotNegative = 0.0
    restore_best: bool = True


class TrainingSpec(SpecModel):
    """Loss, optimiser and regularisation."""

    loss: LossName
    optimizer: OptimizerName = "adam"
    learning_rate: Positive = 0.001
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Decay of the velocity (momentum), of the squared slopes (rmsprop: rho)."""
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    epsilon: Positive = 1e-7
    batch_size: Annotated[int, Field(ge=1)] | Literal["full"] = 32
    epochs: Annotated[int, Field(ge=0, le=10**9)] = 100
    shuffle: bool = True
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42
    dtype: Literal["float32", "float64"] = "float32"
    streams: Literal["modern", "legacy", "legacy-shared"] = "modern"
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    clip: NotNegative = 0.0
    """Largest norm of the whole gradient; 0 is off."""
    schedule: ScheduleSpec = ScheduleSpec()
    stopping: StoppingSpec = StoppingSpec()


class ChangeSpec(SpecModel):
    """Dials that turn by themselves: ``set`` holds from the start of ``epoch`` on."""

    epoch: Annotated[int, Field(ge=1)]
    set: Annotated[dict[str, Any], Field(min_length=1)]


class Spec(SpecModel):
    """A whole recipe. ``name`` is the preset's."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
    data: Source
    split: SplitSpec = SplitSpec()
    scaler: ScalerSpec = ScalerSpec()
    network: NetworkSpec
    training: TrainingSpec
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
            raise ValueError(f"training.loss: an exit of {exit_name} takes {' or '.join(allowed)}")
        if self.training.epochs and any(layer.activation == "step" for layer in self.network.layers):
            raise ValueError("network.layers: a step has no slope to learn from; set training.epochs = 0")
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
        _put(document, path, value)
    return validate(document, where=", ".join(f"{path}={sanitize(value, 40)}" for path, value in values.items()))


def value_at(spec: Spec, path: str) -> Any:
    """Return the value at a dotted path, as JSON has it; ``network.units`` and ``network.dropout`` are lists.

    Raises:
        InputError: A path that leads nowhere.
    """
    if path in ("network.units", "network.dropout"):
        return [getattr(layer, path.removeprefix("network.")) for layer in spec.network.layers[:-1]]
    place: Any = spec.model_dump(mode="json")
    for key in path.split("."):
        place = _child(place, key, path)
    return place


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    if path == "network.units":
        _put_units(document["network"], path, value)
        return
    if path == "network.dropout":
        _put_dropout(document["network"], path, value)
        return
    *parents, last = path.split(".")
    place: Any = document
    for key in parents:
        place = _child(place, key, path)
    if isinstance(place, dict):
        place[last] = value
    else:
        _child(place, last, path)
        place[int(last)] = value


def _child(place: Any, key: str, path: str) -> Any:
    if isinstance(place, dict) and key in place:
        return place[key]
    if isinstance(place, list) and re.fullmatch(r"\d+", key) and int(key) < len(place):
        return place[int(key)]
    known = ", ".join(place) if isinstance(place, dict) else f"0 to {len(place) - 1}" if isinstance(place, list) else ""
    hint = f" (there: {known})" if known else ""
    raise InputError(f"{sanitize(path)}: there is no {sanitize(key)!r}{hint}")


def _put_units(network: dict[str, Any], path: str, value: Any) -> None:
    hidden, last = network["layers"][:-1], network["layers"][-1]
    if not isinstance(value, Sequence) or isinstance(value, str) or not all(isinstance(n, int) for n in value):
        raise InputError(f"{path}: expected the units of the hidden layers, as in [16, 8] (got {sanitize(value, 40)})")
    pattern = hidden or [{"activation": "relu", "dropout": 0.0}]
    layers = [{**pattern[min(index, len(pattern) - 1)], "units": units} for index, units in enumerate(value)]
    network["layers"] = [*layers, last]


def _put_dropout(network: dict[str, Any], path: str, value: Any) -> None:
    hidden = network["layers"][:-1]
    rates = value if isinstance(value, list) else [value] * len(hidden)
    if len(rates) != len(hidden):
        raise InputError(f"{path}: expected one rate, or one per hidden layer ({len(hidden)})")
    for layer, rate in zip(hidden, rates, strict=True):
        layer["dropout"] = rate
