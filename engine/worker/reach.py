"""Reach the worker that holds a run: while it starts, where it listens elsewhere, and where it cannot be reached."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from engine.errors import InputError, WorkerError, sanitize
from engine.protocol import codec
from engine.protocol.version import PROTOCOL
from engine.store.records import RecordedState
from engine.store.runs import Run
from engine.worker.client import Client
from engine.worker.link import GoneError
from engine.worker.other_version import OTHER_BUILD, OtherVersionError, is_other_version

REACH_PATIENCE = 4.0
"""Seconds for which a worker that holds a run may be out of reach: a new one names its socket within one or two."""
CHANGING_PATIENCE = 15.0
"""Seconds for the same while one begins or ends: it checks a large store before it says anything, and closes it."""
LOADING_PATIENCE = 300.0
"""Seconds for which a worker that somebody else started may read its data."""
ANSWER_PATIENCE = 8.0
"""Seconds for which a worker may be silent when it is greeted: longer than a step of what can be trained at all."""
BEGINNING_PATIENCE = 60.0
"""Seconds for the same of one that this process started: it saves what it begins with, on a disk that may be busy."""
LOOK_EVERY = 0.005
"""Seconds between two looks at whether it can be reached."""
_ASK_STORE_EVERY = 0.2


async def reach(
    run: Run, process: subprocess.Popen[bytes] | None = None, *, silence_limit: float | None = None
) -> Client:
    """Return a client that is connected to the run's worker, and has said nothing yet.

    Args:
        run: The run.
        process: The worker, where this process started it: then it may read its data for as long as it lives.
        silence_limit: See ``Client``.

    Raises:
        InputError: The socket may be somebody else's.
        GoneError: The worker has ended.
        OtherVersionError: It is of a version that cannot be talked to.
        WorkerError: It cannot be reached; one line says where it is.
    """
    began = time.monotonic()
    recorded, asked = RecordedState(), -1.0
    if process is not None:
        codec.prepare_watcher()  # the worker takes longer to be there
    while True:
        if not is_alive(run, process):
            raise GoneError
        starts = process is not None and process.poll() is None
        if not starts and time.monotonic() - asked >= _ASK_STORE_EVERY:
            with suppress(InputError):  # damaged: whoever reads it next says so
                recorded = run.metrics.state()
            asked = time.monotonic()
        try:
            return Client(
                _listens_at(run, process, recorded),
                alive=lambda: is_alive(run, process),
                patience=BEGINNING_PATIENCE if starts else ANSWER_PATIENCE,
                silence_limit=silence_limit,
            )
        except OSError as error:
            _check_patience(run, process, recorded, time.monotonic() - began, error)
        await asyncio.sleep(LOOK_EVERY)


def is_alive(run: Run, process: subprocess.Popen[bytes] | None) -> bool:
    """Say whether the run has a worker, or may yet have one."""
    # Where two start a worker at the same time, one of those ends, and both are served by the other.
    return (process is not None and process.poll() is None) or run.is_locked()


def whereabouts(recorded: RecordedState) -> str:
    """Return which process it is that holds a run, as far as it has said so."""
    process = "its worker" if recorded.pid is None else f"its worker (process {recorded.pid}"
    host = f" on {sanitize(recorded.host, 60)}" if recorded.host else ""
    return process if recorded.pid is None else f"{process}{host})"


def way_out(recorded: RecordedState) -> str:
    """Return how a worker is ended that does not answer."""
    host_text = f" on {sanitize(recorded.host, 60)}" if recorded.host not in {None, socket.gethostname()} else ""
    return f"kill {recorded.pid}{host_text} ends it, saved" if recorded.pid is not None else "end it by its process"


def _listens_at(run: Run, process: subprocess.Popen[bytes] | None, recorded: RecordedState) -> Path:
    """Return where to look: a worker that was started elsewhere, with another temporary directory, listens there.

    Raises:
        OtherVersionError: It is of a version that cannot be talked to.
        OSError: It has not said so yet.
    """
    ours = process is not None and process.poll() is None and recorded.pid != process.pid
    if ours or recorded.socket is None:
        return run.socket_path
    if is_other_version(recorded):
        theirs = f"tui-trainer {sanitize(recorded.version, 40)} (protocol {recorded.protocol})"
        differs = f", this is protocol {PROTOCOL}: use the same version on both sides"
        differs = f" {OTHER_BUILD}" if recorded.protocol == PROTOCOL else differs
        raise OtherVersionError(f"run {run.name}: {whereabouts(recorded)} is {theirs}{differs}, or {way_out(recorded)}")
    return Path(recorded.socket)


def _check_patience(
    run: Run, process: subprocess.Popen[bytes] | None, recorded: RecordedState, waited: float, error: OSError
) -> None:
    """Raise WorkerError once a worker has been out of reach for longer than one that starts can be."""
    if process is not None and process.poll() is None:
        return  # it is there, and reads its data
    if recorded.socket is None and _lives_here(recorded):
        if waited > LOADING_PATIENCE:
            raise WorkerError(
                f"run {run.name}: {whereabouts(recorded)} still reads its data after {waited:.0f} seconds; "
                f"try again later, or {way_out(recorded)}"
            )
        return
    if waited > (CHANGING_PATIENCE if _is_changing(recorded) else REACH_PATIENCE):
        place = sanitize(recorded.socket or run.socket_path)
        raise WorkerError(
            f"run {run.name}: {whereabouts(recorded)} holds it, but cannot be reached from here: {place}: "
            f"{sanitize(error.strerror or error)}; go to where it was started (host, login, TMPDIR), "
            f"or {way_out(recorded)}"
        )


def _is_changing(recorded: RecordedState) -> bool:
    """Say whether the worker that holds a run has not said yet who it is, or has said that it ends."""
    if recorded.host not in {None, socket.gethostname()}:
        return False
    return recorded.state in {"stopped", "finished"} if _lives_here(recorded) else True


def _lives_here(recorded: RecordedState) -> bool:
    """Say whether the process that was recorded is one of this machine."""
    if recorded.pid is None or recorded.host != socket.gethostname():
        return False
    try:
        os.kill(recorded.pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True
