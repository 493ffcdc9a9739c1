"""What the screens of runs and of presets share: a list, a filter over it, the notice and the keys below it."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Input

from engine.errors import TrainerError, sanitize
from tui_trainer.formatting import within
from tui_trainer.glossary import TERMS
from tui_trainer.layout import Rect, last_lines
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.textual_patches import OrderedInput, focus_at_once
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.table import Column
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.table import ListPane

FIELD_WIDTH = 30


class FilterField(OrderedInput):
    """The text field of the filter."""

    BINDINGS: ClassVar[list[Any]] = [Binding("escape", "leave_field", show=False)]

    class Left(Message):
        """The field was left; ``keep`` says whether its text still filters."""

        def __init__(self, *, keep: bool) -> None:
            self.keep = keep
            super().__init__()

    def __init__(self, value: str) -> None:
        super().__init__(value, select_on_focus=False, compact=True, placeholder="filter")
        self.cursor_blink = False

    def action_leave_field(self) -> None:
        """Give up the filter."""
        self.post_message(self.Left(keep=False))

    async def action_submit(self) -> None:
        """Keep the filter."""
        self.post_message(self.Left(keep=True))

    def on_blur(self) -> None:
        """Leave with the focus."""
        self.post_message(self.Left(keep=True))


class TitleLine(Canvas):
    """The name of the screen, how many entries it lists, the filter, and what its numbers are."""

    def __init__(self, title: str, numbers: str, *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._numbers = numbers
        self._count = ""
        self._free: int | None = None

    def show(self, count: str) -> None:
        """Say how many entries there are."""
        self._count = count
        self.invalidate(immediate=True)

    def leave_free(self, cells: int | None) -> None:
        """Draw nothing in so many cells on the right, where something else stands; None for nowhere."""
        self._free = cells
        self.invalidate(immediate=True)

    def paint(self, grid: Grid) -> None:
        """Draw the line."""
        width = grid.width - (0 if self._free is None else self._free + 1)
        x = grid.put(1, 0, within(self._title, max(0, width - 1)), Ink.BRIGHT)
        x = grid.put(x + 2, 0, within(self._count, max(0, width - x - 2)), Ink.MUTED) + 2
        if x + len(self._numbers) <= width:
            grid.put(x, 0, self._numbers, Ink.FAINT)


class TableScreen(KeyedScreen[str | None]):
    """A list over the whole screen; ends with the name of the entry that was taken, or with None.

    Subclasses fill the list in ``reload``, and say in ``can_do`` which of their actions do something now.

    Attributes:
        filter_text: What the entries that are shown have in them.
        is_known: Whether the entries are known already when the screen opens; they are looked up anew after that.
    """

    NAME: ClassVar[str]
    ABOUT: ClassVar[str]
    COLUMNS: ClassVar[Sequence[Column]]
    EMPTY: ClassVar[str]
    NUMBERS: ClassVar[str] = ""
    model: DashboardModel
    DEFAULT_CSS = """
    FilterField {
        position: absolute;
        width: 30;
        height: 1;
        background: $panel;
        color: $foreground;
        &:focus { background: $panel; }
    }
    """

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self.filter_text = ""
        self.is_known = False

    def compose(self) -> ComposeResult:
        """Make the lines and the list."""
        yield TitleLine(self.NAME, self.NUMBERS, id="title")
        columns = [replace(c, head=self.model.word(c.head)) if c.head in TERMS else c for c in self.COLUMNS]
        yield ListPane(columns, self.NAME, self.ABOUT, id="list")
        yield NoticeLine(lambda: self.model.notice, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def on_mount(self) -> None:
        """Tab everything, and fill the list."""
        self.listing.focus()
        await self.lay_out()
        if self.is_known:
            self.refilter()
        self.call_after_refresh(self.load)  # what is looked for in a thread would keep the first drawing waiting

    @property
    def listing(self) -> ListPane:
        """The list."""
        return self.query_one(ListPane)

    def load(self) -> None:
        """Fill the list, as soon as what is in it is known; a reading that is under way is not begun anew."""
        if not any(
            worker.group == "list" and worker.node is self and not worker.is_finished for worker in self.workers
        ):
            self.run_worker(self.reload(), name="list", group="list", exclusive=True)

    async def reload(self) -> None:
        """Find out what there is, and show it."""
        raise NotImplementedError

    def refilter(self) -> None:
        """Show what the filter leaves."""
        raise NotImplementedError

    @property
    def explained(self) -> ListPane:
        """What the help explains: the list, whatever has the focus."""
        return self.listing

    @property
    def is_typing(self) -> bool:
        """Whether the field of the filter is open: it takes the keys before it has the focus."""
        return any(isinstance(child, FilterField) for child in self.children)  # a query takes five times as long

    def can_do(self, action: str, parameters: tuple[object, ...]) -> bool:  # noqa: ARG002 (for subclasses)
        """Return whether an action of the screen does something now."""
        return True

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return where the list and what stands beside it go."""
        return {"list": body}

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if self.is_typing:
            return False
        if action in {"choose", "page"}:
            return self.listing.can_move(int(str(parameters[0])))
        return self.can_do(action, parameters)

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something, and draw what may have changed with it."""
        super().say(text, ink)
        self.invalidate()

    def carry_out(self, deed: Coroutine[Any, Any, str], meanwhile: str) -> None:
        """Do something that takes a while, then fill the list anew.

        Args:
            deed: What is done; it returns the sentence that says what came of it. A TrainerError is said instead.
            meanwhile: What is said until then.
        """
        self.say(meanwhile)

        async def report() -> None:
            try:
                self.say(await deed)
            except TrainerError as error:
                self.say(sanitize(error), Ink.ERROR)
            await self.reload()

        self.run_worker(report(), name="deed")

    def show_count(self, shown: int, total: int, noun: str) -> None:
        """Say how many entries there are, and how many of them the filter leaves."""
        self.listing.empty = f"nothing matches {self.filter_text}" if total else self.EMPTY
        if not self.filter_text:
            count = f"{total} {noun}"
        else:
            count = f"{shown} of {total} {noun}, filtered by {self.filter_text}"
        self.query_one(TitleLine).show(count)

    def on_list_pane_chosen(self) -> None:
        """Show the keys of the row chosen now."""
        self.invalidate_keys()

    async def on_list_pane_taken(self) -> None:
        """Take the row that was clicked twice."""
        await self.run_action("take")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while it is typed; the chosen row stays chosen while it matches, else the first one that does is."""
        event.stop()
        chosen = self.listing.chosen
        self.filter_text = event.value.strip()
        self.refilter()
        if self.listing.chosen != chosen:
            self.listing.choose_first()

    async def on_filter_field_left(self, event: FilterField.Left) -> None:
        """Keep the filter or give it up."""
        event.stop()
        if not event.keep:
            self.filter_text = ""
            self.refilter()
        await self.query(FilterField).remove()
        self.query_one(TitleLine).leave_free(None)
        self.listing.focus()
        self.say("")

    def action_choose(self, step: int) -> None:
        """Choose another row."""
        self.listing.move(step)

    def action_page(self, step: int) -> None:
        """Choose a row a screenful away."""
        self.listing.page(step)

    def action_take(self) -> None:
        """End with the chosen row; what is shown already is just gone back to."""
        chosen = self.listing.chosen
        self.dismiss(None if chosen == self.model.title else chosen)

    async def action_filter(self) -> None:
        """Open the field of the filter."""
        field = FilterField(self.filter_text)
        field.styles.offset = (max(0, self.size.width - FIELD_WIDTH - 1), 0)
        self.query_one(TitleLine).leave_free(FIELD_WIDTH + 1)
        await self.mount(field)
        focus_at_once(field)
        self.call_after_refresh(self.say, "")

    def action_back(self) -> None:
        """Drop the filter, else leave the screen."""
        if self.filter_text:
            self.filter_text = ""
            self.refilter()
        else:
            self.dismiss(None)

    async def lay_out(self) -> None:
        """Place the lines, and between them the list and what stands beside it."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        body = screen.rows(2 if screen.height >= 12 else 1, screen.height - 2).columns(1, screen.width - 1)
        lines = {"title": screen.rows(0, 1), **last_lines(screen)}
        self.place(lines | self.rects(body))
