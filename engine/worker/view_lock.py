"""The lock of the one worker that shows a run which somebody else writes; it lies beside that worker's socket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import RunBusyError
from engine.store import locks
from engine.store.runs import Run
from engine.store.sockets import LOCK


def view_lock_path(run: Run) -> Path:
    """Return the file of the lock."""
    return run.viewer_socket_path.with_suffix(LOCK)


@contextmanager
def holding_view(run: Run) -> Iterator[None]:
    """Be the one worker that shows a run.

    Raises:
        RunBusyError: Another one does.
        TrainerError: The lock cannot be written.
    """
    try:
        with locks.hold(view_lock_path(run)):
            yield
    except locks.HeldError:
        raise RunBusyError(f"run {run.name}: another worker shows it already") from None
