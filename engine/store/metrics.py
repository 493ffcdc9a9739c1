"""A run's log: metrics by epoch and seed, sparse series, changes, exams, events, and the state it was last in.

Undefined numbers (NaN) are NULL in the file and NaN outside it; infinities are kept as they are, for a loss that
overflowed says something else than one that was never measured. Only the sign of a zero is lost: SQLite keeps none.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, TrainerError, sanitize
from engine.run.changes import Change
from engine.run.exam import ExamResult
from engine.run.metrics import METRICS, MetricSet
from engine.run.verdicts import Verdict
from engine.store import metric_rows, row_checksums, schema
from engine.store.checksums import check_seal_beside, seal_beside
from engine.store.database import (
    Writer,
    close_writer,
    reading,
    sync,
    transaction,
    translate_sqlite_errors,
    wrap_value_errors,
)
from engine.store.records import OpenedExam, Points, RecordedState, RunEvent

COMMIT_INTERVAL = 0.05
"""Seconds between commits of metrics: a commit costs about as much as an epoch of a small network."""

Row = tuple[str, schema.Fields]
"""A table's name and the row that is to be inserted."""


class MetricsLog:
    """One run's log. Its worker writes; anyone may read at any time, and sees what has been committed.

    Metrics and points are buffered until ``flush`` or ``flush_if_due``; everything else is durable when its method
    returns, and takes the buffer with it. When the disk refuses, the error is a ``TrainerError`` and the buffer stays,
    so that a later commit loses nothing. A file of an older format is brought into the newest with the first metrics,
    points or change that are written to it.

    It has many methods, because each kind of record has one that writes it and one that reads it.

    Args:
        path: The file; it is neither opened nor made before it is needed.
        seeds: S.
        columns: C, the metrics of every epoch. Those that an older file lacks are undefined there.
        recipe_changes: How many changes the run's recipe has: they are not in the log, but have the first numbers.
    """

    def __init__(self, path: Path, seeds: int = 1, *, columns: MetricSet = METRICS, recipe_changes: int = 0) -> None:
        self.path = path
        self.seeds = seeds
        self.columns = columns
        self._recipe_changes = recipe_changes
        self._writer: Writer | None = None
        self._is_newest = False
        self._points: list[metric_rows.Point] = []
        self._epochs: list[int] = []
        self._rows: list[NDArray[np.float64]] = []
        self._verdicts: dict[int, Verdict] = {}
        self._last_commit = -math.inf

    def append(self, first_epoch: int, rows: NDArray[np.float64]) -> None:
        """Buffer the (k, S, C) metrics of the k epochs from ``first_epoch`` (from 1) on.

        An epoch that was there before is replaced, as in a replay.

        Raises:
            ValueError: Rows of another shape.
        """
        if rows.shape[1:] != (self.seeds, len(self.columns)):
            raise ValueError(f"expected rows of shape (k, {self.seeds}, {len(self.columns)}), got {rows.shape}")
        self._epochs.extend(range(first_epoch, first_epoch + len(rows)))
        self._rows.append(np.array(rows, np.float64))

    def append_point(
        self, name: str, step: int, epoch: int, values: Sequence[float] | NDArray[np.floating[Any]]
    ) -> None:
        """Buffer a point of the sparse series ``name``: one value a seed, (S,), measured after ``step`` steps in all.

        A point that was there before at this step is replaced, as in a replay.

        Raises:
            ValueError: Another number of values.
        """
        if len(values) != self.seeds:
            raise ValueError(f"expected {self.seeds} values, got {len(values)}")
        self._points.extend((name, step, seed, epoch, float(value)) for seed, value in enumerate(values))

    def flush(self, *, durable: bool = False) -> None:
        """Commit the buffered metrics; ``durable`` also waits for the disk (before a checkpoint relies on them).

        Raises:
            TrainerError: The disk is full, read-only, or the file is held by another program.
        """
        if self._is_buffered:
            self._commit((), durable=False)
        if durable and self._writer is not None:
            with translate_sqlite_errors(self.path):
                sync(self._writer.connection, self.path)

    def flush_if_due(self, now: float) -> None:
        """Commit the buffered metrics if the last commit by this method was ``COMMIT_INTERVAL`` or longer ago.

        ``now`` is in seconds, by any steady clock. Errors are those of ``flush``; the next try waits as long again.
        """
        if self._is_buffered and now - self._last_commit >= COMMIT_INTERVAL:
            self._last_commit = now
            self.flush()

    def record_change(self, change: Change) -> None:
        """Log a change, before it acts. One without a number gets the next one of the log."""
        self._commit([("changes", schema.change_fields(change))], newest=True)

    def record_state(self, **values: object) -> None:
        """Record fields of ``RecordedState``; those not named stay as they are.

        ``epoch`` follows the metrics by itself; it is only given where it goes back, at a resumption.
        """
        checked = RecordedState.model_validate(values).model_dump(mode="json", exclude_unset=True)
        self._commit([("state", {"key": key, "value": json.dumps(value)}) for key, value in checked.items()])

    def record_verdicts(self, verdicts: Sequence[Verdict]) -> None:
        """Buffer verdicts that have begun, or are other than before; each replaces the one of its number."""
        self._verdicts.update({verdict.number: verdict for verdict in verdicts})

    def record_exam(self, result: ExamResult, *, at: datetime) -> None:
        """Log an opening of the exam."""
        report = json.dumps(result.model_dump(exclude={"earlier"}))  # the rows before this one tell them
        self._commit([("exams", {"at": at.isoformat(), "epoch": result.epoch, "report": report})])

    def record_event(self, event: RunEvent) -> None:
        """Log something that happened by itself."""
        fields = {"at": event.at.isoformat(), "kind": event.kind, "epoch": event.epoch}
        self._commit([("events", {**fields, "details": json.dumps(event.details)})])

    def close(self) -> None:
        """Commit what is buffered and close the file; a later write opens it again."""
        self.flush()
        if self._writer is not None:
            close_writer(self._writer.connection)
            self._writer = None
            if not any(self.path.with_name(f"{self.path.name}-{kind}").exists() for kind in ("wal", "journal")):
                with suppress(TrainerError, OSError):  # all is kept, only nothing vouches for it
                    seal_beside(self.path)

    def is_lost(self) -> bool:
        """Say whether the file that is written to was deleted, or replaced by another one."""
        return self._writer is not None and self._writer.is_lost()

    def write_again(self) -> None:
        """Put a file with all that was committed in the place of a lost one.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to. It can be tried again.
        """
        if self._writer is not None:
            self._writer.write_again()

    def check(self, *, gapless: bool) -> None:
        """Check that the file is as it was written: by its checksum, or as far as SQLite can tell where it has none.

        Args:
            gapless: Whether a run of ours wrote it, which has rows of every epoch up to the recorded one.

        Raises:
            InputError: It is damaged.
        """
        if check_seal_beside(self.path):
            return
        with wrap_value_errors(self.path), reading(self.path) as connection:
            if connection is None:
                return
            [(integrity, *_), *_] = connection.execute("PRAGMA quick_check(1)").fetchall()
            if integrity != "ok":
                raise InputError(f"{sanitize(self.path)}: damaged ({sanitize(integrity)})")
            state = dict(connection.execute("SELECT key, value FROM state WHERE key = 'epoch'").fetchall())
            epoch = int(json.loads(state.get("epoch", "0")))
            query = "SELECT count(*), min(epoch) FROM epochs WHERE epoch <= ?"
            [(count, first)] = connection.execute(query, (epoch,)).fetchall()
        if gapless and count and count != (expected := self.seeds * (epoch - first + 1)):
            line = f"{count} rows of epochs {first} to {epoch} where there should be {expected}"
            raise InputError(f"{sanitize(self.path)}: damaged ({line})")

    def rows(self, first: int = 1, last: int | None = None) -> NDArray[np.float64]:
        """Return the (k, S, C) metrics of epochs ``first`` … ``last`` (by default the last there is).

        Epochs that are missing in between, as after a power cut, are NaN.
        """
        with wrap_value_errors(self.path), reading(self.path) as connection:
            if connection is None:
                return np.full((0, self.seeds, len(self.columns)), np.nan)
            return metric_rows.read_epochs(connection, self.seeds, self.columns, first, last)

    def changes(self) -> list[Change]:
        """Return every change in the order in which they were made."""
        with wrap_value_errors(self.path), reading(self.path) as connection:
            if connection is None:
                return []
            if schema.format_of(connection) == 1:
                return schema.changes_of_format_1(connection, self._recipe_changes)
            return schema.changes(connection)

    def series_names(self) -> list[str]:
        """Return the names of the sparse series, in the order in which they were begun."""
        with reading(self.path) as connection:
            if connection is None or schema.format_of(connection) == 1:
                return []
            return [name for (name,) in connection.execute("SELECT name FROM series ORDER BY id")]

    def points(self, name: str, first_step: int = 0) -> Points:
        """Return the points of a sparse series from ``first_step`` on; none where there is no such series."""
        with wrap_value_errors(self.path), reading(self.path) as connection:
            if connection is None or schema.format_of(connection) == 1:
                return Points(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, self.seeds)))
            return metric_rows.read_points(connection, self.seeds, name, first_step)

    def state(self) -> RecordedState:
        """Return what the worker last recorded; see ``Run.summary`` for what is true now."""
        with wrap_value_errors(self.path):
            records = self._read("state", "key, value", order="key")
            values = {key: json.loads(value) for key, value in records if key in RecordedState.model_fields}
            return RecordedState.model_validate(values)

    def exams(self) -> list[OpenedExam]:
        """Return every opening of the exam, the first one first."""
        with wrap_value_errors(self.path):
            records = self._read("exams", "at, epoch, report", order="id")
            opened = [OpenedExam(at=at, result=ExamResult(**json.loads(report))) for at, _, report in records]
        openings = [each.result.opening for each in opened]
        return [
            each.model_copy(update={"result": each.result.after(openings[:place])}) for place, each in enumerate(opened)
        ]

    def verdicts(self) -> list[Verdict]:
        """Return every verdict, by its number; none where nobody has judged the run."""
        with wrap_value_errors(self.path):
            with reading(self.path) as connection:
                if connection is None or not schema.has_verdicts(connection):
                    return []
            records = self._read("verdicts", "number, told, body", order="number")
            return [Verdict.model_validate_json(body) for *_, body in records]

    def events(self) -> list[RunEvent]:
        """Return every event, the first one first."""
        with wrap_value_errors(self.path):
            return [
                RunEvent(at=at, kind=kind, epoch=epoch, details=json.loads(details))
                for at, kind, epoch, details in self._read("events", "at, kind, epoch, details", order="id")
            ]

    def _read(self, table: str, columns: str, order: str) -> list[list[Any]]:
        """Return the columns of a table of texts and whole numbers, in the order in which they are written."""
        with reading(self.path) as connection:
            if connection is None:
                return []
            checksum = schema.checksum_column(connection)
            query = f"SELECT {columns}, {checksum} FROM {table} ORDER BY {order}"  # noqa: S608 - our own names
            records = connection.execute(query).fetchall()
        for *row, kept in records:
            row_checksums.check_texts(kept, *row)
        return [row for *row, _ in records]

    def upgrade(self) -> None:
        """Bring a file of an older format into the newest; see ``engine.store.schema``.

        Raises:
            InputError: The file is damaged.
            TrainerError: The disk is full, read-only, or the file is held by another program. It is as it was.
        """
        if self.path.exists():
            self._upgraded_writer()

    def _open_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = Writer(self.path, self.columns)
            with translate_sqlite_errors(self.path):
                self._is_newest = schema.is_newest(self._writer.connection, self.columns)
        return self._writer.connection

    def _upgraded_writer(self) -> sqlite3.Connection:
        writer = self._open_writer()
        if not self._is_newest:
            with translate_sqlite_errors(self.path), wrap_value_errors(self.path), transaction(writer, durable=True):
                schema.upgrade(writer, self.columns, self._recipe_changes)
            self._is_newest = True
        return writer

    def _commit(self, rows: Sequence[Row], *, durable: bool = True, newest: bool = False) -> None:
        """Write the buffer and the rows as one transaction, and only then empty the buffer.

        Metrics, points and what needs the newest format bring an older file into it.
        """
        newest = newest or self._is_buffered
        writer = self._upgraded_writer() if newest else self._open_writer()
        with translate_sqlite_errors(self.path), transaction(writer, durable=durable):
            if self._epochs:
                metric_rows.insert_epochs(writer, self._epochs, self._rows, self.columns)
                rows = [("state", {"key": "epoch", "value": json.dumps(self._epochs[-1])}), *rows]
            if self._points:
                metric_rows.insert_points(writer, self._points)
            if self._verdicts:
                writer.execute(schema.VERDICTS)
                rows = [*rows, *map(_verdict_row, self._verdicts.values())]
            for table, fields in rows:
                writer.execute(*schema.insertion(table, fields, summed=self._is_newest))
        self._epochs.clear()
        self._rows.clear()
        self._points.clear()
        self._verdicts.clear()

    @property
    def _is_buffered(self) -> bool:
        return bool(self._epochs or self._points or self._verdicts)


def _verdict_row(verdict: Verdict) -> Row:
    return "verdicts", {"number": verdict.number, "told": verdict.told, "body": verdict.model_dump_json()}
