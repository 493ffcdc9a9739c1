"""Asking the terminal itself what it can do, where the environment only promises.

Each query is one that terminals of the last decades either answer or pass over in silence; the last one, for the
device's attributes, nearly all answer, and so it tells that no other answer will come.
Source: Xterm Control Sequences (invisible-island.net/xterm/ctlseqs), DECRQM, DECRQSS, CPR and DA1.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 1.5
"""Seconds in which a terminal has answered, also one far away."""
MOST_ANSWERED: Final = 4096

_BRAILLE: Final = "⣿"
_POSITION, _ATTRIBUTES = "\x1b[6n", "\x1b[c"
_MOUSE: Final = "\x1b[?1006$p"
_PAINT, _WHICH_PAINT, _PLAIN = "\x1b[48;2;1;2;3m", "\x1bP$qm\x1b\\", "\x1b[m"


@dataclass(frozen=True)
class TerminalAnswers:
    """What a terminal says of itself; None is what it does not say.

    Attributes:
        answers: Whether it answers at all.
        braille_cells: Cells that it draws a sign of braille in.
        mouse: Whether it knows how the mouse is reported.
        true_color: Whether it keeps a colour of 24 bits as it was given.
    """

    answers: bool = False
    braille_cells: int | None = None
    mouse: bool | None = None
    true_color: bool | None = None


def ask_terminal(descriptor: int, *, simple: bool, patience: float = PATIENCE) -> TerminalAnswers:
    """Ask the terminal behind a descriptor, and leave line and modes as they were.

    Args:
        descriptor: Of the terminal, for reading and writing.
        simple: Whether it is one that would print the longer queries, as old consoles do.
        patience: Seconds to wait for the answer.
    """
    paint = "" if simple else _PAINT + _WHICH_PAINT + _PLAIN
    asked = f"{_BRAILLE}{_POSITION}{'' if simple else _MOUSE + paint}"
    query = f"\r{asked}\r\x1b[K{_ATTRIBUTES}"  # what a terminal printed that did not understand is erased
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        os.write(descriptor, query.encode())
        return read_answers(_answer(descriptor, patience))
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def read_answers(answer: bytes) -> TerminalAnswers:
    """Return what the bytes mean that a terminal has answered."""
    position = re.search(rb"\x1b\[\d+;(\d+)R", answer)
    mouse = re.search(rb"\x1b\[\?1006;(\d)\$y", answer)
    paint = re.search(rb"\x1bP([01])\$r([^\x1b]*)m?\x1b\\", answer)
    return TerminalAnswers(
        answers=bool(answer),
        braille_cells=int(position[1]) - 1 if position else None,
        mouse=mouse[1] in b"123" if mouse else None,
        true_color=bool(re.search(rb"48[:;]2[:;]+1[:;]2[:;]3", paint[2])) if paint and paint[1] == b"1" else None,
    )


def _answer(descriptor: int, patience: float) -> bytes:
    """Return what comes until the attributes have, or nothing more."""
    answer, end = b"", time.monotonic() + patience
    while not re.search(rb"\x1b\[\?[\d;]*c", answer) and len(answer) < MOST_ANSWERED:
        seconds_left = end - time.monotonic()
        if seconds_left <= 0 or not select.select([descriptor], [], [], seconds_left)[0]:
            break
        answer += os.read(descriptor, 1024)
    return answer
