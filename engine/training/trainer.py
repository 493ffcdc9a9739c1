"""The trainer; what it does to a network is printed as a book has it in ``engine.numerics.textbook.train``.

The loop is the textbook's: for each epoch shuffle the rows; for each mini-batch go forward and backward, and let the
optimiser take a step. What is special here is that the arithmetic of a step is compiled (``engine.numerics.plan``),
that S networks with different seeds may learn side by side, and that the recipe may change on the way.

A trainer is made of a few objects: ``TrainingState`` is what moves and what a checkpoint holds, ``EpochLoop`` moves it,
``ChangeApplier`` lets changes of the recipe act on it, ``Evaluator`` and ``Inspection`` look at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from engine.array_types import Floats, Rows
from engine.data import dataset
from engine.errors import InputError
from engine.run.changes import USER, Change, ChangeLog, parse_change
from engine.run.exam import ExamReport
from engine.run.status import EndReason
from engine.spec import Spec, validate
from engine.store.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from engine.training.change_applier import ChangeApplier
from engine.training.checkpoint_contents import stored_scalers
from engine.training.data_supply import DataSupply
from engine.training.evaluator import Evaluator
from engine.training.inspection import Inspection
from engine.training.layer_norms import LayerNormMeter
from engine.training.loop import EpochLoop
from engine.training.network import LayerView, Network
from engine.training.random_streams import RandomStreams
from engine.training.results import EpochResult, Metrics, NonFinite
from engine.training.schedules import learning_rate
from engine.training.state import TrainingState

CHECKPOINT_NAME = "checkpoint.safetensors"


class Trainer:
    """Trains the network of a spec.

    It has many methods, because all that is done with a training by those who write Python begins here.

    Args:
        spec: The recipe.
        seed: Seed of parameters, shuffling and dropout; the spec's own where None.
        seeds: Several seeds instead: S networks learn side by side, and results and parameters lead with S.
        data: The data, where it is already at hand; else loaded as the spec says.

    Attributes:
        seeds: The seeds.
        classification: Whether targets are classes.
        change_log: The recipe as it stands, and its changes.
        state: What training moves.
        changes: Plans changes, and lets them act.
        inside: What is to be seen of the networks and the latest step.
        layer_norms: Measures gradient and update of each layer; off, until it is enabled.

    Raises:
        InputError: Data or options that do not fit.
    """

    def __init__(
        self,
        spec: Spec,
        seed: int | None = None,
        *,
        seeds: Iterable[int] | None = None,
        data: dataset.Dataset | None = None,
    ) -> None:
        self._single = seeds is None
        self.seeds = _whole_numbers(seeds if seeds is not None else [spec.training.seed if seed is None else seed])
        streams = RandomStreams(spec.training.streams, self.seeds)
        if data is None or streams.data is not None or not data.is_of(spec.data):
            data = dataset.load(spec, streams.data, before=data)
        self.classification = bool(data.table.classes)
        supply = DataSupply(data, spec.data, self.seeds)
        self.change_log = ChangeLog(spec, data.table.base_columns, supply.check)
        self.state = TrainingState(spec, data, streams)
        self._evaluator = Evaluator(self.state, single=self._single)
        self.inside = Inspection(self.state, self._evaluator)
        self.changes = ChangeApplier(self.change_log, self.state, self.seeds, self.inside.hidden_activations, supply)
        self.layer_norms = LayerNormMeter(self.state)
        self._loop = EpochLoop(self.state, self.changes, self._evaluator, self.seeds, self.layer_norms)

    # How it stands

    @property
    def spec(self) -> Spec:
        """The recipe as it now stands."""
        return self.change_log.spec

    @property
    def data(self) -> dataset.Dataset:
        """What it learns from now; ``data.train.X`` is (B, n) as the network sees it."""
        return self.state.data

    @property
    def inputs(self) -> int:
        """Return n, the columns that the network sees, derived ones among them."""
        return int(self.data.train.X.shape[1])

    @property
    def network(self) -> Network:
        """The parameters, and what they are the parameters of."""
        return self.state.network

    @property
    def layers(self) -> list[LayerView]:
        """Each layer's parameters, as writable views."""
        return self.network.views(0 if self._single else None)

    @property
    def parameter_count(self) -> int:
        """P, the weights and biases of one network."""
        return int(self.network.parameters.flat.shape[1])

    @property
    def epoch(self) -> int:
        """Epochs completed."""
        return self.state.epoch

    @property
    def step_in_epoch(self) -> int:
        """Steps completed of the epoch that has begun."""
        return self.state.step_in_epoch

    @property
    def steps(self) -> int:
        """Mini-batches an epoch; 0 for a network that cannot learn."""
        return self.state.steps

    @property
    def learning_rate(self) -> float:
        """The rate of the epoch that is under way or comes next."""
        return learning_rate(self.spec.training, self.epoch + 1)

    @property
    def non_finite(self) -> NonFinite | None:
        """Where a value is not finite any more; training then ends."""
        return self.state.non_finite

    @property
    def ended(self) -> EndReason | None:
        """Why there is nothing left to train, or None."""
        return self._loop.ended

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the lowest validation loss so far, the median over seeds; None where there is none."""
        return self.state.best_epoch

    # Training

    def epochs(self) -> Iterator[EpochResult]:
        """Train to the end, an epoch at a time."""
        return self._loop.epochs()

    def advance(self, epochs: int) -> Rows:
        """Train so many epochs more, fewer where the run ends before; return (k, S, 5), their ``METRICS``.

        The numbers are those of ``epochs``; they only take less time, as the metrics of short epochs are computed many
        epochs at once.
        """
        return self._loop.advance(epochs)

    def step(self) -> EpochResult | None:
        """Do one mini-batch: forward, backward, update. The last one of an epoch returns the epoch's result.

        Raises:
            InputError: A network with a step activation, which has no slope to learn from.
        """
        return self._loop.batches(1)

    # Evaluating

    def evaluate(self, part: str) -> Metrics:
        """Return loss and score of all of "train" or "validation", dropout off. The exam is sealed; see ``exam``.

        Raises:
            InputError: There is no such part.
        """
        return self._evaluator.evaluate(part)

    def predict(self, X: ArrayLike) -> Floats:
        """Return outputs (B, K), or (S, B, K), of raw rows (B, n); they are scaled as the training rows were.

        Derived columns may be left out: they are made here.

        Values come in the units of the data, also where targets are scaled.

        Raises:
            InputError: Rows of another width, or for which a derived column is not finite.
        """
        rows, widths = np.asarray(X, np.float64), sorted({self.data.table.base_columns, self.inputs})
        if rows.ndim != 2 or rows.shape[1] not in widths:
            raise InputError(f"X: expected rows of {' or '.join(map(str, widths))} columns, got shape {rows.shape}")
        plan = self.network.forward_plan(self.data.scaled(rows))
        outputs = self.data.in_own_units(plan.outputs().swapaxes(-1, -2))
        return outputs[0] if self._single else outputs

    def exam(self) -> ExamReport | list[ExamReport]:
        """Open the sealed exam: one report, or one a seed.

        Raises:
            InputError: The split has no test part.
        """
        from engine.training import exam  # here: most trainings end without one

        reports = exam.reports(self.network, self.data, self.epoch)
        return reports[0] if self._single else reports

    def gradients(self) -> Floats | None:
        """Return (S, P), the gradient that the latest step went by, penalties and clipping included; see ``inside``."""
        return self.inside.gradients()

    # Changes

    def change(self, path: str, value: Any, *, author: str = USER) -> Change:
        """Set a value of the recipe, edit the architecture, or set a weight, from the next step or epoch on.

        Returns:
            The change, with the place at which it acts.

        Raises:
            InputError: Not something that can change (see ``engine.run.changes``), or a value that it does not take.
        """
        change = self.changes.plan(path, value, author=author)
        self.apply([change])
        return change

    def apply(self, changes: Sequence[Change]) -> None:
        """Let planned or logged changes act at their places; those whose place is here act at once.

        Changes that have already acted before a checkpoint are left out, so that a whole log may be given.
        """
        self.changes.apply(changes)

    # Saving

    def checkpoint(self) -> Checkpoint:
        """Return everything needed to go on, bit for bit, also from the middle of an epoch."""
        snapshot = self.state.snapshot()
        meta = {
            **snapshot.meta,
            "spec": self.spec.model_dump(mode="json"),
            "seeds": list(self.seeds),
            "single": self._single,
            "changes": [change.model_dump(mode="json") for change in self.change_log.done],
            "pending": [change.model_dump(mode="json") for change in self.change_log.pending],
            "data": self.state.data_fingerprint,
        }
        arrays = {**snapshot.arrays, **stored_scalers(self.data)}
        return replace(snapshot, arrays=arrays, meta=meta)

    @classmethod
    def from_checkpoint(cls, checkpoint: Checkpoint, *, data: dataset.Dataset | None = None) -> Self:
        """Return the trainer that ``checkpoint`` was taken of.

        Raises:
            InputError: The data is not what it was.
        """
        meta = checkpoint.meta
        spec, seeds = validate(meta["spec"], where="checkpoint"), meta["seeds"]
        trainer = cls(spec, seeds[0], data=data) if meta["single"] else cls(spec, seeds=seeds, data=data)
        trainer.restore(checkpoint)
        return trainer

    def restore(self, checkpoint: Checkpoint) -> None:
        """Take over the state of a checkpoint whose spec and seeds this trainer was made with.

        Raises:
            InputError: The data is not what it was.
        """
        meta = checkpoint.meta
        if self.state.data_fingerprint != meta["data"]:
            raise InputError("data: the rows are not those that this run began with, so it cannot go on")
        self.change_log.restore(*([parse_change(change) for change in meta[key]] for key in ("changes", "pending")))
        self.state.restore(checkpoint, self.spec)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle as a checkpoint and the data: compiled arrays are views of one another, and copies are not.

        So copy.copy, copy.deepcopy, pickle and joblib give a trainer of its own that goes on bit for bit.
        """
        return _rebuilt, (type(self), self.checkpoint(), self.data, self.layer_norms.enabled)

    def save(self, directory: str | Path) -> Path:
        """Write a checkpoint into ``directory`` (made where it is missing) and return its path."""
        path = Path(directory) / CHECKPOINT_NAME
        path.parent.mkdir(parents=True, exist_ok=True)
        write_checkpoint(path, self.checkpoint())
        return path

    @classmethod
    def load(cls, directory: str | Path) -> Self:
        """Return the trainer that was saved in ``directory``; it goes on bit for bit.

        Raises:
            InputError: No checkpoint there, or a damaged one.
        """
        return cls.from_checkpoint(read_checkpoint(Path(directory) / CHECKPOINT_NAME))


def _rebuilt(kind: type[Trainer], checkpoint: Checkpoint, data: dataset.Dataset, measures_norms: bool) -> Trainer:
    trainer = kind.from_checkpoint(checkpoint, data=data)
    trainer.layer_norms.enabled = measures_norms
    return trainer


def _whole_numbers(seeds: Iterable[int]) -> tuple[int, ...]:
    chosen = tuple(seeds)
    if not chosen or not all(isinstance(seed, int | np.integer) and 0 <= seed < 2**32 for seed in chosen):
        raise InputError("seeds: expected at least one, each a whole number from 0 to 2³² − 1")
    return tuple(int(seed) for seed in chosen)
