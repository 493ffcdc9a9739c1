"""The tables of a run's SQLite file, in the formats there have been.

``seed`` is the seed's position in the run's list; NULL is an undefined number (NaN). Value, before, details and report
are JSON, and so is every value of the state.

Format 1 had the five columns of ``engine.run.metrics.METRICS``, changes with a path and a value but without kind and
number, and no series. Format 2 has a column by each metric's name, whatever they are, and series of points by step.
"""

from __future__ import annotations

import json
import sqlite3

from engine.errors import InputError
from engine.run.changes import Change, make_change, parse_change
from engine.run.metrics import MetricSet

FORMAT = 2
APPLICATION = 0x74756974  # "tuit", the mark of our files in SQLite's header

_CHANGES = """CREATE TABLE changes (
    number INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
    kind TEXT NOT NULL, author TEXT NOT NULL, details TEXT NOT NULL
)"""
_SERIES = (
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE points (
        series INTEGER NOT NULL, step INTEGER NOT NULL, seed INTEGER NOT NULL, epoch INTEGER NOT NULL, value REAL,
        PRIMARY KEY (series, step, seed)
    ) WITHOUT ROWID""",
)
_STAMP = f"PRAGMA user_version = {FORMAT}"

INSERT_CHANGE = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?)"
Row = tuple[object, ...]


def create(connection: sqlite3.Connection, columns: MetricSet) -> None:
    """Make the tables of an empty file, inside the caller's transaction."""
    statements = (
        f"""CREATE TABLE epochs (
            epoch INTEGER NOT NULL, seed INTEGER NOT NULL,
            {"".join(f"{quoted(name)} REAL, " for name in columns)}
            PRIMARY KEY (epoch, seed)
        ) WITHOUT ROWID""",
        _CHANGES,
        *_SERIES,
        "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE exams (id INTEGER PRIMARY KEY, at TEXT NOT NULL, epoch INTEGER NOT NULL, report TEXT NOT NULL)",
        """CREATE TABLE events (
            id INTEGER PRIMARY KEY, at TEXT NOT NULL, kind TEXT NOT NULL, epoch INTEGER NOT NULL, details TEXT NOT NULL
        )""",
        f"PRAGMA application_id = {APPLICATION}",
        _STAMP,
    )
    for statement in statements:
        connection.execute(statement)


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
        ValueError: A change that is none.
    """
    if format_of(connection) == 1:
        earlier = changes_of_format_1(connection, recipe_changes)
        connection.execute("DROP TABLE changes")
        for statement in (_CHANGES, *_SERIES, _STAMP):
            connection.execute(statement)
        connection.executemany(INSERT_CHANGE, [change_row(change) for change in earlier])
    for name in sorted(set(columns) - set(metric_columns(connection)), key=columns.index):
        connection.execute(f"ALTER TABLE epochs ADD COLUMN {quoted(name)} REAL")


def format_of(connection: sqlite3.Connection) -> int:
    """Return the format in which the tables are."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def metric_columns(connection: sqlite3.Connection) -> list[str]:
    """Return the names of the metrics that the file has."""
    return [row[1] for row in connection.execute("PRAGMA table_info(epochs)") if row[1] not in {"epoch", "seed"}]


def quoted(name: str) -> str:
    """Return a name as SQL writes identifiers."""
    return '"' + name.replace('"', '""') + '"'


def change_row(change: Change) -> Row:
    """Return a change as its table has it; one without a number gets the next one there."""
    details = change.model_dump(exclude={"number", "epoch", "step", "kind", "author"})
    number = change.number or None
    return number, change.epoch, change.step, change.kind, change.author, json.dumps(details)


def changes(connection: sqlite3.Connection) -> list[Change]:
    """Return the changes of a file of the newest format, in the order of their numbers.

    Raises:
        ValueError: One that is none.
    """
    rows = connection.execute("SELECT number, epoch, step, kind, author, details FROM changes ORDER BY number")
    return [
        parse_change(
            {**json.loads(details), "number": number, "epoch": epoch, "step": step, "kind": kind, "author": author}
        )
        for number, epoch, step, kind, author, details in rows.fetchall()
    ]


def changes_of_format_1(connection: sqlite3.Connection, recipe_changes: int) -> list[Change]:
    """Return the changes of a file of format 1, numbered in their order.

    Raises:
        ValueError: One that is none.
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
