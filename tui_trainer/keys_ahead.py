"""Keys that are pressed before a run has told anything: they wait for its first frame, and keep their order."""

from __future__ import annotations

from typing import Final

from textual.events import Key

MOST: Final = 32
"""Keys that wait at most: more is a cat on the keyboard."""


class KeysAhead:
    """Keys that wait."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, str | None]] = []

    def keep(self, event: Key, *, acts_now: bool) -> bool:
        """Keep a key that does nothing yet, or that comes after one that waits; return whether it is to wait."""
        if acts_now and not self._waiting:
            return False
        if len(self._waiting) < MOST:
            self._waiting.append((event.key, event.character))
        return True

    def take(self) -> list[Key]:
        """Return the keys that have waited, to be pressed now; none waits any more."""
        waited, self._waiting = self._waiting, []
        return [Key(key, character) for key, character in waited]
