"""What training moves: all that a checkpoint holds beside the recipe, and that a run goes on from, bit for bit."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.errors import InputError, TrainerError
from engine.run.changes import Place
from engine.spec import Spec
from engine.store.checkpoints import Checkpoint
from engine.training.class_weights import class_weights, minimized
from engine.training.learner import Learner
from engine.training.network import Network
from engine.training.network_edits import sources_by_column
from engine.training.random_streams import RandomStreams
from engine.training.results import NonFinite
from engine.training.schedules import learning_rate
from engine.training.stopping import EarlyStopping


class TrainingState:
    """S networks, what trains them, and how far they have come.

    Args:
        spec: The recipe at the start.
        data: What the networks learn from.
        streams: S sets of random streams; the first parameters are drawn from them here.

    Attributes:
        data: What the networks learn from now; a change of the recipe may draw other rows, or derive other columns.
        network: The parameters.
        learner: Plan and optimiser, compiled for ``network``; None for a network that cannot learn.
        class_weights: What loss and gradient of a row are multiplied by, class by class; empty where all weigh alike.
        head: Last activation, and the loss that is minimised and told of.
        stopping: Each seed's best epoch, and whether it has stopped.
        streams: Where shuffling and dropout draw from.
        orders: Each seed's order of rows (N,) in the epoch that is under way; None where rows come as they stand.
        epoch: Epochs completed.
        step_in_epoch: Steps completed of the epoch that has begun.
        total_steps: Steps completed in all.
        ended_early: Whether every seed has stopped.
        non_finite: Set where a value is not finite any more; training then ends.
        learning_rate: The rate of the epoch that is under way or comes next.

    Raises:
        InputError: The recipe weighs classes in a way that the data does not take.
    """

    def __init__(self, spec: Spec, data: Dataset, streams: RandomStreams) -> None:
        self.data = data
        self._fingerprint: tuple[Dataset, str] | None = None
        self.class_weights = class_weights(spec.training, data)
        self.streams = streams
        self.epoch = self.step_in_epoch = self.total_steps = 0
        self.ended_early = False
        self.non_finite: NonFinite | None = None
        self.orders: list[NDArray[np.int64]] | None = None
        self.adopt_network(Network.initialized(spec, data.train.X.shape[1], streams.initial), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        """Refuse to be copied or pickled: what is compiled works on arrays that a copy would no longer share.

        Raises:
            TrainerError: Always.
        """
        raise TrainerError(
            "a part of a trainer cannot be copied or pickled alone; copy the trainer, or its checkpoint()"
        )

    def adopt_network(self, network: Network, spec: Spec) -> None:
        """Compile everything for networks of a new shape."""
        self.network = network
        self.head = minimized(network.architecture.head, spec.training, self.class_weights)
        self.learner = Learner(network, spec, self.data, self.class_weights) if network.trainable else None
        self.stopping = EarlyStopping(network.parameters.flat)
        self.set_learning_rate(spec)

    def adopt_data(self, data: Dataset, spec: Spec) -> None:
        """Go on with other data: other rows, other columns, or both.

        What was learned stays: a column keeps its weights by its name, a new one comes in with weights of zero. What
        was best until now was so on other rows, so it is forgotten, and seeds that had stopped learn again.

        Raises:
            InputError: The recipe weighs classes in a way that the data does not take.
        """
        weights = class_weights(spec.training, data)
        self.stopping.show_last(self.network.parameters.flat)
        old, learner, names = self.network, self.learner, self.data.table.feature_names
        self.data, self.class_weights = data, weights
        self.orders, self.ended_early = None, False
        network = Network.blank(spec, data.train.X.shape[1], len(old.parameters.flat))
        sources = sources_by_column(old.parameters.layers, names, data.table.feature_names)
        for seed in range(len(old.parameters.flat)):
            before = [layer[seed] for layer in old.parameters.layers]
            for into, source in zip(network.parameters.layers, sources, strict=True):
                into[seed] = source.carry(before, into[seed].shape)
        self.adopt_network(network, spec)
        if learner is not None and self.learner is not None:
            self.learner.inherit(learner, [sources] * len(old.parameters.flat))

    def adopt_spec(self, before: Spec, after: Spec) -> None:
        """Recompile what differs between two recipes for networks of one shape; more epochs let stopped seeds go on."""
        if after.training.epochs > before.training.epochs and self.ended_early:
            self.ended_early = False
            self.stopping.resume(self.epoch)
        self.network.adopt(after)
        self.head = minimized(self.network.architecture.head, after.training, self.class_weights)
        if self.learner is not None:
            self.learner.adopt(before, after)
        self.set_learning_rate(after)
        self.show_best_or_last(after)

    def show_best_or_last(self, spec: Spec) -> None:
        """Show the best parameters where the epochs have run out and they are to be restored, else go back to the last.

        To be called where an epoch has ended, the recipe has changed, or a checkpoint, perhaps of an older version that
        did not do so, was put back.
        """
        stopping = spec.training.stopping
        out_of_epochs = self.epoch >= spec.training.epochs and not self.step_in_epoch and self.non_finite is None
        if out_of_epochs and stopping.patience and stopping.restore_best:
            self.stopping.show_best(self.network.parameters.flat)
        else:
            self.stopping.show_last(self.network.parameters.flat)

    def set_learning_rate(self, spec: Spec) -> None:
        """Take over the rate of this epoch; to be called when the recipe, the epoch or the learner is another."""
        self.learning_rate = learning_rate(spec.training, self.epoch + 1)
        if self.learner is not None:
            self.learner.optimizer.learning_rate[...] = self.learning_rate

    def require_learner(self) -> Learner:
        """Return the learner.

        Raises:
            InputError: The network only goes forward.
        """
        if self.learner is None:
            raise InputError("network.layers: a step has no slope to learn from; this network only goes forward")
        return self.learner

    @property
    def steps(self) -> int:
        """Mini-batches an epoch; 0 for a network that cannot learn."""
        return self.learner.plan.steps if self.learner else 0

    @property
    def place(self) -> Place:
        """The epoch (from 1) and step (from 0) that come next."""
        return self.epoch + 1, self.step_in_epoch

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the lowest validation loss so far, the median over seeds; None where there is none."""
        best = self.stopping.best_epoch
        return int(best[0] if len(best) == 1 else np.median(best)) or None  # asked for with every frame

    def snapshot(self) -> Checkpoint:
        """Return a copy; the recipe and its changes, which take long to write down, are left out."""
        arrays: dict[str, NDArray[Any]] = {"parameters": self.network.parameters.flat}
        arrays |= {f"stopping.{name}": array for name, array in self.stopping.state().items()}
        if self.learner is not None:
            arrays |= self.learner.state(mid_epoch=self.step_in_epoch > 0)
        if self.step_in_epoch and self.orders is not None:
            arrays["orders"] = np.stack(self.orders)
        meta = {
            "step": self.step_in_epoch,
            "total_steps": self.total_steps,
            "optimizer_steps": self.learner.optimizer.steps if self.learner else 0,
            "ended_early": self.ended_early,
            "non_finite": None if self.non_finite is None else asdict(self.non_finite),
            "streams": self.streams.state(),
        }
        return Checkpoint(epoch=self.epoch, arrays={name: array.copy() for name, array in arrays.items()}, meta=meta)

    def restore(self, snapshot: Checkpoint, spec: Spec) -> None:
        """Put back what ``snapshot`` returned, or a checkpoint made of it, under the recipe that held then."""
        arrays, meta = snapshot.arrays, snapshot.meta
        self.network.parameters.flat[...] = arrays["parameters"]
        prefix = "stopping."
        self.stopping.restore(
            {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
        )
        self.streams.restore(meta["streams"])
        self.epoch, self.step_in_epoch, self.total_steps = snapshot.epoch, meta["step"], meta["total_steps"]
        self.ended_early = meta["ended_early"]
        stored_non_finite = meta["non_finite"]
        self.non_finite = stored_non_finite and NonFinite(
            **{**stored_non_finite, "seeds": tuple(stored_non_finite["seeds"])}
        )
        if self.learner is not None:
            self._restore_learner(self.learner, snapshot)
        self.set_learning_rate(spec)
        self.show_best_or_last(spec)

    def _restore_learner(self, learner: Learner, snapshot: Checkpoint) -> None:
        arrays, meta = snapshot.arrays, snapshot.meta
        if self.step_in_epoch:
            self.orders = list(arrays["orders"]) if "orders" in arrays else None
            learner.plan.begin_epoch(self.orders, self.streams.dropout)
        learner.restore(arrays, meta["optimizer_steps"], self.step_in_epoch)

    @property
    def data_fingerprint(self) -> str:
        """A digest of the training rows as the networks see them."""
        if self._fingerprint is None or self._fingerprint[0] is not self.data:
            digest = hashlib.sha256(np.ascontiguousarray(self.data.train.X).tobytes())
            digest.update(np.ascontiguousarray(self.data.train.y).tobytes())
            if self.data.train.weights is not None:
                digest.update(self.data.train.weights.tobytes())
            self._fingerprint = self.data, digest.hexdigest()[:16]
        return self._fingerprint[1]
