"""Metrics and points as rows of a run's SQLite file: a row an epoch and seed, or a step and seed, with its checksum."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.run.metrics import CHECKSUM, MetricSet
from engine.store import row_checksums, schema
from engine.store.records import Points

LAST_EPOCH = 10**9
"""No run is longer; see ``TrainingSpec.epochs``."""

MAX_MISSING = 10**6
"""Rows that may be missing between others: beyond what a power cut takes, the file is damaged."""

_INSERT_POINT = "INSERT OR REPLACE INTO points VALUES ((SELECT id FROM series WHERE name = ?), ?, ?, ?, ?, ?)"

Point = tuple[str, int, int, int, float]
"""Name, step, seed, epoch, value."""


def insert_epochs(
    connection: sqlite3.Connection, epochs: Sequence[int], rows: Sequence[NDArray[np.float64]], columns: MetricSet
) -> None:
    """Write metrics; a row that was there before is replaced.

    Args:
        connection: Within a transaction.
        epochs: The n epochs.
        rows: Their metrics, blocks of (k, S, C) that come to n in all.
        columns: The names of the C metrics.
    """
    names = ", ".join(schema.quoted(name) for name in ("epoch", "seed", *columns, CHECKSUM))
    marks = ", ".join("?" * (3 + len(columns)))
    statement = f"INSERT OR REPLACE INTO epochs ({names}) VALUES ({marks})"  # noqa: S608 - quoted
    connection.executemany(statement, _table(epochs, rows, columns))


def read_epochs(
    connection: sqlite3.Connection, seeds: int, columns: MetricSet, first: int, last: int | None
) -> NDArray[np.float64]:
    """Return the (k, S, C) metrics of epochs ``first`` … ``last``; what the file has not is NaN.

    Raises:
        ValueError: A row is not as it was written, or most of them are missing.
    """
    table = _read_columns(connection, first, last)
    undefined = np.full(len(table["epoch"]), np.nan)
    epochs = table["epoch"].astype(np.intp) - first
    places = _checked_seeds(table["seed"], seeds)
    length = int(epochs.max(initial=-1)) + 1
    if length * seeds > len(epochs) + MAX_MISSING:
        raise ValueError(f"most of the {length} epochs are missing")
    rows = np.full((length, seeds, len(columns)), np.nan)
    rows[epochs, places] = np.column_stack([table.get(name, undefined) for name in columns])
    return rows


def insert_points(connection: sqlite3.Connection, points: Sequence[Point]) -> None:
    """Write points, within a transaction; series that are new are begun, a point that was there before is replaced."""
    names = dict.fromkeys(name for name, *_ in points)
    connection.executemany("INSERT OR IGNORE INTO series (name) VALUES (?)", [(name,) for name in names])
    connection.executemany(_INSERT_POINT, _summed_points(points))


def read_points(connection: sqlite3.Connection, seeds: int, name: str, first_step: int) -> Points:
    """Return the points of a series from ``first_step`` on; none where there is no such series.

    Raises:
        ValueError: A point is not as it was written.
    """
    query = f"""SELECT step, seed, epoch, value, {schema.checksum_column(connection)} FROM points
        WHERE series = (SELECT id FROM series WHERE name = ?) AND step >= ? ORDER BY step"""  # noqa: S608 - our own names
    records = connection.execute(query, (name, first_step)).fetchall()
    table = np.array([record[:-1] for record in records], np.float64).reshape(-1, 4)
    row_checksums.check_numbers([record[-1] for record in records], _point_columns(table), of=[name] * len(table))
    steps, places = np.unique(table[:, 0].astype(np.int64), return_inverse=True)
    epochs, values = np.zeros(len(steps), np.int64), np.full((len(steps), seeds), np.nan)
    epochs[places] = table[:, 2].astype(np.int64)
    values[places, _checked_seeds(table[:, 1], seeds)] = table[:, 3]
    return Points(steps, epochs, values)


def _table(epochs: Sequence[int], rows: Sequence[NDArray[np.float64]], names: Iterable[str]) -> list[list[Any]]:
    """Return buffered metrics as the table's rows; SQLite makes keys integers again, and NaN NULL."""
    values = np.concatenate(rows)
    _, seeds, width = values.shape
    keys = np.repeat(np.array(epochs, np.float64), seeds), np.tile(np.arange(seeds, dtype=np.float64), len(epochs))
    columns = _named_columns(*keys, values.reshape(-1, width), names)
    table: list[list[Any]] = np.column_stack(list(columns.values())).tolist()
    for row, checksum in zip(table, row_checksums.of_numbers(columns).tolist(), strict=True):
        row.append(checksum)
    return table


def _checked_seeds(numbers: Floats, seeds: int) -> NDArray[np.intp]:
    """Return the places of seeds that a table names, of which there are to be ``seeds``."""
    if numbers.max(initial=0) >= seeds:
        here = f"{seeds} seed" + "s" * (seeds > 1)
        raise ValueError(f"it has rows of {int(numbers.max()) + 1} seeds, and run.json names {here}")
    return numbers.astype(np.intp)


def _read_columns(connection: sqlite3.Connection, first: int, last: int | None) -> dict[str, Floats]:
    """Return the columns (k,) of epochs ``first`` … ``last``, checked: epoch, seed, and the metrics that the file has.

    Raises:
        ValueError: A row is not as it was written.
    """
    names = schema.metric_columns(connection)
    chosen = ", ".join(["epoch", "seed", *map(schema.quoted, names), schema.checksum_column(connection)])
    query = f"SELECT {chosen} FROM epochs WHERE epoch BETWEEN ? AND ?"  # noqa: S608 - quoted
    records = connection.execute(query, (first, LAST_EPOCH if last is None else last)).fetchall()
    table = np.array([record[:-1] for record in records], np.float64).reshape(-1, 2 + len(names))
    columns = _named_columns(table[:, 0], table[:, 1], table[:, 2:], names)
    row_checksums.check_numbers([record[-1] for record in records], columns)
    return columns


def _named_columns(epochs: Floats, seeds: Floats, values: Floats, names: Iterable[str]) -> dict[str, Floats]:
    """Return the columns (k,) of a table of metrics; ``values`` are (k, C)."""
    return {"epoch": epochs, "seed": seeds, **dict(zip(names, values.T, strict=True))}


def _summed_points(points: Sequence[Point]) -> list[tuple[Any, ...]]:
    """Return points with their checksums."""
    names, *columns = zip(*points, strict=True)
    sums = row_checksums.of_numbers(_point_columns(np.array(columns, np.float64).T), of=names)
    return [(*point, checksum) for point, checksum in zip(points, sums.tolist(), strict=True)]


def _point_columns(numbers: Floats) -> dict[str, Floats]:
    """Return the columns (k,) of points (k, 4)."""
    return dict(zip(("step", "seed", "epoch", "value"), numbers.T, strict=True))
