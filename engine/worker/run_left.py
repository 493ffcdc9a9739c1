"""The state in which a run was left by the worker that held it before, with the last lines of its log."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from engine.errors import InputError, sanitize
from engine.protocol.events import MOST_LOG_LINES, MOST_LOGGED, RunLeft
from engine.run.status import RunState
from engine.store.runs import Run

LAST_SECONDS = 60.0
"""The log has no times: all of it counts where it was written to no earlier than so long before the store was."""
_TAIL_BYTES = MOST_LOG_LINES * 4096
"""How much of the log is read, from its end."""


def read_run_left(run: Run) -> RunLeft | None:
    """Return how the run was left; None for a new one.

    For the holder of its lock, before it writes anything.
    """
    at = run.last_active() / 1e9  # before it is read, which may make a file of SQLite's anew
    with suppress(InputError):  # damaged: whoever opens it says so
        recorded = run.metrics.state()
        if recorded.state is not None or recorded.epoch:
            state: RunState = recorded.state or "died"
            was_at_work = state in {"running", "paused"}
            return RunLeft(
                state="died" if was_at_work else state, at=at, lines=tuple(_last_lines(run, at - LAST_SECONDS))
            )
    return None


def _last_lines(run: Run, since: float) -> Sequence[str]:
    try:
        if run.log_path.stat().st_mtime < since:
            return ()
        with run.log_path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL_BYTES))
            tail = file.read(_TAIL_BYTES).decode(errors="replace")
    except OSError:
        return ()
    return [sanitize(line, MOST_LOGGED) for line in tail.splitlines() if line.strip()][-MOST_LOG_LINES:]
