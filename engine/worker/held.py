"""A run that is to be trained while another worker holds it, as where somebody looked at it before its worker came.

A worker that was started only to show the run may have come first: then that one is asked to train it.
"""

from __future__ import annotations

import asyncio

from engine.errors import InputError
from engine.protocol.commands import Resume
from engine.store.runs import Run
from engine.worker.launcher import connect
from engine.worker.link import GoneError

SILENCE = 30.0
"""Seconds for which the worker that holds the run may be silent: a step may take long."""


def have_trained(run: Run) -> bool:
    """Have the worker that holds a run train it; one that has been asked to train before is left as it is.

    Returns:
        Whether it will; False where it was just leaving, and the run is free.

    Raises:
        InputError: It cannot train the run; the line is its own.
        WorkerError: It cannot be reached, does not answer, or is of another version.
    """
    try:
        asyncio.run(_ask(run))
    except GoneError:
        return False
    return True


async def _ask(run: Run) -> None:
    client = await connect(run, silence_limit=SILENCE)
    try:
        number = await client.send(Resume(unless_asked=True))
        async for frame, _ in client.frames():
            for reply in frame.replies:
                if reply.number == number:
                    if reply.error is not None:
                        raise InputError(reply.error)
                    return
    finally:
        await client.close()
    raise GoneError
