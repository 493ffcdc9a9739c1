"""The trainer: a network, its data, and the loop that brings them together.

The loop is the textbook's: for each epoch shuffle the rows; for each mini-batch go forward and backward, and let the
optimiser take a step. What is special here is that the arithmetic of a step is compiled (``engine.numerics.plan``),
that S networks with different seeds may learn side by side, and that the recipe may change on the way.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.data import dataset
from engine.errors import InputError, sanitize
from engine.numerics.plan import LatestStep
from engine.run.changes import WEIGHT_PATH, Change, ChangeLog, Place
from engine.run.edits import EDIT_PATH, AnyEdit, parse_edit
from engine.run.metrics import METRICS
from engine.spec import Spec, validate
from engine.store.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from engine.training import exam, results
from engine.training.evaluator import Evaluator
from engine.training.finiteness import find_non_finite
from engine.training.learner import Learner, batch_size
from engine.training.memory_estimate import check_memory
from engine.training.network import LayerView, Network
from engine.training.random_streams import RandomStreams
from engine.training.results import EpochResult, ExamReport, Metrics, NonFinite
from engine.training.schedules import learning_rate
from engine.training.stopping import EarlyStopping
from engine.training.surgery import EditResult, NetworkBefore, apply_edit

Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.float64]
EndReason = Literal["epochs", "early_stopping", "non_finite"]

CHECKPOINT_NAME = "checkpoint.safetensors"
FLUSH_EVERY = 64
"""Steps, about, between two looks for denormal crumbs in the optimiser's state."""
FEWEST_IN_A_BLOCK = 4
"""Epochs: a block begins with a copy of everything, which must not cost more than it saves."""


class Trainer:
    """Trains the network of a spec.

    Args:
        spec: The recipe.
        seed: Seed of parameters, shuffling and dropout; the spec's own where None.
        seeds: Several seeds instead: S networks learn side by side, and results and parameters lead with S.
        data: The data, where it is already at hand; else loaded as the spec says.

    Attributes:
        seeds: The seeds.
        data: What it learns from; ``data.train.X`` is (B, n) as the network sees it.
        inputs: n, the columns of the data.
        classification: Whether targets are classes.
        network: The parameters.
        change_log: The recipe as it stands, and its changes.
        epoch: Epochs completed.
        step_in_epoch: Steps completed of the epoch that has begun.
        total_steps: Steps completed in all.
        non_finite: Set where a value is no number any more; training then ends.

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
        self._streams = RandomStreams(spec.training.streams, self.seeds)
        shared = self._streams.data
        self.data = dataset.load(spec, shared) if data is None or shared is not None else data
        self.inputs = self.data.train.X.shape[1]
        self.classification = bool(self.data.table.classes)
        self.change_log = ChangeLog(spec, self.inputs, self._refuse_too_large)
        self._adopt_network(Network.initialized(spec, self.inputs, self._streams.initial))
        self._orders: list[NDArray[np.int64]] | None = None
        self.epoch = 0
        self.step_in_epoch = 0
        self.total_steps = 0
        self.non_finite: NonFinite | None = None
        self._ended_early = False
        self._set_rate()

    def _refuse_too_large(self, spec: Spec) -> None:
        rows = batch_size(spec.training, len(self.data.train))
        check_memory(spec, self.inputs, seeds=len(self.seeds), rows=rows)

    def _adopt_network(self, network: Network) -> None:
        """Compile everything for a network of a new shape."""
        self.network = network
        self._learner = Learner(network, self.spec, self.data) if network.trainable else None
        self._best = EarlyStopping(network.parameters.flat)
        self._evaluator = Evaluator(network, self.data, single=self._single)

    # What it is

    @property
    def spec(self) -> Spec:
        """The recipe as it now stands."""
        return self.change_log.spec

    @property
    def steps(self) -> int:
        """Mini-batches an epoch; 0 for a network that cannot learn."""
        return self._learner.plan.steps if self._learner else 0

    @property
    def learning_rate(self) -> float:
        """The rate of the epoch that is under way or comes next."""
        return learning_rate(self.spec.training, self.epoch + 1)

    @property
    def layers(self) -> list[LayerView]:
        """Each layer's parameters, as writable views."""
        return self.network.views(0 if self._single else None)

    @property
    def parameter_count(self) -> int:
        """Weights and biases of one network."""
        return int(self.network.parameters.flat.shape[1])

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the lowest validation loss so far, the median over seeds; None where there is none."""
        return int(np.median(self._best.best_epoch)) or None

    @property
    def ended(self) -> EndReason | None:
        """Why there is nothing left to train, or None."""
        if self.non_finite is not None:
            return "non_finite"
        if self._ended_early:
            return "early_stopping"
        return "epochs" if self.epoch >= self.spec.training.epochs else None

    # The loop

    def epochs(self) -> Iterator[EpochResult]:
        """Train to the end, an epoch at a time."""
        while True:
            self._turn_due_dials()  # one of them may say how many epochs there are
            if self.ended is not None:
                return
            yield self._epoch()

    def advance(self, epochs: int) -> Rows:
        """Train so many epochs more, fewer where the run ends before; return (k, S, 5), their ``METRICS``.

        The numbers are those of ``epochs``; they only take less time, as short epochs are graded many at once.
        """
        last, rows = self.epoch + epochs, [np.empty((0, len(self.seeds), len(METRICS)))]
        while self.epoch < last:
            self._turn_due_dials()
            if self.ended is not None:
                break
            count = min(last, self.spec.training.epochs) - self.epoch
            in_a_block = count >= FEWEST_IN_A_BLOCK and self._undisturbed
            rows.append(self._block(count) if in_a_block else self._epoch().row()[None])
        return np.concatenate(rows)

    def step(self) -> EpochResult | None:
        """Do one mini-batch: forward, backward, update. The last one of an epoch returns the epoch's result.

        Raises:
            InputError: A network with a step activation, which has no slope to learn from.
        """
        return self._advance(1)

    def _epoch(self) -> EpochResult:
        """Train to the end of the epoch that is under way, or comes next."""
        while True:
            result = self._advance(1 if self.change_log.pending else self.steps)
            if result is not None:
                return result

    def _advance(self, most: int) -> EpochResult | None:
        """Do up to so many steps of this epoch at once; return its result with the last one."""
        self._turn_due_dials()
        learner = self._trainable()
        if self.step_in_epoch == 0:
            self._begin_epoch(learner)
        plan = learner.plan
        count = min(most, plan.steps - self.step_in_epoch)
        plan.step(self.step_in_epoch, count)
        self.step_in_epoch += count
        self.total_steps += count
        return self._end_epoch(learner) if self.step_in_epoch == plan.steps else None

    def _trainable(self) -> Learner:
        if self._learner is None:
            raise InputError("network.layers: a step has no slope to learn from; this network only goes forward")
        return self._learner

    @property
    def _validates(self) -> bool:
        return self.data.validation is not None

    @property
    def _undisturbed(self) -> bool:
        """Whether epochs may follow each other with nothing to see to in between."""
        waiting = self.step_in_epoch or self.change_log.pending or self._best.any_stopped
        return not waiting and self._learner is not None and self._learner.plan.most_postponed > 0

    def _block(self, epochs: int) -> Rows:
        """Train up to so many epochs whose metrics are postponed; where one is no number, again, one by one."""
        before, rows = self._snapshot(), self._postponed_epochs(epochs)
        if self._is_finite(rows):
            return rows
        self._go_back(before)
        again: list[Rows] = []
        while len(again) < len(rows) and self.ended is None:
            again.append(self._epoch().row())
        return np.stack(again)

    def _postponed_epochs(self, most: int) -> Rows:
        learner, rates, validation = self._trainable(), list[float](), list[Metrics]()
        plan = learner.plan
        with np.errstate(over="ignore", invalid="ignore"):  # what is no number is seen afterwards
            while len(rates) < min(most, plan.most_postponed) and not self._best.any_stopped:
                self._begin_epoch(learner, postpone_metrics=True)
                plan.step(0, plan.steps)
                self.epoch += 1
                self.total_steps += plan.steps
                rates.append(self._rate)
                if self._validates:
                    validation.append(self._evaluator.evaluate("validation"))
                    self._note_validation(np.atleast_1d(validation[-1].loss))
            return results.rows(*plan.running.take(), validation, rates)

    def _is_finite(self, rows: Rows) -> bool:
        """Whether metrics (k, S, 5), parameters and averages are numbers, as far as they must be."""
        measured = 4 if self._validates else 2
        losses, scores = rows[..., :measured:2], rows[..., 1:measured:2]
        total = float(losses.sum()) + self._trainable().optimizer.square_sum()
        return math.isfinite(total) and not np.isinf(scores).any()

    def _begin_epoch(self, learner: Learner, *, postpone_metrics: bool = False) -> None:
        if self._rate_moves:
            self._set_rate()
        if self.epoch % max(1, FLUSH_EVERY // learner.plan.steps) == 0:
            learner.optimizer.sweep()
        self._orders = self._shuffled() if learner.shuffles else None
        learner.plan.begin_epoch(self._orders, self._streams.dropout, postpone_metrics=postpone_metrics)

    def _shuffled(self) -> list[NDArray[np.int64]]:
        rows = len(self.data.train)
        return [stream.permutation(rows) for stream in self._streams.shuffle]

    def _set_rate(self) -> None:
        """Take over the rate of this epoch; to be called when the recipe, the epoch or the learner is another."""
        self._rate, self._rate_moves = self.learning_rate, self.spec.training.schedule.kind != "constant"
        if self._learner is not None:
            self._learner.optimizer.learning_rate[...] = self._rate

    def _end_epoch(self, learner: Learner) -> EpochResult:
        self.epoch += 1
        self.step_in_epoch = 0
        # Seeds that have stopped learn nothing that should be reported.
        stopped = self._best.stopped > 0 if self._best.any_stopped else None
        validation = self._evaluator.evaluate("validation", stopped) if self._validates else None
        train = self._evaluator.metrics(learner.plan.running.sums, stopped)
        result = EpochResult(self.epoch, train, validation, self._rate)
        self.non_finite = find_non_finite(result, self.network.parameters, learner.optimizer, self.seeds, stopped)
        if validation is not None:
            self._note_validation(np.atleast_1d(validation.loss))
        return result

    def _note_validation(self, losses: Floats) -> None:
        self._best.update(self.spec.training.stopping, self.epoch, losses, self.network.parameters.flat)
        if self._best.any_stopped:
            self._best.hold(self.network.parameters.flat)
            self._ended_early = self._best.all_stopped

    # Evaluating

    def evaluate(self, part: str) -> Metrics:
        """Return loss and score of all of "train" or "validation", dropout off. The exam is sealed; see ``exam``.

        Raises:
            InputError: There is no such part.
        """
        return self._evaluator.evaluate(part)

    def predict(self, X: ArrayLike) -> Floats:
        """Return outputs (B, K), or (S, B, K), of raw rows (B, n); they are scaled as the training rows were.

        Raises:
            InputError: Rows of another width.
        """
        rows = np.asarray(X, np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.inputs:
            raise InputError(f"X: expected rows of {self.inputs} columns, got shape {rows.shape}")
        outputs = self.network.forward_plan(self.data.scaler.transform(rows)).outputs().swapaxes(-1, -2)
        return outputs[0] if self._single else outputs

    def exam(self) -> ExamReport | list[ExamReport]:
        """Open the sealed exam: one report, or one a seed.

        Raises:
            InputError: The split has no test part.
        """
        test = self.data.test
        if test is None:
            raise InputError("split.test: this run has no exam; set a fraction of the rows aside for it")
        z = self.network.forward_plan(test.X).run()
        reports = [
            exam.report(self.network.architecture.exit, z[seed], test, self.data, self.epoch) for seed in range(len(z))
        ]
        return reports[0] if self._single else reports

    # Looking inside

    def latest_step(self) -> LatestStep | None:
        """Return rows, masks and activations of the latest step, as views; None where there is none to show."""
        if self._learner is None or self._learner.plan.fresh:
            return None
        return self._learner.plan.latest((self.step_in_epoch - 1) % self.steps)

    def dead_neurons(self) -> list[NDArray[np.bool_]]:
        """Return for each hidden layer (S, units): neurons that give 0 for every row of the training part."""
        return [~(activations != 0).any(axis=-1) for activations in self.hidden_activations()]

    def gradients(self) -> Floats | None:
        """Return (S, P), the slopes that the latest step went by, penalties and clipping included."""
        return self._learner.optimizer.gradient if self._learner else None

    def last_update(self) -> Floats | None:
        """Return (S, P), what the latest step added to the parameters."""
        return self._learner.optimizer.last_update() if self._learner else None

    def moments(self) -> dict[str, Floats]:
        """Return the optimiser's running averages, (S, P) by the names that the papers give them."""
        return self._learner.optimizer.moments() if self._learner else {}

    def hidden_activations(self, part: str = "train") -> list[Floats]:
        """Return (S, units, N) of each hidden layer over a whole part, dropout off."""
        return self._evaluator.compiled(part).hidden_activations()

    # Turning dials

    def plan_change(self, path: str, value: Any) -> Change:
        """Return the change that turning a dial now would mean, and from where it would hold; nothing acts yet.

        Raises:
            InputError: No such dial (see ``engine.run.changes``), or a value that it does not take.
        """
        weight = self._weight(path)
        if weight is None:
            return self.change_log.plan(path, value, self._here)
        if not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"{path}: expected a finite number (got {sanitize(repr(value), 40)})")
        return self.change_log.plan(path, value, self._here, before=float(weight[0]))

    def apply(self, changes: Sequence[Change]) -> None:
        """Let planned or logged changes act at their places; those whose place is here act at once.

        Changes that have already acted before a checkpoint are left out, so that a whole log may be given.
        """
        known = {change.key for change in (*self.change_log.done, *self.change_log.pending)}
        self.change_log.add([change for change in changes if change.key not in known])
        self._turn_due_dials()

    def change(self, path: str, value: Any) -> Change:
        """Turn a dial: ``plan_change`` and ``apply`` in one."""
        change = self.plan_change(path, value)
        self.apply([change])
        return change

    @property
    def _here(self) -> Place:
        return self.epoch + 1, self.step_in_epoch

    def _turn_due_dials(self) -> None:
        while self.change_log.pending and self.change_log.due(self._here):
            before = self.spec
            change = self.change_log.turn_next()
            if change.path == EDIT_PATH:
                self._apply_edit(before, parse_edit(change.value))
            elif (weight := self._weight(change.path)) is not None:
                weight[:] = change.value
            else:
                self._adopt_spec(before)

    def _adopt_spec(self, before: Spec) -> None:
        if self.spec.training.epochs > before.training.epochs and self._ended_early:
            self._ended_early = False
            self._best.go_on(self.epoch)
        self.network.adopt(self.spec)
        if self._learner is not None:
            self._learner.adopt(before, self.spec)
        self._set_rate()

    def _weight(self, path: str) -> Floats | None:
        """Return the view (S,) of the parameter that ``weights.LAYER.NEURON.INPUT`` names; None for other paths."""
        match = WEIGHT_PATH.fullmatch(path)
        if match is None:
            return None
        layer, neuron, column = map(int, match.groups())
        layers = self.network.parameters.layers
        if layer >= len(layers) or neuron >= layers[layer].shape[1] or column >= layers[layer].shape[2]:
            raise InputError(f"{path}: there is no such weight; layers, neurons and inputs count from 0")
        weight: Floats = layers[layer][:, neuron, column]
        return weight

    def _apply_edit(self, before: Spec, edit: AnyEdit) -> None:
        """Change the architecture; see ``engine.training.surgery``."""
        old, learner = self.network, self._learner
        activations = self.hidden_activations()
        network = Network.blank(self.spec, self.inputs, len(self.seeds))
        edited: list[EditResult] = []
        for number, seed in enumerate(self.seeds):
            stream = np.random.default_rng([seed, self.epoch, len(self.change_log.done)])
            layers = [layer[number] for layer in old.parameters.layers]
            network_before = NetworkBefore(layers, before, [units[number].T for units in activations], stream)
            edited.append(apply_edit(network_before, edit, self.spec))
            for into, layer in zip(network.parameters.layers, edited[-1].layers, strict=True):
                into[number] = layer
        self._adopt_network(network)
        if learner is not None and self._learner is not None:
            self._learner.inherit(learner, [result.sources for result in edited])
        self._set_rate()

    # Saving

    def checkpoint(self) -> Checkpoint:
        """Return everything needed to go on, bit for bit, also from the middle of an epoch."""
        snapshot = self._snapshot()
        meta = {
            **snapshot.meta,
            "spec": self.spec.model_dump(mode="json"),
            "seeds": list(self.seeds),
            "single": self._single,
            "changes": [change.model_dump(mode="json") for change in self.change_log.done],
            "pending": [change.model_dump(mode="json") for change in self.change_log.pending],
            "data": self._fingerprint,
        }
        return replace(snapshot, meta=meta)

    def _snapshot(self) -> Checkpoint:
        """Return what training moves; the recipe and its changes, which take long to write down, are left out."""
        arrays: dict[str, NDArray[Any]] = {"parameters": self.network.parameters.flat}
        arrays |= {f"stopping.{name}": array for name, array in self._best.state().items()}
        if self._learner is not None:
            arrays |= self._learner.state(mid_epoch=self.step_in_epoch > 0)
        if self.step_in_epoch and self._orders is not None:
            arrays["orders"] = np.stack(self._orders)
        meta = {
            "step": self.step_in_epoch,
            "total_steps": self.total_steps,
            "optimizer_steps": self._learner.optimizer.steps if self._learner else 0,
            "ended_early": self._ended_early,
            "non_finite": None if self.non_finite is None else asdict(self.non_finite),
            "streams": self._streams.state(),
        }
        return Checkpoint(epoch=self.epoch, arrays={name: array.copy() for name, array in arrays.items()}, meta=meta)

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
        """Take over the state of a checkpoint whose spec and seeds this trainer was made with."""
        meta = checkpoint.meta
        if self._fingerprint != meta["data"]:
            raise InputError("data: the rows are not those that this run began with, so it cannot go on")
        self.change_log.restore(*([Change(**change) for change in meta[key]] for key in ("changes", "pending")))
        self._go_back(checkpoint)

    def _go_back(self, snapshot: Checkpoint) -> None:
        arrays, meta = snapshot.arrays, snapshot.meta
        self.network.parameters.flat[...] = arrays["parameters"]
        self._best.restore({name: arrays[f"stopping.{name}"] for name in self._best.state()})
        self._streams.restore(meta["streams"])
        self.epoch, self.step_in_epoch, self.total_steps = snapshot.epoch, meta["step"], meta["total_steps"]
        self._ended_early = meta["ended_early"]
        found = meta["non_finite"]
        self.non_finite = found and NonFinite(**{**found, "seeds": tuple(found["seeds"])})
        if self._learner is not None:
            self._restore_learner(self._learner, snapshot)
        self._set_rate()

    def _restore_learner(self, learner: Learner, checkpoint: Checkpoint) -> None:
        arrays, meta = checkpoint.arrays, checkpoint.meta
        if self.step_in_epoch:
            self._orders = list(arrays["orders"]) if "orders" in arrays else None
            learner.plan.begin_epoch(self._orders, self._streams.dropout)
        learner.restore(arrays, meta["optimizer_steps"], self.step_in_epoch)

    @cached_property
    def _fingerprint(self) -> str:
        """A digest of the training rows as the network sees them."""
        digest = hashlib.sha256(np.ascontiguousarray(self.data.train.X).tobytes())
        digest.update(np.ascontiguousarray(self.data.train.y).tobytes())
        return digest.hexdigest()[:16]

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


def _whole_numbers(seeds: Iterable[int]) -> tuple[int, ...]:
    chosen = tuple(seeds)
    if not chosen or not all(isinstance(seed, int | np.integer) and 0 <= seed < 2**32 for seed in chosen):
        raise InputError("seeds: expected at least one, each a whole number from 0 to 2³² − 1")
    return tuple(int(seed) for seed in chosen)
