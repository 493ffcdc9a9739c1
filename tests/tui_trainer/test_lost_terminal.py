"""A terminal that vanishes while the screen still has much to write."""

from __future__ import annotations

import io
import threading

import pytest
from textual.drivers import linux_driver
from textual.drivers._writer_thread import MAX_QUEUED_WRITES

from tests.patience import PATIENCE
from tui_trainer.textual_patches import tolerate_lost_terminal


class LostTerminal(io.StringIO):
    """A terminal that takes so many more writes, and then fails as one does whose other end is closed."""

    def __init__(self, *, writes: int, flushes: int) -> None:
        super().__init__()
        self._writes, self._flushes = writes, flushes

    def write(self, text: str) -> int:
        self._writes -= 1
        self._fail_below(self._writes)
        return len(text)

    def flush(self) -> None:
        self._flushes -= 1
        self._fail_below(self._flushes)

    def _fail_below(self, left: int) -> None:
        if left < 0:
            raise OSError(5, "Input/output error")


def ends(terminal: LostTerminal, pictures: int, *, at_once: bool) -> bool:
    """Return whether a screen comes to its end that writes so many pictures; at once: before any is on its way."""
    tolerate_lost_terminal()
    writer = vars(linux_driver)["WriterThread"](terminal)

    def leave() -> None:
        for _ in range(pictures):
            writer.write("picture")
        writer._queue.put(None)  # as ``stop`` does, which then waits for a thread that may not have begun

    leaving = threading.Thread(target=leave, daemon=True)
    leaving.start()
    if at_once:
        leaving.join(PATIENCE)
    writer.start()
    leaving.join(PATIENCE)
    writer.join(PATIENCE)
    return not leaving.is_alive() and not writer.is_alive()


@pytest.mark.parametrize("flushes", [0, 1, 2])
@pytest.mark.parametrize("writes", [0, 1, 5])
@pytest.mark.parametrize(("pictures", "at_once"), [(0, True), (1, True), (5, True), (2 * MAX_QUEUED_WRITES, False)])
def test_whatever_still_waits_to_be_written_the_screen_ends(
    pictures: int, writes: int, flushes: int, *, at_once: bool
) -> None:
    assert ends(LostTerminal(writes=writes, flushes=flushes), pictures, at_once=at_once)
