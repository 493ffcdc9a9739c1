"""Changing a network's architecture while it learns.

An edit either keeps what was learned or draws everything afresh. Keeping is function-preserving where that is possible
(Chen, Goodfellow & Shlens 2016, "Net2Net"): new neurons come in with outgoing weights of zero, a new layer as the
identity. Narrowing drops the least useful neurons, and removing a layer multiplies its neighbours; what those cost
shows in the loss before and after.

What an edit draws comes from a stream of its own, made of the run's seed and the edit's place, so that a log of edits
replayed gives the same network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.declarations.activations import pair_gain
from engine.numerics.initializers import INITIALIZERS
from engine.run.edits import AddLayer, AnyEdit, RemoveLayer, SetActivation, SetInitializer, SetUnits, units_to_keep
from engine.spec import Spec

Layers = list[Floats]
"""(out, in + 1) of each layer, the bias last: one network."""


@dataclass(frozen=True)
class NetworkBefore:
    """One network before an edit.

    Attributes:
        layers: Its parameters.
        spec: Its recipe.
        activations: (N, units) of each hidden layer over the training rows, dropout off.
        stream: Where new weights come from.
    """

    layers: Layers
    spec: Spec
    activations: Sequence[Floats]
    stream: np.random.Generator

    def draw(self, out: int, fan_in: int) -> Floats:
        """Return new parameters (out, fan_in + 1), biases zero."""
        network = self.spec.network
        weights = INITIALIZERS[network.initializer](self.stream, out, fan_in) * network.initializer_scale
        return np.column_stack([weights, np.zeros(out)])


@dataclass(frozen=True)
class ParameterSource:
    """Where a layer's parameters come from, so that the optimiser's averages can follow them.

    Attributes:
        layer: The layer before the edit, or None for a new one.
        rows: (out,) its rows, −1 for new ones.
        columns: (in + 1,) its columns, −1 for new ones.
    """

    layer: int | None
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]

    def carry(self, before: Layers, shape: tuple[int, int]) -> Floats:
        """Return (out, in + 1), what the arrays ``before`` (one a layer) hold for this layer; zeros where it is new."""
        after: Floats = np.zeros(shape)
        if self.layer is not None:
            rows, columns = np.flatnonzero(self.rows >= 0), np.flatnonzero(self.columns >= 0)
            old = before[self.layer]
            after[np.ix_(rows, columns)] = old[np.ix_(self.rows[rows], self.columns[columns])]
        return after


@dataclass(frozen=True)
class EditResult:
    """One network after an edit: its parameters, and where those of each layer come from."""

    layers: Layers
    sources: list[ParameterSource]


def apply_edit(before: NetworkBefore, edit: AnyEdit, after: Spec) -> EditResult:
    """Return one network after an edit that ``edited`` has accepted; see the module for what is kept."""
    if not edit.keep:
        sizes = [before.layers[0].shape[1] - 1, *(layer.units for layer in after.network.layers)]
        drawing = replace(before, spec=after)  # which may have another initialiser
        fresh = [drawing.draw(out, fan_in) for fan_in, out in pairwise(sizes)]
        return EditResult(fresh, [_new(layer) for layer in fresh])
    layers: Layers = [layer.astype(np.float64) for layer in before.layers]
    untouched = EditResult(layers, [_whole(index, layer) for index, layer in enumerate(layers)])
    match edit:
        case AddLayer():
            return _insert(before, untouched, edit, after)
        case RemoveLayer():
            return _remove(untouched, edit.layer)
        case SetUnits():
            change = _narrow if edit.units < len(layers[edit.layer]) else _widen
            return change(before, untouched, edit.layer, edit.units)
        case SetActivation() | SetInitializer():
            return untouched


def sources_by_column(layers: Sequence[Floats], before: Sequence[str], after: Sequence[str]) -> list[ParameterSource]:
    """Return where parameters come from where the columns of the data are others, by their names.

    Args:
        layers: (S, out, in + 1) of each layer.
        before: Names of the columns that the first layer saw.
        after: Those that it is to see; one that is new has no source, so its weights are zero.
    """
    place_of = {name: place for place, name in enumerate(before)}
    columns = np.array([*(place_of.get(name, -1) for name in after), len(before)])
    whole = [_whole(index, layer[0]) for index, layer in enumerate(layers)]
    return [ParameterSource(0, whole[0].rows, columns), *whole[1:]]


def _whole(index: int, layer: Floats) -> ParameterSource:
    return ParameterSource(index, np.arange(layer.shape[0]), np.arange(layer.shape[1]))


def _new(layer: Floats) -> ParameterSource:
    return ParameterSource(None, np.full(layer.shape[0], -1), np.full(layer.shape[1], -1))


def _replace(result: EditResult, at: int, removed: int, layers: Layers, sources: list[ParameterSource]) -> EditResult:
    """Return the network with ``removed`` layers from ``at`` on replaced."""
    return EditResult(
        [*result.layers[:at], *layers, *result.layers[at + removed :]],
        [*result.sources[:at], *sources, *result.sources[at + removed :]],
    )


def _widen(before: NetworkBefore, result: EditResult, index: int, units: int) -> EditResult:
    """Add neurons with drawn incoming weights and outgoing weights of zero."""
    own, following = result.layers[index : index + 2]
    old_units, extra = len(own), units - len(own)
    wider = np.concatenate([own, before.draw(extra, own.shape[1] - 1)])
    next_layer = np.column_stack([following[:, :-1], np.zeros((len(following), extra)), following[:, -1]])
    new = np.full(extra, -1)
    sources = [
        ParameterSource(index, np.append(np.arange(old_units), new), np.arange(own.shape[1])),
        ParameterSource(index + 1, np.arange(len(following)), np.concatenate([np.arange(old_units), new, [old_units]])),
    ]
    return _replace(result, index, 2, [wider, next_layer], sources)


def _narrow(before: NetworkBefore, result: EditResult, index: int, units: int) -> EditResult:
    """Drop the neurons that contribute least variance, σ(aⱼ) · ‖W[:, j]‖; their mean goes into the next biases."""
    own, following = result.layers[index : index + 2]
    activations = before.activations[index]
    usefulness = activations.std(axis=0) * np.linalg.norm(following[:, :-1], axis=0)
    kept = np.sort(np.argsort(-usefulness, kind="stable")[:units])
    dropped = np.setdiff1d(np.arange(len(own)), kept)
    bias = following[:, -1] + following[:, dropped] @ activations[:, dropped].mean(axis=0)
    sources = [
        ParameterSource(index, kept, np.arange(own.shape[1])),
        ParameterSource(index + 1, np.arange(len(following)), np.append(kept, len(own))),
    ]
    return _replace(result, index, 2, [own[kept], np.column_stack([following[:, kept], bias])], sources)


def _insert(before: NetworkBefore, result: EditResult, edit: AddLayer, after: Spec) -> EditResult:
    """Add a layer that is the identity; ReLU takes +x and −x for a signal that may be negative."""
    index, units = edit.layer, after.network.layers[edit.layer].units
    following = result.layers[index]
    inputs = following.shape[1] - 1
    below = before.spec.network.layers[index - 1].activation if index else "identity"
    needed = units_to_keep(edit.activation, below, inputs)
    own = before.draw(units, inputs)
    own[:needed] = 0
    own[:inputs, :inputs] = np.eye(inputs)
    next_weights = np.zeros((len(following), units))
    next_weights[:, :inputs] = following[:, :-1]
    if needed > inputs:
        own[inputs:needed, :inputs] = -np.eye(inputs)
        gain = pair_gain(edit.activation, after.network.negative_slope)  # f(x) − f(−x) = gain · x
        next_weights[:, :inputs] *= 1 / gain
        next_weights[:, inputs:needed] = -next_weights[:, :inputs]
    next_layer = np.column_stack([next_weights, following[:, -1]])
    columns = np.concatenate([np.arange(inputs), np.full(units - inputs, -1), [inputs]])
    return _replace(
        result, index, 1, [own, next_layer], [_new(own), ParameterSource(index, np.arange(len(following)), columns)]
    )


def _remove(result: EditResult, index: int) -> EditResult:
    """Multiply the removed layer into the next one, as if it had been linear: W₂(W₁x + b₁) + b₂."""
    own, following = result.layers[index : index + 2]
    weights = following[:, :-1] @ own[:, :-1]
    bias = following[:, :-1] @ own[:, -1] + following[:, -1]
    merged = np.column_stack([weights, bias])
    return _replace(result, index, 2, [merged], [_new(merged)])
