"""How far lines are scrolled that have no room."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Scroll:
    """How far lines are scrolled that do not all fit.

    Attributes:
        first: The first line in sight.
        overflow: How many lines have no room.
    """

    first: int = 0
    overflow: int = 0

    def fit(self, lines: int, height: int) -> range:
        """Return the lines in sight of so many, in so much room."""
        self.overflow = max(0, lines - max(1, height))
        self.first = min(self.first, self.overflow)
        return range(self.first, min(lines, self.first + max(0, height)))

    @property
    def below(self) -> int:
        """Lines below those in sight."""
        return self.overflow - self.first

    def can_move(self, step: int) -> bool:
        """Return whether there are lines further up or down."""
        return 0 <= self.first + step <= self.overflow

    def move(self, step: int) -> None:
        """Go further down, as far as there are lines."""
        self.first = min(max(0, self.first + step), self.overflow)
