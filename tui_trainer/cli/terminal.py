"""What this program was given to talk to."""

from __future__ import annotations

import io
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path


def has_screen() -> bool:
    """Say whether there is a terminal to draw on and to read keys from."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"


def prepare_streams() -> bool:
    """Make ready what is printed to; return whether there is a stdout at all.

    A character that a terminal's encoding has not is replaced, and what would go to a closed stderr is lost.
    """
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the program
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return sys.stdout is not None


def forget_stdout() -> None:
    """Let go of what could not be written: at the program's end Python would try once more, and complain."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def columns() -> int | None:
    """Return how wide the terminal is that is printed to, at least 20; None where stdout is not a terminal."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return max(20, shutil.get_terminal_size().columns) if is_terminal else None
