"""Branching: a new run that shares another one's past up to a checkpoint."""

from __future__ import annotations

from engine.run.changes import RECIPE, parse_change
from engine.store.runs import Run, RunStore


def branch(store: RunStore, run: Run, epoch: int, *, name: str | None = None, pace: float | None = None) -> Run:
    """Return a new run that stands where ``run`` stood at the checkpoint of ``epoch``; the old one stays as it is.

    Args:
        store: Where both lie.
        run: The run to branch from; it may be at work.
        epoch: One of ``run.checkpoints.epochs()``.
        name: The new run's, else the preset's and a number.
        pace: Epochs a second; None is full speed.

    Raises:
        InputError: No such checkpoint, or it is damaged; a name that is taken or is none.
    """
    checkpoint = run.checkpoints.load(epoch)
    past = run.description.trained
    new = store.create(past.spec, past.seeds, name=name, pace=pace, parent=f"{run.name}@{epoch}")
    with new.lock():
        if epoch:
            new.metrics.append(1, run.metrics.rows(last=epoch))
        for change in map(parse_change, checkpoint.meta["changes"]):
            if change.author != RECIPE:
                new.metrics.record_change(change)
        new.metrics.record_state(state="stopped", reason="stopped", epoch=epoch, pace=pace)
        new.metrics.close()
        new.checkpoints.save(checkpoint, keep="first")
    return new
