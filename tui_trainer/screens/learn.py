"""The courses: their lessons in order, what has been done, and what each lesson says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.glossary import next_vocabulary
from tui_trainer.layout import Rect, last_lines
from tui_trainer.progress import LessonOpened
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.learn import COLUMNS, LessonPlace, course_lines, lesson_lines, lesson_rows
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.page import Page
from tui_trainer.widgets.table import ListPane, Row

ABOUT = (
    "The tutorials as courses, lesson by lesson in their order. A lesson opens its preset, with its card beside the "
    "panes, or its lab. Tasks are ticked by themselves the moment a run has what they ask for. What has been done is "
    "remembered: • a lesson that was opened, ✓ one of which all tasks are earned and all questions answered."
)

WIDE = 76
"""Columns from which on the lesson stands beside the list."""


class LearnScreen(KeyedScreen[str | None]):
    """Ends with the key of the lesson to be opened, or with None.

    Args:
        model: Keys, notice and words.
        book: The courses.
        ask: Asks the questions of a lesson.
        chosen: The lesson that is chosen first.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("learn")
    OWNER: ClassVar[Owner] = "learn"

    def __init__(
        self, model: KeyedModel, book: LessonBook, ask: Callable[[LessonPlace], object], chosen: str | None = None
    ) -> None:
        super().__init__(model)
        self._book = book
        self._ask = ask
        self._first_chosen = chosen

    def compose(self) -> ComposeResult:
        """Make the list, and beside it the lesson."""
        yield ListPane(COLUMNS, "Learn", ABOUT, id="list")
        yield Page("Learn", subtitle=self._subtitle, lines=self._lines, about=ABOUT, id="page")
        yield NoticeLine(lambda: self.model.notice, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def on_mount(self) -> None:
        """Place everything, and read the courses."""
        self.listing.empty = "one moment…"
        self.listing.focus()
        await self.lay_out()
        self.run_worker(self._read(), name="courses")

    @property
    def listing(self) -> ListPane:
        """The list of lessons."""
        return self.query_one(ListPane)

    @property
    def page(self) -> Page:
        """What the chosen lesson says."""
        return self.query_one(Page)

    @property
    def explained(self) -> ListPane:
        """What the help explains."""
        return self.listing

    @property
    def chosen(self) -> LessonPlace | None:
        """The lesson that is chosen; None where a course is."""
        return self._book.learn.place(self.listing.chosen)

    async def lay_out(self) -> None:
        """Place the list, the lesson beside it or below it, and the lines."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        body = screen.rows(0, screen.height - 2).columns(1, screen.width - 1)
        if body.width >= WIDE:
            list_width = min(56, body.width // 2)
            places = {"list": body.columns(0, list_width), "page": body.columns(list_width + 2, body.width)}
        else:
            rows = body.height // 2
            places = {"list": body.rows(0, rows), "page": body.rows(rows, body.height)}
        self.place(places | last_lines(screen))

    def refill(self) -> None:
        """Show the list with what has been done by now."""
        rows = lesson_rows(self._book.learn, self.model.vocabulary)
        self.listing.show([Row(name, cells, sign) for name, cells, sign in rows])
        self.invalidate()

    def on_screen_resume(self) -> None:
        """Draw what has been done meanwhile."""
        self.refill()

    def on_list_pane_chosen(self) -> None:
        """Show what the lesson chosen now says, from its beginning."""
        self.page.scroll_lines(-(10**6))
        self.invalidate()

    async def on_list_pane_taken(self) -> None:
        """Open the lesson that was clicked twice."""
        await self.run_action("take")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in {"choose", "page"}:
            return self.listing.can_move(int(str(parameters[0])))
        if action == "scroll":
            return self.page.can_scroll(int(str(parameters[0])))
        if action == "ask":
            return self.chosen is not None and bool(self.chosen.questions)
        if action == "take":
            return self.listing.chosen is not None
        return super().check_action(action, parameters)

    def action_choose(self, step: int) -> None:
        """Choose another lesson."""
        self.listing.move(step)

    def action_page(self, step: int) -> None:
        """Choose a lesson a screenful away."""
        self.listing.page(step)

    def action_scroll(self, step: int) -> None:
        """Scroll what the lesson says by a screenful."""
        self.page.scroll_pages(step)
        self.invalidate_keys()

    def action_ask(self) -> None:
        """Ask the questions of the lesson chosen."""
        if self.chosen is not None:
            self._ask(self.chosen)

    def action_take(self) -> None:
        """Open the lesson chosen; of a course, choose the first lesson that is not done."""
        place = self.chosen
        if place is None:
            first = self._book.learn.first_open(str(self.listing.chosen))
            if first is not None:
                self.listing.choose(first.key)
        elif place.lesson.preset is None and place.lesson.lab is None:
            self._has_read(place)
        else:
            self.dismiss(place.key)

    def action_words(self) -> None:
        """Change the words."""
        self.model.vocabulary = next_vocabulary(self.model.vocabulary)
        self.refill()

    def action_back(self) -> None:
        """Leave."""
        self.say("")
        self.dismiss(None)

    async def _read(self) -> None:
        await self._book.read()
        if not self.is_open:
            return
        self.refill()
        learn = self._book.learn
        self.listing.choose(self._first_chosen or next((p.key for p in learn.lessons if not learn.is_done(p)), ""))
        if learn.complaint:
            self.say(learn.complaint, Ink.WARNING)

    def _has_read(self, place: LessonPlace) -> None:
        """Note that a lesson was read that opens nothing, and go on to the next one."""
        complaint = self._book.remember(LessonOpened(lesson=place.key))
        self.refill()
        following = self._book.learn.next_after(place)
        if following is not None:
            self.listing.choose(following.key)
        self.say(complaint, Ink.WARNING)

    def _subtitle(self) -> str:
        learn = self._book.learn
        done = sum(map(learn.is_done, learn.lessons))
        return f"{done} of {len(learn.lessons)} lessons done" if learn.lessons else ""

    def _lines(self, width: int) -> list[StyledLine]:
        learn, vocabulary = self._book.learn, self.model.vocabulary
        if (place := self.chosen) is not None:
            return lesson_lines(learn, place, width, vocabulary)
        return course_lines(learn, self.listing.chosen or "", width, vocabulary)
