"""Reaching the worker of a run: the one that was started for it, or the one that is there; see ``starting`` too."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from contextlib import suppress
from typing import Unpack

from engine.errors import InputError, WorkerError, sanitize
from engine.store.runs import Run
from engine.worker.client import Client, HelloOptions, SilentError
from engine.worker.link import GoneError
from engine.worker.other_version import OtherVersionError
from engine.worker.reach import LOOK_EVERY, reach, way_out, whereabouts
from engine.worker.ready import BAD_INPUT, HELD, ReadyWorker
from engine.worker.starting import launch
from engine.worker.viewing import is_only_viewed, view

__all__ = ["LEAVING_PATIENCE", "attach", "connect", "exit_error", "launch"]

DYING_PATIENCE = 1.0
"""Seconds in which a worker that has hung up has surely ended, if it is ending."""
LEAVING_PATIENCE = 10.0
"""Seconds that a worker which has hung up is given to close its store and let go of the run."""
SPACE_TO_BEGIN = 500_000
"""Bytes on the store's disk that a small run takes for its metrics, its log and its first checkpoints."""


async def connect(
    run: Run,
    process: subprocess.Popen[bytes] | None = None,
    *,
    silence_limit: float | None = None,
    **options: Unpack[HelloOptions],
) -> Client:
    """Return a client of the run's worker, as soon as it answers; loading data may take it a while.

    Args:
        run: The run.
        process: The worker, where this process started it.
        silence_limit: Seconds of silence after which the client's frames give up; None for never.
        options: Of ``Client.hello``.

    Raises:
        InputError: The worker found the run's input bad; the line is its own. Or its socket may be somebody else's.
        WorkerError: The worker ended, speaks another protocol, cannot be reached, or does not answer.
    """
    try:
        client = await reach(run, process, silence_limit=silence_limit)
        await _greet(run, client, **options)
    except WorkerError as error:
        status = None if process is None else await _exit_status(process, error)
        if status == 0 and run.summary().state == "finished":  # before anybody came to watch it
            return await attach(run, silence_limit=silence_limit, **options)
        if status is not None and status != HELD:
            raise exit_error(run, status) from None
        raise
    if process is not None and client.welcome.pid != process.pid:
        await _let_hand_over(run, process, client)
    return client


async def _let_hand_over(run: Run, process: subprocess.Popen[bytes], client: Client) -> None:
    """Wait until a worker that came second has had the first one train the run; see ``held``.

    Raises:
        InputError: That one cannot train it.
    """
    deadline = time.monotonic() + LEAVING_PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY)
    if process.poll() == BAD_INPUT:
        await client.close()
        raise exit_error(run, BAD_INPUT)


async def _exit_status(process: subprocess.Popen[bytes], error: WorkerError) -> int | None:
    """Return the status with which a worker has ended; None where it lives. A dying one hangs up before it ends."""
    deadline = time.monotonic() + (DYING_PATIENCE if isinstance(error, GoneError) else 0.0)
    while process.poll() is None and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_EVERY)
    return process.poll()


async def _greet(run: Run, client: Client, **options: Unpack[HelloOptions]) -> None:
    try:
        await client.hello(**options)
    except BaseException as error:
        await client.close()
        if isinstance(error, SilentError):
            with suppress(InputError):
                recorded = run.metrics.state()
                line = f"run {run.name}: {whereabouts(recorded)} is there, but {error}: it hangs, or a step takes long"
                raise WorkerError(f"{line}; {way_out(recorded)}; kill -9 goes back to its last checkpoint") from None
        raise


async def attach(
    run: Run, ready: ReadyWorker | None = None, *, silence_limit: float | None = None, **options: Unpack[HelloOptions]
) -> Client:
    """Return a client of the run's worker; a run without one gets one that shows it and trains when asked to.

    A run that another program writes, or a worker of another version, is shown from its store; so is one without a
    worker whose directory is not ours to write to.

    Raises:
        InputError: The worker found the run damaged; the line is its own.
        WorkerError: The worker ended, cannot be reached, or does not answer.
    """
    if is_only_viewed(run):
        return await view(run, **options)
    deadline = time.monotonic() + LEAVING_PATIENCE
    while True:
        worker = None
        if not run.is_locked():
            if not os.access(run.path, os.W_OK):
                return await view(run, **options)
            worker = launch(run, attach_only=True, ready=ready)
        try:
            return await connect(run, worker, silence_limit=silence_limit, **options)
        except OtherVersionError:
            return await view(run, **options)
        except GoneError:  # it was just about to leave, and holds the run until its store is closed
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(LOOK_EVERY)


def exit_error(run: Run, status: int) -> InputError | WorkerError:
    """Return what a worker ended of that has served nobody: its last line, as it ended with a status other than 0."""
    if status == 0:
        return WorkerError(
            f"run {run.name}: its worker has left before anybody watched; tui-trainer attach {run.name} shows it"
        )
    if status < 0:
        return WorkerError(f"{run.name}: the worker was ended by signal {-status}")
    with suppress(OSError):
        if (free := shutil.disk_usage(run.path).free) < SPACE_TO_BEGIN:
            needed = f"needs about {SPACE_TO_BEGIN // 1000} kB to begin, {free // 1000} kB are free"
            return InputError(f"no space left on the disk of {sanitize(run.path.parent)} (a run {needed})")
    lines = run.log_path.read_text(errors="replace").splitlines() or [f"it ended with status {status}"]
    if status == BAD_INPUT:
        return InputError(sanitize(lines[-1], 400))
    return WorkerError(f"{run.name}: the worker ended with status {status}: {sanitize(lines[-1], 300)}")
