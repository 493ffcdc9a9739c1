"""A run's story, told to a worker command by command, and what has to be true of its store whatever happens meanwhile.

Each command is repeated where it was refused, as a user would who has made room on the disk. What a watcher has been
told to hold is noted as ``held``: it must never be lost again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.protocol.commands import Command, NextEpoch, NextStep, OpenExam, Resume, SetDial
from engine.protocol.events import Frame
from engine.run.changes import PACE_PATH, Change
from engine.store.runs import Run
from engine.training.stored import open_trainer
from engine.worker.recorded_history import read_history
from tests.engine.worker.oracle import Undisturbed, weights_of
from tests.engine.worker.peers import Peer

EPOCHS = 6
STORY: tuple[Command, ...] = (
    NextEpoch(),
    SetDial(path="training.learning_rate", value=0.02),
    SetDial(path="training.l2", value=0.001),
    NextStep(),
    SetDial(path="weights.0.0.0", value=0.25),
    SetDial(path="training.learning_rate", value=0.01),
    NextEpoch(),
    SetDial(path="network.edit", value={"kind": "set-units", "layer": 0, "units": 10, "keep": True}),
    NextStep(),
    SetDial(path="network.dropout", value=0.3),
    NextEpoch(),
    OpenExam(),
    SetDial(path="training.batch_size", value=4),
    Resume(),
)
MOST_REFUSALS = 20


@dataclass
class Held:
    """What the watchers of a run were told to be so.

    Attributes:
        changes: Path and value of each change, in order, and how many operations the disk had done by then.
        exams: After how many operations each exam was opened.
        refusals: What was refused, in one line each.
    """

    changes: list[tuple[str, Any, int]] = field(default_factory=list)
    exams: list[int] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def note(self, command: Command, operations: int) -> None:
        if isinstance(command, SetDial):
            self.changes.append((command.path, command.value, operations))
        elif isinstance(command, OpenExam):
            self.exams.append(operations)


def tell(
    watcher: Peer, command: Command, held: Held, count: Callable[[], int] = int, make_room: Callable[[], object] = bool
) -> None:
    """Have a command carried out, and see what it leads to; where the disk refuses it, make room and try again.

    Args:
        watcher: Who asks for it.
        command: It.
        held: Where to note what came of it.
        count: Says how many operations the disk has done.
        make_room: What to do about a refusal.
    """
    for _ in range(MOST_REFUSALS):
        reply, frame = watcher.ask(command)
        refusal = reply.error
        if refusal is not None and isinstance(command, Resume) and frame.state == "finished":
            return  # it died once it had ended, and before it could say so
        if refusal is None:
            held.note(command, count())
            refusal = _trouble_of(watcher, command, frame)
        if refusal is None:
            return
        assert refusal.isprintable(), repr(refusal)
        held.refusals.append(refusal)
        make_room()
    raise AssertionError(f"refused {MOST_REFUSALS} times: {held.refusals}")


def _trouble_of(watcher: Peer, command: Command, frame: Frame) -> str | None:
    """Return why training that a command has begun came to a halt, where that was trouble with the disk."""
    if not isinstance(command, NextStep | NextEpoch | Resume):
        return None
    while frame.state == "running":
        frame, _ = watcher.frame()
    return frame.message if frame.state == "paused" else None


def is_subsequence(wanted: list[Any], found: list[Any]) -> bool:
    """Return whether the one's entries are among the other's, in their order."""
    rest = iter(found)
    return all(any(entry == one for one in rest) for entry in wanted)


def logged(run: Run) -> list[Change]:
    """Return the changes that the store has."""
    return Run(run.path).metrics.changes()


def check_held(run: Run, held: Held, operations: int = 2**62) -> None:
    """Check that all that was held after so many operations of the disk is in the store."""
    changes = [(path, value) for path, value, by in held.changes if by <= operations]
    found = [(change.path, change.value) for change in logged(run)]
    assert is_subsequence(changes, found), (changes, found)
    assert len(Run(run.path).metrics.exams()) >= sum(by <= operations for by in held.exams)


def undisturbed(run: Run) -> Undisturbed:
    """Return the run as its log of changes says it went, trained without a break."""
    changes = sorted((each for each in logged(run) if each.path != PACE_PATH), key=lambda change: change.place)
    return Undisturbed(run, [((each.epoch - 1, each.step), each.path, each.value) for each in changes]).finish()


def check_ends_undisturbed(directory: Path) -> None:
    """Take a run up from its store, to its end; every number is that of an undisturbed one with the same changes."""
    run = Run(directory)
    trainer = open_trainer(run)
    past = read_history(run, trainer.epoch).rows(1, trainer.epoch)
    rows = np.concatenate([past, *(result.row()[None] for result in trainer.epochs())])
    alone = undisturbed(run)
    np.testing.assert_array_equal(rows, alone.rows)
    assert weights_of(trainer) == weights_of(alone.trainer)
