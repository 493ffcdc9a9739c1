"""What fits into memory: files are refused before they are read, not when the machine is out of breath."""

from __future__ import annotations

import os
from pathlib import Path

from engine.errors import InputError, printable

GB = 10**9


def limit() -> int:
    """Return how many bytes the data of a run may take: half of this machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def refuse_beyond_limit(path: Path, needed: int) -> None:
    """Raise an ``InputError`` that states the limit if reading ``path`` takes more bytes than that."""
    if needed > limit():
        raise InputError(
            f"{printable(path)}: too large: reading it takes about {needed / GB:.1f} GB of memory, "
            f"and the limit here is {limit() / GB:.1f} GB (half of this machine's)"
        )
