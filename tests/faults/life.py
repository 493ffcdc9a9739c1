"""A worker that a host has become, and who watches it, for as long as it lives."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from engine.store.runs import Run
from tests.engine.worker.peers import Peer
from tests.faults.disk import Host
from tests.patience import PATIENCE


class Life:
    """A worker, from its start to its end.

    Args:
        host: The host.
        run: The run to serve.
        options: Of the worker, as ``--hold``.

    Attributes:
        process: Its process.
    """

    def __init__(self, host: Host, run: Run, *options: str) -> None:
        self._host = host
        self._run = run
        self.process = host.start(str(run.path), *options)

    def watch(self, talk: Callable[[Peer], object]) -> int:
        """Greet it and talk to it, as long as it lives; return the status with which it ends, negative for a signal."""
        watcher = self._connect()
        if watcher is not None:
            try:
                watcher.greet()
                talk(watcher)
            except AssertionError as error:
                if "hung up" not in str(error):
                    self._end()
                    raise
            finally:
                watcher.close()
        return self._host.wait()

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        self._host.wait()

    def _connect(self) -> Peer | None:
        deadline = time.monotonic() + PATIENCE
        while not self._host.has_answered():
            assert time.monotonic() < deadline, "nobody listens, and nobody has ended"
            one = socket.socket(socket.AF_UNIX)
            try:
                one.connect(str(self._run.socket_path))
                return Peer(one)
            except OSError:
                one.close()
            time.sleep(0.002)
        return None


def check_log(run: Run) -> None:
    """Check that whatever the worker printed was a line a time, and no traceback."""
    text = run.log_path.read_text() if run.log_path.exists() else ""
    assert "Traceback" not in text, text
    assert all(line.isprintable() for line in text.splitlines())
