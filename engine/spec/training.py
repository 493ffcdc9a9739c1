"""The training: loss, optimiser, regularisation, and when it ends."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from engine.declarations.activations import LossName
from engine.declarations.optimizers import OptimizerName
from engine.spec.model import NotNegative, Positive, Seed, SpecModel
from engine.strict_model import key_error


class ScheduleSpec(SpecModel):
    """How the learning rate falls by itself; the dial stays the rate of epoch 1.

    constant: none. step: × factor every ``every`` epochs. exponential: × factor each epoch. cosine: to factor × rate
    at the last epoch, along half a cosine. inverse: rate / (1 + factor · (epoch − 1)).
    """

    kind: Literal["constant", "step", "exponential", "cosine", "inverse"] = "constant"
    factor: NotNegative = 0.5
    every: Annotated[int, Field(ge=1, le=2**53)] = 10


class StoppingSpec(SpecModel):
    """Early stopping on the validation loss; patience 0 is off.

    With patience, ``restore_best`` leaves each network with its best parameters when it stops, and also when the epochs
    run out first; with more epochs it goes on from its last ones in that case.
    """

    patience: Annotated[int, Field(ge=0, le=2**53)] = 0
    minimum_change: NotNegative = 0.0
    restore_best: bool = True


def _kind_of_class_weight(value: Any) -> str:
    return "tag:rule" if isinstance(value, str) else "tag:weights"


ClassWeight = Annotated[
    Annotated[Literal["balanced"], Tag("tag:rule")] | Annotated[tuple[Positive, ...], Tag("tag:weights")],
    Discriminator(_kind_of_class_weight),
]


class TrainingSpec(SpecModel):
    """Loss, optimiser and regularisation."""

    loss: Annotated[LossName, Field(examples=["bce"])]
    optimizer: OptimizerName = "adam"
    learning_rate: Positive = 0.001
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Decay of the velocity (momentum), of the squared slopes (rmsprop: rho)."""
    beta1: Annotated[float, Field(ge=0, lt=1)] = 0.9
    beta2: Annotated[float, Field(ge=0, lt=1)] = 0.999
    epsilon: Positive = 1e-7
    weight_decay: NotNegative = 0.01
    """Of adamw: each step takes learning_rate · weight_decay of every weight and bias away, past the averages."""
    batch_size: Annotated[int, Field(ge=1, le=2**53)] | Literal["full"] = 32
    epochs: Annotated[int, Field(ge=0, le=10**9)] = 100
    shuffle: bool = True
    seed: Seed = 42
    dtype: Literal["float32", "float64"] = "float32"
    streams: Literal["modern", "legacy", "legacy-shared"] = "modern"
    l1: NotNegative = 0.0
    l2: NotNegative = 0.0
    clip: NotNegative = 0.0
    """Largest norm of the whole gradient; 0 is off."""
    class_weight: ClassWeight | None = None
    """What loss and gradient of a row are multiplied by: a number for each class, in the order of the classes, or
    "balanced", which is n / (K · n_k) over the training rows, as in scikit-learn. For bce and cce."""
    label_smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """Draws the targets of classes towards all classes alike: y (1 − ε) + ε/K. For bce (K = 2) and cce."""
    schedule: ScheduleSpec = ScheduleSpec()
    stopping: StoppingSpec = StoppingSpec()

    @model_validator(mode="after")
    def _has_a_loss_of_classes(self) -> Self:
        for key, is_set in (("class_weight", self.class_weight is not None), ("label_smoothing", self.label_smoothing)):
            if is_set and self.loss not in ("bce", "cce"):
                raise key_error(f"{key}: expected a loss of classes, bce or cce (got {self.loss})")
        return self
