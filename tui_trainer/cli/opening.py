"""What stands on the terminal from the first moment on: what is being loaded, and the frame of the dashboard.

The program is told what to show long before it can show it: Textual, NumPy and the panes take most of a second to
import. Until they are there this module has the terminal, with nothing but the standard library. Keys that are pressed
meanwhile wait for the dashboard; ctrl+c leaves at once.

What is surely right, as a preset of the library, has the frame at once. What may yet be refused has a line, which the
refusal takes the place of, until it is known to be right or has taken so long that the frame is no flash any more.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tui_trainer.glossary import TERMS
from tui_trainer.layout import Rects, compute_layout
from tui_trainer.panes import PANES, RunShape

TAB: Final = 2
"""The tab that is drawn where not all panes have room."""

SETTLED: Final = 3.0
"""Seconds after which what may yet be refused has the frame, too."""

_ENTER: Final = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"
_EMPTY_LINE: Final = "\r\x1b[K"
_BRIGHT, _FAINT, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"  # attributes alone: the colours are the theme's to choose


class Opening:
    """The terminal before the dashboard has it.

    Args:
        title: What is opened, harmless to print.
        size: Columns and rows.
        unicode: Whether the terminal can show more than ASCII.
    """

    def __init__(self, title: str, size: tuple[int, int], *, unicode: bool = True) -> None:
        self._title = title
        self._size = size
        self._unicode = unicode
        self._layout = compute_layout(*size, TAB, RunShape())
        self._rects = self._layout.rects
        self._said = ""
        self._has_line = False
        self.is_painted = False

    def paint(self) -> None:
        """Draw the frame, unless it stands there."""
        _paint_no_more()
        if not self.is_painted:
            self._erase_line()
            self._write(_ENTER + "".join(self._frame()))
            self.is_painted = True
            self._say_in_frame(self._said)

    def paint_after(self, seconds: float) -> None:
        """Draw the frame so much later, unless it has been drawn, or all has come to an end, by then."""
        signal.signal(signal.SIGALRM, lambda *_: self.paint())
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def stay_a_line(self) -> None:
        """Draw no frame by itself any more."""
        _paint_no_more()

    def say(self, text: str) -> None:
        """Say what is being loaded: in the line above the keys, or in one of its own where there is no frame yet."""
        with _frame_put_off():
            if self.is_painted:
                self._say_in_frame(text)
            elif text != self._said or not self._has_line:
                width = max(0, self._size[0] - 1)  # a line that is full may begin another
                self._write(_EMPTY_LINE + _FAINT + text[:width] + _PLAIN)
                self._has_line = True
            self._said = text

    def hand_over(self) -> None:
        """Leave the terminal as it is to whoever draws on it next, and also leaves it."""
        _paint_no_more()
        self._erase_line()
        self.is_painted = False

    def close(self) -> None:
        """Show again what stood on the terminal before, unless it has been handed over."""
        _paint_no_more()
        self._erase_line()
        if self.is_painted:
            self._write(_LEAVE)
            self.is_painted = False

    def _say_in_frame(self, text: str) -> None:
        notice = self._rects.get("notice", self._rects.get("overview"))
        if notice is not None:
            width, y = self._size[0], notice.y + ("overview" in self._rects)
            self._write(_at(0, y) + _FAINT + f" {text}"[:width].ljust(width) + _PLAIN)

    def _erase_line(self) -> None:
        if self._has_line:
            self._write(_EMPTY_LINE)
            self._has_line = False

    def _frame(self) -> Iterator[str]:
        header = self._rects.get("header", self._rects.get("overview"))
        if header is not None:
            yield _at(header.x + 1, header.y) + _BRIGHT + self._title[: max(0, header.width - 2)] + _PLAIN
        if (tabs := self._rects.get("tabs")) is not None:
            names = "   ".join(f"{tab.key} {_in_words(tab.title)}" for tab in self._layout.tabs)
            yield _at(tabs.x + 1, tabs.y) + _FAINT + names[: max(0, tabs.width - 1)] + _PLAIN
        if (keys := self._rects.get("keys")) is not None:
            yield _at(keys.x + 1, keys.y) + _FAINT + "ctrl+c leave" + _PLAIN
        for title, x, y, width in _titles(self._rects):
            rule = ("─" if self._unicode else "-") * (width - len(title) - 1)
            yield _at(x, y) + _BRIGHT + title[:width] + _PLAIN + f" {_FAINT}{rule}{_PLAIN}" * (width > len(title))

    def _write(self, text: str) -> None:
        os.write(sys.stdout.fileno(), text.encode(sys.stdout.encoding, "replace"))


@contextmanager
def opened(title: str, *, is_sure: bool = False) -> Iterator[Opening]:
    """Have the terminal until it is handed over, or until what was to be shown has failed.

    Args:
        title: What is opened, harmless to print.
        is_sure: Whether it is known to be right: it has the frame at once.
    """
    try:
        columns, rows = os.get_terminal_size(sys.stdout.fileno())
    except OSError:
        columns, rows = 80, 24
    opening = Opening(title, (columns, rows), unicode="utf" in sys.stdout.encoding.lower())
    with _keys_kept(), _ended_by_signals():
        try:
            opening.paint() if is_sure else opening.paint_after(SETTLED)
            yield opening
        finally:
            opening.close()


def _paint_no_more() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def _frame_put_off() -> Iterator[None]:
    """Let the frame that is due come after what is written here, never into the middle of it."""
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _titles(rects: Rects) -> Iterator[tuple[str, int, int, int]]:
    """Yield the title of each pane that is shown, with the key that leads there, its place and its width."""
    for pane in PANES:
        if (rect := rects.get(pane.id)) is not None:
            yield f"{pane.key} {_in_words(pane.title)}".strip(), rect.x, rect.y, rect.width


def _in_words(title: str) -> str:
    return (TERMS[title].standard if title in TERMS else title).capitalize()


def _at(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H"


@contextmanager
def _keys_kept() -> Iterator[None]:
    """Keep what is typed for the dashboard, and off the screen; a terminal without these settings stays as it is."""
    descriptor = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    kept: list[Any] = termios.tcgetattr(descriptor)
    kept[3] &= ~(termios.ECHO | termios.ICANON)
    kept[6][termios.VSUSP] = b"\0"  # ctrl+z is the dashboard's, who knows how to leave the screen
    termios.tcsetattr(descriptor, termios.TCSANOW, kept)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSANOW, before)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """End orderly, so that the terminal is given back, where a signal would end the process."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda got, _: sys.exit(128 + got)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
