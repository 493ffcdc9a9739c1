"""ctrl+c and SIGTERM: the first asks, the second forces. SIGHUP: nobody looks any more."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """While entered, the first signal sets ``asked``; the second cancels the task that entered.

    So does the first SIGHUP, unless the process was started to ignore it (``nohup``).

    Args:
        on_first: Called at the first signal.

    Attributes:
        hung_up: Whether it was SIGHUP that cancelled the task.
    """

    def __init__(self, on_first: Callable[[], None]) -> None:
        self.asked = asyncio.Event()
        self.hung_up = False
        self._on_first = on_first
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            self._loop.add_signal_handler(number, self._take)
        self._heeds_hang_up = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
        if self._heeds_hang_up:
            self._loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _SIGNALS:
            self._loop.remove_signal_handler(number)
        if self._heeds_hang_up:
            self._loop.remove_signal_handler(signal.SIGHUP)

    def _hang_up(self) -> None:
        self.hung_up = True
        if self._task is not None:
            self._task.cancel()

    def _take(self) -> None:
        if not self.asked.is_set():
            self.asked.set()
            self._on_first()
        elif self._task is not None:
            self._task.cancel()
