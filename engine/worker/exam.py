"""Opening a run's exam."""

from __future__ import annotations

from engine.run.changes import USER, SetPace
from engine.run.exam import ExamResult
from engine.training.exam import rows_checksum
from engine.training.trainer import Trainer


def exam_result(trainer: Trainer, author: str = USER) -> ExamResult:
    """Open the exam of a trainer as it stands, and return the reports of all its seeds.

    Raises:
        InputError: The split has no test part.
    """
    reports = trainer.exam()
    return ExamResult(
        epoch=trainer.epoch,
        reports=tuple(reports) if isinstance(reports, list) else (reports,),
        author=author,
        changes=sum(not isinstance(change, SetPace) for change in trainer.change_log.done),
        rows_checksum=rows_checksum(trainer.data),
    )
