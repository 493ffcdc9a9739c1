"""A worker's process held ready: it has imported what a worker needs, and waits to be told which run to serve.

To start a worker takes several times as long as to train the first epoch of a small network; nearly all of it are
imports, which no run is needed for. ``python -m engine.worker --ready`` is one that waits. It ends when the pipe on
which it would be told is closed, and so with the process that holds it.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""One BLAS thread: two made small networks up to 1.3 times slower. A user's own setting wins."""

HOLD: Final = "--hold"
VIEW: Final = "--view"
READY: Final = "--ready"

FAILED: Final = 1
BAD_INPUT: Final = 2
"""Status of a worker whose run, data or options are bad."""
HELD: Final = 3
"""Status of one that was to show a run which another worker holds."""


class ReadyWorker:
    """Holds one process ready at most."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process that is held ready, dead or alive; None where there is none."""
        return None if self._process is None else self._process.pid

    def prepare(self) -> None:
        """Start a process, unless there is one."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                worker_command(READY),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env=worker_environment(),
            )

    def serve(self, directory: Path, *, attach_only: bool) -> subprocess.Popen[bytes] | None:
        """Let the process serve the run in a directory, and return it; None where there is none, or it has died."""
        process, self._process = self._process, None
        if process is None or process.stdin is None or process.poll() is not None:
            return None
        try:
            with process.stdin as pipe:
                pipe.write(b"\0".join([os.fsencode(directory), *([HOLD.encode()] if attach_only else [])]))
        except OSError:
            return None
        return process

    def close(self) -> None:
        """Let the process end."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()


def worker_command(*arguments: str) -> list[str]:
    """Return how a worker is started: with ``-P``, so that a user's folder named ``engine`` is not taken for ours."""
    return [sys.executable, "-P", "-m", "engine.worker", *arguments]


def worker_environment() -> dict[str, str]:
    """Return a worker's environment.

    The processes that a worker may start for a large band must not take the user's folders for ours either.
    """
    return {**dict.fromkeys(THREADS, "1"), **os.environ, "PYTHONSAFEPATH": "1"}


def told_on_stdin(preparations: Iterable[Callable[[], object]] = ()) -> list[str]:
    """Wait until it is said which run to serve, and return a worker's arguments; none where nobody wants it any more.

    From then on the command line of this process names the run.

    Args:
        preparations: What can be done while nothing has been said.
    """
    for prepare in preparations:
        if select.select([sys.stdin], [], [], 0)[0]:
            break
        prepare()
    words = [os.fsdecode(word) for word in sys.stdin.buffer.read().split(b"\0") if word]
    if words:
        from setproctitle import setproctitle

        setproctitle(" ".join(worker_command(*words)))
    return words


def print_to(log: Path) -> None:
    """Print to a run's log from now on, and read from nothing."""
    with Path(os.devnull).open("rb") as nothing, log.open("ab") as file:
        os.dup2(nothing.fileno(), 0)
        for descriptor in (1, 2):
            os.dup2(file.fileno(), descriptor)
