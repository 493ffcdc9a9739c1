"""The network of a checkpoint, as far as the checkpoint alone tells of it: no data, nothing compiled."""

from __future__ import annotations

import numpy as np

from engine.array_types import Arrays, Floats
from engine.declarations.optimizers import HYPERPARAMETERS
from engine.errors import InputError
from engine.numerics.optimizers import OPTIMIZERS, Rates
from engine.protocol.queries import ByHandQuery
from engine.protocol.views import arrays_of, named
from engine.run.changes import Change, parse_change
from engine.run.data_facts import DataFacts
from engine.spec import Spec, validate
from engine.store.checkpoints import Checkpoint
from engine.training.checkpoint_contents import NEURONS, parameters_of
from engine.training.stored_network import kept_preparation
from engine.views.by_hand import arrays_of_row, network_without_data


class NoNetwork:
    """What stands for the network of a run that has no checkpoint.

    Args:
        reason: Why there is nothing of it to show, in one line.
    """

    epoch = step = inputs = 0
    spec = best_epoch = None
    has_neurons = False

    def __init__(self, reason: str) -> None:
        self._reason = reason
        self.changes: list[Change] = []

    def weights(self) -> Arrays:
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(f"weights: {self._reason}")

    moments = neurons = weights

    def by_hand(self, facts: DataFacts | None, query: ByHandQuery) -> Arrays:  # noqa: ARG002 (there is nothing to ask)
        """Refuse.

        Raises:
            InputError: Always.
        """
        raise InputError(f"by-hand: {self._reason}")


class CheckpointNetwork:
    """What a checkpoint holds of S networks of P parameters each.

    Args:
        checkpoint: The checkpoint.

    Attributes:
        epoch: Epochs completed.
        spec: The recipe as it stood.
        inputs: Columns that the network sees.

    Raises:
        InputError: Its arrays are not those of its recipe.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self.epoch = checkpoint.epoch
        self.spec: Spec = validate(checkpoint.meta["spec"], where="checkpoint")
        self._parameters = parameters_of(checkpoint, self.spec)
        self.inputs = self._parameters.sizes[0]

    @property
    def step(self) -> int:
        """Steps completed of the epoch that had begun."""
        return int(self._checkpoint.meta["step"])

    @property
    def best_epoch(self) -> int | None:
        """The epoch of the lowest validation loss so far, the median over seeds; None without one."""
        epochs = self._checkpoint.arrays.get("stopping.best_epoch")
        return None if epochs is None else int(np.median(epochs)) or None

    @property
    def changes(self) -> list[Change]:
        """The changes that had acted, in order."""
        return [parse_change(change) for change in self._checkpoint.meta["changes"]]

    @property
    def has_neurons(self) -> bool:
        """Whether it holds anything of the neurons view."""
        return bool(self.neurons())

    def weights(self) -> Arrays:
        """Return the parameters of each layer, as the weights view has them."""
        return self._by_layer(self._parameters.flat)

    def moments(self) -> Arrays:
        """Return the optimiser's running averages, as the moments view has them."""
        training = self.spec.training
        rates = Rates(**{name: getattr(training, name) for name in HYPERPARAMETERS})
        optimizer = OPTIMIZERS[training.optimizer](self._parameters.flat, rates)
        state = arrays_of(dict(self._checkpoint.arrays), "optimizer")
        if not state.keys() >= set(optimizer.state_names):
            return {}
        optimizer.restore(self._checkpoint.meta["optimizer_steps"], state)
        arrays: Arrays = {}
        for name, flat in optimizer.moments().items():
            arrays |= named(name, {key: array.astype(np.float32) for key, array in self._by_layer(flat).items()})
        return arrays

    def neurons(self) -> Arrays:
        """Return what it holds of the neurons view: who was dead or saturated; empty where nothing was kept."""
        return arrays_of(dict(self._checkpoint.arrays), NEURONS)

    def by_hand(self, facts: DataFacts | None, query: ByHandQuery) -> Arrays:
        """Return a row whose values the query has, on its way through the network; see ``ByHandQuery.ARRAYS``.

        Raises:
            InputError: It is no row of this network, or the checkpoint has no scaler.
        """
        preparation = kept_preparation(self._checkpoint, self.spec, facts, self.inputs)
        if preparation is None:
            raise InputError("by-hand: an older version kept no scaler in this checkpoint, and the data have gone")
        parameters, seed = list(self.weights().values()), int(self._checkpoint.meta["seeds"][0])
        network = network_without_data(parameters, self.spec, self.epoch, seed)
        return arrays_of_row(network, network.typed(preparation, query), query)

    def _by_layer(self, flat: Floats) -> Arrays:
        """Return (out, in + 1) of the first seed by layer."""
        return {f"{number}": layer[0].copy() for number, layer in enumerate(self._parameters.split(flat))}
