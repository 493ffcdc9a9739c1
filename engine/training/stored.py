"""The trainer of a run that lies in the store."""

from __future__ import annotations

from engine.errors import InputError, sanitize
from engine.store.runs import Run
from engine.training.trainer import Trainer


def open_trainer(run: Run) -> Trainer:
    """Return the run's trainer where its store stands: at its latest checkpoint, with the changes logged since.

    Where none of the checkpoints can be read it stands at the start: the same seeds lead to the same network again.

    Raises:
        InputError: Data or options that do not fit, or a description or metrics that are damaged.
    """
    run.check()
    checkpoint = run.checkpoints.latest()
    trainer = _at_start(run) if checkpoint is None else Trainer.from_checkpoint(checkpoint)
    return _with_changes(run, trainer)


def latest_trainer(run: Run) -> Trainer:
    """Return the run's trainer as far as its metrics reach; nothing is written, so it may be at work.

    What a worker has trained since its latest checkpoint is trained anew, bit for bit.

    Raises:
        InputError: See ``open_trainer``.
    """
    trainer = open_trainer(run)
    trainer.advance(max(0, (run.metrics.state().epoch or 0) - trainer.epoch))
    return trainer


def trainer_at(run: Run, epoch: int) -> Trainer:
    """Return the run's trainer as it stood after so many epochs, bit for bit; nothing is written.

    Where there is no checkpoint of the epoch, the epochs from the one before it on are trained anew, with the changes
    as they were logged.

    Raises:
        InputError: The run has not come so far, or see ``open_trainer``.
    """
    run.check()
    kept = run.checkpoints.epochs()
    done = max([run.metrics.state().epoch or 0, *kept])
    if epoch > done:
        raise InputError(f"run {run.name}: epoch: expected 0 to {done}, as far as it has come (got {epoch})")
    for before in reversed([each for each in kept if each <= epoch]):
        trainer = Trainer.from_checkpoint(run.checkpoints.load(before))
        if trainer.epoch < epoch or not trainer.step_in_epoch:
            break
    else:
        trainer = _at_start(run)
    if trainer.epoch < epoch:
        _with_changes(run, trainer).advance(epoch - trainer.epoch)
    if trainer.epoch != epoch:
        raise InputError(f"run {run.name}: epoch: expected 0 to {trainer.epoch}, where it ends (got {epoch})")
    return trainer


def _at_start(run: Run) -> Trainer:
    description = run.description
    if len(description.seeds) == 1:
        return Trainer(description.trained.spec, description.seeds[0])
    return Trainer(description.trained.spec, seeds=description.seeds)


def _with_changes(run: Run, trainer: Trainer) -> Trainer:
    """Return a trainer with the changes that were logged for its seeds.

    Raises:
        InputError: It is of other seeds than the run.
    """
    seeds = run.description.seeds
    if trainer.seeds != seeds:
        named, trained = (", ".join(map(str, each)) for each in (seeds, trainer.seeds))
        raise InputError(
            f"{sanitize(run.path)}/run.json: seeds: names {sanitize(named, 60)}, and what was trained are those of "
            f"{sanitize(trained, 60)}"
        )
    trainer.apply(run.metrics.changes())
    return trainer
