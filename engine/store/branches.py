"""Branching: a new run that shares another one's past up to a checkpoint."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from engine.errors import TrainerError
from engine.names import MAX_RUN
from engine.run.changes import RECIPE, Change, numbered_by, parse_change
from engine.run.exam import Opening
from engine.run.verdicts import recorded_up_to
from engine.store.checkpoints import Checkpoint
from engine.store.metrics import MetricsLog
from engine.store.runs import ROOM_FOR_A_NUMBER, Run, RunStore

BRANCH: Final = "-branch"
"""What stands between the name of a run and the number of its branch."""


def branch(store: RunStore, run: Run, epoch: int, *, name: str | None = None, pace: float | None = None) -> Run:
    """Return a new run that stands where ``run`` stood at the checkpoint of ``epoch``; the old one stays as it is.

    Args:
        store: Where both lie.
        run: The run to branch from; it may be at work.
        epoch: One of ``run.checkpoints.epochs()``.
        name: The new run's, else that of the run it branches from, as in ``breast-cancer-3-branch-1``.
        pace: Epochs a second; None is full speed.

    Raises:
        InputError: No such checkpoint, or it or the metrics are damaged; a name that is taken or not valid.
    """
    run.check()
    checkpoint = run.checkpoints.load(epoch)
    past = run.description.trained
    new = store.create(
        past.spec,
        past.seeds,
        name=name,
        stem=f"{_root(run.name)}{BRANCH}",
        pace=pace,
        parent=f"{run.name}@{epoch}",
        group=run.description.group,
    )
    with new.lock():
        _copy_metrics(run.metrics, new.metrics, epoch)
        for change in _changes(run, checkpoint):
            new.metrics.record_change(change)
        data = run.metrics.state().data
        new.metrics.record_verdicts(recorded_up_to(run.metrics.verdicts(), epoch))
        new.metrics.record_state(state="stopped", reason="stopped", epoch=epoch, pace=pace, data=data)
        new.metrics.close()
        new.checkpoints.save(checkpoint, keep="first")
    return new


def inherited_openings(run: Run) -> list[Opening]:
    """Return how often the exam of the runs that a run was branched from had been opened by then, the first one first.

    Its rows are theirs, and so is its exam. What has been deleted since, or cannot be read, tells nothing.
    """
    openings: list[Opening] = []
    with suppress(TrainerError, OSError):
        store, seen = RunStore(run.path.parent.parent), {run.name}
        while run.description.parent:
            parent = store.open(run.description.parent.rpartition("@")[0])
            if parent.name in seen:
                break
            seen.add(parent.name)
            exams = [exam for exam in parent.metrics.exams() if exam.at < run.description.created]
            openings = [exam.result.opening.model_copy(update={"run": parent.name}) for exam in exams] + openings
            run = parent
    return openings


def _root(name: str) -> str:
    """Return the run that a branch, or a branch of a branch, goes back to, cut where the name would be too long."""
    root = re.sub(rf"{BRANCH}-[0-9]+$", "", name)
    return root[: MAX_RUN - ROOM_FOR_A_NUMBER - len(BRANCH)].rstrip("-")


def _copy_metrics(past: MetricsLog, new: MetricsLog, epoch: int) -> None:
    """Copy the metrics and the points of the epochs up to ``epoch``."""
    if epoch:
        new.append(1, past.rows(last=epoch))
    for name in past.series_names():
        for step, at, values in zip(*past.points(name), strict=True):
            if at <= epoch:
                new.append_point(name, int(step), int(at), values)


def _changes(run: Run, checkpoint: Checkpoint) -> list[Change]:
    """Return the changes of a checkpoint, done or waiting, that are not the recipe's own, in the order of the log."""
    written = [parse_change(change) for key in ("changes", "pending") for change in checkpoint.meta[key]]
    changes = numbered_by(run.metrics.changes(), [change for change in written if change.author != RECIPE])
    return sorted(changes, key=lambda change: change.number)
