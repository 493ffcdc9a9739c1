"""A disk with faults: ``disk.c`` preloaded into a process, and what steers it from here.

Of what the process does to files below a folder every operation that changes the disk is counted: each can fail, for
once or until further notice; the process can die before it; and a record of them tells what a power cut would leave
(``power``). It needs a C compiler and a system that preloads libraries, which is Linux here.
"""

from __future__ import annotations

import json
import mmap
import select
import shutil
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import TracebackType

import pytest

from tests.patience import PATIENCE

FIELDS = ("count", "fail_from", "fail_until", "error", "partial", "kill_at", "records", "clock_seconds")
FOREVER = 2**62
_SOURCE = Path(__file__).with_name("disk.c")

needs_faulty_disk = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("gcc") is None, reason="needs Linux and gcc"
)


@cache
def library(folder: Path) -> Path:
    """Return the compiled library."""
    path = folder / "disk.so"
    command = ["gcc", "-shared", "-fPIC", "-O1", "-o", str(path), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
    return path


class Disk:
    """What happens to the files below a folder, in processes that were started with ``environment``.

    Args:
        folder: Where the library, its control and its record are to lie.
        root: The folder whose files have the faults.

    Attributes:
        environment: Variables that a process has to be started with.
        record: The file to which operations are written, from when ``records`` is 1.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        control, self.record = folder / "control", folder / "record"
        control.write_bytes(bytes(8 * len(FIELDS)))
        self.record.touch()
        with control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.environment = {
            "LD_PRELOAD": str(library(folder)),
            "DISK_ROOT": str(root.resolve()),
            "DISK_CONTROL": str(control),
            "DISK_RECORD": str(self.record),
        }

    def set(self, **values: int) -> None:
        """Set fields of ``struct control``."""
        for name, value in values.items():
            struct.pack_into("q", self._map, 8 * FIELDS.index(name), value)

    def reset(self, **values: int) -> None:
        """Count from 0 on again, without faults but these."""
        self.set(**dict.fromkeys(FIELDS, 0) | values)

    @property
    def count(self) -> int:
        """Operations so far; the one that is being done counts."""
        [count] = struct.unpack_from("q", self._map)
        return int(count)


class Host:
    """A process that has imported what a worker is, and becomes one by a fork: that takes a hundredth of a start.

    Args:
        environment: Its environment, with that of a ``Disk``.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-P", "-m", "tests.faults.host"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,  # what is in a buffer of ours select would not see
            env=environment | {"PYTHONPATH": str(_SOURCE.parents[2])},
        )

    def __enter__(self) -> Host:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def start(self, *arguments: str) -> int:
        """Start a worker with these arguments; return its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(arguments).encode() + b"\n")
        return self._answer()

    def has_answered(self) -> bool:
        """Say whether the worker has ended."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], 0)[0])

    def wait(self) -> int:
        """Return the status with which the worker ended; negative for a signal."""
        return self._answer()

    def _answer(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())
