"""A run's SQLite file: how it is opened and written, and what its errors mean; ``schema`` says what is in it.

One worker writes, anyone reads. The journal is a write-ahead log, so that neither waits for the other, except on
network file systems, where that log's shared memory does not work; there it is the classic rollback journal.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from engine.errors import InputError, TrainerError, sanitize
from engine.run.metrics import METRICS, MetricSet
from engine.store import schema
from engine.store.checksums import unseal_beside
from engine.store.files import check_format, is_on_network, private, sync_directory

PATIENCE = 2.0
"""Seconds to wait for another connection's lock."""

_JOURNAL_CANNOT_BE_USED = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}


def open_writer(path: Path, columns: MetricSet = METRICS) -> sqlite3.Connection:
    """Return a connection that writes to ``path``, which is made, with these metrics, if it does not exist.

    Raises:
        InputError: The file is damaged, of a newer format, or none of ours.
        TrainerError: It cannot be written.
    """
    unseal_beside(path)
    with translate_sqlite_errors(path):
        with suppress(OSError):  # SQLite says why; its own new files, the journals too, have the mode of this one
            os.close(private(str(path), os.O_RDWR | os.O_CREAT))
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        try:
            blank = _is_blank(connection, path)
            connection.execute(f"PRAGMA journal_mode = {'DELETE' if is_on_network(path) else 'WAL'}")
            if blank:
                with transaction(connection, durable=True):
                    schema.create(connection, columns)
        except BaseException:
            connection.close()
            raise
    return connection


class Writer:
    """A connection that writes, and the file that it was opened on.

    Raises:
        InputError: The file is damaged, of a newer format, or none of ours.
        TrainerError: It cannot be written.
    """

    def __init__(self, path: Path, columns: MetricSet = METRICS) -> None:
        self._path = path
        self._columns = columns
        self.connection = open_writer(path, columns)
        self._file = _identity(path)

    def is_lost(self) -> bool:
        """Say whether the file was deleted, or replaced by another one."""
        return _identity(self._path) != self._file

    def write_again(self) -> None:
        """Put a file in the place of the lost one that holds what the connection still does: all that was committed.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to; the connection is as it was.
        """
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}.tmp")
        try:
            with translate_sqlite_errors(self._path):
                os.close(private(str(temporary), os.O_RDWR | os.O_CREAT | os.O_TRUNC))
                with closing(sqlite3.connect(temporary)) as copy:
                    self.connection.backup(copy)
            close_writer(self.connection)
            for journal in ("-wal", "-shm", "-journal"):  # of the lost file; to the new one they would be damage
                self._path.with_name(self._path.name + journal).unlink(missing_ok=True)
            temporary.replace(self._path)
            sync_directory(self._path.parent)
        except OSError as error:
            raise TrainerError(f"{sanitize(self._path)}: cannot be written ({error.strerror})") from None
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        self.connection = open_writer(self._path, self._columns)
        self._file = _identity(self._path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def sync(connection: sqlite3.Connection, path: Path) -> None:
    """Wait until all that has been committed is on the disk.

    Raises:
        OSError: The disk refuses.
    """
    # A checkpoint would sync the write-ahead log before it copies from it, but not while somebody reads. SQLite has no
    # lock on this file that closing it could give up. A rollback journal needs none of this: it is synced.
    with suppress(FileNotFoundError):
        log = os.open(path.with_name(f"{path.name}-wal"), os.O_RDWR)
        try:
            os.fsync(log)
        finally:
            os.close(log)
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def close_writer(connection: sqlite3.Connection) -> None:
    """Close the connection and, where nobody is reading, leave a single file that read-only disks can hold too."""
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """Give a connection that only reads, or None where nothing has been written yet.

    Raises:
        InputError: The file is damaged, of a newer format, or none of ours.
    """
    if not path.exists():
        yield None
        return
    with translate_sqlite_errors(path), ExitStack() as stack:
        try:
            connection = stack.enter_context(_connected(path, "ro"))
            blank = _is_blank(connection, path)
        except sqlite3.OperationalError as error:
            if _primary(error) not in _JOURNAL_CANNOT_BE_USED:
                raise
            connection = stack.enter_context(_recovered(path))
            blank = _is_blank(connection, path)
        yield None if blank else connection


def _connected(path: Path, mode: str) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=PATIENCE))


@contextmanager
def _recovered(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection to a file beside which a dead writer left a journal that has to be worked off first.

    Whoever may write here does that; on a disk that cannot be written to it is done in a copy.
    """
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(_connected(path, "rw"))
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError as error:
            if _primary(error) not in _JOURNAL_CANNOT_BE_USED:
                raise
            copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tui-trainer-"))) / path.name
            for journal in ("", "-wal", "-journal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(f"{path}{journal}", f"{copy}{journal}")
            connection = stack.enter_context(_connected(copy, "rw"))
        yield connection


def _primary(error: sqlite3.Error) -> int:
    """Return SQLite's code of an error, without its extended part."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


@contextmanager
def transaction(connection: sqlite3.Connection, *, durable: bool) -> Iterator[None]:
    """Commit what is executed inside as one, or nothing of it.

    A durable commit is on the disk before this returns. Others outlive the death of the process, but a power cut may
    take those since the last durable one (see ``sync``).
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # on some errors SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def translate_sqlite_errors(path: Path, what: str = "a run's metrics") -> Iterator[None]:
    """Turn errors of SQLite, and of the system, into one line that names the file, and ``what`` it should be.

    Raises:
        InputError: The file is damaged, or none of ours.
        TrainerError: Anything else: a full or read-only disk, a lock that is held.
    """
    try:
        yield
    except OSError as error:
        raise TrainerError(f"{sanitize(path)}: {sanitize(error.strerror or error)}") from None
    except sqlite3.Error as error:
        if _primary(error) in _DAMAGED:
            raise InputError(f"{sanitize(path)}: damaged, or not {what} ({sanitize(error)})") from None
        raise TrainerError(f"{sanitize(path)}: {sanitize(error)}") from None
    except UnicodeDecodeError:  # SQLite's own message quotes what it found in the file
        raise InputError(f"{sanitize(path)}: damaged, or not {what} (text that is none)") from None


@contextmanager
def wrap_value_errors(path: Path) -> Iterator[None]:
    """Turn errors of values that cannot be decoded into one line that names the file.

    Raises:
        InputError: The file is damaged.
    """
    try:
        yield
    except (ValueError, TypeError, IndexError, RecursionError) as error:
        raise InputError(f"{sanitize(path)}: damaged ({sanitize(error)})") from None


def _is_blank(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether the file holds nothing yet (its writer died before the schema was committed); check what it holds."""

    def header(name: str) -> int:
        return int(connection.execute(f"PRAGMA {name}").fetchone()[0])

    if header("schema_version") == 0:
        return True
    if header("application_id") != schema.APPLICATION:
        raise InputError(f"{sanitize(path)}: not a run's metrics")
    check_format(path, header("user_version"), schema.FORMAT)
    return False
