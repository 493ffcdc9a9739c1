"""Starting a worker for a run, and finding the one that is there."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Unpack

from engine.errors import InputError, WorkerError, sanitize
from engine.store.runs import Run
from engine.worker.client import Client, HelloOptions

SPACE_TO_BEGIN = 500_000
"""Bytes on the store's disk that a small run takes for its metrics, its log and its first checkpoints."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""One BLAS thread: two made small networks up to 1.3 times slower. A user's own setting wins."""


def launch(run: Run, *, attach_only: bool = False) -> subprocess.Popen[bytes]:
    """Start a worker that goes on with ``run`` from where its store stands, and outlives this process.

    With ``attach_only`` it only shows the run until a watcher asks it to train. It runs in a session of its own, so
    that neither ctrl+c nor a closed terminal reaches it, and with ``-P``, so that a folder named ``engine`` in the
    user's working directory is not taken for ours. What it prints goes to the run's log.

    Raises:
        WorkerError: The run's directory cannot be written to.
    """
    # The processes that a worker may start for a large band must not take the user's folders for ours either.
    environment = {**dict.fromkeys(_THREADS, "1"), **os.environ, "PYTHONSAFEPATH": "1"}
    command = [sys.executable, "-P", "-m", "engine.worker", str(run.path), *(["--hold"] if attach_only else [])]
    try:
        log = run.log_path.open("ab")
    except OSError as error:
        raise WorkerError(f"{sanitize(run.log_path)}: cannot be written ({error.strerror})") from None
    with log:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, env=environment
        )


async def connect(run: Run, process: subprocess.Popen[bytes] | None = None, **options: Unpack[HelloOptions]) -> Client:
    """Return a client of the run's worker, as soon as it answers; loading data may take it a while.

    Args:
        run: The run.
        process: The worker, where this process started it.
        options: Of ``Client.hello``.

    Raises:
        InputError: The worker found the run's input bad; the line is its own.
        WorkerError: The worker ended, or speaks another protocol.
    """
    # One that was started elsewhere may listen elsewhere: its temporary directory need not be ours.
    elsewhere = run.metrics.state().socket if process is None else None
    client = Client(Path(elsewhere) if elsewhere else run.socket_path, alive=partial(_is_alive, run, process))
    try:
        await client.hello(**options)
    except WorkerError:
        await client.close()
        if process is not None and process.poll() is not None:
            raise _exit_error(run, process.returncode) from None
        raise
    except asyncio.CancelledError:
        await client.close()
        raise
    return client


def _is_alive(run: Run, process: subprocess.Popen[bytes] | None) -> bool:
    # Where two start a worker at the same time, one of those ends, and both are served by the other.
    return (process is not None and process.poll() is None) or run.is_locked()


async def attach(run: Run, **options: Unpack[HelloOptions]) -> Client:
    """Return a client of the run's worker; a run without one gets one that shows it and trains when asked to.

    Raises:
        InputError: The worker found the run damaged; the line is its own.
        WorkerError: The worker ended, or speaks another protocol.
    """
    if run.is_locked():
        try:
            return await connect(run, **options)
        except WorkerError:
            if run.is_locked():
                raise
            # It was just about to leave.
    return await connect(run, launch(run, attach_only=True), **options)


def _exit_error(run: Run, status: int) -> InputError | WorkerError:
    if status < 0:
        return WorkerError(f"{run.name}: the worker was ended by signal {-status}")
    with suppress(OSError):
        if (free := shutil.disk_usage(run.path).free) < SPACE_TO_BEGIN:
            needed = f"needs about {SPACE_TO_BEGIN // 1000} kB to begin, {free // 1000} kB are free"
            return InputError(f"no space left on the disk of {sanitize(run.path.parent)} (a run {needed})")
    lines = run.log_path.read_text(errors="replace").splitlines() or [f"it ended with status {status}"]
    if status == 2:
        return InputError(sanitize(lines[-1], 400))
    return WorkerError(f"{run.name}: the worker ended with status {status}: {sanitize(lines[-1], 300)}")
