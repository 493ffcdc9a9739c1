"""A client of ours in a process of its own: ``python watcher.py RUN_DIRECTORY``.

It prints "watching" at its first frame, and a digest of the metrics it has been told when the run has finished.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.protocol.queries import simple_queries
from engine.store.runs import Run
from engine.worker.launcher import attach


def digest(rows: NDArray[np.float64]) -> str:
    """Return what is printed of metrics (k, S, 5)."""
    return f"{len(rows)} {hashlib.sha256(np.ascontiguousarray(rows).tobytes()).hexdigest()}"


async def watch(run: Run) -> None:
    """Follow the run to its end."""
    client = await attach(run, queries=simple_queries("weights", "neurons"))
    rows: list[NDArray[np.float64]] = []
    async for frame, arrays in client.frames():
        if frame.number == 0:
            print("watching", flush=True)  # noqa: T201 - the test reads it
        if "rows" in arrays:
            rows.append(arrays["rows"])
        if frame.state == "finished" and sum(map(len, rows)) == frame.epoch:
            break
    print(digest(np.concatenate(rows)), flush=True)  # noqa: T201
    await client.close()


if __name__ == "__main__":
    asyncio.run(watch(Run(Path(sys.argv[1]))))
