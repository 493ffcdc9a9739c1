"""The run's log: what goes in comes out."""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from engine.run.changes import Change, TurnDial
from engine.run.metrics import METRICS, Metric, MetricSet
from engine.store import database
from engine.store.database import reading
from engine.store.metrics import MetricsLog
from engine.store.records import OpenedExam, RecordedState, RunEvent
from tests.engine.store.endless_writer import change_at
from tests.engine.store.logs import NOON, Rows, some_rows
from tests.exams import exam_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CHANGES = st.builds(
    TurnDial,
    epoch=st.integers(1, 10**9),
    step=st.integers(0, 10**9),
    path=st.text(max_size=30),
    value=JSON,
    before=JSON,
    author=st.sampled_from(["user", "recipe"]),
)


def float_rows(seeds: int, max_epochs: int = 6) -> st.SearchStrategy[Rows]:
    shapes = st.tuples(st.integers(0, max_epochs), st.just(seeds), st.just(len(METRICS)))
    return shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=st.floats()))


@contextmanager
def fresh_log(seeds: int = 1) -> Iterator[MetricsLog]:
    """A log in a folder of its own, for tests whose examples hypothesis runs by the hundred."""
    with tempfile.TemporaryDirectory() as directory, closing(MetricsLog(Path(directory) / "log", seeds)) as log:
        yield log


# Metrics


@given(seeds=st.integers(1, 3), data=st.data())
def test_rows_come_back_exactly(seeds: int, data: st.DataObject) -> None:
    pieces = data.draw(st.lists(st.tuples(float_rows(seeds), st.booleans()), max_size=5))
    with fresh_log(seeds) as log:
        written = np.concatenate([np.empty((0, seeds, len(METRICS))), *(rows for rows, _ in pieces)])
        first = 1
        for rows, flush in pieces:
            log.append(first, rows)
            first += len(rows)
            if flush:
                log.flush()
        log.flush()
        np.testing.assert_array_equal(log.rows(), written, strict=True)  # NaN equals NaN here, and −0 equals 0
        assert log.state().epoch == len(written)


@given(pieces=st.lists(st.tuples(st.integers(1, 12), float_rows(seeds=2), st.booleans()), max_size=6))
def test_a_later_row_replaces_an_earlier_one_and_a_hole_is_undefined(pieces: list[tuple[int, Rows, bool]]) -> None:
    expected: dict[int, Rows] = {}
    with fresh_log(seeds=2) as log:
        for first, rows, flush in pieces:
            log.append(first, rows)
            expected |= {first + index: row for index, row in enumerate(rows)}
            if flush:
                log.flush()
        log.flush()
        found = log.rows()
    assert len(found) == max(expected, default=0)
    for epoch, row in enumerate(found, start=1):
        np.testing.assert_array_equal(row, expected.get(epoch, np.full((2, len(METRICS)), np.nan)))


@pytest.mark.parametrize(("first", "last"), [(1, None), (1, 10), (3, 7), (7, 7), (8, 99), (11, None), (1, 0), (5, 4)])
def test_a_range_of_epochs(log: MetricsLog, first: int, last: int | None) -> None:
    written = some_rows(10)
    log.append(1, written)
    log.flush()
    np.testing.assert_array_equal(log.rows(first, last), written[first - 1 : last], strict=True)


def test_the_buffer_is_a_copy(log: MetricsLog) -> None:
    rows = some_rows(1)
    kept = rows.copy()
    log.append(1, rows)
    rows[:] = 0
    log.flush()
    np.testing.assert_array_equal(log.rows(), kept)


def test_what_is_committed_is_not_written_again(log: MetricsLog) -> None:
    log.append(1, some_rows(1))
    log.flush()
    other_worker = MetricsLog(log.path)
    other_worker.append(1, np.zeros((1, 1, 5)))
    other_worker.close()
    log.append(2, some_rows(1))
    log.flush()
    np.testing.assert_array_equal(log.rows(), np.concatenate([np.zeros((1, 1, 5)), some_rows(1)]))


@pytest.mark.parametrize("shape", [(5,), (1, 5), (1, 2, 5), (1, 1, 4)])
def test_rows_of_another_shape_are_refused(log: MetricsLog, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected rows of shape"):
        log.append(1, np.zeros(shape))


def test_the_file_can_be_read_with_plain_sql(log: MetricsLog) -> None:
    log.append(7, np.array([[[0.5, math.nan, math.inf, -math.inf, 1e-3]]]))
    log.append_point("gradient_norm.0", 70, 7, [0.25])
    log.record_change(TurnDial(epoch=8, step=2, path="training.l2", value=[1, None], before="x", author="recipe"))
    with closing(sqlite3.connect(log.path)) as connection:
        columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(epochs)")]
        assert columns == ["epoch", "seed", *METRICS, "row_checksum"]
        [row] = connection.execute("SELECT * FROM epochs").fetchall()
        assert row[:-1] == (7, 0, 0.5, None, math.inf, -math.inf, 1e-3)
        assert connection.execute("SELECT typeof(epoch), typeof(seed) FROM epochs").fetchone() == ("integer", "integer")
        details = '{"path": "training.l2", "value": [1, null], "before": "x"}'
        change = (1, 8, 2, "turn-dial", "recipe", details, None)  # it had no number, so nothing vouches for it
        assert connection.execute("SELECT * FROM changes").fetchall() == [change]
        points = connection.execute(
            "SELECT name, step, seed, points.epoch, value FROM points JOIN series ON id = series"
        )
        assert points.fetchall() == [("gradient_norm.0", 70, 0, 7, 0.25)]


# When things are committed


def test_commits_are_at_least_50_ms_apart(log: MetricsLog) -> None:
    committed = []
    for epoch, now in enumerate([100.0, 100.01, 100.049, 100.06, 100.1, 100.2], start=1):
        log.append(epoch, some_rows(1))
        log.flush_if_due(now)
        committed.append(len(log.rows()))
    assert committed == [1, 1, 1, 4, 4, 6]


def test_nothing_is_made_before_something_is_written(log: MetricsLog) -> None:
    log.flush()
    log.flush(durable=True)
    log.flush_if_due(1.0)
    assert log.rows().shape == (0, 1, 5)
    assert (log.changes(), log.exams(), log.events(), log.state()) == ([], [], [], RecordedState())
    log.close()
    assert not log.path.exists()


def test_a_change_takes_the_buffered_metrics_with_it(log: MetricsLog) -> None:
    log.append(1, some_rows(3))
    log.record_change(change_at(3))
    assert len(log.rows()) == 3


def test_a_durable_flush_does_not_rely_on_the_journal(log: MetricsLog, tmp_path: Path) -> None:
    """What a power cut may take is the end of the write-ahead log: the file without it is the worst that is left."""

    def without_journal() -> int:
        copy = tmp_path / "copy.sqlite"
        copy.write_bytes(log.path.read_bytes())
        return len(MetricsLog(copy).rows())

    log.append(1, some_rows(1))
    log.flush(durable=True)
    log.append(2, some_rows(1))
    log.flush()
    assert (len(log.rows()), without_journal()) == (2, 1)
    log.flush(durable=True)
    assert without_journal() == 2


def test_a_durable_flush_waits_for_the_disk_while_somebody_reads_too(
    log: MetricsLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(1, some_rows(1))
    log.flush(durable=True)
    with reading(log.path) as reader:
        assert reader is not None
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM epochs").fetchall()  # from the file alone: SQLite checkpoints nothing meanwhile
        log.append(2, some_rows(1))
        log.flush()
        synced: list[int] = []
        monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
        log.flush(durable=True)
    assert Path(f"{log.path}-wal").stat().st_ino in synced


def test_a_reader_waits_for_no_writer_and_sees_what_is_committed(log: MetricsLog) -> None:
    log.append(1, some_rows(1))
    log.flush()
    with closing(sqlite3.connect(log.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM epochs")
        assert len(log.rows()) == 1
        other.execute("ROLLBACK")


def test_a_closed_log_is_a_single_file_with_its_checksum_and_readers_leave_nothing(log: MetricsLog) -> None:
    log.append(1, some_rows(2))
    log.close()
    log.rows()
    assert {path.name for path in log.path.parent.iterdir()} == {"metrics.sqlite", "metrics.sha256"}
    digest = hashlib.sha256(log.path.read_bytes()).hexdigest()
    assert log.path.with_suffix(".sha256").read_text() == f"{digest}  metrics.sqlite\n"  # as sha256sum has it
    log.append(3, some_rows(1))
    log.close()
    assert len(log.rows()) == 3


def test_a_log_closes_while_someone_reads(log: MetricsLog) -> None:
    log.append(1, some_rows(2))
    log.flush()
    with closing(sqlite3.connect(log.path)) as reader:
        cursor = reader.execute("SELECT * FROM epochs")
        cursor.fetchone()
        log.close()
        assert len(log.rows()) == 2


def test_a_network_disk_gets_a_rollback_journal(log_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "is_on_network", lambda _path: True)
    with closing(MetricsLog(log_path)) as log:
        log.append(1, some_rows(2))
        log.flush(durable=True)
        log.record_change(change_at(2))
        assert {entry.name for entry in log_path.parent.iterdir()} == {"metrics.sqlite"}
        assert len(log.rows()) == 2


# Changes, state, exams, events


@given(changes=st.lists(CHANGES, max_size=5))
def test_changes_come_back_in_the_order_they_were_made(changes: list[Change]) -> None:
    with fresh_log() as log:
        for change in changes:
            log.record_change(change)
        assert log.changes() == [change.with_number(number) for number, change in enumerate(changes, 1)]


def test_state_holds_what_was_last_said_of_each_field(log: MetricsLog) -> None:
    log.record_state(state="running", epoch=0, epochs=50, socket="/tmp/x.sock", version="0.1.0", protocol=1, pid=7)
    log.append(1, some_rows(12))
    log.record_state(state="finished", reason="epochs", pid=None)
    assert log.state() == RecordedState(
        state="finished", reason="epochs", epoch=12, epochs=50, socket="/tmp/x.sock", version="0.1.0", protocol=1
    )
    log.record_state(state="running", reason=None, epoch=10)
    assert (log.state().epoch, log.state().reason) == (10, None)


@pytest.mark.parametrize("values", [{"mood": "good"}, {"state": "asleep"}, {"epoch": "many"}])
def test_state_takes_only_its_own_fields(log: MetricsLog, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        log.record_state(**values)
    assert log.state() == RecordedState()


def test_every_opening_of_the_exam_is_kept(log: MetricsLog) -> None:
    first = exam_of(epoch=3, loss=0.25, accuracy=0.975, confusion=[[70, 1], [2, 41]], roc_auc=None)
    second = exam_of(epoch=5, loss=[0.1, math.inf], accuracy=[1.0, None], r2=None)
    log.record_exam(first, at=NOON)
    log.record_exam(second, at=NOON)
    later = second.after([first.opening])
    assert log.exams() == [OpenedExam(at=NOON, result=first), OpenedExam(at=NOON, result=later)]


def test_events_are_kept(log: MetricsLog) -> None:
    event = RunEvent(at=NOON, kind="non-finite", epoch=4, details={"layer": 1, "cause": "overflow", "loss": math.inf})
    log.record_event(event)
    assert log.events() == [event]


# Columns and series


def test_a_log_has_the_columns_that_it_is_given(log_path: Path) -> None:
    columns = MetricSet([Metric(name="loss"), Metric(name="perplexity (valid)"), Metric(name="Güte")])
    rows = np.random.default_rng(1).normal(size=(4, 2, 3))
    with closing(MetricsLog(log_path, 2, columns=columns)) as log:
        log.append(1, rows)
    np.testing.assert_array_equal(MetricsLog(log_path, 2, columns=columns).rows(), rows)


def test_a_metric_that_a_file_lacks_is_undefined_until_it_is_written(log_path: Path) -> None:
    more = MetricSet([Metric(name="f1"), *METRICS.metrics])
    with closing(MetricsLog(log_path)) as log:
        log.append(1, some_rows(2))
    newer = MetricsLog(log_path, columns=more)
    np.testing.assert_array_equal(newer.rows()[..., 1:], some_rows(2))
    assert np.isnan(newer.rows()[..., 0]).all()
    with closing(newer):
        newer.append(3, np.ones((1, 1, 6)))
    np.testing.assert_array_equal(newer.rows()[:, 0, 0], [np.nan, np.nan, 1])
    np.testing.assert_array_equal(MetricsLog(log_path).rows()[:2], some_rows(2))


def test_points_come_back_by_step_and_replace_those_of_their_step(log: MetricsLog) -> None:
    log.append_point("b", 10, 1, [0.5])
    log.append_point("a", 20, 2, [math.inf])
    log.append_point("b", 5, 1, [math.nan])
    assert log.series_names() == []  # not committed yet
    log.flush()
    log.append_point("b", 10, 1, [0.75])
    log.flush()
    assert log.series_names() == ["b", "a"]
    steps, epochs, values = log.points("b")
    assert (steps.tolist(), epochs.tolist()) == ([5, 10], [1, 1])
    np.testing.assert_array_equal(values, [[math.nan], [0.75]])
    assert log.points("b", first_step=6).steps.tolist() == [10]
    assert log.points("a").values.tolist() == [[math.inf]]
    assert log.points("c").values.shape == (0, 1)


def test_points_have_a_value_a_seed(log: MetricsLog) -> None:
    with pytest.raises(ValueError, match="expected 1 values, got 2"):
        log.append_point("a", 1, 1, [1.0, 2.0])


def test_a_change_without_a_number_gets_the_next_one(log: MetricsLog) -> None:
    for number in (4, 0):
        log.record_change(change_at(3).with_number(number))
    assert [change.number for change in log.changes()] == [4, 5]
