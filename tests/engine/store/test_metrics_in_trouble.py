"""The run's log when the disk is full, another program holds it, it is damaged, or its writer was killed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError, TrainerError
from engine.run.metrics import MetricSet
from engine.run.verdicts import Verdict
from engine.store import database
from engine.store.database import Writer
from engine.store.metrics import MetricsLog
from engine.store.records import RunEvent
from engine.store.runs import Run, RunStore
from tests.engine.store import endless_writer
from tests.engine.store.complaints import complaint_of, is_none_or_names
from tests.engine.store.endless_writer import change_at, metrics_of
from tests.engine.store.logs import NOON, some_rows
from tests.engine.store.write_old_run import OLD_RUNS
from tests.exams import exam_of
from tests.properties import examples


def test_a_full_disk_loses_nothing(log: MetricsLog, full_disk: Callable[[int], AbstractContextManager[None]]) -> None:
    rows = some_rows(20_000)
    log.append(1, rows[:10])
    log.flush(durable=True)
    log.append(11, rows[10:])
    largest = max(path.stat().st_size for path in log.path.parent.iterdir())
    with full_disk(largest + 10_000):
        with pytest.raises(TrainerError) as of_flush:
            log.flush()
        with pytest.raises(TrainerError) as of_change:
            log.record_change(change_at(5))
        assert len(log.rows()) == 10
    for caught in (of_flush, of_change):
        assert str(caught.value).startswith(f"{log.path}: ")
        assert str(caught.value).isprintable()
    assert log.changes() == []
    log.flush()
    np.testing.assert_array_equal(log.rows(), rows)


def test_a_disk_that_is_full_from_the_start(
    log: MetricsLog, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    log.append(1, some_rows(1))
    with full_disk(1000), pytest.raises(TrainerError):
        log.flush()
    log.flush()
    assert len(log.rows()) == 1


def test_a_failed_commit_is_tried_again_only_when_due(log: MetricsLog, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuse(path: Path, _: MetricSet) -> Writer:
        tries.append(path)
        raise TrainerError("no")

    monkeypatch.setattr("engine.store.metrics.Writer", refuse)
    log.append(1, some_rows(1))
    for now, expected in [(10.0, 1), (10.01, 1), (10.06, 2)]:
        with suppress(TrainerError):
            log.flush_if_due(now)
        assert len(tries) == expected
    monkeypatch.undo()


def test_a_file_that_another_program_holds(log: MetricsLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.0)
    log.record_state(state="running")
    log.append(1, some_rows(2))
    with closing(sqlite3.connect(log.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TrainerError, match="database is locked"):
            log.flush()
    log.flush()
    assert len(log.rows()) == 2


def test_a_file_of_format_1_that_is_damaged_stays_as_it_is(log_path: Path) -> None:
    shutil.copy(OLD_RUNS / "format-1/runs/breast-cancer-1/metrics.sqlite", log_path)
    with closing(sqlite3.connect(log_path)) as connection, connection:
        connection.execute("UPDATE changes SET value = '{'")
    with closing(MetricsLog(log_path, 2)) as log, pytest.raises(InputError, match="damaged"):
        log.upgrade()
    with closing(sqlite3.connect(log_path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT path, value FROM changes").fetchall() == [("training.learning_rate", "{")]
        assert connection.execute("SELECT name FROM sqlite_master WHERE name IN ('points', 'series')").fetchall() == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    log = MetricsLog(tmp_path / "nowhere" / "metrics.sqlite")
    log.append(1, some_rows(1))
    with pytest.raises(TrainerError, match=r"metrics\.sqlite: unable to open"):
        log.flush()


def readers(log: MetricsLog) -> list[Callable[[], object]]:
    return [log.rows, log.changes, log.state, log.exams, log.events]


def write_to(path: Path) -> None:
    with closing(MetricsLog(path)) as log:
        log.record_state(epoch=1)


def whole_log(path: Path) -> bytes:
    with closing(MetricsLog(path)) as log:
        log.append(1, some_rows(20))
        log.record_change(change_at(3))
        log.record_state(state="finished", message="x" * 50)
        log.record_exam(exam_of(epoch=1, loss=1, accuracy=None), at=NOON)
        log.record_event(RunEvent(at=NOON, kind="x", epoch=1, details={}))
    path.with_suffix(".sha256").unlink()  # a worker that was killed leaves none: what is read must show it
    return path.read_bytes()


def test_a_flipped_bit_anywhere_in_a_closed_log_is_named(log_path: Path) -> None:
    whole_log(log_path)
    write_to(log_path)
    whole = log_path.read_bytes()
    random = np.random.default_rng(0)
    for place in random.integers(0, len(whole), 300):
        data = bytearray(whole)
        data[place] ^= 1 << int(random.integers(8))
        log_path.write_bytes(data)
        for use in (lambda: MetricsLog(log_path).check(gapless=True), lambda: write_to(log_path)):
            complaint = complaint_of(use)
            assert complaint is not None
            assert "sha256 differs" in complaint
            assert is_none_or_names(log_path, complaint)
    log_path.write_bytes(whole)
    MetricsLog(log_path).check(gapless=True)


def test_a_flipped_bit_in_any_table_of_a_log_that_nothing_vouches_for_is_named_or_without_effect(
    log: MetricsLog, tmp_path: Path
) -> None:
    log.append(1, some_rows(30))
    log.append_point("gradient_norm.0", 7, 2, [0.5])
    log.record_change(change_at(3))
    log.record_exam(exam_of(3, 0.3), at=NOON)
    log.record_event(RunEvent(at=NOON, kind="non-finite", epoch=4, details={"layer": 1}))
    verdicts = [
        Verdict(number=number, name="overfitting", since=3, told=5, evidence=f"so {number}", advice="less of it")
        for number in (1, 2)
    ]
    log.record_verdicts(verdicts)
    log.record_state(state="running", epochs=30, pid=7, socket="/tmp/a.sock")
    log.flush(durable=True)  # all of it in the file, none in the journal
    whole, random = log.path.read_bytes(), np.random.default_rng(5)
    log.close()
    copy = MetricsLog(tmp_path / "flipped.sqlite")
    copy.path.write_bytes(whole)
    expected = everything_in(copy)
    named = 0
    for _ in range(examples(150)):
        data = bytearray(whole)
        data[random.integers(len(data))] ^= 1 << int(random.integers(8))
        copy.path.write_bytes(data)
        found: list[Any] = []
        complaint = complaint_of(lambda: found.extend(everything_in(copy)))  # noqa: B023 - called at once
        assert is_none_or_names(copy.path, complaint)
        assert complaint is not None or found == expected
        named += complaint is not None
    assert named


def everything_in(log: MetricsLog) -> list[Any]:
    """Return all that a log has, after a look at whether it is damaged; numbers as their bits."""
    log.check(gapless=True)
    points = [log.points(name) for name in log.series_names()]
    numbers = [array.tobytes() for array in (log.rows(), *(array for each in points for array in each))]
    return [numbers, log.series_names(), log.changes(), log.exams(), log.events(), log.verdicts(), log.state()]


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("DELETE FROM epochs WHERE epoch = 7", "19 rows of epochs 1 to 20 where there should be 20"),
        ("DELETE FROM epochs WHERE epoch > 12", "12 rows of epochs 1 to 20 where there should be 20"),
        ("UPDATE state SET value = '84' WHERE key = 'epoch'", "20 rows of epochs 1 to 84 where there should be 84"),
    ],
)
def test_a_log_without_a_checksum_must_have_a_row_of_every_epoch(
    log_path: Path, statement: str, complaint: str
) -> None:
    whole_log(log_path)
    MetricsLog(log_path).check(gapless=True)
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        connection.execute(statement)
    MetricsLog(log_path).check(gapless=False)
    with pytest.raises(InputError, match=complaint):
        MetricsLog(log_path).check(gapless=True)


def test_a_log_without_a_checksum_whose_pages_are_broken_is_named(log_path: Path) -> None:
    data = bytearray(whole_log(log_path))
    with closing(sqlite3.connect(log_path)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'epochs'").fetchone()
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    data[(page - 1) * size + 5] ^= 1  # where the page's contents begin
    data[(page - 1) * size + 8] ^= 8  # where its first row lies
    log_path.write_bytes(data)
    with pytest.raises(InputError, match=r"metrics\.sqlite: damaged"):
        MetricsLog(log_path).check(gapless=False)


def test_a_log_that_is_being_written_to_is_not_taken_for_damaged(log: MetricsLog) -> None:
    log.append(1, some_rows(2))
    log.close()
    MetricsLog(log.path).check(gapless=True)
    log.append(3, some_rows(1))
    log.flush()
    MetricsLog(log.path).check(gapless=True)
    assert not log.path.with_suffix(".sha256").exists()
    log.close()
    MetricsLog(log.path).check(gapless=True)


def test_a_file_cut_at_any_page_is_read_or_named(log_path: Path) -> None:
    whole = whole_log(log_path)
    cuts = {*range(0, len(whole), 512), *range(120), 4095, 4097, len(whole) - 1}
    complaints = []
    for cut in sorted(cuts):
        log_path.write_bytes(whole[:cut])
        complaints += [complaint_of(read) for read in readers(MetricsLog(log_path))]
    assert all(is_none_or_names(log_path, complaint) for complaint in complaints)
    assert sum(complaint is not None for complaint in complaints) > len(cuts)


@given(place=st.integers(0), garbage=st.binary(min_size=1, max_size=40))
def test_garbage_anywhere_is_read_or_named(place: int, garbage: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "metrics.sqlite"
        data = bytearray(whole_log(path))
        place %= len(data)
        data[place : place + len(garbage)] = garbage
        path.write_bytes(data)
        for read in readers(MetricsLog(path)):
            assert is_none_or_names(path, complaint_of(read))
        assert is_none_or_names(path, complaint_of(lambda: write_to(path)))


@pytest.mark.parametrize(
    ("statements", "complaint"),
    [
        ("UPDATE epochs SET train_loss = 'low'", "damaged"),
        ("UPDATE epochs SET seed = 1", "damaged"),
        (
            "UPDATE epochs SET epoch = 1000000000, row_checksum = NULL WHERE epoch = 20",
            "most of the 1000000000 epochs are missing",
        ),
        ("UPDATE changes SET details = '{'", "damaged"),
        ("UPDATE changes SET details = replace(hex(zeroblob(50000)), '0', '[')", "damaged"),
        ("UPDATE changes SET author = hex(zeroblob(50))", "damaged"),
        ("UPDATE state SET value = 'running' WHERE key = 'state'", "damaged"),
        ("UPDATE exams SET report = '[]'", "damaged"),
        ("UPDATE events SET at = 'noon'", "damaged"),
        ("DROP TABLE changes", "no such table"),
        ("INSERT INTO state VALUES ('pid', CAST(x'80' AS TEXT), NULL)", "damaged"),
        ("PRAGMA user_version = 4", "newer tui-trainer"),
        ("PRAGMA user_version = 0", "no format version"),
        ("PRAGMA application_id = 0", "not a run's metrics"),
    ],
)
def test_what_cannot_be_is_named(log_path: Path, statements: str, complaint: str) -> None:
    whole_log(log_path)
    with closing(sqlite3.connect(log_path, isolation_level=None)) as connection:
        connection.execute(statements)

    def read_all() -> None:
        for read in readers(MetricsLog(log_path)):
            read()

    with pytest.raises(InputError, match=complaint) as caught:
        read_all()
    assert str(caught.value).startswith(f"{log_path}: ")


def test_other_files_are_not_written_to(log_path: Path) -> None:
    log_path.write_bytes(b"dear diary, " * 100)
    with pytest.raises(InputError, match="file is not a database"):
        MetricsLog(log_path).record_state(state="running")
    assert log_path.read_bytes() == b"dear diary, " * 100

    log_path.unlink()
    with closing(sqlite3.connect(log_path)) as connection:
        connection.execute("CREATE TABLE recipes (name)")
    before = log_path.read_bytes()
    with pytest.raises(InputError, match="not a run's metrics"):
        MetricsLog(log_path).record_state(state="running")
    assert log_path.read_bytes() == before


def test_a_writer_that_died_before_its_first_word(log: MetricsLog) -> None:
    log.path.touch()
    assert log.rows().shape == (0, 1, 5)
    log.append(1, some_rows(1))
    log.flush()
    assert len(log.rows()) == 1


def test_what_a_writer_left_that_died_in_a_transaction_is_rolled_back_by_whoever_reads(
    log: MetricsLog, tmp_path: Path
) -> None:
    rows = some_rows(2_000)
    log.append(1, rows)
    log.close()  # from now on, and on network disks always, the journal is the classic one
    left = tmp_path / "left" / log.path.name
    left.parent.mkdir()
    with closing(sqlite3.connect(log.path, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size = 2")  # so that pages are written before the transaction has ended
        writer.execute("BEGIN")
        writer.execute("UPDATE epochs SET train_loss = 0")
        for kind in ("", "-journal"):
            shutil.copy(f"{log.path}{kind}", f"{left}{kind}")
        writer.execute("ROLLBACK")
    np.testing.assert_array_equal(MetricsLog(left).rows(), rows)
    assert not Path(f"{left}-journal").exists()


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("mount") is None, reason="only root may mount")
@pytest.mark.parametrize("lost", ["-shm", None], ids=["without its shared memory", "whole"])
def test_what_a_dead_writer_left_on_a_disk_that_cannot_be_written_to_can_be_read(
    log: MetricsLog, tmp_path: Path, lost: str | None
) -> None:
    rows = some_rows(50)
    log.append(1, rows)
    log.flush()
    left = tmp_path / "left"
    left.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", left], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        for path in log.path.parent.glob(f"{log.path.name}*"):
            if not (lost and path.name.endswith(lost)):
                shutil.copy(path, left)
        subprocess.run(["mount", "-o", "remount,ro", left], check=True)
        np.testing.assert_array_equal(MetricsLog(left / log.path.name).rows(), rows)
    finally:
        subprocess.run(["umount", left], check=True)


def killed_writer(run: Run, lines: int) -> int:
    """Let a writer work until it has printed ``lines`` lines, kill it, and return the last epoch it promised."""
    command = [sys.executable, endless_writer.__file__, str(run.path.parent.parent), run.name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(lines):
            writer.stdout.readline()
        assert run.is_locked()
        assert run.summary().state == "running"
        writer.kill()
        rest = writer.stdout.read()  # what it had promised before the blow fell
    complete = [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return (lines + len(complete)) * endless_writer.COMMIT_EVERY


@pytest.mark.parametrize("lines", [1, 7, 100])
def test_a_killed_writer_leaves_all_it_promised(store: RunStore, run: Run, lines: int) -> None:
    promised = killed_writer(run, lines)

    found = store.open(run.name)
    assert not found.is_locked()
    assert found.summary().state == "died"
    rows = found.metrics.rows()
    assert len(rows) >= promised
    np.testing.assert_array_equal(rows, np.concatenate([metrics_of(epoch) for epoch in range(1, len(rows) + 1)]))
    assert found.metrics.state().epoch == len(rows)

    # The change is logged before its checkpoint is written, and both before the next promise.
    due = range(endless_writer.CHANGE_EVERY, promised, endless_writer.CHANGE_EVERY)
    changes = found.metrics.changes()
    assert len(changes) >= len(due)
    assert changes == [change_at((index + 1) * endless_writer.CHANGE_EVERY) for index in range(len(changes))]
    epochs = found.checkpoints.epochs()
    assert epochs[: len(due)] == list(due)
    assert len(changes) - 1 <= len(epochs) <= len(changes)
    for epoch in epochs:
        np.testing.assert_array_equal(found.checkpoints.load(epoch).arrays["W"], metrics_of(epoch))


def test_a_killed_run_is_taken_up_again(run: Run) -> None:
    killed_writer(run, 30)
    left = len(run.metrics.rows())
    with run.lock():
        run.metrics.append(61, np.concatenate([metrics_of(epoch) for epoch in range(61, left + 2)]))
        run.metrics.record_state(state="finished")
        run.metrics.close()
    rows = run.metrics.rows()
    np.testing.assert_array_equal(rows, np.concatenate([metrics_of(epoch) for epoch in range(1, left + 2)]))
    assert run.summary().state == "finished"
