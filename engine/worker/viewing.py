"""A worker that only shows a run, while somebody else writes it; one serves all who watch.

Its lock and what it prints lie beside its socket: the run's own are whoever writes the run's.
"""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from typing import Unpack

from engine.errors import InputError, WorkerError, sanitize
from engine.run.description import Reported
from engine.store import locks
from engine.store.files import private
from engine.store.runs import Run
from engine.store.sockets import LOG
from engine.worker.client import Client, HelloOptions
from engine.worker.reach import ANSWER_PATIENCE, BEGINNING_PATIENCE, LOOK_EVERY
from engine.worker.ready import VIEW, worker_command, worker_environment
from engine.worker.view_lock import view_lock_path

_ATTEMPTS = 3
"""Workers that are started at most, where those that are found have just been leaving."""


def is_only_viewed(run: Run) -> bool:
    """Say whether a run is shown from its store, whoever holds it: another program reports it."""
    return isinstance(run.description.recipe, Reported)


async def view(run: Run, **options: Unpack[HelloOptions]) -> Client:
    """Return a client of the worker that shows a run; it is started if there is no such worker.

    Raises:
        InputError: The run's store is damaged, or of a newer format; the line is the worker's own.
        WorkerError: The worker ended, or does not answer.
    """
    for attempt in range(_ATTEMPTS):
        process = None if locks.is_held(view_lock_path(run)) else _launch(run)
        try:
            client = await _reach(run, process)
        except WorkerError:
            if attempt + 1 < _ATTEMPTS:
                continue
            raise
        try:
            await client.hello(**options)
        except WorkerError:
            await client.close()
            if attempt + 1 == _ATTEMPTS:
                raise
        except BaseException:
            await client.close()
            raise
        else:
            return client
    raise AssertionError


async def _reach(run: Run, process: subprocess.Popen[bytes] | None) -> Client:
    """Return a client that is connected, and has said nothing yet."""

    def is_alive() -> bool:
        return (process is not None and process.poll() is None) or locks.is_held(view_lock_path(run))

    while True:
        try:
            patience = ANSWER_PATIENCE if process is None else BEGINNING_PATIENCE
            return Client(run.viewer_socket_path, alive=is_alive, patience=patience)
        except OSError:
            if not is_alive():
                raise _exit_error(run, process) from None
        await asyncio.sleep(LOOK_EVERY)


def _launch(run: Run) -> subprocess.Popen[bytes]:
    log_path = _log_path(run)
    try:
        log = open(log_path, "wb", opener=private)  # noqa: SIM115 - closed below; Path.open takes no opener
    except OSError as error:
        raise WorkerError(f"{sanitize(log_path)}: cannot be written ({error.strerror})") from None
    with log:
        return subprocess.Popen(
            worker_command(str(run.path), VIEW),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=worker_environment(),
        )


def _exit_error(run: Run, process: subprocess.Popen[bytes] | None) -> InputError | WorkerError:
    if process is None:
        return WorkerError(f"run {run.name}: the worker that showed it has left")
    status = process.wait()
    lines = _log_path(run).read_text(errors="replace").splitlines() or [f"it ended with status {status}"]
    kind = InputError if status == 2 else WorkerError
    return kind(sanitize(lines[-1], 400))


def _log_path(run: Run) -> Path:
    return run.viewer_socket_path.with_suffix(LOG)
