"""One ledger of what was asked of a worker: what it has not answered yet, and what can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.run.edits import EDIT_PATH

if TYPE_CHECKING:
    from engine.protocol.events import Reply
    from engine.run.edits import AnyEdit
    from tui_trainer.view_models.edits import UndoEntry

VISIT = "visit"
"""The path under which a request for a checkpoint stands."""


class Pending:
    """Requests, by the path of what they change, and the entries that undo them.

    A value that was asked for is shown from then on; it holds until the last request for its path is answered. A
    request that is refused cannot be undone.
    """

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._paths: dict[int, str | None] = {}
        self._undo_stack: list[UndoEntry] = []

    def ask(self, path: str, value: Any) -> None:
        """Show a value as asked for; edits of the network add up, any other value takes the place of the one before."""
        self._values[path] = (*self._values.get(path, ()), value) if path == EDIT_PATH else value

    def sent(self, number: int, path: str | None) -> None:
        """Note the number under which a request was sent; ``path`` is None where it changes no value."""
        self._paths[number] = path

    def settle(self, reply: Reply) -> bool:
        """Take an answer; return whether it was waited for."""
        if reply.number not in self._paths:
            return False
        path = self._paths.pop(reply.number)
        if path is not None:
            self._settle_path(path)
            if reply.error is not None:
                self._drop_undo(path)
        return True

    def forget_requests(self) -> None:
        """Wait for no answers any more: whoever would have given them has gone."""
        self._values.clear()
        self._paths.clear()

    def __contains__(self, path: str) -> bool:
        return path in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def value(self, path: str, default: Any = None) -> Any:
        """Return what was asked for last, ``default`` where nothing was."""
        return self._values.get(path, default)

    @property
    def edits(self) -> tuple[AnyEdit, ...]:
        """The edits of the network that were asked for, in order."""
        edits: tuple[AnyEdit, ...] = self._values.get(EDIT_PATH, ())
        return edits

    @property
    def can_undo(self) -> bool:
        """Whether anything that was asked for here can be undone."""
        return bool(self._undo_stack)

    def push_undo(self, entry: UndoEntry) -> None:
        """Note how to undo what is asked for next."""
        self._undo_stack.append(entry)

    def pop_undo(self) -> UndoEntry:
        """Return how to undo the latest that can be undone, and forget it."""
        return self._undo_stack.pop()

    def forget_undo(self) -> None:
        """Undo nothing any more: another run is shown."""
        self._undo_stack.clear()

    def _settle_path(self, path: str) -> None:
        if path not in self._paths.values():
            self._values.pop(path, None)
        elif path == EDIT_PATH:
            self._values[path] = self._values[path][1:]

    def _drop_undo(self, path: str) -> None:
        at = max((index for index, entry in enumerate(self._undo_stack) if entry.path == path), default=None)
        if at is not None:
            del self._undo_stack[at]
