"""What fits into memory: what does not is refused before it is read or made, not when the machine is out of breath."""

from __future__ import annotations

import os

from engine.errors import InputError, printable

GB = 10**9


def limit() -> int:
    """Return how many bytes the data of a run, or its training, may take: half of this machine's memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def refuse_beyond_limit(what: object, needed: int, doing: str = "reading it") -> None:
    """Raise an ``InputError`` that states the limit if ``doing`` something with a file, or a key, takes more bytes."""
    if needed > limit():
        raise InputError(
            f"{printable(what)}: too large: {doing} takes about {needed / GB:,.1f} GB of memory, "
            f"and the limit here is {limit() / GB:.1f} GB (half of this machine's)"
        )
