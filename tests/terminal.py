"""A program in a real pseudo-terminal: what it writes, what stands on its screen, what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import pyte

from tests.patience import PATIENCE

KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+l": "\x0c",
    "ctrl+p": "\x10",
    "ctrl+z": "\x1a",
}
TUI_TRAINER = (sys.executable, "-P", "-m", "tui_trainer")


class Terminal:
    """Runs a program as its user would.

    Args:
        arguments: Of ``tui-trainer``.
        size: Columns and rows.
        environment: Added to this process's.
        program: What to run instead of ``tui-trainer``.

    Attributes:
        pid: The program's process.
        written: (seconds, bytes) of each piece that it wrote to the terminal.
    """

    def __init__(
        self,
        arguments: Sequence[str] = (),
        *,
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str] | None = None,
        program: Sequence[str] = TUI_TRAINER,
    ) -> None:
        columns, rows = size
        self.written: list[tuple[float, int]] = []
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.started = time.monotonic()
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # who began these tests in the background has it ignored
            _set_size(0, columns, rows)
            os.execvpe(program[0], [*program, *arguments], _environment(environment or {}))  # noqa: S606
        _set_size(self._descriptor, columns, rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(signal.SIGKILL)
        os.close(self._descriptor)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        _set_size(self._descriptor, columns, rows)
        self._screen.resize(rows, columns)

    def flicker(self, columns: int, rows: int) -> None:
        """Have another size for so short a time that the program, when it looks, finds the one it knows."""
        usual = self._screen.columns, self._screen.lines
        self._screen.resize(rows, columns)
        self._screen.resize(usual[1], usual[0])
        os.kill(self.pid, signal.SIGWINCH)

    def press(self, *keys: str) -> None:
        """Press keys: names from ``KEYS``, or characters."""
        os.write(self._descriptor, "".join(KEYS.get(key, key) for key in keys).encode())

    def show(self, data: bytes) -> None:
        """Show what another program writes to the same terminal."""
        self._stream.feed(data)

    def pump(self, seconds: float) -> int:
        """Read what comes within so many seconds, and return how many bytes that were."""
        end, count = time.monotonic() + seconds, 0
        while (left := end - time.monotonic()) > 0:
            count += self._read(left)
        return count

    def wait_for(self, condition: str | Callable[[str], bool]) -> float:
        """Wait until a text stands on the screen, or a condition on its text holds; return the seconds it took.

        Raises:
            AssertionError: It never came; the message is the screen.
        """
        holds = (lambda text: condition in text) if isinstance(condition, str) else condition
        start = time.monotonic()
        while not holds(self.text):
            if time.monotonic() - start > PATIENCE or not self.alive:
                raise AssertionError(f"never came: {condition!r}; the screen was:\n{self.text}")
            self._read(0.5)
        return time.monotonic() - start

    def wait_for_end(self) -> int:
        """Wait until the program ends, and return its status."""
        start = time.monotonic()
        while time.monotonic() - start < PATIENCE:
            self._read(0.1)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"never ended; the screen was:\n{self.text}")

    def kill(self, number: int) -> None:
        """Send a signal, and wait for the end where it is one that nothing survives."""
        if self.pid:
            os.kill(self.pid, number)
            if number == signal.SIGKILL:
                os.waitpid(self.pid, 0)
                self.pid = 0

    @property
    def alive(self) -> bool:
        """Whether the program still runs, or has left something to read."""
        return bool(self.pid) and Path(f"/proc/{self.pid}").exists()

    @property
    def sleeps(self) -> bool:
        """Whether the program waits for something to happen; one that is not let run does not sleep."""
        return Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "S"

    @property
    def text(self) -> str:
        """The screen, row by row."""
        return "\n".join(self._screen.display)

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed, as a shell finds and leaves it."""
        return bool(termios.tcgetattr(self._descriptor)[3] & termios.ECHO)

    def colors(self) -> set[str]:
        """Return the background and foreground colours that stand on the screen."""
        cells = [cell for row in self._screen.buffer.values() for cell in row.values()]
        return {cell.bg for cell in cells} | {cell.fg for cell in cells}

    def processor_seconds(self) -> float:
        """Return the processor time that the program has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _read(self, seconds: float) -> int:
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, seconds))
        if not ready:
            return 0
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # the program is gone
            time.sleep(0.01)
            return 0
        self.written.append((time.monotonic(), len(data)))
        self._stream.feed(data)
        return len(data)


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment as Python knows it, less what would overrule the terminal.

    It is handed over whole: where readline is loaded, as pytest does, C's environment holds a ``COLUMNS`` and a
    ``LINES`` of which ``os.environ`` knows nothing.
    """
    overruling = {"COLUMNS", "LINES", "NO_COLOR", "SSH_CONNECTION"}
    kept = {name: value for name, value in os.environ.items() if name not in overruling}
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **added}


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
