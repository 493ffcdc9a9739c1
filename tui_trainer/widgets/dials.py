"""The dials: every hyperparameter that can be changed while the run goes on, and the log of what was changed."""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events

from engine.run.changes import Change
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import cell_width, count
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.authors import signature
from tui_trainer.view_models.change_texts import headline, without_repeats
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.dials import LEARNING_RATE, Dial
from tui_trainer.view_models.requests import StepDial, TurnDial
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.table import first_in_sight
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.value_field import WIDTH, FieldPane

LIST_WIDTH = 40
LOG_AT = LIST_WIDTH + 4
"""Columns of the dials, and where the log stands beside them, on a wide pane."""
LOG_ROWS = 4
"""Rows that the log keeps where not all dials fit."""
FEWEST_DIALS = 6


class DialsPane(FieldPane):
    """A line for each dial, the chosen one marked; then what waits for its epoch, and what was changed before."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("dials")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._chosen = LEARNING_RATE
        self._first_shown = 0
        self._log_scroll = 0
        self._log_overflow = 0
        self._value_at = LIST_WIDTH

    def title(self) -> str:
        """Return the title."""
        return self.model.word("hyperparameters")

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "What can be changed while the run goes on. Learning rate, L1, L2, clip and patience act at the next step; "
            "dropout, batch size, optimiser and schedule at the next epoch, which is named. Every change is marked on "
            "the charts and listed below, the latest first. Choose a dial with ↑ ↓ or a click; turn it with ← →, the "
            "mouse wheel, or a click on − +; or press enter and type a value."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "turn_chosen":
            return self.model.may_steer and self._can_turn(*parameters)
        if action == "edit":
            return self.model.may_steer
        if action == "scroll_log":
            return self._log_scroll < self._log_overflow if parameters == (3,) else self._log_scroll > 0
        return super().check_action(action, parameters)

    def subtitle(self, run: RunModel) -> str:
        """Say which dials are shown where not all have room."""
        dials, shown = self.model.dials, self._in_sight(run)
        if not 0 < len(shown) < len(dials):
            return ""
        return f"{'–'.join(str(index + 1) for index in sorted({shown[0], shown[-1]}))} of {len(dials)} ↑↓"

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the dials, then the log."""
        dials, shown = self.model.dials, self._in_sight(run)
        self._first_shown, chosen = shown.start, self._index(dials)
        column = grid.window(0, 0, self._width)
        for y, index in enumerate(shown):
            self._paint_dial(column, y, dials[index], run, chosen=index == chosen)
        log = grid.window(LOG_AT, 0, LIST_WIDTH) if self._has_log_beside else column.window(0, len(shown) + 1)
        self._paint_log(log, dials, run)

    def action_choose(self, step: int) -> None:
        """Choose the dial ``step`` lines further down."""
        dials = self.model.dials
        if dials:
            self._chosen = dials[(self._index(dials) + step) % len(dials)].path
            self.invalidate(immediate=True)

    def action_turn_chosen(self, direction: int) -> None:
        """Turn the chosen dial."""
        dial = self.chosen()
        if dial is not None:
            self.post_message(self.ChangeRequested(StepDial(dial, direction)))

    async def action_edit(self, path: str | None = None) -> None:
        """Open a field on the chosen dial's value, or on that of the dial of a path."""
        self._chosen = path or self._chosen
        self.invalidate(immediate=True)
        dial, run = self.chosen(), self.model.run
        if dial is None:
            return

        if dial.names:

            def choose(name: str) -> None:
                self.post_message(self.ChangeRequested(TurnDial(dial, name)))

            self.choose_name(self.model.dial_name(dial).capitalize(), dial.names, self.model.value(dial, run), choose)
            return

        def take(text: str) -> None:
            self.post_message(self.ChangeRequested(TurnDial(dial, dial.read(text, self.model.run))))

        row = 1 + self._index(self.model.dials) - self._first_shown
        text = dial.show(self.model.value(dial, run))
        width = max(WIDTH, self._width - self._value_at)  # over all that stands there, or its rest would look typed
        await self.open_field(text, take, self._width - width, row, width=width)

    def action_scroll_log(self, rows: int) -> None:
        """Scroll through the changes, ``rows`` further back."""
        self._log_scroll = min(max(0, self._log_scroll + rows), self._log_overflow)
        self.invalidate(immediate=True)

    def chosen(self) -> Dial | None:
        """Return the dial that is marked."""
        dials = self.model.dials
        return dials[self._index(dials)] if dials else None

    async def on_click(self, event: events.Click) -> None:
        """Choose the dial clicked on; on the chosen one press − or +, or open its field."""
        dial = self._dial_at(event.y)
        if dial is None:
            return
        again = dial.path == self._chosen and self.has_focus
        self._chosen = dial.path
        self.invalidate(immediate=True)
        minus, plus = self._value_at, self._width - 2
        direction = {minus: -1, minus + 1: -1, plus: 1, plus + 1: 1}.get(event.x, 0)
        if again and direction and self.check_action("turn_chosen", (direction,)):
            self.action_turn_chosen(direction)
        elif again and not direction and self.model.may_steer:
            await self.action_edit()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turn the dial under the mouse up, or go to later changes."""
        self._roll(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turn the dial under the mouse down, or go to earlier changes."""
        self._roll(event, -1)

    def _roll(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        dial = self._dial_at(event.y)
        if dial is None:
            self.action_scroll_log(-direction)
            return
        self._chosen = dial.path
        self.invalidate(immediate=True)
        if self.check_action("turn_chosen", (direction,)):
            self.action_turn_chosen(direction)

    @property
    def _width(self) -> int:
        """Columns of the dials."""
        return min(LIST_WIDTH, self.size.width)

    @property
    def _has_log_beside(self) -> bool:
        """Whether there is room for the log beside the dials, and not only below them."""
        return self.size.width >= LOG_AT + LIST_WIDTH

    def _can_turn(self, direction: Any) -> bool:
        """Return whether the chosen dial's scale has a next value in a direction."""
        dial, run = self.chosen(), self.model.run
        if dial is None:
            return False
        value = self.model.value(dial, run)
        return bool(dial.turn(value, direction) != value)

    def _dial_at(self, y: int) -> Dial | None:
        """Return the dial on a line of the pane."""
        dials, index = self.model.dials, y - 1 + self._first_shown
        shown = self._rows_for(len(dials), self.size.height - 1, self.model.run)
        return dials[index] if 1 <= y <= shown and index < len(dials) else None

    def _in_sight(self, run: RunModel) -> range:
        """Return the numbers of the dials that are to be shown: the chosen one is among them."""
        dials = self.model.dials
        rows = self._rows_for(len(dials), self.size.height - 1, run)
        first = first_in_sight(self._first_shown, self._index(dials), len(dials), rows)
        return range(first, min(len(dials), first + rows))

    def _rows_for(self, dials: int, height: int, run: RunModel) -> int:
        """Return how many rows the dials get: the log keeps some where there is one."""
        if self._has_log_beside:
            return min(dials, height)
        changes = len(without_repeats(run.changes)) + len(run.frame.pending)
        log = min(LOG_ROWS, changes) + 1 if changes else 0
        return min(dials, max(min(height, FEWEST_DIALS), height - log))

    def _index(self, dials: list[Dial]) -> int:
        return next((index for index, dial in enumerate(dials) if dial.path == self._chosen), 0)

    def _paint_dial(self, grid: Grid, y: int, dial: Dial, run: RunModel, *, chosen: bool) -> None:
        now, to_be = dial.value_in(run), self.model.value(dial, run)
        marked = chosen and self.has_focus
        ink = Ink.SELECTED if marked else Ink.TEXT
        if marked:
            grid.put(0, y, " " * grid.width, ink)
        grid.put(0, y, self.model.dial_name(dial), Ink.SELECTED if marked else Ink.MUTED)
        turning = marked and self.model.may_steer
        x = grid.put_right(grid.width, y, f"{dial.show(to_be)} +" if turning else dial.show(to_be), ink)
        if to_be != now:
            x = grid.put_right(x, y, f"{dial.show(now)} → ", ink)
            if not marked:
                grid.paint(x, y, grid.width - x, Ink.ACCENT)
        if turning:
            self._value_at = grid.put_right(x, y, "− ", ink)

    def _paint_log(self, grid: Grid, dials: list[Dial], run: RunModel) -> None:
        """Draw the changes, those that wait first, then the latest; each with its epoch, what, and before → after."""
        waiting, past = list(run.frame.pending), without_repeats(run.changes)
        self._log_overflow = max(0, len(waiting) + len(past) - grid.height)
        self._log_scroll = min(self._log_scroll, self._log_overflow)
        shown = _latest_first(waiting, past, self._log_scroll, grid.height)
        texts = [
            _in_room(
                headline(change, dials, self.model.vocabulary),
                signature(self.model, change),
                grid.width - 1 - len(count(change.epoch)),
            )
            for change in shown
        ]
        word = self.model.word("epoch")
        forms = [("from " if change in waiting else "", count(change.epoch)) for change in shown]
        room = [grid.width - 1 - len(text) for text in texts]
        spelt = [f"{start}{word} {epoch}" for start, epoch in forms]
        if any(len(when) > space for when, space in zip(spelt, room, strict=True)):
            spelt = [f"{start}{epoch}" for start, epoch in forms]
        for y, (change, when, text) in enumerate(zip(shown, spelt, texts, strict=True)):
            x = grid.put(0, y, when, Ink.MUTED) + 1
            fitting = text if len(text) <= grid.width - x else text[: max(0, grid.width - x - 1)] + "…"
            grid.put_right(grid.width, y, fitting, Ink.ACCENT if change in waiting else Ink.MUTED)


def _in_room(text: str, who: str, room: int) -> str:
    """Return a change and who made it, where that was somebody else, in the longest form that there is room for."""
    closed, user = text.replace(" → ", "→"), who.partition("@")[0]
    signed = (f"{text} · {who}", f"{text} · {user}", f"{closed} {user}") if who else ()
    return next((form for form in (*signed, text) if cell_width(form) <= room), closed)


def _latest_first(waiting: list[Change], past: list[Change], start: int, rows: int) -> list[Change]:
    """Return ``rows`` changes from number ``start`` on: those that wait, then those that have acted, backwards."""
    first = max(0, start - len(waiting))
    end = len(past) - first
    return (waiting[start:] + past[max(0, end - max(0, rows)) : end][::-1])[: max(0, rows)]
