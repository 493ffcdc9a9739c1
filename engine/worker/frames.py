"""From a trainer's state to what one watcher is to be told."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError
from engine.protocol.events import Frame, Scores, StepPlace
from engine.run.exam import ExamResult
from engine.training.history import History
from engine.training.results import ExamReport
from engine.training.trainer import Trainer
from engine.views.boundary import Boundary
from engine.views.catalog import VIEWS
from engine.worker.server import Watcher
from engine.worker.status import RunStatus

Arrays = dict[str, NDArray[Any]]
SNAPSHOT_BYTES = 2 * 2**20
"""Bytes a second that the views of one watcher may come to."""
MOST_ROWS = 4096
"""Epochs a frame at most carries for a watcher that wants every one; the rest comes with the next frame."""


def make_frame(
    watcher: Watcher, trainer: Trainer, history: History, status: RunStatus, now: float, *, final: bool = False
) -> tuple[Frame, Arrays]:
    """Return the watcher's next frame and its arrays; the watcher then counts as told.

    ``now`` is in seconds, by the clock that spaces out large snapshots. The final frame leaves no epoch for later.
    """
    first_epoch, bin_width, arrays = _metrics(watcher, history, None if final else MOST_ROWS)
    shown = status.visited or trainer
    # A new shape, and an answer to the watcher, come with what they changed.
    waited_for = watcher.replies or watcher.sent_spec != status.spec_version
    watcher.snapshot_deferred = bool(watcher.views) and not waited_for and now < watcher.next_snapshot
    snapshot = {} if watcher.snapshot_deferred else _snapshot(watcher, shown, now)
    arrays |= snapshot
    exams, changes = status.exams, trainer.change_log.done
    frame = Frame(
        number=watcher.frames,
        final=final,
        state=status.state,
        reason=status.reason,
        message=status.message,
        epoch=trainer.epoch,
        step=trainer.step_in_epoch,
        steps=trainer.steps,
        epochs=trainer.spec.training.epochs,
        pace=status.pace,
        epochs_per_second=status.epochs_per_second,
        learning_rate=trainer.learning_rate,
        best_epoch=trainer.state.best_epoch,
        latest=_latest(history, classification=trainer.classification, single=len(trainer.seeds) == 1),
        first_epoch=first_epoch,
        bin_width=bin_width,
        spec=shown.spec if watcher.sent_spec != status.spec_version else None,
        step_place=_step_place(shown) if "neuron_rows" in snapshot else None,
        plane=watcher.plane if "boundary.field" in snapshot else None,
        visiting=status.visited.epoch if status.visited else None,
        checkpoints=status.checkpoints if watcher.sent_checkpoints != status.checkpoints else None,
        changes=tuple(changes[watcher.sent_changes :]),
        pending=tuple(trainer.change_log.pending),
        replies=tuple(watcher.replies),
        exam=exams[-1] if len(exams) > watcher.sent_exams else None,
    )
    watcher.frames += 1
    watcher.sent_spec = status.spec_version
    watcher.sent_changes = len(changes)
    watcher.sent_exams = len(exams)
    watcher.sent_checkpoints = status.checkpoints
    watcher.replies.clear()
    return frame, arrays


def _metrics(watcher: Watcher, history: History, most_rows: int | None) -> tuple[int, int, Arrays]:
    """Return first epoch, bin width and array of what is new; the watcher counts as told."""
    first = watcher.sent_epoch + 1
    most = watcher.hello.max_points
    if most is not None and len(history) - watcher.sent_epoch > most:
        bins = history.binned(first, most)
        watcher.sent_epoch = len(history)
        return bins.first_epoch, bins.width, {"bins": bins.values}
    rows = history.rows(first, most_rows)
    watcher.sent_epoch += len(rows)
    return first, 1, {"rows": rows} if len(rows) else {}


def _snapshot(watcher: Watcher, trainer: Trainer, now: float) -> Arrays:
    """Return the arrays of the views that the watcher asked for, and put off the next ones by their size."""
    arrays: Arrays = {}
    for view in watcher.views:
        if view == "boundary":
            arrays |= _boundary(watcher, trainer)
        elif view != "data":
            arrays |= VIEWS[view](trainer)
        elif not watcher.sent_data:
            arrays |= VIEWS[view](trainer)
            watcher.sent_data = True
    watcher.next_snapshot = now + sum(array.nbytes for array in arrays.values()) / SNAPSHOT_BYTES
    return arrays


def _boundary(watcher: Watcher, trainer: Trainer) -> Arrays:
    """Return the boundary view; a plane that the network does not have (any more) shows nothing."""
    try:
        if watcher.boundary is None or not watcher.boundary.shows(trainer, watcher.plane):
            watcher.boundary = Boundary(trainer, watcher.plane)
        return watcher.boundary.arrays()
    except InputError:
        watcher.boundary = None
        return {}


def _step_place(trainer: Trainer) -> StepPlace:
    epoch, step = trainer.epoch + 1, trainer.step_in_epoch
    if not step:
        epoch, step = trainer.epoch, trainer.steps
    return StepPlace(epoch=epoch, step=step, steps=trainer.steps, total_steps=trainer.state.total_steps)


def _latest(history: History, *, classification: bool, single: bool) -> tuple[Scores | None, Scores | None]:
    if not len(history):
        return None, None
    row = history.rows(len(history))[0]
    train = _scores(row[:, 0], row[:, 1], classification=classification, single=single)
    validation = _scores(row[:, 2], row[:, 3], classification=classification, single=single)
    return train, validation if np.isfinite(row[:, 2:4]).any() else None


def _scores(loss: NDArray[Any], score: NDArray[Any], *, classification: bool, single: bool) -> Scores:
    def listed(values: NDArray[Any]) -> float | list[float | None] | None:
        numbers = [float(value) if np.isfinite(value) else None for value in values]
        return numbers[0] if single else numbers

    if classification:
        return Scores(loss=listed(loss), accuracy=listed(score))
    return Scores(loss=listed(loss), accuracy=None, r2=listed(score))


def exam_result(reports: ExamReport | list[ExamReport]) -> ExamResult:
    """Return the reports of one or several seeds as one message; lists have one entry a seed."""
    if isinstance(reports, ExamReport):
        return ExamResult.model_validate({key: getattr(reports, key) for key in ExamResult.model_fields})
    lists = {key: [getattr(report, key) for report in reports] for key in ExamResult.model_fields}
    return ExamResult.model_validate({**lists, "epoch": reports[0].epoch})
