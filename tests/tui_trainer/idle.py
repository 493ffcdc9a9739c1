"""When an app under test has done all that it was asked to: by what waits in its event loop, not by the clock.

Textual's own pilot sleeps 20 ms at least, and goes on when the process has used little of them; on a busy machine a
process that was not let run looks idle, too.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SOON = 0.02
"""Seconds ahead: timers that are due within them are waited for, such as a screen's next tick; later ones are not."""
ROUNDS = 3
"""Times in a row that the loop must be found with nothing to do; what a socket tells comes a round later."""


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until nothing is to be done at once or soon; this stands in for ``textual.pilot.wait_for_idle``.

    Args:
        min_sleep: Of no use here.
        max_sleep: Seconds after which an app that never rests is left alone.
    """
    loop: Any = asyncio.get_running_loop()
    end = loop.time() + max_sleep
    rounds = 0
    while rounds < ROUNDS and loop.time() < end:
        busy = loop._ready or _threads_work(loop._default_executor)
        due = min((timer.when() for timer in loop._scheduled if not timer.cancelled()), default=end)
        if not busy and due - loop.time() < SOON:
            await asyncio.sleep(max(0, due - loop.time()))
            busy = True
        elif busy and not loop._ready:
            await asyncio.sleep(0.001)  # a thread's turn
        rounds = 0 if busy else rounds + 1
        await asyncio.sleep(0)


def _threads_work(executor: ThreadPoolExecutor | None) -> bool:
    """Return whether anything waits for a thread, or is done in one; its result is in the loop before it is not."""
    if executor is None:
        return False
    idle: Any = executor._idle_semaphore
    return not executor._work_queue.empty() or idle._value < len(executor._threads)
