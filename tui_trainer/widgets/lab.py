"""The panes of a lab: its dials, its tables, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import events
from textual.message import Message

from presets.labs.contract import LabDial
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import cell_text, cell_width, within, wrapped_text
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.lab import LabModel, can_turn, turned, typed_text
from tui_trainer.view_models.scroll import Scroll
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.view_models.table import first_in_sight
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import TitledPane
from tui_trainer.widgets.styled_text import put_styled_lines
from tui_trainer.widgets.value_field import WIDTH, Fields

WHEEL_ROWS = 3

SIDEWAYS = 12
"""Columns by which a wide table moves."""


class LabDialsPane(Fields):
    """A line for each dial, the chosen one marked; below them what the chosen one does, where there is room."""

    OWNER: ClassVar[str] = "lab_dials"
    BINDINGS: ClassVar[list[Any]] = bindings_of("lab_dials")

    class Turned(Message):
        """A dial stands at another value."""

    def __init__(self, model: LabModel, *, id: str) -> None:
        super().__init__(id=id)
        self.model = model
        self._first = 0
        self._value_at = 0

    def title(self) -> str:
        """Return the title."""
        return "Dials"

    def key_of_title(self) -> str:
        """Return the key that leads here."""
        return "1"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "What can be turned in this lab; plots, tables and text follow at once. Choose a dial with ↑ ↓ or a click; "
            "turn it with ← →, the mouse wheel, or a click on − +; or press enter and type a value. A dial that "
            "stands as the tutorials have it is grey."
        )

    def rows_wanted(self, width: int) -> int:
        """Return the rows of title, dials, and the longest text about one of them, in so many columns."""
        dials = self.model.lab.dials
        if not dials:
            return 2
        return 2 + len(dials) + max(len(wrapped_text(self._about(dial, width), width)) for dial in dials)

    def paint(self, grid: Grid) -> None:
        """Draw the dials, then what the chosen one does."""
        end = self.paint_title(grid)
        dials = self.model.lab.dials
        self.paint_subtitle(grid, end, "" if self.model.is_at_first else "turned")
        if not dials:
            grid.put_wrapped(0, 1, "nothing to turn here", Ink.MUTED)
            return
        rows = max(1, grid.height - 1)
        self._first = first_in_sight(self._first, self.model.cursor, len(dials), rows)
        shown = range(self._first, min(len(dials), self._first + rows))
        for y, place in enumerate(shown, 1):
            self._paint_dial(grid, y, place)
        self._paint_help(grid.window(0, len(shown) + 2))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        dial = self.model.dial
        if action == "choose":
            return self.model.can_choose(int(str(parameters[0])))
        if action in {"turn", "edit", "restore"} and dial is None:
            return False
        if action == "turn" and dial is not None:
            return can_turn(dial, self.model.value(dial), int(str(parameters[0])))
        if action == "restore" and dial is not None:
            return not self.model.is_default(dial)
        return super().check_action(action, parameters)

    def action_choose(self, step: int) -> None:
        """Choose another dial."""
        self.model.choose(step)
        self.invalidate(immediate=True)

    def action_turn(self, direction: int) -> None:
        """Turn the chosen dial."""
        if (dial := self.model.dial) is not None:
            self.model.set(dial, turned(dial, self.model.value(dial), direction))
            self.post_message(self.Turned())

    def action_restore(self) -> None:
        """Turn the chosen dial back."""
        if (dial := self.model.dial) is not None:
            self.model.set(dial, dial.default)
            self.post_message(self.Turned())

    async def action_edit(self) -> None:
        """Type a value for the chosen dial, or choose one of its names; a switch is switched."""
        dial = self.model.dial
        if dial is None:
            return
        value = self.model.value(dial)

        def take(text: str) -> None:
            self.model.type(dial, text)
            self.post_message(self.Turned())

        if dial.kind == "switch":
            self.action_turn(1)
        elif dial.kind == "choice":
            self.choose_name(dial.label.capitalize(), dial.choices, str(value), take)
        else:
            text = typed_text(value)
            width = min(self.size.width, max(WIDTH, len(text) + 2, self.size.width - self._value_at))
            row = 1 + self.model.cursor - self._first
            await self.open_field(text, take, self.size.width - width, row, width=width)

    async def on_click(self, event: events.Click) -> None:
        """Choose the dial clicked on; on the chosen one press − or +, or open its field."""
        place = self._place_at(event.y)
        if place is None:
            return
        again = place == self.model.cursor
        self.model.cursor = place
        self.invalidate(immediate=True)
        if not again:
            return
        ends = {self._value_at: -1, self._value_at + 1: -1, self.size.width - 1: 1, self.size.width - 2: 1}
        direction = ends.get(event.x, 0)
        if direction and self.check_action("turn", (direction,)):
            self.action_turn(direction)
        elif not direction:
            await self.action_edit()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Turn the dial under the mouse up."""
        self._roll(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Turn the dial under the mouse down."""
        self._roll(event, -1)

    def _roll(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        place = self._place_at(event.y)
        if place is not None:
            self.model.cursor = place
            self.invalidate(immediate=True)
            if self.check_action("turn", (direction,)):
                self.action_turn(direction)

    def _place_at(self, y: int) -> int | None:
        place = y - 1 + self._first
        return place if y >= 1 and place < len(self.model.lab.dials) else None

    def _paint_dial(self, grid: Grid, y: int, place: int) -> None:
        dial = self.model.lab.dials[place]
        label, chosen = self.model.words(dial.label), place == self.model.cursor
        marked = chosen and self.has_focus
        value = self.model.value(dial)
        text = cell_text(value)
        room = max(4, grid.width - cell_width(label) - 2 - 4 * chosen)
        text = within(text, max(room, min(len(text), grid.width // 2)))
        quiet = Ink.SELECTED if marked else Ink.BRIGHT if chosen else Ink.MUTED
        if marked:
            grid.put(0, y, " " * grid.width, Ink.SELECTED)
        grid.put(0, y, within(label, max(1, grid.width - len(text) - 2 - 4 * chosen)), quiet)
        ink = Ink.SELECTED if marked else Ink.MUTED if self.model.is_default(dial) else Ink.BRIGHT
        can_turn_it = marked and dial.kind != "list"
        x = grid.put_right(grid.width, y, f"{text} +" if can_turn_it else text, ink)
        if can_turn_it:
            x = grid.put_right(x, y, "− ", ink)
        if chosen:
            self._value_at = x

    def _paint_help(self, grid: Grid) -> None:
        dial = self.model.dial
        if dial is not None and grid.height > 0:
            grid.put_wrapped(0, 0, self._about(dial, grid.width), Ink.MUTED)

    def _about(self, dial: LabDial, width: int) -> str:
        """Return what a dial does and takes, after its value where that is too long for its line."""
        value, label = cell_text(self.model.value(dial)), self.model.words(dial.label)
        whole = [f"{value}."] if cell_width(value) + cell_width(label) + 4 > width else []
        return " ".join([*whole, self.model.words(dial.help), f"({dial.expected})"]).strip()


class LinesPane(TitledPane):
    """Lines that scroll, made for the width there is.

    Args:
        name: The title.
        key: The key that leads here.
        lines: Returns the lines for a width in cells.
        about: What the help says.
    """

    def __init__(self, name: str, key: str, lines: Callable[[int], list[StyledLine]], about: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = name
        self._key = key
        self._lines = lines
        self._about = about
        self._down = Scroll()
        self._aside = Scroll()

    def title(self) -> str:
        """Return the title."""
        return self._title

    def key_of_title(self) -> str:
        """Return the key that leads here."""
        return self._key

    def help_text(self) -> str:
        """Return what this pane shows."""
        return self._about

    def to_top(self) -> None:
        """Show the first lines."""
        self._down, self._aside = Scroll(), Scroll()

    def paint(self, grid: Grid) -> None:
        """Draw the lines in sight."""
        self.paint_title(grid)
        body = grid.window(0, 1)
        if body.height <= 0:
            return
        lines = self._lines(grid.width)
        widest = max((sum(cell_width(text) for text, _ in line) for line in lines), default=0)
        shown = self._down.fit(len(lines), body.height)
        self._aside.fit(widest, grid.width)
        wide = Grid(max(widest, grid.width), len(shown))
        put_styled_lines(wide, [lines[number] for number in shown])
        part = wide.window(self._aside.first, 0, grid.width)
        body.codes[: len(shown)], body.inks[: len(shown)] = part.codes, part.inks
        self.paint_more(body, self._down.below)
        self.keys_depend_on((self._down.overflow, self._aside.overflow))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action in {"scroll", "page"}:
            return self._down.can_move(int(str(parameters[0])))
        if action == "sidle":
            return self._aside.can_move(int(str(parameters[0])))
        return super().check_action(action, parameters)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self._down.move(step)
        self.invalidate(immediate=True)

    def action_page(self, step: int) -> None:
        """Scroll by a screenful, all but a line of it."""
        self.action_scroll(step * max(1, self.size.height - 2))

    def action_sidle(self, step: int) -> None:
        """Move sideways."""
        self._aside.move(step * SIDEWAYS)
        self.invalidate(immediate=True)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        event.stop()
        self.action_scroll(WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        event.stop()
        self.action_scroll(-WHEEL_ROWS)


class LabTablesPane(LinesPane):
    """The tables of a lab."""

    OWNER: ClassVar[str] = "lab_tables"
    BINDINGS: ClassVar[list[Any]] = bindings_of("lab_tables")


class LabTextPane(LinesPane):
    """What a lab says."""

    OWNER: ClassVar[str] = "lab_text"
    BINDINGS: ClassVar[list[Any]] = bindings_of("lab_text")
