from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.sweep.results import TrialResult
from engine.sweep.trials import Ended, TrialsLog
from tests.engine.sweep.test_choice import result


@pytest.fixture
def log(tmp_path: Path) -> TrialsLog:
    log = TrialsLog(tmp_path / "trials.sqlite")
    log.open_writer()
    log.record([Ended(1, result(0.1, None)), Ended(2, result(0.2, 0.3), b"field")])
    log.record_state(state="running", running=(3, 4), seconds=1.5)
    log.close()
    return log


def test_what_was_recorded_is_read_again_while_it_is_written_and_after(log: TrialsLog) -> None:
    log.open_writer()
    ended, newest = log.ended()
    assert ended == {1: result(0.1, None), 2: result(0.2, 0.3)}
    log.record([Ended(1, result(0.5, 0.5))])
    newer, _ = log.ended(newest)
    assert newer == {1: result(0.5, 0.5)}
    assert log.fields() == {2: b"field"}
    assert (log.state().state, log.state().running, log.state().seconds) == ("running", (3, 4), 1.5)
    log.close()
    assert log.ended()[0].keys() == {1, 2}


def test_nothing_was_recorded_where_there_is_no_file_or_an_empty_one(tmp_path: Path) -> None:
    log = TrialsLog(tmp_path / "trials.sqlite")
    assert log.ended() == ({}, 0)
    (tmp_path / "trials.sqlite").touch(0o600)
    assert log.ended() == ({}, 0)
    assert log.state().state == "stopped"


@pytest.mark.parametrize(
    "change",
    ["UPDATE trials SET result = replace(result, '0.2', '0.3')", "UPDATE trials SET field = x'00' WHERE trial = 2"],
)
def test_a_changed_value_is_damage(log: TrialsLog, change: str) -> None:
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.execute(change)
    with pytest.raises(InputError, match="differs from its checksum"):
        log.ended()


def test_another_file_is_none_of_ours(log: TrialsLog) -> None:
    log.path.write_bytes(b"no database, but a text of some length" * 40)
    with pytest.raises(InputError, match="not a sweep's trials"):
        log.ended()
    log.path.unlink()
    with closing(sqlite3.connect(log.path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(InputError, match="not a sweep's trials"):
        log.open_writer()


def test_results_keep_undefined_numbers() -> None:
    kept = TrialResult.model_validate_json(result(None, 0.1).model_dump_json())
    assert kept == result(None, 0.1)
