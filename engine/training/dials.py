"""Which values of a spec may change while its network learns, and from when a change holds.

A change acts at the next step, or at the next epoch where masks, batches or the optimiser's state depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from engine.errors import InputError, printable
from engine.protocol.events import Change
from engine.spec import Spec, override, value_at

When = Literal["step", "epoch"]
Place = tuple[int, int]
"""(epoch from 1, step from 0)."""

_DIALS: dict[When, re.Pattern[str]] = {
    "step": re.compile(r"training\.(learning_rate|l1|l2|clip|epochs|stopping\.(patience|minimum_change|restore_best))"),
    "epoch": re.compile(
        r"training\.(batch_size|shuffle|optimizer|momentum|beta1|beta2|epsilon|schedule(\.(kind|factor|every))?)"
        r"|network\.(dropout|dropout_mask|layers\.\d+\.dropout)"
    ),
}


def acts_at(path: str) -> When:
    """Return from when a change of ``path`` holds.

    Raises:
        InputError: Not something that can change while training.
    """
    for when, pattern in _DIALS.items():
        if pattern.fullmatch(path):
            return when
    raise InputError(f"{printable(path)}: this cannot be changed while the network learns; start a new run with it")


class Timeline:
    """A spec, and its changes over the course of a run: those that have acted and those that wait.

    Attributes:
        spec: The recipe as it now stands.
        done: Changes that have acted, in order.
        pending: Changes that wait for their place, in order.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.done: list[Change] = []
        self.pending: list[Change] = [
            Change(epoch=change.epoch, step=0, path=path, value=value, before=value_at(spec, path), by="recipe")
            for change in spec.changes
            for path, value in change.set.items()
        ]

    def plan(self, path: str, value: Any, here: Place) -> Change:
        """Return the change that setting ``path`` at the place ``here`` means; nothing acts yet.

        Raises:
            InputError: No such dial, or a value that it does not take.
        """
        when = acts_at(path)
        override(self.spec, {path: value})  # refuse now, not when it is due
        epoch, step = here
        if when == "epoch" and step:
            epoch, step = epoch + 1, 0
        return Change(epoch=epoch, step=step, path=path, value=value, before=value_at(self.spec, path))

    def add(self, changes: Sequence[Change]) -> None:
        """Let changes wait for their places; one whose place has passed acts at the next look."""
        self.pending = sorted([*self.pending, *changes], key=lambda change: change.place)

    def turn_due(self, here: Place) -> Spec | None:
        """Apply what is due at ``here``; return the spec as it was before, or None where nothing was due."""
        before = self.spec
        turned = False
        while self.pending and self.pending[0].place <= here:
            change = self.pending.pop(0)
            self.spec = override(self.spec, {change.path: change.value})
            self.done.append(change)
            turned = True
        return before if turned else None

    def restore(self, done: Sequence[Change]) -> None:
        """Take over the changes that a restored spec has already taken in."""
        self.done = list(done)
        keys = {change.key for change in done}
        self.pending = [change for change in self.pending if change.key not in keys]
