"""Changes of the recipe, the architecture and single weights, brought to the state of a training at their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, sanitize
from engine.run.changes import WEIGHT_PATH, Change, ChangeLog
from engine.run.edits import EDIT_PATH, AnyEdit, parse_edit
from engine.spec import Spec
from engine.training.network import Network
from engine.training.state import TrainingState
from engine.training.surgery import EditResult, NetworkBefore, apply_edit

Floats = NDArray[np.floating[Any]]


class ChangeApplier:
    """Lets the changes of a log act.

    Args:
        log: The recipe as it stands, what has changed it, and what is to come.
        state: What the changes act on.
        seeds: S; what an edit draws depends on the seed.
        hidden_activations: Returns (S, units, N) of each hidden layer over the training rows, dropout off; an edit
            that narrows a layer drops the neurons that vary least there.

    Attributes:
        log: The recipe and its changes.
    """

    def __init__(
        self,
        log: ChangeLog,
        state: TrainingState,
        seeds: Sequence[int],
        hidden_activations: Callable[[], Sequence[Floats]],
    ) -> None:
        self.log = log
        self._state = state
        self._seeds = seeds
        self._hidden_activations = hidden_activations

    def plan(self, path: str, value: Any) -> Change:
        """Return the change that setting ``path`` now would mean, and from where it would hold; nothing acts yet.

        Raises:
            InputError: Not something that can change (see ``engine.run.changes``), or a value that it does not take.
        """
        weight = self._weight(path)
        if weight is None:
            return self.log.plan(path, value, self._state.place)
        if not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"{path}: expected a finite number (got {sanitize(repr(value), 40)})")
        return self.log.plan(path, value, self._state.place, before=float(weight[0]))

    def apply(self, changes: Sequence[Change]) -> None:
        """Let changes wait for their places, but for those known already; then ``apply_due``.

        Raises:
            InputError: One does not fit what comes before it.
        """
        known = {change.key for change in (*self.log.done, *self.log.pending)}
        self.log.add([change for change in changes if change.key not in known])
        self.apply_due()

    def apply_due(self) -> None:
        """Let all changes act whose place has come."""
        while self.log.pending and self.log.due(self._state.place):
            before = self.log.spec
            change = self.log.turn_next()
            if change.path == EDIT_PATH:
                self._edit(before, parse_edit(change.value))
            elif (weight := self._weight(change.path)) is not None:
                weight[:] = change.value
            else:
                self._state.adopt_spec(before, self.log.spec)

    def _weight(self, path: str) -> Floats | None:
        """Return the view (S,) of the parameter that ``weights.LAYER.NEURON.INPUT`` names; None for other paths."""
        match = WEIGHT_PATH.fullmatch(path)
        if match is None:
            return None
        layer, neuron, column = map(int, match.groups())
        layers = self._state.network.parameters.layers
        if layer >= len(layers) or neuron >= layers[layer].shape[1] or column >= layers[layer].shape[2]:
            raise InputError(f"{path}: there is no such weight; layers, neurons and inputs count from 0")
        weight: Floats = layers[layer][:, neuron, column]
        return weight

    def _edit(self, before: Spec, edit: AnyEdit) -> None:
        """Give the state networks of the edited shape; see ``engine.training.surgery`` for what is kept."""
        state, after = self._state, self.log.spec
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
        edited: list[EditResult] = []
        for number, seed in enumerate(self._seeds):
            stream = np.random.default_rng([seed, self._state.epoch, len(self.log.done)])
            own_layers = [layer[number] for layer in layers]
            own_activations = [units[number].T for units in activations]
            edited.append(apply_edit(NetworkBefore(own_layers, before, own_activations, stream), edit, self.log.spec))
        return edited
