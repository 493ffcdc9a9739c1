"""How far the reading of a large file has come, told to whoever listens in this process."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Listener = Callable[[Path, float], object]
"""Takes the file and the share of it that has been read, 0 to 1."""

_listeners: list[Listener] = []


@contextmanager
def told_to(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` of every file that is read meanwhile."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def tell(path: Path, share: float) -> None:
    """Tell those who listen how far the reading of ``path`` has come."""
    for listener in _listeners:
        listener(path, share)


class CountedBytes(io.RawIOBase):
    """The bytes of a file, which tells how much of them has been read."""

    def __init__(self, body: bytes, path: Path) -> None:
        super().__init__()
        self._body, self._path, self._at = memoryview(body), path, 0

    def readable(self) -> bool:
        """Say that it is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        end = len(self._body) if size < 0 else min(len(self._body), self._at + size)
        block = self._body[self._at : end].tobytes()
        self._at = end
        tell(self._path, self._at / max(1, len(self._body)))
        return block
