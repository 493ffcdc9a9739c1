"""A sweep's SQLite file: what has ended, and how the sweep stands. One process writes, anyone reads.

``result`` and every value of the state are JSON; ``field`` is what a trial's networks answer over two columns, as
safetensors, or NULL. ``id`` grows with each result, so that who reads along asks for what is newer than the last one.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, NamedTuple

from engine.errors import InputError, sanitize
from engine.run.frozen import Frozen
from engine.store import row_checksums
from engine.store.database import PATIENCE, transaction, translate_sqlite_errors, wrap_value_errors
from engine.store.files import check_format, is_on_network, private
from engine.sweep.results import TrialResult

FORMAT = 1
APPLICATION = 0x74756973  # "tuis", the mark of our files in SQLite's header
WHAT = "a sweep's trials"
_TABLES = (
    """CREATE TABLE trials (
        id INTEGER PRIMARY KEY AUTOINCREMENT, trial INTEGER NOT NULL UNIQUE, result TEXT NOT NULL, field BLOB,
        row_checksum INTEGER NOT NULL
    )""",
    "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {APPLICATION}",
    f"PRAGMA user_version = {FORMAT}",
)


class Ended(NamedTuple):
    """A trial that has ended, as it is recorded."""

    trial: int
    result: TrialResult
    field: bytes | None = None


class SweepState(Frozen):
    """How a sweep stands, as the process that works on it has last said."""

    state: str = "stopped"
    """running, stopped or finished; see ``Sweep.state`` for what is true."""
    pid: int | None = None
    host: str | None = None
    running: tuple[int, ...] = ()
    """The trials that are under way."""
    jobs: int | None = None
    """How many are trained at once."""
    cluster: str | None = None
    """The Dask cluster that trains them."""
    seconds: float = 0.0
    """For which it has been worked on, all in all."""
    message: str | None = None


class TrialsLog:
    """The file, for one writer and any number of readers."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def open_writer(self) -> None:
        """Open the file to write to it, and make it if it does not exist; for the holder of the sweep's lock.

        Raises:
            InputError: It is damaged, of a newer format, or none of ours.
            TrainerError: It cannot be written.
        """
        with translate_sqlite_errors(self.path, WHAT):
            with suppress(OSError):  # SQLite says why
                os.close(private(str(self.path), os.O_RDWR | os.O_CREAT))
            connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
            try:
                blank = self._is_blank(connection)
                connection.execute(f"PRAGMA journal_mode = {'DELETE' if is_on_network(self.path) else 'WAL'}")
                if blank:
                    with transaction(connection, durable=True):
                        for statement in _TABLES:
                            connection.execute(statement)
            except BaseException:
                connection.close()
                raise
        self._connection = connection

    def close(self) -> None:
        """Close the writer."""
        if self._connection is not None:
            with suppress(sqlite3.OperationalError):
                self._connection.execute("PRAGMA journal_mode = DELETE")  # one file, for read-only disks too
            self._connection.close()
            self._connection = None

    def record(self, ended: Sequence[Ended]) -> None:
        """Write trials that have ended; they are on the disk when this returns.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to.
        """
        statement = "INSERT OR REPLACE INTO trials (trial, result, field, row_checksum) VALUES (?, ?, ?, ?)"
        with translate_sqlite_errors(self.path, WHAT), transaction(self._writer, durable=True):
            for trial, result, field in ended:
                text = result.model_dump_json()
                self._writer.execute(statement, (trial, text, field, _checksum(trial, text, field)))

    def forget(self, trials: Sequence[int]) -> None:
        """Take back what was recorded of trials, which are to be trained again."""
        with translate_sqlite_errors(self.path, WHAT), transaction(self._writer, durable=True):
            self._writer.executemany("DELETE FROM trials WHERE trial = ?", [(trial,) for trial in trials])

    def record_state(self, **fields: Any) -> None:
        """Write fields of the ``SweepState``.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to.
        """
        rows = [(key, json.dumps(value)) for key, value in fields.items()]
        with translate_sqlite_errors(self.path, WHAT), transaction(self._writer, durable=False):
            self._writer.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", rows)

    def state(self) -> SweepState:
        """Return how the sweep stands.

        Raises:
            InputError: The file is damaged, of a newer format, or none of ours.
        """
        rows = self._read("SELECT key, value FROM state")
        with wrap_value_errors(self.path):
            fields = SweepState.model_fields
            return SweepState.model_validate({key: json.loads(value) for key, value in rows if key in fields})

    def ended(self, after: int = 0) -> tuple[dict[int, TrialResult], int]:
        """Return the results that were recorded after the id ``after``, by trial, and the newest id there is.

        Raises:
            InputError: The file is damaged, of a newer format, or none of ours.
        """
        query = "SELECT id, trial, result, field, row_checksum FROM trials WHERE id > ? ORDER BY id"
        results: dict[int, TrialResult] = {}
        with wrap_value_errors(self.path):
            for number, trial, text, field, kept in self._read(query, (after,)):
                if kept != _checksum(trial, text, field):
                    raise ValueError(f"trial {trial} differs from its checksum")
                results[trial] = TrialResult.model_validate_json(text)
                after = number
        return results, after

    def fields(self) -> Mapping[int, bytes]:
        """Return what networks answer over two columns, by trial, of the trials that have such a field.

        Raises:
            InputError: The file is damaged, of a newer format, or none of ours.
        """
        rows = self._read("SELECT trial, result, field, row_checksum FROM trials WHERE field IS NOT NULL")
        with wrap_value_errors(self.path):
            for trial, text, field, kept in rows:
                if kept != _checksum(trial, text, field):
                    raise ValueError(f"trial {trial} differs from its checksum")
        return {trial: field for trial, _, field, _ in rows}

    @property
    def _writer(self) -> sqlite3.Connection:
        if self._connection is None:
            raise RuntimeError("expected open_writer() first")
        return self._connection

    def _read(self, query: str, parameters: Sequence[object] = ()) -> list[Any]:
        if not self.path.exists():
            return []
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        with (
            translate_sqlite_errors(self.path, WHAT),
            closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE)) as connection,
        ):
            return [] if self._is_blank(connection) else connection.execute(query, parameters).fetchall()

    def _is_blank(self, connection: sqlite3.Connection) -> bool:
        """Say whether the file holds nothing yet: its writer died before the tables were committed."""

        def header(name: str) -> int:
            return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

        if header("schema_version") == 0:
            return True
        if header("application_id") != APPLICATION:
            raise InputError(f"{sanitize(self.path)}: not {WHAT}")
        check_format(self.path, header("user_version"), FORMAT)
        return False


def _checksum(trial: int, result: str, field: bytes | None) -> int:
    digest = "" if field is None else hashlib.blake2b(field, digest_size=16).hexdigest()
    return row_checksums.of_texts(trial, result, digest)
