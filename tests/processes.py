"""What Linux says of a process, by its number."""

from __future__ import annotations

from pathlib import Path
from typing import Literal


def thread_seconds(pid: int) -> float:
    """Return the processor time of a process's first thread, which is the one that trains, in seconds."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def memory_of(pid: int, kind: Literal["VmRSS", "VmHWM"] = "VmRSS") -> float:
    """Return what a process holds, or held at most, in megabytes."""
    [line] = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith(kind)]
    return int(line.split()[1]) / 1024
