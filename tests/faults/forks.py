"""Workers that are forked from a process which has imported all that a worker is: a hundredth of a start's work.

For tests of what a worker does and what becomes of its run. How one is started is tried where programs are started.
"""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from threading import RLock
from typing import Any, Self

from engine.worker.ready import worker_command, worker_environment
from tests.patience import PATIENCE

_LOOK_EVERY = 0.01


class ForkedWorker(subprocess.Popen[bytes]):
    """One of them, with the face that a worker has for who started it; its process stays until it is asked for."""

    def __init__(self, server: ForkServer, pid: int, arguments: tuple[str, ...]) -> None:
        self._server = server
        self._child_created = False  # by this process: there is nothing to be reaped here
        self.args = worker_command(*arguments)
        self.pid = pid
        self.stdin = self.stdout = self.stderr = None
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its status, if it has ended."""
        if self.returncode is None:
            self.returncode = self._server.status_of(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its status."""
        with selectors.DefaultSelector() as ended:
            end = os.pidfd_open(self.pid) if self.poll() is None else None
            try:
                if end is not None:
                    ended.register(end, selectors.EVENT_READ)
                    ended.select(timeout)
            finally:
                if end is not None:
                    os.close(end)
        if self.poll() is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        assert self.returncode is not None
        return self.returncode


class ForkServer:
    """Starts the process from which workers are forked, and talks to it."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tests.faults.forks"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=worker_environment() | {"PYTHONPATH": str(Path(__file__).parents[2])},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE)

    def start(self, *arguments: str) -> ForkedWorker:
        """Start a worker with these arguments, in this process's environment."""
        pid = self._ask(start=arguments, environment=worker_environment())
        return ForkedWorker(self, pid, arguments)

    def status_of(self, pid: int) -> int | None:
        """Return a worker's status, negative for a signal; None while it runs. From then on its number is free."""
        status: int | None = self._ask(status=pid)
        return status

    def _ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


def _become_worker(arguments: list[str], environment: dict[str, str]) -> None:
    from setproctitle import setproctitle

    from tests.faults.host import serve

    os.setsid()
    for descriptor in (0, 1):  # what is read and written there is the server's
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    setproctitle(" ".join(worker_command(*arguments)))
    serve(arguments)


def _answer(request: dict[str, Any]) -> int | None:
    if "start" in request:
        process = os.fork()
        if not process:
            _become_worker(request["start"], request["environment"])
        return process
    process, status = os.waitpid(request["status"], os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if process else None


def main() -> None:
    """Answer who started this, until it hangs up."""
    from tests.faults.host import import_all

    import_all()
    write = partial(print, flush=True)
    for line in sys.stdin:
        write(json.dumps(_answer(json.loads(line))))


if __name__ == "__main__":
    main()
