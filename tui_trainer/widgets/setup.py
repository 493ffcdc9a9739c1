"""What was found in a data file, and the rows of what may be chosen otherwise."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui_trainer.formatting import within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.setup import MARK_WIDTH, SetupModel, setup_lines
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines

LOWEST_TITLED = 4
"""Rows below which there is no title."""
WHEEL_ROWS = 3

ABOUT = (
    "What was found in the file, and the recipe that follows from it. Above are settings of the recipe; those that "
    "you have chosen yourself are bright. Below are the columns: ▶ is predicted, × is an input, the others are left "
    "out, with the reason; of w it is that rows count in the loss as it says. Taking a column in, or predicting "
    "another one, looks at the file again: the network and the loss may be others then. A click chooses a row; a "
    "click on the chosen one, or on a column's mark, does what the space bar does. Validation rows are looked at "
    "after each epoch; the exam's stay sealed until you open it."
)


class SetupPane(Canvas):
    """The settings and the columns, one row with the cursor."""

    class Chosen(Message):
        """Another row has the cursor."""

    class Taken(Message):
        """The row with the cursor was clicked once more, or its mark was."""

    def __init__(self, model: SetupModel, title: str, *, id: str) -> None:
        super().__init__(id=id)
        self._model = model
        self._title = title

    def title(self) -> str:
        """Return the file's name."""
        return self._title

    def help_text(self) -> str:
        """Return a few sentences on what is shown."""
        return ABOUT

    def paint(self, grid: Grid) -> None:
        """Draw title, rule and lines."""
        if self._head:
            grid.put(0, 0, "─" * grid.width, Ink.FAINT)
            grid.put(0, 0, f"{within(self._title, max(1, grid.width - 1))} ", Ink.BRIGHT)
        body = grid.window(0, self._head)
        put_styled_lines(body, [line.pieces for line in setup_lines(self._model, body.width, body.height)])

    async def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row clicked on; take that of the cursor, and one whose mark was hit."""
        lines = setup_lines(self._model, self.size.width, self.size.height - self._head)
        row = event.y - self._head
        place = lines[row].place if 0 <= row < len(lines) else None
        if place is None:
            return
        hit = place == self._model.cursor or (event.x < MARK_WIDTH and place >= len(self._model.settings))
        self._move(place - self._model.cursor)
        if hit:
            self.post_message(self.Taken())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Move the cursor down."""
        event.stop()
        self._move(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Move the cursor up."""
        event.stop()
        self._move(-WHEEL_ROWS)

    @property
    def _head(self) -> int:
        """Rows of the title."""
        return int(self.size.height >= LOWEST_TITLED)

    def _move(self, step: int) -> None:
        self._model.move(step)
        self.post_message(self.Chosen())
        self.invalidate(immediate=True)
