"""The dials: every hyperparameter that can be changed while the run goes on, and the log of what was changed."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from engine.errors import InputError
from engine.protocol.events import Change
from tui_trainer.bindings import bindings_of
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dials import LEARNING_RATE, Dial, Value, describe, short_name
from tui_trainer.view_models.figures import count
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane

FIELD_WIDTH = 10


class DialField(Input):
    """The text field over a dial's value."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "leave_field", show=False)]

    class Left(Message):
        """The field was left without a value."""

    def __init__(self, value: str, dial: Dial, row: int) -> None:
        super().__init__(value, compact=True)
        self.cursor_blink = False
        self.dial = dial
        self.styles.offset = (0, row)

    def action_leave_field(self) -> None:
        """Give up the edit."""
        self.post_message(self.Left())

    def on_blur(self) -> None:
        """Leave with the focus."""
        self.post_message(self.Left())


class DialsPane(Pane):
    """A line for each dial, the chosen one marked; then what waits for its epoch, and what was changed before."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("dials")
    DEFAULT_CSS = """
    DialField {
        position: absolute;
        width: 11;
        height: 1;
        dock: right;
        background: #262626;
        color: #eeeeee;
        &:focus { background: #262626; }
    }
    """

    class Turned(Message):
        """A dial is to have another value."""

        def __init__(self, dial: Dial, value: Value) -> None:
            self.dial = dial
            self.value = value
            super().__init__()

    class Misread(Message):
        """The text in the field is no value of its dial."""

        def __init__(self, complaint: str) -> None:
            self.complaint = complaint
            super().__init__()

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:  # noqa: A002 (Textual's name)
        super().__init__(model, id=id, period=period)
        self._chosen = LEARNING_RATE
        self._first_shown = 0

    def title(self) -> str:
        """Return the title."""
        return self.model.word("hyperparameters")

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "What can be changed while the run goes on. Learning rate, L1, L2 and clip act at the next step; dropout, "
            "batch size and optimiser at the next epoch, which is named. Every change is marked on the charts and "
            "listed below. Choose a dial with ↑ ↓, turn it with ← →, or press enter and type a value."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action in {"turn_chosen", "edit"}:
            return self.model.may_steer
        return super().check_action(action, parameters)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the dials, then the log."""
        dials = self.model.dials
        rows = min(len(dials), grid.height)
        chosen = self._index(dials)
        self._first_shown = min(max(self._first_shown, chosen - rows + 1), chosen, len(dials) - rows)
        for y, index in enumerate(range(self._first_shown, self._first_shown + rows)):
            self._paint_dial(grid, y, dials[index], run, chosen=index == chosen)
        if grid.height >= rows + 3:
            self._paint_log(grid.window(0, rows + 1), dials, run)

    def action_choose(self, step: int) -> None:
        """Choose the dial ``step`` lines further down."""
        dials = self.model.dials
        if dials:
            self._chosen = dials[(self._index(dials) + step) % len(dials)].path
            self.touch(urgent=True)

    def action_turn_chosen(self, direction: int) -> None:
        """Turn the chosen dial."""
        dial, run = self.chosen(), self.model.run
        if dial is not None and run is not None:
            self.post_message(self.Turned(dial, dial.turn(self.model.value(dial, run), direction)))

    def action_edit(self) -> None:
        """Open a field on the chosen dial's value."""
        dial, run = self.chosen(), self.model.run
        if dial is not None and run is not None:
            self._open_field(dial, dial.show(self.model.value(dial, run)))

    def chosen(self) -> Dial | None:
        """Return the dial that is marked."""
        dials = self.model.dials
        return dials[self._index(dials)] if dials else None

    def on_click(self, event: events.Click) -> None:
        """Choose the dial clicked on; a click on the chosen one opens its field."""
        index = event.y - 1 + self._first_shown
        dials = self.model.dials
        if not 0 <= index < len(dials) or event.y < 1:
            return
        again = dials[index].path == self._chosen and self.has_focus
        self._chosen = dials[index].path
        self.touch(urgent=True)
        if again and self.model.may_steer:
            self.action_edit()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Turn the dial to what was typed, or say what it takes."""
        event.stop()
        field, run = self.query_one(DialField), self.model.run
        if run is None:
            return
        try:
            value = field.dial.read(event.value, run)
        except InputError as error:
            self.post_message(self.Misread(str(error)))
            return
        self.post_message(self.Turned(field.dial, value))
        self._close_field()

    def on_dial_field_left(self, event: DialField.Left) -> None:
        """Close the field."""
        event.stop()
        self._close_field()

    def _open_field(self, dial: Dial, text: str) -> None:
        if not self.query(DialField):
            field = DialField(text, dial, 1 + self._index(self.model.dials) - self._first_shown)
            self.mount(field)
            field.focus()

    def _close_field(self) -> None:
        for field in self.query(DialField):
            had_focus = field.has_focus
            field.remove()
            if had_focus:
                self.focus()

    def _index(self, dials: list[Dial]) -> int:
        return next((index for index, dial in enumerate(dials) if dial.path == self._chosen), 0)

    def _paint_dial(self, grid: Grid, y: int, dial: Dial, run: RunModel, *, chosen: bool) -> None:
        name = self.model.word(dial.term) + (f" {dial.number}" if dial.number else "")
        now, to_be = dial.value_in(run), self.model.value(dial, run)
        marked = chosen and self.has_focus
        ink = Ink.SELECTED if marked else Ink.TEXT
        if marked:
            grid.put(0, y, " " * grid.width, ink)
        grid.put(0, y, name, Ink.SELECTED if marked else Ink.MUTED)
        x = grid.put_right(grid.width, y, dial.show(to_be), ink)
        if to_be != now:
            grid.put_right(x, y, f"{dial.show(now)} → ", ink)
            if not marked:
                grid.paint(x, y, grid.width - x, Ink.ACCENT)

    def _paint_log(self, grid: Grid, dials: list[Dial], run: RunModel) -> None:
        waiting = list(run.frame.pending) if run.frame else []
        past = run.changes[-max(0, grid.height - len(waiting)) :] if grid.height > len(waiting) else []
        y = 0
        for change in waiting[: grid.height]:
            _paint_change(grid, y, f"from {self.model.word('epoch')} {count(change.epoch)}", change, dials, Ink.ACCENT)
            y += 1
        for change in reversed(past):
            _paint_change(grid, y, f"{self.model.word('epoch')} {count(change.epoch)}", change, dials, Ink.MUTED)
            y += 1


def _paint_change(grid: Grid, y: int, when: str, change: Change, dials: list[Dial], ink: Ink) -> None:
    before, after = describe(change, dials)
    grid.put(0, y, when, Ink.MUTED)
    grid.put_right(grid.width, y, f"{short_name(change.path)} {before} → {after}", ink)
