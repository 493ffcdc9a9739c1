"""From a trainer's state to what one watcher is to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import Change, EndReason, ExamResult, Frame, RunState, Scores, StepPlace
from engine.training.history import History
from engine.training.results import ExamReport
from engine.training.trainer import Trainer
from engine.worker.server import Watcher

Arrays = dict[str, NDArray[Any]]
MOST_ROWS = 4096
"""Epochs a frame at most carries for a watcher that wants every one; the rest comes with the next frame."""


@dataclass
class Situation:
    """How a run stands, beside what its trainer knows.

    Attributes:
        state: Running, paused, finished or stopped.
        reason: Why it ended.
        message: One line about it.
        pace: Epochs a second; None is full speed.
        epochs_per_second: Measured over the last stretch of training; None while not training.
        spec_version: Counts changes of the spec.
        news: Counts whatever a watcher should hear of.
        exams: Openings of the exam, the latest last.
    """

    state: RunState
    pace: float | None
    reason: EndReason | None = None
    message: str | None = None
    epochs_per_second: float | None = None
    spec_version: int = 1
    news: int = 0
    exams: list[ExamResult] = field(default_factory=list)


def make_frame(
    watcher: Watcher, trainer: Trainer, history: History, situation: Situation, changes: list[Change]
) -> tuple[Frame, Arrays]:
    """Return the watcher's next frame and its arrays; the watcher then counts as told."""
    first_epoch, bin_width, arrays = _metrics(watcher, history)
    clerks = _add_views(watcher, trainer, arrays)
    exams = situation.exams
    frame = Frame(
        number=watcher.frames,
        state=situation.state,
        reason=situation.reason,
        message=situation.message,
        epoch=trainer.epoch,
        step=trainer.step_in_epoch,
        steps=trainer.steps,
        epochs=trainer.spec.training.epochs,
        pace=situation.pace,
        epochs_per_second=situation.epochs_per_second,
        learning_rate=trainer.learning_rate,
        best_epoch=trainer.best_epoch,
        latest=_latest(history, classification=trainer.classification, single=len(trainer.seeds) == 1),
        first_epoch=first_epoch,
        bin_width=bin_width,
        spec=trainer.spec if watcher.told_spec != situation.spec_version else None,
        clerks=clerks,
        changes=tuple(changes[watcher.told_changes :]),
        pending=tuple(trainer.timeline.pending),
        replies=tuple(watcher.replies),
        exam=exams[-1] if len(exams) > watcher.told_exams else None,
    )
    watcher.frames += 1
    watcher.told_spec = situation.spec_version
    watcher.told_changes = len(changes)
    watcher.told_exams = len(exams)
    watcher.replies.clear()
    return frame, arrays


def _metrics(watcher: Watcher, history: History) -> tuple[int, int, Arrays]:
    """Return first epoch, bin width and array of what is new; the watcher counts as told."""
    first = watcher.told_epoch + 1
    most = watcher.hello.max_points
    if most is not None and len(history) - watcher.told_epoch > most:
        bins = history.binned(first, most)
        watcher.told_epoch = len(history)
        return bins.first_epoch, bins.width, {"bins": bins.values}
    rows = history.rows(first)[:MOST_ROWS]
    watcher.told_epoch += len(rows)
    return first, 1, {"rows": rows} if len(rows) else {}


def _add_views(watcher: Watcher, trainer: Trainer, arrays: Arrays) -> StepPlace | None:
    if "weights" in watcher.views:
        for number, layer in enumerate(trainer.network.parameters.layers):
            arrays[f"weights.{number}"] = layer[0]
    return _add_clerks(trainer, arrays) if "clerks" in watcher.views else None


def _add_clerks(trainer: Trainer, arrays: Arrays) -> StepPlace | None:
    latest = trainer.latest_step()
    if latest is None:
        return None
    for number, activations in enumerate(latest.activations):
        masks = latest.masks.get(number)
        arrays[f"activations.{number}"] = activations[0].astype(np.float32)
        arrays[f"masks.{number}"] = np.ones(activations[0].shape, np.uint8) if masks is None else masks[0] > 0
        arrays[f"masks.{number}"] = arrays[f"masks.{number}"].astype(np.uint8)
    for number, dead in enumerate(trainer.dead_neurons()):
        arrays[f"dead.{number}"] = dead[0].astype(np.uint8)
    arrays["clerk_rows"] = trainer.data.train.rows[latest.rows[0]].astype(np.int64)
    epoch, step = (
        (trainer.epoch + 1, trainer.step_in_epoch) if trainer.step_in_epoch else (trainer.epoch, trainer.steps)
    )
    return StepPlace(epoch=epoch, step=step, steps=trainer.steps, total_steps=trainer.total_steps)


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
