"""A screen that leaves once, however many keys that close it were pressed before it had gone."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import Screen

Result = TypeVar("Result")


class LeavesOnce(Screen[Result]):
    """A screen whose second dismissal does nothing; Textual's own would take away the screen below."""

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Leave with a result, unless it is already on its way out."""
        return super().dismiss(result) if self.is_current else AwaitComplete()
