"""A training step: the compiled plan of forward and backward, and the optimiser's update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from engine.array_types import Floats
from engine.data.dataset import Dataset
from engine.declarations.optimizers import HYPERPARAMETERS
from engine.numerics.optimizers import OPTIMIZERS, Optimizer, Rates, regularizing_operations
from engine.numerics.plan import TrainingPlan
from engine.spec import Spec, TrainingSpec
from engine.training.class_weights import minimized
from engine.training.network import Network
from engine.training.network_edits import ParameterSource
from engine.training.targets import target_sum_of_squares, targets

_PLAN_KEYS = ("batch_size", "shuffle", "label_smoothing")
_OPTIMIZER_KEYS = ("optimizer", *HYPERPARAMETERS)


def batch_size(training: TrainingSpec, rows: int) -> int:
    """Return the rows of a mini-batch; all for "full"."""
    return rows if training.batch_size == "full" else min(training.batch_size, rows)


class Learner:
    """The step of one network, compiled; compiled again, in milliseconds, when batch size or optimiser change.

    Args:
        network: S networks of one shape.
        spec: The recipe.
        data: With the training rows.
        class_weights: As of ``OutputHead``.

    Attributes:
        network: The network that it trains.
        plan: A step: forward and backward over a batch of the epoch, and after them the update.
        optimizer: Its state and rates.
        shuffles: Whether each epoch has an order of its own.
    """

    def __init__(self, network: Network, spec: Spec, data: Dataset, class_weights: tuple[float, ...] = ()) -> None:
        self.network = network
        self._data = data
        self._class_weights = class_weights
        self._compile_optimizer(spec.training)
        self._compile_plan(spec)
        self._compile_update(spec.training)

    def _compile_plan(self, spec: Spec) -> None:
        train = self._data.train
        size = batch_size(spec.training, len(train))
        # The gradient of a full batch does not depend on the order of its rows.
        self.shuffles = spec.training.shuffle and size < len(train)
        architecture = self.network.architecture
        self.plan = TrainingPlan(
            self.network.parameters,
            replace(architecture, head=minimized(architecture.head, spec.training, self._class_weights)),
            train.X,
            targets(train) if train.weights is None else np.column_stack([targets(train), train.weights]),
            self.optimizer.gradient,
            batch_size=size,
            total_sum_of_squares=target_sum_of_squares(train, self._data),
            ordered=not self.shuffles,
        )

    def _compile_optimizer(self, training: TrainingSpec) -> None:
        rates = Rates(**{name: getattr(training, name) for name in HYPERPARAMETERS})
        make = OPTIMIZERS[training.optimizer]
        self.optimizer: Optimizer = make(self.network.parameters.flat, rates)

    def _compile_update(self, training: TrainingSpec) -> None:
        parameters = self.network.parameters
        regularizing = regularizing_operations(
            parameters.flat,
            self.optimizer.gradient,
            parameters.weight_mask(),
            l1=training.l1,
            l2=training.l2,
            clip=training.clip,
        )
        self.plan.set_update_operations([*regularizing, *self.optimizer.operations()])

    def adopt(self, before: Spec, after: Spec) -> None:
        """Compile again what differs between two specs; an optimiser of the same kind keeps its state."""
        other_optimizer = _differ(before.training, after.training, _OPTIMIZER_KEYS)
        if other_optimizer:
            kept = self.optimizer
            self._compile_optimizer(after.training)
            self.optimizer.learning_rate[...] = kept.learning_rate
            if before.training.optimizer == after.training.optimizer:
                self.optimizer.restore(kept.steps, kept.state)
        if other_optimizer or before.network != after.network or _differ(before.training, after.training, _PLAN_KEYS):
            self._compile_plan(after)
        self._compile_update(after.training)

    def inherit(self, before: Learner, sources: Sequence[Sequence[ParameterSource]]) -> None:
        """Take over the optimiser's averages after an edit of the architecture.

        Args:
            before: The learner of the network as it was.
            sources: For each seed, where the parameters of each layer come from.
        """
        parameters = self.network.parameters
        for name, state in before.optimizer.state.items():
            old, new = before.network.parameters.split(state), parameters.split(self.optimizer.state[name])
            for seed, of_layers in enumerate(sources):
                for into, source in zip(new, of_layers, strict=True):
                    into[seed] = source.carry([layer[seed] for layer in old], into[seed].shape)
        self.optimizer.steps = before.optimizer.steps

    def state(self, *, mid_epoch: bool) -> dict[str, Floats]:
        """Return the arrays that a checkpoint must hold, not copied: (S, P) averages, and in mid-epoch the plan's."""
        arrays = {f"optimizer.{name}": array for name, array in self.optimizer.state.items()}
        if mid_epoch:
            arrays |= {f"plan.{name}": array for name, array in self.plan.state().items()}
        return arrays

    def restore(self, arrays: Mapping[str, Floats], optimizer_steps: int, step: int) -> None:
        """Put back what ``state`` returned, in its shapes.

        Args:
            arrays: By name.
            optimizer_steps: Steps that the optimiser had taken.
            step: Steps done of the epoch; where there are any, ``plan.begin_epoch`` is called first.
        """
        self.optimizer.restore(
            optimizer_steps, {name: arrays[f"optimizer.{name}"] for name in self.optimizer.state_names}
        )
        if step:
            prefix = "plan."
            self.plan.restore(
                step, {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            )


def _differ(left: TrainingSpec, right: TrainingSpec, keys: tuple[str, ...]) -> bool:
    return any(getattr(left, key) != getattr(right, key) for key in keys)
