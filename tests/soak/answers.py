"""How a soak answers: what it found on stdout, and its status."""

from __future__ import annotations

import sys
from typing import Protocol


class Findings(Protocol):
    """What a soak has found."""

    def check(self) -> None:
        """Raise AssertionError where something broke."""


def report(found: Findings, remark: str = "") -> int:
    """Print what was found, and what is wrong with it, and return the status of the command."""
    print(f"{found}{remark}")  # noqa: T201 (a command's answer)
    try:
        found.check()
    except AssertionError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0
