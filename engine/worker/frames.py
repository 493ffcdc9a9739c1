"""From a run's state to what one watcher is to be sent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays
from engine.protocol.events import Answer, Frame, Scores
from engine.protocol.queries import DataQuery
from engine.run.metrics import METRICS
from engine.run.series import EpochSeries
from engine.worker.answers import Answers, size
from engine.worker.source import LiveRun
from engine.worker.subscription import Cursor, Draft, Subscription

SNAPSHOT_BYTES = 2 * 2**20
"""Bytes a second that the views of one watcher may come to."""
MOST_ROWS = 4096
"""Epochs a frame at most carries for a watcher that wants every one; the rest comes with the next frame."""
MOST_ROWS_BYTES = 2**24
"""Bytes that they may come to, where there are many seeds."""
MOST_CHANGES = 500
"""Changes that a frame carries at most; the rest comes with the next frame."""


def draft_frame(watcher: Subscription, run: LiveRun, answers: Answers, now: float, *, final: bool = False) -> Draft:
    """Return the watcher's next frame; nothing counts as sent before ``Subscription.sent`` is told so.

    ``now`` is in seconds, by the clock that spaces out large snapshots. The final frame leaves no epoch for later.
    """
    status, cursor = run.status, watcher.cursor
    first_epoch, bin_width, metrics = _metrics(watcher, run.history, most_rows=None if final else MOST_ROWS)
    deferred = defers(watcher, run, answers, now)
    given, snapshot, goes_on_at = ((), {}, watcher.first_query) if deferred else answers.subscribed(watcher)
    replies, asked_for = answers.asked(watcher)
    sent = _cursor_after(cursor, run, metrics, given)
    frame = Frame(
        **run.progress()._asdict(),
        **status.fields(),
        number=0,
        final=final,
        latest=_latest(run),
        first_epoch=first_epoch,
        bin_width=bin_width,
        answers=given,
        pending=tuple(run.pending),
        replies=(*watcher.replies, *replies),
        **_news(cursor, sent, run),
    )
    views_every = watcher.hello.views_every if status.state == "running" else 0.0
    next_snapshot = watcher.next_snapshot if deferred else now + max(size(snapshot) / SNAPSHOT_BYTES, views_every)
    arrays = {**metrics, **snapshot, **asked_for}
    return Draft(frame, arrays, sent, goes_on_at is not None, next_snapshot, goes_on_at or 0)


def defers(watcher: Subscription, run: LiveRun, answers: Answers, now: float) -> bool:
    """Return whether the watcher's next frame has to go without the answers that it subscribed to."""
    if not watcher.queries:
        return False
    # A new shape, and an answer to the watcher, come with what they changed.
    waited_for = watcher.waits or watcher.cursor.spec != run.status.spec_version
    return answers.wait > 0 or (not waited_for and now < watcher.next_snapshot)


def _news(before: Cursor, after: Cursor, run: LiveRun) -> dict[str, Any]:
    """Return the fields of a frame that are only set where they are new to the watcher."""
    news: dict[str, Any] = {"changes": tuple(run.changes[before.changes : after.changes])}
    if before.spec != after.spec:
        news["spec"] = run.shown_spec
    if before.data != after.data:
        news["data"] = run.data
    if before.checkpoints != after.checkpoints:
        news["checkpoints"] = after.checkpoints
    if before.refusals != after.refusals:
        news["refusals"] = dict(after.refusals)
    if before.exams != after.exams:
        news["exam"] = run.status.exam
    if before.verdicts < after.verdicts:
        news["verdicts"] = run.status.verdicts.after(before.verdicts)
    return news


def _cursor_after(cursor: Cursor, run: LiveRun, metrics: Arrays, answers: tuple[Answer, ...]) -> Cursor:
    """Return how far a watcher has come once it has been sent these; with changes left, more is due at once."""
    status = run.status
    changes = min(len(run.changes), cursor.changes + MOST_CHANGES)
    told_once = {answer.query.id for answer in answers if isinstance(answer.query, DataQuery)}
    still_true = cursor.unchanging if cursor.data == run.data_version else frozenset[str]()
    return Cursor(
        epoch=len(run.history) if "bins" in metrics else cursor.epoch + len(metrics.get("rows", ())),
        changes=changes,
        spec=status.spec_version,
        revision=status.revision if changes == len(run.changes) else cursor.revision,
        exams=status.exams_opened,
        checkpoints=status.checkpoints,
        unchanging=still_true | told_once,
        refusals=tuple(run.refusals.items()),
        data=run.data_version,
        verdicts=status.verdicts.version,
    )


def _metrics(watcher: Subscription, history: EpochSeries, *, most_rows: int | None) -> tuple[int, int, Arrays]:
    """Return first epoch, bin width and array of what is new."""
    epoch, most = watcher.cursor.epoch, watcher.hello.max_points
    if most is not None and len(history) - epoch > most:
        bins = history.binned(epoch + 1, most)
        return bins.first_epoch, bins.width, {"bins": bins.values}
    if most_rows is not None:
        most_rows = max(1, min(most_rows, MOST_ROWS_BYTES // history.row_bytes))
    rows = history.rows(epoch + 1, most_rows)
    return epoch + 1, 1, {"rows": rows} if len(rows) else {}


def _latest(run: LiveRun) -> tuple[Scores | None, Scores | None]:
    history, classification, single = run.history, bool(run.data.classes), len(run.description.seeds) == 1
    if not len(history) or run.description.columns != METRICS:
        return None, None
    row = history.rows(len(history))[0]
    train = _scores(row[:, 0], row[:, 1], classification=classification, single=single)
    validation = _scores(row[:, 2], row[:, 3], classification=classification, single=single)
    return train, validation if np.isfinite(row[:, 2:4]).any() else None


def _scores(loss: NDArray[Any], score: NDArray[Any], *, classification: bool, single: bool) -> Scores:
    def listed(values: NDArray[Any]) -> float | list[float | None] | None:
        numbers = [float(value) if np.isfinite(value) else None for value in values]
        return numbers[0] if single else numbers

    if classification:
        return Scores(loss=listed(loss), accuracy=listed(score))
    return Scores(loss=listed(loss), accuracy=None, r2=listed(score))
