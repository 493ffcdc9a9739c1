"""The question whether a line separates rows, put to a process of its own, so that training need not wait for it.

SciPy takes half a second to import, and the linear programme up to two. As a program, this module reads the rows from
its standard input and prints the answer. It gives up by processor time, not by the clock: on a busy machine the answer
is the same, only later.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from typing import IO

import numpy as np
from numpy.typing import NDArray

from engine.judgement.separability import Floats, separation

PROCESSOR_TIME = 20
"""Seconds that the process may compute before the system ends it, without an answer."""
PATIENCE = 15.0 * PROCESSOR_TIME
"""Seconds to wait for its end at the end of a training: others may have the processor most of the time."""


class SeparatingProcess:
    """Finds out whether a line separates rows X (B, n) from those that are ``positive`` (B,)."""

    def __init__(self, X: Floats, positive: NDArray[np.bool_]) -> None:
        with tempfile.TemporaryFile() as file:  # a pipe would hold no more than 64 KB before it is read
            np.savez(file, X=X, positive=positive)
            file.seek(0)
            self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
                [sys.executable, "-P", "-m", "engine.judgement.separating_process"],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        self._answer: bool | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has come to its end."""
        if self._process is not None and self._process.poll() is not None:
            self._take(self._process)
        return self._process is None

    @property
    def answer(self) -> bool | None:
        """Whether a line separates them; None where that is not known, or not yet."""
        return self._answer if self.is_done else None

    def wait(self) -> None:
        """Wait for the answer, but not for ever."""
        if self._process is not None:
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.end()
            else:
                self._take(self._process)

    def end(self) -> None:
        """End it without an answer."""
        if self._process is not None:
            self._process.kill()
            self._take(self._process)

    def _take(self, process: subprocess.Popen[bytes]) -> None:
        printed = process.communicate()[0].strip()
        self._answer = {b"True": True, b"False": False}.get(printed)
        self._process = None


def answer(file: IO[bytes]) -> bool:
    """Return whether a line separates the rows in a file."""
    with np.load(file, allow_pickle=False) as arrays:
        return separation(arrays["X"], arrays["positive"]).is_separable


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_TIME, PROCESSOR_TIME))
    print(answer(sys.stdin.buffer))  # noqa: T201 - to the process that asked
