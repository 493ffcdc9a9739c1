"""What this program was given to talk to."""

from __future__ import annotations

import os
import sys


def has_screen() -> bool:
    """Say whether there is a terminal to draw on and to read keys from."""
    streams = (sys.stdin, sys.stdout)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") != "dumb"
