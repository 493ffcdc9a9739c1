"""A terminal that vanishes while the screen still has much to write."""

from __future__ import annotations

import io
import threading

from textual.drivers import linux_driver
from textual.drivers._writer_thread import MAX_QUEUED_WRITES

from tests.patience import PATIENCE
from tui_trainer.textual_patches import outlive_terminal


class LostTerminal(io.StringIO):
    """A terminal that takes nothing any more."""

    def write(self, text: str) -> int:
        """Fail as a terminal does whose other end is closed."""
        raise OSError(5, "Input/output error")


def test_whatever_still_waits_to_be_written_the_screen_ends() -> None:
    outlive_terminal()
    writer = vars(linux_driver)["WriterThread"](LostTerminal())
    writer.start()

    def leave() -> None:
        for _ in range(2 * MAX_QUEUED_WRITES):
            writer.write("picture")
        writer.stop()

    leaving = threading.Thread(target=leave, daemon=True)
    leaving.start()
    leaving.join(PATIENCE)
    assert not leaving.is_alive()
