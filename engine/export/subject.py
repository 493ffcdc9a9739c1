"""What is exported of a run: one network, the rows it learned from, and what the programs have to say of both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Arrays, Floats
from engine.errors import InputError, sanitize
from engine.run.changes import Change, SetPace, parse_change
from engine.spec import LayerSpec, TrainingSpec
from engine.store.runs import Run
from engine.training.stored_network import StoredNetwork, stored_network
from engine.training.trainer import Trainer

MADE_UP_ROWS = 100
"""Rows that stand for those that cannot be read any more."""


@dataclass(frozen=True)
class Learned:
    """The rows that a run learned from and validated on; those of its exam stay sealed.

    Attributes:
        X: (m, base) raw, without derived columns.
        y: (m,) class numbers, or (m,) or (m, K) values; both as the data has them.
        validation: (m,) which rows are those of the validation part.
        class_weights: What the loss of a row is multiplied by, class by class; empty where all weigh alike.
    """

    X: Floats
    y: Floats
    validation: np.ndarray[tuple[int], np.dtype[np.bool_]]
    class_weights: tuple[float, ...]


@dataclass(frozen=True)
class Subject:
    """A network that is to be taken elsewhere.

    Attributes:
        network: The network.
        learned: Its rows; None where they cannot be read any more.
        missing: Why they cannot, in one line; empty where they can.
    """

    network: StoredNetwork
    learned: Learned | None
    missing: str = ""

    @property
    def training(self) -> TrainingSpec:
        """How it was trained."""
        return self.network.spec.training

    @property
    def layers(self) -> tuple[LayerSpec, ...]:
        """Its layers."""
        return self.network.spec.network.layers

    @property
    def exit(self) -> str:
        """The activation of the last layer."""
        return self.layers[-1].activation

    @property
    def sizes(self) -> list[int]:
        """Inputs, then units of each layer."""
        return list(self.network.network.parameters.sizes)

    @property
    def columns(self) -> int:
        """Raw columns, without those that are derived from them."""
        return len(self.network.preparation.feature_names)

    @property
    def outputs(self) -> int:
        """K."""
        return self.sizes[-1]

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty for values."""
        return self.network.preparation.classes

    @property
    def drops(self) -> bool:
        """Whether any layer has dropout."""
        return any(layer.dropout for layer in self.layers)

    @property
    def validates(self) -> bool:
        """Whether there are rows to validate on."""
        return self.learned is not None and bool(self.learned.validation.any())

    @property
    def patience(self) -> int:
        """Epochs after which it stops early; 0 where it does not, or has nothing to judge by."""
        return self.training.stopping.patience if self.validates else 0

    @property
    def why_not_trained(self) -> str:
        """Why its recipe cannot be trained anew; empty where it can."""
        if not self.network.network.trainable:
            return "this network only goes forward: a step has no slope to learn from"
        if not self.training.epochs:
            return "the recipe has no epochs: there is nothing to train"
        return "" if self.learned is not None else "the run's rows could not be read when this was exported"

    @property
    def batch(self) -> int:
        """Rows of a mini-batch."""
        rows = 0 if self.learned is None else int((~self.learned.validation).sum())
        size = self.training.batch_size
        return rows if size == "full" else min(size, rows)

    def rows(self) -> Floats:
        """Return raw rows (m, base) to answer: those it learned from, else made-up ones around their mean."""
        if self.learned is not None:
            return self.learned.X
        scaler, columns = self.network.preparation.scaler, self.columns
        drawn = np.random.default_rng(0).standard_normal((MADE_UP_ROWS, columns))
        return scaler.fill[:columns] + scaler.scale[:columns] * drawn

    def data_arrays(self) -> Arrays:
        """Return the contents of ``data.npz``: X, the run's answers and, where the rows are known, y and validation."""
        X = self.rows()
        arrays: Arrays = {"X": X, "answers": self.network.outputs(X)}
        if self.learned is not None:
            y = self.learned.y.astype(np.int64) if self.classes else self.learned.y
            arrays |= {"y": y, "validation": self.learned.validation}
        return arrays

    def weight_arrays(self) -> Arrays:
        """Return the contents of ``weights.npz``: what the network has, and a start that the recipe fixes."""
        arrays, fixed = self.network.arrays(), self.network.spec.network
        for name, values in (("W", fixed.weights), ("b", fixed.biases)):
            for number, value in enumerate(values or (), start=1):
                arrays[f"start_{name}{number}"] = np.asarray(value, self.training.dtype)
        return arrays

    def changes(self) -> list[Change]:
        """Return what was changed of the recipe while the run trained: not its pace, nor how long it was to train."""
        acted = [parse_change(change) for change in self.network.checkpoint.meta["changes"]]
        return [each for each in acted if not isinstance(each, SetPace) and each.path != "training.epochs"]


def subject(run: Run, seed: int | None = None) -> Subject:
    """Return what is exported of a run, its latest checkpoint; see ``stored_network``.

    Raises:
        InputError: There is no such network, or nothing to scale its inputs by.
    """
    network = stored_network(run, seed)
    try:
        trainer = Trainer.from_checkpoint(network.checkpoint)
    except InputError as error:
        return Subject(network, None, sanitize(error, 160))
    if trainer.data.train.weights is not None:
        return Subject(network, None, "rows count by their weights there (data.weight), which no program here knows")
    return Subject(network, _learned(trainer))


def _learned(trainer: Trainer) -> Learned:
    data = trainer.data
    parts = [data.train.rows, *([] if data.validation is None else [data.validation.rows])]
    rows = np.concatenate(parts)
    validation = np.repeat([False, True], [len(data.train), len(rows) - len(data.train)])
    return Learned(
        data.table.X[rows, : data.table.base_columns], data.table.y[rows], validation, trainer.state.class_weights
    )
