"""What a person sees while a run trains without a screen: narration on stderr, with a progress bar on a terminal.

What goes to stdout passes through here as well, because the bar must make room where both are the same terminal.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TextIO

from engine.errors import sanitize
from tui_trainer.headless.reports import stride

if TYPE_CHECKING:
    from rich.progress import Progress


class ProgressReporter(Protocol):
    """Speaks to the person at the terminal."""

    def say(self, line: str) -> None:
        """Write one line to stderr."""

    def output(self, text: str) -> None:
        """Write to stdout."""

    def progress(self, epoch: int, epochs: int) -> None:
        """Show that ``epoch`` of ``epochs`` is completed."""

    def close(self) -> None:
        """Leave the terminal as it was found."""


LONGEST_LINE = 2000
"""Characters of what is said in one line."""


class TextProgress:
    """Plain lines; progress in about ten of them, where it is wanted."""

    def __init__(self, stdout: TextIO, stderr: TextIO, *, tells_progress: bool, unit: str = "epoch") -> None:
        self._stdout = stdout
        self._stderr = stderr
        self._unit = unit
        self._tells_progress = tells_progress
        self._tenths = 0

    def say(self, line: str) -> None:
        """Write one line to stderr."""
        _write(self._stderr, f"{sanitize(line, LONGEST_LINE)}\n")

    def output(self, text: str) -> None:
        """Write to stdout."""
        _write(self._stdout, text)

    def progress(self, epoch: int, epochs: int) -> None:
        """Write the epoch where another tenth of the run, or so, is over."""
        tenths = epoch // stride(epochs)
        if self._tells_progress and tenths > self._tenths:
            self._tenths = tenths
            self.say(f"{self._unit} {epoch} of {epochs}")

    def close(self) -> None:
        """Nothing to put back."""


class BarProgress:
    """A progress bar in the terminal's last line, from the first epoch on."""

    def __init__(self, stdout: TextIO, stderr: TextIO, name: str, unit: str = "epoch") -> None:
        self._stdout = stdout
        self._bar = _make_bar(stderr, unit)
        self._task = self._bar.add_task(name)

    def say(self, line: str) -> None:
        """Write one line above the bar."""
        self._bar.console.print(sanitize(line, LONGEST_LINE), markup=False, highlight=False, soft_wrap=True)

    def output(self, text: str) -> None:
        """Write to stdout; the bar steps aside where that is its own terminal."""
        steps_aside = self._stdout.isatty() and self._bar.live.is_started
        if steps_aside:
            self._bar.stop()
        _write(self._stdout, text)
        if steps_aside:
            self._bar.start()

    def progress(self, epoch: int, epochs: int) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=epoch, total=epochs)
        self._bar.start()
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away, and give the cursor back; a terminal that is gone needs neither."""
        with suppress(OSError):
            self._bar.stop()


def progress_reporter(
    stdout: TextIO, stderr: TextIO, name: str, *, tells_progress: bool, unit: str = "epoch"
) -> ProgressReporter:
    """Return the narrator for these streams: a bar where ``stderr`` is a terminal that can draw one.

    Elsewhere progress is told as text, where it is wanted: a table on stdout may show it anyway.
    """
    if stderr.isatty() and os.environ.get("TERM") != "dumb":
        return BarProgress(stdout, stderr, name, unit)
    return TextProgress(stdout, stderr, tells_progress=tells_progress, unit=unit)


def _write(stream: TextIO, text: str) -> None:
    stream.write(text)
    stream.flush()


def _make_bar(stream: TextIO, unit: str) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    # Redrawn when there is news: no thread of its own, and the streams are left alone.
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn(unit),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream),
        transient=True,
        auto_refresh=False,
        redirect_stdout=False,
        redirect_stderr=False,
    )
