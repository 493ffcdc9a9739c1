"""Changes of the recipe, the architecture and single weights, brought to the state of a training at their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError
from engine.run.changes import (
    DATA_PREFIX,
    USER,
    Change,
    ChangeLog,
    EditNetwork,
    SetPace,
    SetWeight,
    TurnDial,
    weight_at,
)
from engine.run.edits import AnyEdit
from engine.spec import Spec
from engine.training.data_supply import DataSupply
from engine.training.network import Network
from engine.training.network_edits import EditResult, NetworkBefore, apply_edit
from engine.training.state import TrainingState


class ChangeApplier:
    """Lets the changes of a log act.

    Args:
        log: The recipe as it stands, what has changed it, and what is to come.
        state: What the changes act on.
        seeds: S; what an edit draws depends on the seed.
        hidden_activations: Returns (S, units, N) of each hidden layer over the training rows, dropout off; an edit
            that narrows a layer drops the neurons that vary least there.
        data: Has the data of every recipe that the log may come to.

    Attributes:
        log: The recipe and its changes.
    """

    def __init__(
        self,
        log: ChangeLog,
        state: TrainingState,
        seeds: Sequence[int],
        hidden_activations: Callable[[], Sequence[Floats]],
        data: DataSupply,
    ) -> None:
        self.log = log
        self._state = state
        self._seeds = seeds
        self._hidden_activations = hidden_activations
        self._data = data

    def plan(self, path: str, value: Any, *, author: str = USER) -> Change:
        """Return the change that setting ``path`` now would mean, and from where it would hold; nothing acts yet.

        Raises:
            InputError: Not something that can change (see ``engine.run.changes``), or a value that it does not take.
        """
        weight = weight_at(path)
        before = None if weight is None else float(self._weight(*weight)[0])
        change = self.log.plan(path, value, self._state.place, before=before, author=author)
        if isinstance(change, SetWeight):
            self._check_range(change)
        return change

    def plan_pace(self, pace: float | None, *, before: float | None, author: str = USER) -> SetPace:
        """Return the change that another pace is from now on; see ``ChangeLog.plan_pace``."""
        return self.log.plan_pace(pace, self._state.place, before=before, author=author)

    def _check_range(self, change: SetWeight) -> None:
        """Raise InputError where a weight is larger than the run's numbers can be."""
        limits = np.finfo(self._state.network.parameters.flat.dtype)
        largest = float(limits.max)
        if abs(change.value) > largest:
            most = f"at most {largest:.3g} in size, the largest of {limits.dtype}"
            raise InputError(f"{change.path}: expected a number of {most} (got {change.value:g})")

    def apply(self, changes: Sequence[Change]) -> None:
        """Let changes wait for their places, but for those known already; then ``apply_due``.

        Raises:
            InputError: One does not fit what comes before it.
        """
        self.log.follow(changes)
        self.apply_due()

    def apply_due(self) -> None:
        """Let all changes act whose place has come."""
        while self.log.pending and self.log.due(self._state.place):
            before = self.log.spec
            match change := self.log.turn_next():
                case TurnDial() if change.path.startswith(DATA_PREFIX):
                    self._state.adopt_data(self._data.of(self.log.spec), self.log.spec)
                case TurnDial():
                    self._state.adopt_spec(before, self.log.spec)
                case EditNetwork():
                    self._edit(before, change.edit)
                case SetWeight():
                    self._set_weight(change)
                case SetPace():
                    pass  # a worker's concern

    def _weight(self, layer: int, row: int, column: int) -> Floats:
        """Return the view (S,) of one parameter."""
        layers = self._state.network.parameters.layers
        if layer >= len(layers) or row >= layers[layer].shape[1] or column >= layers[layer].shape[2]:
            path = f"weights.{layer}.{row}.{column}"
            raise InputError(f"{path}: there is no such weight; layers, neurons and inputs count from 0")
        weight: Floats = layers[layer][:, row, column]
        return weight

    def _set_weight(self, change: SetWeight) -> None:
        """Set a parameter of every seed: of the networks that are shown, and of those to go on from."""
        self._weight(change.layer, change.row, change.column)[:] = change.value
        last = self._state.stopping.last_parameters
        if last is not None:
            self._state.network.parameters.split(last)[change.layer][:, change.row, change.column] = change.value

    def _edit(self, before: Spec, edit: AnyEdit) -> None:
        """Give the state networks of the edited shape; see ``engine.training.network_edits`` for what is kept."""
        state, after = self._state, self.log.spec
        state.stopping.show_last(state.network.parameters.flat)  # what is edited is what is trained on
        old, learner = state.network, state.learner
        network = Network.blank(after, old.parameters.sizes[0], len(self._seeds))
        edited = self._edited(before, edit)
        for number, result in enumerate(edited):
            for into, layer in zip(network.parameters.layers, result.layers, strict=True):
                into[number] = layer
        state.adopt_network(network, after)
        if learner is not None and state.learner is not None:
            state.learner.inherit(learner, [result.sources for result in edited])

    def _edited(self, before: Spec, edit: AnyEdit) -> list[EditResult]:
        """Return each seed's network after an edit; what is drawn depends on the seed and the edit's place alone."""
        activations, layers = self._hidden_activations(), self._state.network.parameters.layers
        earlier = sum(not isinstance(change, SetPace) for change in self.log.done)  # no draw depends on the pace
        edited: list[EditResult] = []
        for number, seed in enumerate(self._seeds):
            stream = np.random.default_rng([seed, self._state.epoch, earlier])
            own_layers = [layer[number] for layer in layers]
            own_activations = [units[number].T for units in activations]
            edited.append(apply_edit(NetworkBefore(own_layers, before, own_activations, stream), edit, self.log.spec))
        return edited
