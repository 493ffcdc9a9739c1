"""What a worker's process does: it serves one run, and ends with a status that says why."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.allocator import configure_malloc
from engine.errors import InputError, RunBusyError, TrainerError, sanitize
from engine.protocol import codec
from engine.protocol.events import RunLeft
from engine.protocol.fingerprint import fingerprint
from engine.protocol.version import PROTOCOL, program_version
from engine.run.description import RunDescription
from engine.store.runs import Run
from engine.training.stored import open_trainer
from engine.worker.reading import noted
from engine.worker.ready import BAD_INPUT, FAILED, HELD, HOLD, READY, VIEW, print_to, told_on_stdin
from engine.worker.run_left import read_run_left
from engine.worker.server import Server
from engine.worker.source import LiveRun
from engine.worker.stale_sockets import remove_stale
from engine.worker.trained import TrainedRun
from engine.worker.view_lock import holding_view
from engine.worker.worker import Worker

_PREPARATIONS = (RunDescription.model_rebuild, codec.prepare_worker, fingerprint, program_version)
"""What a process that is held ready does until it is wanted; one that is wanted at once does it bit by bit."""


def main(arguments: list[str] | None = None) -> int:
    """Serve one run; return the process's status."""
    parser = argparse.ArgumentParser(prog="engine.worker")
    parser.add_argument("directory", type=Path, nargs="?")
    parser.add_argument(HOLD, action="store_true", help="show the run, and train only when asked to")
    parser.add_argument(VIEW, action="store_true", help="show the run from its store, which somebody else writes")
    parser.add_argument(READY, action="store_true", help="wait on stdin for the directory")
    options = parser.parse_args(arguments)
    was_ready = options.directory is None
    if was_ready:
        if not (words := told_on_stdin(_PREPARATIONS)):
            return 0
        options = parser.parse_args(words)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    configure_malloc()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is nothing to a worker
    run = Run(options.directory)
    if was_ready:
        print_to(run.log_path)
    try:
        if options.view:
            with holding_view(run):
                show(run)
        else:
            hold_and_serve(run, attach_only=options.hold)
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 - its last words, read by whoever started it
        return BAD_INPUT
    except TrainerError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return HELD if isinstance(error, RunBusyError) else FAILED
    except MemoryError as error:
        print(f"out of memory: {sanitize(error or 'there is none left')}", file=sys.stderr)  # noqa: T201
        return FAILED
    return 0


def open_run(run: Run, *, attach_only: bool, clock: Callable[[], float] = time.monotonic) -> LiveRun:
    """Return what is to be served: the run with its trainer; if only to look at and without, what its store has.

    Raises:
        InputError: Data or options that do not fit, and the run is to be trained; or the store is damaged.
    """
    try:
        trainer = open_trainer(run)
    except InputError as error:
        if not attach_only:
            raise
        from engine.worker.recorded import RecordedRun  # here: few runs have lost their data

        return RecordedRun(run, str(error))
    pace = run.metrics.state().pace if trainer.epoch else run.description.pace
    return TrainedRun(run, trainer, pace=pace, attach_only=attach_only, clock=clock)


def _announce(run: Run) -> None:
    """Record who holds the run before its data are read, so that whoever looks for its worker knows what it waits for.

    Raises:
        InputError: The description or the metrics are damaged.
        TrainerError: The disk is full or read-only.
    """
    run.check()
    run.metrics.record_state(
        socket=None,
        pid=os.getpid(),
        host=socket.gethostname(),
        version=program_version(),
        protocol=PROTOCOL,
        messages=fingerprint(),
    )


def hold_and_serve(run: Run, *, attach_only: bool) -> None:
    """Serve a run; one that is to be trained and is held by another worker is trained by that one, see ``held``.

    Raises:
        RunBusyError: It was only to be shown, and another worker holds it.
        InputError: The run cannot be trained, here or there.
        TrainerError: The store refuses, or the worker that holds it cannot be reached.
    """
    while True:
        try:
            with run.lock():
                return serve(run, attach_only=attach_only)
        except RunBusyError:
            if attach_only:
                raise
        from engine.worker.held import have_trained  # here: hardly ever

        if have_trained(run):
            return None


def serve(run: Run, *, attach_only: bool) -> None:
    """Serve a run whose lock is held, until it ends or a signal ends it."""
    left = read_run_left(run) if attach_only else None
    _announce(run)
    with noted(run):
        live = open_run(run, attach_only=attach_only)
    try:
        _serve_at(run.socket_path, live, left)
    finally:
        run.metrics.close()  # last, because a full disk refuses it


def show(run: Run) -> None:
    """Show a run that somebody else writes, until nobody watches any more or a signal ends it."""
    from engine.worker.followed import FollowedRun

    _serve_at(run.viewer_socket_path, FollowedRun(run))


def _serve_at(path: Path, live: LiveRun, left: RunLeft | None = None) -> None:
    server = Server(path)
    remove_stale(path.parent)
    try:
        worker = Worker(live, server, left=left)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: worker.stop())
        worker.serve()
    finally:
        server.close()
