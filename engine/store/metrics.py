"""A run's log: the metrics of every epoch and seed, changes, exams, events, and the state it was last in.

Undefined numbers (NaN) are NULL in the file and NaN outside it; infinities are kept as they are, for a loss that
overflowed says something else than one that was never measured. Only the sign of a zero is lost: SQLite keeps none.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from engine.errors import InputError
from engine.run.changes import Change, make_change
from engine.run.exam import ExamResult
from engine.run.metrics import METRICS
from engine.run.status import EndReason, RunState
from engine.store.database import (
    close_writer,
    open_writer,
    reading,
    sync,
    transaction,
    translate_sqlite_errors,
    wrap_value_errors,
)

COMMIT_INTERVAL = 0.05
"""Seconds between commits of metrics: a commit costs about as much as an epoch of a small network."""

LAST_EPOCH = 10**9
"""No run is longer; see ``TrainingSpec.epochs``."""

MAX_MISSING = 10**6
"""Rows that may be missing between others: beyond what a power cut takes, the file is damaged."""

_INSERT_ROW = "INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)"
_INSERT_STATE = "INSERT OR REPLACE INTO state VALUES (?, ?)"

Statement = tuple[str, Sequence[Any]]


class Record(BaseModel):
    """Base of what is read back: frozen, and strict about its fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordedState(Record):
    """What the worker last said about its run; None where it has said nothing yet."""

    state: RunState | None = None
    reason: EndReason | None = None
    message: str | None = None
    epoch: int = 0
    """Epochs completed."""
    epochs: int | None = None
    """The epoch at which the run ends."""
    pace: float | None = None
    socket: str | None = None
    version: str | None = None
    protocol: int | None = None
    pid: int | None = None


class OpenedExam(Record):
    """One opening of the sealed exam."""

    at: datetime
    result: ExamResult


class RunEvent(Record):
    """Something that happened in the run and was not asked for, such as a value that is no longer finite."""

    at: datetime
    kind: str
    epoch: int
    details: dict[str, Any]


class MetricsLog:
    """One run's log. Its worker writes; anyone may read at any time, and sees what has been committed.

    Metrics are buffered until ``flush`` or ``flush_if_due``; everything else is durable when its method returns, and
    takes the buffered metrics with it. When the disk refuses, the error is a ``TrainerError`` and the buffer stays, so
    that a later commit loses nothing.
    """

    def __init__(self, path: Path, seeds: int = 1, *, recipe_changes: int = 0) -> None:
        """Name the file; nothing is opened or made before it is needed.

        The changes of the run's recipe, which are not in the log, have the first numbers.
        """
        self.path = path
        self._recipe_changes = recipe_changes
        self.seeds = seeds
        self._writer: sqlite3.Connection | None = None
        self._epochs: list[int] = []
        self._rows: list[NDArray[np.float64]] = []
        self._last_commit = -math.inf

    def append(self, first_epoch: int, rows: NDArray[np.float64]) -> None:
        """Buffer the (k, S, 5) metrics (columns ``METRICS``) of the k epochs from ``first_epoch`` (from 1) on.

        An epoch that was there before is replaced, as in a replay.
        """
        if rows.shape[1:] != (self.seeds, len(METRICS)):
            raise ValueError(f"expected rows of shape (k, {self.seeds}, {len(METRICS)}), got {rows.shape}")
        self._epochs.extend(range(first_epoch, first_epoch + len(rows)))
        self._rows.append(np.array(rows, np.float64))

    def flush(self, *, durable: bool = False) -> None:
        """Commit the buffered metrics; ``durable`` also waits for the disk (before a checkpoint relies on them).

        Raises:
            TrainerError: The disk is full, read-only, or the file is held by another program.
        """
        if self._epochs:
            self._commit((), durable=False)
        if durable and self._writer is not None:
            with translate_sqlite_errors(self.path):
                sync(self._writer)

    def flush_if_due(self, now: float) -> None:
        """Commit the buffered metrics if the last commit by this method was ``COMMIT_INTERVAL`` or longer ago.

        ``now`` is in seconds, by any steady clock. Errors are those of ``flush``; the next try waits as long again.
        """
        if self._epochs and now - self._last_commit >= COMMIT_INTERVAL:
            self._last_commit = now
            self.flush()

    def record_change(self, change: Change) -> None:
        """Log a turned dial, before it acts."""
        value, before = json.dumps(change.value), json.dumps(change.model_dump()["before"])
        statement = "INSERT INTO changes (epoch, step, path, value, before, by) VALUES (?, ?, ?, ?, ?, ?)"
        self._commit([(statement, (change.epoch, change.step, change.path, value, before, change.author))])

    def record_state(self, **values: object) -> None:
        """Record fields of ``RecordedState``; those not named stay as they are.

        ``epoch`` follows the metrics by itself; it is only given where it goes back, at a resumption.
        """
        checked = RecordedState.model_validate(values).model_dump(mode="json", exclude_unset=True)
        self._commit([(_INSERT_STATE, (key, json.dumps(value))) for key, value in checked.items()])

    def record_exam(self, result: ExamResult, *, at: datetime) -> None:
        """Log an opening of the exam."""
        report = json.dumps(result.model_dump())
        statement = "INSERT INTO exams (at, epoch, report) VALUES (?, ?, ?)"
        self._commit([(statement, (at.isoformat(), result.epoch, report))])

    def record_event(self, event: RunEvent) -> None:
        """Log something that happened by itself."""
        statement = "INSERT INTO events (at, kind, epoch, details) VALUES (?, ?, ?, ?)"
        self._commit([(statement, (event.at.isoformat(), event.kind, event.epoch, json.dumps(event.details)))])

    def close(self) -> None:
        """Commit what is buffered and close the file; a later write opens it again."""
        self.flush()
        if self._writer is not None:
            close_writer(self._writer)
            self._writer = None

    def rows(self, first: int = 1, last: int | None = None) -> NDArray[np.float64]:
        """Return the (k, S, 5) metrics of epochs ``first`` … ``last`` (by default the last there is).

        Epochs that are missing in between, as after a power cut, are NaN.
        """
        query = "SELECT * FROM epochs WHERE epoch BETWEEN ? AND ?"
        with wrap_value_errors(self.path):
            found = self._read(query, first, LAST_EPOCH if last is None else last)
            table = np.array(found, np.float64).reshape(-1, 2 + len(METRICS))
            epochs, seeds = table[:, 0].astype(np.intp) - first, table[:, 1].astype(np.intp)
            length = int(epochs.max(initial=-1)) + 1
            if length * self.seeds > len(found) + MAX_MISSING:
                raise ValueError(f"most of the {length} epochs are missing")
            rows = np.full((length, self.seeds, len(METRICS)), np.nan)
            rows[epochs, seeds] = table[:, 2:]
        return rows

    def changes(self) -> list[Change]:
        """Return every change in the order in which they were made."""
        with wrap_value_errors(self.path):
            rows = self._read("SELECT epoch, step, path, value, before, by FROM changes ORDER BY id")
            return [_change(number, *row) for number, row in enumerate(rows, 1 + self._recipe_changes)]

    def state(self) -> RecordedState:
        """Return what the worker last recorded; see ``Run.summary`` for what is true now."""
        with wrap_value_errors(self.path):
            found = self._read("SELECT key, value FROM state")
            values = {key: json.loads(value) for key, value in found if key in RecordedState.model_fields}
            return RecordedState.model_validate(values)

    def exams(self) -> list[OpenedExam]:
        """Return every opening of the exam, the first one first."""
        with wrap_value_errors(self.path):
            found = self._read("SELECT at, report FROM exams ORDER BY id")
            return [OpenedExam(at=at, result=ExamResult(**json.loads(report))) for at, report in found]

    def events(self) -> list[RunEvent]:
        """Return every event, the first one first."""
        with wrap_value_errors(self.path):
            return [
                RunEvent(at=at, kind=kind, epoch=epoch, details=json.loads(details))
                for at, kind, epoch, details in self._read("SELECT at, kind, epoch, details FROM events ORDER BY id")
            ]

    def _read(self, query: str, *parameters: int) -> list[tuple[Any, ...]]:
        with reading(self.path) as connection:
            return [] if connection is None else connection.execute(query, parameters).fetchall()

    def _commit(self, statements: Sequence[Statement], *, durable: bool = True) -> None:
        """Write the buffered metrics and the statements as one transaction, and only then empty the buffer."""
        if self._writer is None:
            self._writer = open_writer(self.path)
        with translate_sqlite_errors(self.path), transaction(self._writer, durable=durable):
            if self._epochs:
                self._writer.executemany(_INSERT_ROW, self._table())
                self._writer.execute(_INSERT_STATE, ("epoch", json.dumps(self._epochs[-1])))
            for statement, parameters in statements:
                self._writer.execute(statement, parameters)
        self._epochs.clear()
        self._rows.clear()

    def _table(self) -> list[list[float]]:
        """Return the buffered metrics as the table's rows; SQLite makes keys integers again, and NaN NULL."""
        epochs = np.repeat(self._epochs, self.seeds)
        seeds = np.tile(np.arange(self.seeds), len(self._epochs))
        values = np.concatenate(self._rows).reshape(-1, len(METRICS))
        table: list[list[float]] = np.column_stack((epochs, seeds, values)).tolist()
        return table


def _change(number: int, epoch: int, step: int, path: str, value: str, before: str, author: str) -> Change:
    """Return the change of one row."""
    fields = {"number": number, "epoch": epoch, "step": step, "before": json.loads(before), "author": author}
    try:
        return make_change(path, json.loads(value), **fields)
    except InputError as error:
        raise ValueError(str(error)) from None
