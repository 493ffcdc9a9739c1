"""Opening a run's exam."""

from __future__ import annotations

from engine.errors import InputError
from engine.run.changes import USER, SetPace
from engine.run.exam import ExamResult
from engine.training.exam import rows_checksum
from engine.training.trainer import Trainer

MOST_COUNTS = 2**21
"""Of the confusions of all seeds."""


def exam_result(trainer: Trainer, author: str = USER) -> ExamResult:
    """Open the exam of a trainer as it stands, and return the reports of all its seeds.

    Raises:
        InputError: The split has no test part.
        InputError: So many classes and seeds that their confusions have no room in a message.
    """
    classes, seeds = len(trainer.data.table.classes), len(trainer.seeds)
    if classes**2 * seeds > MOST_COUNTS:
        most = MOST_COUNTS // classes**2
        raise InputError(f"exam: {classes} classes of {seeds} seeds are too many to tell; open it of {most} seeds")
    reports = trainer.exam()
    return ExamResult(
        epoch=trainer.epoch,
        reports=tuple(reports) if isinstance(reports, list) else (reports,),
        author=author,
        changes=sum(not isinstance(change, SetPace) for change in trainer.change_log.done),
        rows_checksum=rows_checksum(trainer.data),
    )
