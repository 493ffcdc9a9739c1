"""Picking one of many by name: what matches the letters typed, and which of those has room."""

from __future__ import annotations

from collections.abc import Sequence


def matching(names: Sequence[str], typed: str) -> list[int]:
    """Return which names have every word of ``typed`` in them, whatever the case, in their order."""
    words = typed.casefold().split()
    return [number for number, name in enumerate(names) if all(word in name.casefold() for word in words)]


def window(marked: int, count: int, rows: int) -> range:
    """Return which of ``count`` lines to show in ``rows`` rows, so that the marked one is in the middle if it can."""
    rows = min(rows, count)
    first = min(max(0, marked - rows // 2), count - rows)
    return range(first, first + rows)
