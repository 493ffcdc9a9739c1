"""What may change while a network learns, and from when a change holds.

A change is a path and a value: a dial of the spec, an edit of the architecture (``edits.EDIT_PATH``), or a single
weight (``weights.LAYER.NEURON.INPUT``, the bias being the last input). It acts at the next step, or at the next epoch
where masks, batches, shapes or the optimiser's state depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from engine.errors import InputError, sanitize
from engine.run.edits import EDIT_PATH, edited, parse_edit
from engine.run.frozen import Frozen
from engine.spec import Spec, override, value_at

When = Literal["step", "epoch"]
Place = tuple[int, int]
"""(epoch from 1, step from 0)."""

_DIALS: dict[When, re.Pattern[str]] = {
    "step": re.compile(
        r"training\.(learning_rate|l1|l2|clip|epochs|stopping\.(patience|minimum_change|restore_best))"
        r"|weights\.\d+\.\d+\.\d+"
    ),
    "epoch": re.compile(
        r"training\.(batch_size|shuffle|optimizer|momentum|beta1|beta2|epsilon|schedule(\.(kind|factor|every))?)"
        r"|network\.(edit|dropout|dropout_mask|layers\.\d+\.dropout)"
    ),
}
WEIGHT_PATH = re.compile(r"weights\.(\d+)\.(\d+)\.(\d+)")


class Change(Frozen):
    """A dial that was turned: it held from step ``step`` (counted from 0) of epoch ``epoch`` (from 1) on."""

    epoch: int
    step: int
    path: str
    value: Any
    before: Any
    by: Literal["user", "recipe"] = "user"
    """The recipe is the preset's ``[[changes]]``."""

    @property
    def place(self) -> tuple[int, int]:
        """(epoch, step), for comparing."""
        return self.epoch, self.step

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it the same change in a log and in a checkpoint."""
        return self.epoch, self.step, self.path, repr(self.value), self.by


def acts_at(path: str) -> When:
    """Return from when a change of ``path`` holds.

    Raises:
        InputError: Not something that can change while training.
    """
    for when, pattern in _DIALS.items():
        if pattern.fullmatch(path):
            return when
    raise InputError(f"{sanitize(path)}: this cannot be changed while the network learns; start a new run with it")


def spec_after(spec: Spec, inputs: int, path: str, value: Any) -> Spec:
    """Return the spec as a change leaves it, for a network with so many inputs.

    Raises:
        InputError: A value that the path does not take.
    """
    if path == EDIT_PATH:
        return edited(spec, inputs, parse_edit(value))
    if WEIGHT_PATH.fullmatch(path):
        return spec  # parameters are not part of the recipe
    return override(spec, {path: value})


def _replaced(spec: Spec, path: str) -> dict[str, Any]:
    """Return what of a change is to be said of the value it replaces; nothing for a weight."""
    if WEIGHT_PATH.fullmatch(path):
        return {}
    return {"before": value_at(spec, "network.layers" if path == EDIT_PATH else path)}


class ChangeLog:
    """A spec, and its changes over the course of a run: those that have acted and those that wait.

    Args:
        spec: The recipe at the start.
        inputs: Columns of the data.
        check: Raises InputError for a recipe that cannot be followed here.

    Attributes:
        spec: The recipe as it now stands.
        done: Changes that have acted, in order.
        pending: Changes that wait for their place, in order.

    Raises:
        InputError: The recipe's ``[[changes]]`` set something that cannot change on the way.
    """

    def __init__(self, spec: Spec, inputs: int, check: Callable[[Spec], None] = lambda _: None) -> None:
        check(spec)
        for change in spec.changes:
            for path in change.set:
                acts_at(path)
        self.spec = spec
        self._inputs = inputs
        self._check = check
        self.done: list[Change] = []
        self.pending: list[Change] = []
        self.add(
            [
                Change(epoch=change.epoch, step=0, path=path, value=value, before=None, by="recipe")
                for change in spec.changes
                for path, value in change.set.items()
            ]
        )

    def plan(self, path: str, value: Any, here: Place, before: Any = None) -> Change:
        """Return the change that setting ``path`` at the place ``here`` means; nothing acts yet.

        It is planned against everything that waits: its ``before`` is the value that it will find at its place.

        Args:
            path: What to change.
            value: Its new value.
            here: The place of the next step.
            before: The value it replaces, where that is not in the spec.

        Raises:
            InputError: No such dial, or a value that it does not take when its place comes, or with which something
                that waits for a later place would not fit any more.
        """
        epoch, step = here
        if acts_at(path) == "epoch" and step:
            epoch, step = epoch + 1, 0
        change = Change(epoch=epoch, step=step, path=path, value=value, before=before)
        return [waiting for waiting in self._foreseen([change]) if waiting.key == change.key][-1]

    def add(self, changes: Sequence[Change]) -> None:
        """Let changes wait for their places; one whose place has passed acts at the next look."""
        self.pending = self._foreseen(changes)

    def due(self, here: Place) -> bool:
        """Return whether a change is to act at ``here``."""
        return bool(self.pending) and self.pending[0].place <= here

    def _foreseen(self, new: Sequence[Change]) -> list[Change]:
        """Return all that waits and what is new, in order, each with the value of the recipe that it will replace."""
        spec, foreseen = self.spec, []
        for change in sorted([*self.pending, *new], key=lambda change: change.place):
            foreseen.append(change.model_copy(update=_replaced(spec, change.path)))
            spec = self._after(spec, change)
            self._check(spec)
        return foreseen

    def turn_next(self) -> Change:
        """Let the first waiting change act on the spec, and return it."""
        change = self.pending.pop(0)
        self.spec = self._after(self.spec, change)
        self.done.append(change)
        return change

    def _after(self, spec: Spec, change: Change) -> Spec:
        """Return the recipe as a change leaves it; its own ``changes`` are those that it still has before it."""
        if change.by == "recipe":
            spec = spec.model_copy(update={"changes": tuple(one for one in spec.changes if one.epoch > change.epoch)})
        return spec_after(spec, self._inputs, change.path, change.value)

    def restore(self, done: Sequence[Change], pending: Sequence[Change]) -> None:
        """Take over the changes that a restored spec has already taken in, and those that wait."""
        self.done, self.pending = list(done), list(pending)
