"""The tables of a run's SQLite file, in the formats there have been.

``seed`` is the seed's position in the run's list; NULL is an undefined number (NaN). Value, before, details and report
are JSON, and so is every value of the state.

Format 1 had the five columns of ``engine.run.metrics.METRICS``, changes with a path and a value but without kind and
number, and no series. Format 2 has a column by each metric's name, whatever they are, and series of points by step.
Format 3 has a checksum in each row (``row_checksums``), NULL in rows of older formats.
"""

from __future__ import annotations

import json
import sqlite3

from engine.errors import InputError
from engine.run.changes import Change, make_change, parse_change
from engine.run.metrics import CHECKSUM, RESERVED, MetricSet
from engine.store import row_checksums

FORMAT = 3
FORMAT_WITH_CHECKSUMS = 3
APPLICATION = 0x74756974  # "tuit", the mark of our files in SQLite's header

_SUM = f"{CHECKSUM} INTEGER"
_CHANGES = f"""CREATE TABLE changes (
    number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    kind TEXT NOT NULL, author TEXT NOT NULL, details TEXT NOT NULL, {_SUM}
)"""
_SERIES = (
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    f"""CREATE TABLE points (
        series INTEGER NOT NULL, step INTEGER NOT NULL, seed INTEGER NOT NULL, epoch INTEGER NOT NULL, value REAL,
        {_SUM},
        PRIMARY KEY (series, step, seed)
    ) WITHOUT ROWID""",
)
VERDICTS = f"""CREATE TABLE IF NOT EXISTS verdicts (
    number INTEGER PRIMARY KEY, told INTEGER NOT NULL, body TEXT NOT NULL, {_SUM}
) WITHOUT ROWID"""
"""Made when the first verdict is recorded: runs have it or not, whatever their format."""
_STAMP = f"PRAGMA user_version = {FORMAT}"

_SUMMED = ("epochs", "changes", "points", "state", "exams", "events")
Fields = dict[str, object]


def create(connection: sqlite3.Connection, columns: MetricSet) -> None:
    """Make the tables of an empty file, inside the caller's transaction."""
    statements = (
        f"""CREATE TABLE epochs (
            epoch INTEGER NOT NULL, seed INTEGER NOT NULL,
            {"".join(f"{quoted(name)} REAL, " for name in columns)}{_SUM},
            PRIMARY KEY (epoch, seed)
        ) WITHOUT ROWID""",
        _CHANGES,
        *_SERIES,
        f"CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL, {_SUM}) WITHOUT ROWID",
        f"""CREATE TABLE exams (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, epoch INTEGER NOT NULL, report TEXT NOT NULL, {_SUM}
        )""",
        f"""CREATE TABLE events (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, epoch INTEGER NOT NULL, details TEXT NOT NULL,
            {_SUM}
        )""",
        f"PRAGMA application_id = {APPLICATION}",
        _STAMP,
    )
    for statement in statements:
        connection.execute(statement)


def has_verdicts(connection: sqlite3.Connection) -> bool:
    """Return whether verdicts have been recorded."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'verdicts'"
    return connection.execute(query).fetchone() is not None


def is_newest(connection: sqlite3.Connection, columns: MetricSet) -> bool:
    """Return whether the file has the newest format, and these columns."""
    return format_of(connection) == FORMAT and not set(columns) - set(metric_columns(connection))


def upgrade(connection: sqlite3.Connection, columns: MetricSet, recipe_changes: int) -> None:
    """Bring the tables of an older file into the newest format, inside the caller's transaction.

    Args:
        connection: The file.
        columns: The metrics that are to be written to it; those it lacks are added.
        recipe_changes: How many numbers the changes of the run's recipe have, which are not in the log.

    Raises:
        ValueError: Not a change.
    """
    written_format = format_of(connection)
    if written_format == 1:
        earlier = changes_of_format_1(connection, recipe_changes)
        connection.execute("DROP TABLE changes")
        for statement in (_CHANGES, *_SERIES):
            connection.execute(statement)
        for change in earlier:
            connection.execute(*insertion("changes", change_fields(change), summed=True))
    if written_format < FORMAT:
        for table in _SUMMED:
            if CHECKSUM not in _columns(connection, table):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {_SUM}")
        connection.execute(_STAMP)
    for name in sorted(set(columns) - set(metric_columns(connection)), key=columns.index):
        connection.execute(f"ALTER TABLE epochs ADD COLUMN {quoted(name)} REAL")


def format_of(connection: sqlite3.Connection) -> int:
    """Return the format in which the tables are."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def metric_columns(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the metrics that the file has."""
    return [name for name in _columns(connection, "epochs") if name not in RESERVED]


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def checksum_column(connection: sqlite3.Connection) -> str:
    """Return what to select for a row's checksum; older formats have none."""
    return CHECKSUM if format_of(connection) >= FORMAT_WITH_CHECKSUMS else "NULL"


def quoted(name: str) -> str:
    """Return a name as SQL writes identifiers."""
    return '"' + name.replace('"', '""') + '"'


def change_fields(change: Change) -> Fields:
    """Return a change as its table has it; one without a number gets the next one there."""
    details = change.model_dump(exclude={"number", "epoch", "step", "kind", "author"})
    fields: Fields = {"number": change.number or None, "epoch": change.epoch, "step": change.step}
    return fields | {"kind": change.kind, "author": change.author, "details": json.dumps(details)}


def insertion(table: str, fields: Fields, *, summed: bool) -> tuple[str, list[object]]:
    """Return the statement that inserts a row of texts and whole numbers, and its parameters.

    Args:
        table: Its name; a row of the state or of the verdicts replaces the one that has its key.
        fields: By column.
        summed: Whether the file has checksums. A row has none to which SQLite gives its number.
    """
    if summed and None not in fields.values():
        fields = {**fields, CHECKSUM: row_checksums.of_texts(*fields.values())}
    verb = "INSERT OR REPLACE" if table in {"state", "verdicts"} else "INSERT"
    return f"{verb} INTO {table} ({', '.join(fields)}) VALUES ({', '.join('?' * len(fields))})", [*fields.values()]


def changes(connection: sqlite3.Connection) -> list[Change]:
    """Return the changes of a file of the newest format, in the order of their numbers.

    Raises:
        ValueError: A row is not a valid change.
    """
    query = "SELECT number, epoch, step, kind, author, details, {} FROM changes ORDER BY number"
    rows = connection.execute(query.format(checksum_column(connection))).fetchall()
    for *row, kept in rows:
        row_checksums.check_texts(kept, *row)
    return [
        parse_change(
            {**json.loads(details), "number": number, "epoch": epoch, "step": step, "kind": kind, "author": author}
        )
        for number, epoch, step, kind, author, details, _ in rows
    ]


def changes_of_format_1(connection: sqlite3.Connection, recipe_changes: int) -> list[Change]:
    """Return the changes of a file of format 1, numbered in their order.

    Raises:
        ValueError: A row is not a valid change.
    """
    rows = connection.execute("SELECT epoch, step, path, value, before, by FROM changes ORDER BY id").fetchall()
    try:
        return [
            make_change(
                path,
                json.loads(value),
                before=json.loads(before),
                number=number,
                epoch=epoch,
                step=step,
                author=author,
            )
            for number, (epoch, step, path, value, before, author) in enumerate(rows, 1 + recipe_changes)
        ]
    except InputError as error:
        raise ValueError(str(error)) from None
