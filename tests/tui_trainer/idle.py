"""When an app under test has done all that it was asked to: by what waits in its event loop, not by the clock.

Textual's own pilot sleeps 20 ms at least, and goes on when the process has used little of them; on a busy machine a
process that was not let run looks idle, too.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.patience import PATIENCE

SOON = 0.02
"""Seconds ahead: timers that are due within them are waited for, such as a screen's next tick; later ones are not."""
SHORTEST = 0.001
"""Seconds: a thread's turn."""
ROUNDS = 3
"""Times in a row that the loop must be found with nothing to do; what a socket tells comes a round later."""


async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until nothing is to be done at once or soon; this stands in for ``textual.pilot.wait_for_idle``.

    Args:
        min_sleep: Of no use here.
        max_sleep: Seconds that are slept at most, for an app that never rests. Those do not count in which this
            process was not let run, nor those in which a thread works: how long it takes is the machine's affair.
    """
    loop: Any = asyncio.get_running_loop()
    rounds, left, deadline = 0, max_sleep, loop.time() + PATIENCE
    while rounds < ROUNDS and left > 0:
        works = _threads_work(loop._default_executor)
        pause = _seconds_to_wait(loop)
        if pause is None and works:
            pause = SHORTEST
        rounds = rounds + 1 if pause is None else 0
        await asyncio.sleep(pause or 0)
        if not works or loop.time() > deadline:
            left -= pause or 0


def _seconds_to_wait(loop: Any) -> float | None:
    """Return for how long the loop should go on before it is looked at again; None where nothing is to be done."""
    if loop._ready:
        return 0
    due = min((timer.when() - loop.time() for timer in loop._scheduled if not timer.cancelled()), default=SOON)
    return max(SHORTEST, due) if due < SOON else None


def _threads_work(executor: ThreadPoolExecutor | None) -> bool:
    """Return whether anything waits for a thread, or is done in one; its result is in the loop before it is not."""
    if executor is None:
        return False
    idle: Any = executor._idle_semaphore
    return not executor._work_queue.empty() or idle._value < len(executor._threads)
