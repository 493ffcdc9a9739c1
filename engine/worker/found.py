"""How a run was left by whoever held it last: its end, and the last lines of its log."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from engine.errors import InputError, sanitize
from engine.protocol.events import MOST_LOG_LINES, MOST_LOGGED, RunLeft
from engine.run.status import RunState
from engine.store.runs import Run

OF_THE_END = 60.0
"""Seconds before the last write to the store from which on a line of the log belongs to the end: it has no times."""
_TAIL = MOST_LOG_LINES * 4096
"""Bytes of the log that are looked at."""


def found(run: Run) -> RunLeft | None:
    """Return how a run stands that the caller has just come to hold, before he writes to it; None of a new one."""
    at = run.last_active() / 1e9  # before it is read, which may make a file of SQLite's anew
    with suppress(InputError):  # damaged: whoever opens it says so
        recorded = run.metrics.state()
        if recorded.state is not None or recorded.epoch:
            state: RunState = recorded.state or "died"
            was_at_work = state in {"running", "paused"}
            return RunLeft(
                state="died" if was_at_work else state, at=at, lines=tuple(_last_lines(run, at - OF_THE_END))
            )
    return None


def _last_lines(run: Run, since: float) -> Sequence[str]:
    try:
        if run.log_path.stat().st_mtime < since:
            return ()
        with run.log_path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            tail = file.read(_TAIL).decode(errors="replace")
    except OSError:
        return ()
    return [sanitize(line, MOST_LOGGED) for line in tail.splitlines() if line.strip()][-MOST_LOG_LINES:]
