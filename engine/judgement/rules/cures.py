"""Cures: the changes of a recipe that a verdict offers."""

from __future__ import annotations

from pydantic import JsonValue

from engine.declarations.optimizers import DECLARED_OPTIMIZERS
from engine.judgement.case import Case
from engine.run.edits import EDIT_PATH
from engine.run.verdicts import Cure, Turn

Edit = dict[str, JsonValue]
MEAN_SQUARE = "v"
"""The moment by which an optimiser divides the gradient: its steps do not depend on how large that is."""
LARGE = 10
"""Times the usual learning rate."""
HIDDEN_LAYER: tuple[Edit, ...] = (
    {"kind": "set-initializer", "initializer": "glorot_uniform"},
    {"kind": "add-layer", "layer": 0, "units": 8, "activation": "tanh", "keep": False},
)
"""What a network without hidden layers is given; all weights are drawn afresh, as 8 neurons may be too few to keep."""


def slower(case: Case, times: float) -> Cure:
    """Return the change that divides the learning rate."""
    return _with_rate(case.spec.training.learning_rate / times)


def faster(case: Case, times: float) -> Cure:
    """Return the change that multiplies the learning rate, up to the usual one at least."""
    training = case.spec.training
    return _with_rate(max(training.learning_rate * times, DECLARED_OPTIMIZERS[training.optimizer].usual_rate))


def steps_are_large(case: Case) -> bool:
    """Return whether the optimiser's steps, of a size that the learning rate alone sets, are larger than is usual."""
    declared = DECLARED_OPTIMIZERS[case.spec.training.optimizer]
    return MEAN_SQUARE in declared.moments and case.spec.training.learning_rate >= LARGE * declared.usual_rate


def slower_in_new_run(case: Case, times: float) -> Cure:
    """Return the cure that divides the learning rate, down to the usual one at least: nothing of this run is left."""
    training = case.spec.training
    rate = min(training.learning_rate / times, DECLARED_OPTIMIZERS[training.optimizer].usual_rate)
    return _with_rate(rate).model_copy(update={"anew": True})


def _with_rate(rate: float) -> Cure:
    return with_value("training.learning_rate", float(f"{rate:.2g}"))


def with_value(path: str, value: JsonValue) -> Cure:
    """Return the cure that gives one entry of the recipe another value, in the same run."""
    return Cure(turns=(Turn(path=path, value=value),))


def edit_network(*edits: Edit) -> Cure:
    """Return the cure that edits the network, in this order, in the same run."""
    return Cure(turns=tuple(Turn(path=EDIT_PATH, value=edit) for edit in edits))


def in_new_run(path: str, value: JsonValue) -> Cure:
    """Return the cure that takes a new run with another value of the recipe."""
    return Cure(turns=(Turn(path=path, value=value),), anew=True)
