"""Take a run over from a worker of another version: it is asked to end by a signal, which every version understands."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from contextlib import suppress
from pathlib import Path

from engine.errors import WorkerError, sanitize
from engine.store.records import RecordedState
from engine.store.runs import Run
from engine.worker.other_version import is_other_version
from engine.worker.reach import LOOK_EVERY, whereabouts

STOP_PATIENCE = 30.0
"""Seconds that it is given to end its step, save, and let go of the run."""


def has_other_version(run: Run) -> bool:
    """Say whether a worker holds the run that this version cannot talk to."""
    return run.is_locked() and is_other_version(run.metrics.state())


async def end_other_worker(run: Run) -> None:
    """Have the worker that holds a run end, saved, whatever version it is of; return once the run is free.

    Raises:
        WorkerError: It is on another machine, cannot be told from other processes, or does not end.
    """
    recorded = run.metrics.state()
    pid = _process_here(run, recorded)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_PATIENCE
    while run.is_locked():
        if time.monotonic() > deadline:
            raise WorkerError(
                f"run {run.name}: {whereabouts(recorded)} has not ended within {STOP_PATIENCE:.0f} seconds; "
                f"kill -9 {pid} goes back to its last checkpoint"
            )
        await asyncio.sleep(LOOK_EVERY)


def _process_here(run: Run, recorded: RecordedState) -> int:
    """Return the process that holds a run.

    Raises:
        WorkerError: It is not known, of another machine, or something else bears its number by now.
    """
    if recorded.pid is None or recorded.host not in {None, socket.gethostname()}:
        place = "where it was started" if recorded.host is None else f"on {sanitize(recorded.host, 60)}"
        raise WorkerError(f"run {run.name}: {whereabouts(recorded)} is not on this machine: stop it {place}")
    try:
        command = Path(f"/proc/{recorded.pid}/cmdline").read_bytes()
    except OSError:  # a system without such files, or a process that has just ended
        return recorded.pid
    words = os.fsdecode(command).replace("\0", " ").split()
    if "engine.worker" not in words or all(Path(word).name != run.name for word in words):
        raise WorkerError(f"run {run.name}: process {recorded.pid} is not its worker; find out who holds the run")
    return recorded.pid
