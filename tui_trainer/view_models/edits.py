"""Edits of the architecture: what is planned, which widths are sensible, how an edit is named and undone.

``engine.run.edits`` is imported where it is used: the screen can be painted before it is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from engine.declarations.activations import DECLARED_ACTIVATIONS, HANDING_ON, HIDDEN_ACTIVATIONS
from engine.errors import InputError, sanitize
from engine.run.changes import EditNetwork
from engine.spec import ActivationName, InitializerName, LayerSpec, Spec
from tui_trainer.formatting import count

if TYPE_CHECKING:
    from engine.run.edits import AnyEdit
    from tui_trainer.view_models.run import RunModel

WIDEST: Final = 4096
"""As far as turning widens; typing goes further."""

INITIALIZERS: Final[tuple[InitializerName, ...]] = get_args(InitializerName)


@dataclass(frozen=True)
class UndoEntry:
    """Something that was asked for here and can be undone.

    Attributes:
        path: Of a dial, of a weight, or ``EDIT_PATH``.
        value: What was asked for.
        before: The value that the dial or the weight had; for an edit the recipe that it changes.
        name: The name of a weight.
    """

    path: str
    value: Any
    before: Any
    name: str = ""


def planned(run: RunModel, asked: Iterable[AnyEdit] = ()) -> Spec:
    """Return the recipe as the user sees it: changes that wait for their epoch, or were asked for, have been made.

    The recipe's own ``[[changes]]`` still wait.
    """
    from engine.run.changes import RECIPE, spec_after
    from engine.run.edits import edited

    spec, inputs = run.spec, run.welcome.inputs
    try:
        for change in run.frame.pending:
            if change.author != RECIPE:
                spec = spec_after(spec, inputs, change)
        for edit in asked:
            spec = edited(spec, inputs, edit)
    except InputError:  # the worker will refuse it, and say so
        pass
    return spec


def turn_units(units: int, direction: int) -> int:
    """Return the next width of 1, 2, 3, 4, 6, 8, 12 and so on, all of them 2ⁿ or 3 · 2ⁿ; never below 1."""
    power = 1 << max(0, units.bit_length() - 3)
    widths = [power * step for step in (1, 2, 3, 4, 6, 8, 12)]
    if direction > 0:
        return max(units, min(WIDEST, next(width for width in widths if width > units)))
    return next((width for width in reversed(widths) if width < units), 1)


def read_units(text: str) -> int:
    """Return the width that was typed.

    Raises:
        InputError: It is not a width.
    """
    digits = text.strip().replace(",", "")
    if not digits.isascii() or not digits.isdecimal() or not 1 <= int(digits[:9]) <= 100_000 or len(digits) > 9:
        raise InputError("expected a number of neurons from 1 to 100,000")
    return int(digits)


def activations_of(spec: Spec, layer: int) -> tuple[ActivationName, ...]:
    """Return the activations that a layer may have; those of the exit belong to the loss."""
    if layer < len(spec.network.layers) - 1:
        return HIDDEN_ACTIVATIONS
    loss = spec.training.loss
    return tuple(name for name, declared in DECLARED_ACTIVATIONS.items() if loss in declared.losses and declared.learns)


def widen(spec: Spec, layer: int, direction: int, *, keep: bool) -> AnyEdit:
    """Return the edit that gives a layer the next width of the scale, see ``turn_units``."""
    return set_units(layer, turn_units(spec.network.layers[layer].units, direction), keep=keep)


def set_units(layer: int, units: int, *, keep: bool) -> AnyEdit:
    """Return the edit that gives a layer a width."""
    from engine.run.edits import SetUnits

    return SetUnits(layer=layer, units=units, keep=keep)


def add_after(spec: Spec, layer: int, *, keep: bool) -> AnyEdit:
    """Return the edit that adds a layer after another one, before it where that is the exit; −1 is the input.

    It has the activation of its neighbour; to keep what was learned that must be one which can hand on its input.
    """
    from engine.run.edits import AddLayer

    layers = spec.network.layers
    place = min(layer + 1, len(layers) - 1)
    near = layers[max(0, place - 1)].activation if len(layers) > 1 else "relu"
    return AddLayer(layer=place, activation="relu" if keep and near not in HANDING_ON else near, keep=keep)


def remove(layer: int, *, keep: bool) -> AnyEdit:
    """Return the edit that takes a layer away."""
    from engine.run.edits import RemoveLayer

    return RemoveLayer(layer=layer, keep=keep)


def set_activation(layer: int, activation: ActivationName, *, keep: bool) -> AnyEdit:
    """Return the edit that gives a layer an activation."""
    from engine.run.edits import SetActivation

    return SetActivation(layer=layer, activation=activation, keep=keep)


def set_initializer(initializer: InitializerName, *, keep: bool) -> AnyEdit:
    """Return the edit that draws new weights another way."""
    from engine.run.edits import SetInitializer

    return SetInitializer(initializer=initializer, keep=keep)


def inverse(before: Spec, inputs: int, value: Any) -> list[AnyEdit]:
    """Return the edits that undo an edit of the recipe ``before``, each keeping what can be kept."""
    from engine.run.edits import AddLayer, RemoveLayer, SetActivation, SetInitializer, SetUnits, parse_edit

    edit = parse_edit(value)
    match edit:
        case AddLayer():
            return [RemoveLayer(layer=edit.layer)]
        case RemoveLayer():
            return _put_back(before, inputs, edit.layer)
        case SetUnits():
            return [SetUnits(layer=edit.layer, units=before.network.layers[edit.layer].units)]
        case SetActivation():
            return [SetActivation(layer=edit.layer, activation=before.network.layers[edit.layer].activation)]
        case SetInitializer():
            return [SetInitializer(initializer=before.network.initializer)]


def announcement(before: Spec, edit: AnyEdit) -> str:
    """Return what an edit of the recipe ``before`` does, and what becomes of what was learned."""
    from engine.run.edits import AddLayer, RemoveLayer, SetActivation, SetUnits

    name, kept = f"layer {edit.layer + 1}", "the weights stay"
    match edit:
        case AddLayer():
            what, kept = f"+ {name}, {edit.activation}", "it hands on what it is given, so the answers stay"
        case RemoveLayer():
            what, kept = f"− {name}", "its weights are merged into the next layer's"
        case SetUnits():
            what = f"{name} → {count(edit.units)}"
            narrower = edit.units < before.network.layers[edit.layer].units
            kept = "the least useful neurons go" if narrower else "nobody listens to the new ones yet, the answers stay"
        case SetActivation():
            what = f"{name} → {edit.activation}"
        case _:
            what, kept = f"init → {edit.initializer}", "for weights that are yet to come"
    return f"{what}: {kept if edit.keep else 'every weight is drawn afresh'}"


def lost_dropout(before: Spec, value: Any) -> list[tuple[str, float]]:
    """Return path and rate of the dropout that undoing an edit has to bring back, if there was any."""
    from engine.run.edits import RemoveLayer, parse_edit

    edit = parse_edit(value)
    rate = before.network.layers[edit.layer].dropout if isinstance(edit, RemoveLayer) else 0.0
    return [(f"network.layers.{edit.layer}.dropout", rate)] if rate else []


def price_of_undoing(before: Spec, value: Any) -> str:
    """Return what undoing an edit costs."""
    from engine.run.edits import RemoveLayer, SetActivation, SetInitializer, SetUnits, parse_edit

    edit = parse_edit(value)
    if not edit.keep:
        return "what was learned before it was drawn afresh does not come back"
    match edit:
        case SetUnits() if edit.units > before.network.layers[edit.layer].units:
            return "the least useful neurons go"
        case SetUnits() | RemoveLayer():
            return "what comes back is blank: what it had learned is gone"
        case SetActivation() | SetInitializer():
            return "the weights stay as they are"
        case _:
            return "what the layer has learned since is merged into the next one"


def caption(change: EditNetwork) -> tuple[str, str, str]:
    """Return an edit in the log: what was edited, how it was before, and after; either may be empty."""
    try:
        return _caption(change.edit, change.before)
    except IndexError:  # a layer that was not there
        return "edit", "", sanitize(change.edit.kind, 20)


def _caption(edit: AnyEdit, layers: Sequence[LayerSpec]) -> tuple[str, str, str]:
    from engine.run.edits import AddLayer, RemoveLayer, SetActivation, SetInitializer, SetUnits

    name = f"layer {edit.layer + 1}"
    match edit:
        case AddLayer():
            return f"+ {name}", "", edit.activation
        case RemoveLayer():
            gone = layers[edit.layer]
            return f"− {name}", "", f"{count(gone.units)} {gone.activation}"
        case SetUnits():
            return name, count(layers[edit.layer].units), count(edit.units)
        case SetActivation():
            return name, layers[edit.layer].activation, edit.activation
        case SetInitializer():
            return "init", "", edit.initializer


def _put_back(before: Spec, inputs: int, layer: int) -> list[AnyEdit]:
    """Return the edits that bring a removed layer back: as one that hands on its input, then as it was."""
    from engine.run.edits import AddLayer, RemoveLayer, SetActivation, SetUnits, edited

    was = before.network.layers[layer]
    new = AddLayer(layer=layer, activation=was.activation if was.activation in HANDING_ON else "identity")
    needed = edited(edited(before, inputs, RemoveLayer(layer=layer)), inputs, new).network.layers[layer].units
    edits: list[AnyEdit] = [new.model_copy(update={"units": max(needed, was.units)})]
    if was.units < needed:
        edits.append(SetUnits(layer=layer, units=was.units))
    if was.activation != new.activation:
        edits.append(SetActivation(layer=layer, activation=was.activation))
    return edits
