"""Transactions and errors of the SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import InputError, TrainerError
from engine.store.database import open_writer, transaction, translate_sqlite_errors

PUT = "INSERT INTO state (key, value) VALUES (?, ?)"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "metrics.sqlite")) as connection:
        yield connection


def keys(connection: sqlite3.Connection) -> list[str]:
    return [key for (key,) in connection.execute("SELECT key FROM state ORDER BY key")]


@pytest.mark.parametrize("durable", [True, False])
def test_all_of_a_transaction_or_nothing(connection: sqlite3.Connection, durable: bool) -> None:
    with transaction(connection, durable=durable):
        connection.execute(PUT, ("a", "1"))
    with pytest.raises(sqlite3.IntegrityError), transaction(connection, durable=durable):
        connection.executemany(PUT, [("b", "2"), ("a", "there already")])
    assert keys(connection) == ["a"]
    with transaction(connection, durable=durable):
        connection.execute(PUT, ("c", "3"))
    assert keys(connection) == ["a", "c"]


def test_a_full_database_is_one_line_and_usable_again(connection: sqlite3.Connection) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with (
        pytest.raises(TrainerError, match=r"^log: database or disk is full$"),
        translate_sqlite_errors(Path("log")),
        transaction(connection, durable=False),
    ):
        connection.execute(PUT, ("a", "x" * 100_000))
    connection.execute(f"PRAGMA max_page_count = {pages + 100}")
    with transaction(connection, durable=False):
        connection.execute(PUT, ("b", "x" * 100_000))
    assert keys(connection) == ["b"]


def test_a_read_only_database_is_no_damage(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(TrainerError, match="readonly") as caught, translate_sqlite_errors(Path("log")):
        connection.execute(PUT, ("a", "1"))
    assert not isinstance(caught.value, InputError)
