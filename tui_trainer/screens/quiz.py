"""The questions of a lesson, one after the other."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.widgets import Input

from engine.errors import InputError
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect, last_lines
from tui_trainer.progress import Answered
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.screens.page_screen import PageScreen
from tui_trainer.textual_patches import focus_at_once
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.learn import LessonPlace
from tui_trainer.view_models.quiz import QuizModel, quiz_lines
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.page import Page
from tui_trainer.widgets.value_field import ValueField

ABOUT = (
    "Questions about the lesson. The answer, and why, is shown after a guess; the first guess counts. The score stands "
    "at the end, and is remembered; the questions can be asked again."
)


class QuizScreen(PageScreen):
    """The questions of a lesson.

    Args:
        model: Keys, notice and words.
        book: Remembers the answers.
        place: The lesson.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("quiz")
    OWNER: ClassVar[Owner] = "quiz"

    def __init__(self, model: KeyedModel, book: LessonBook, place: LessonPlace) -> None:
        super().__init__(model)
        self._book = book
        self._place = place
        self._quiz = QuizModel(book.learn, place)

    def compose(self) -> ComposeResult:
        """Make the page and the lines."""
        yield Page(
            self._place.lesson.title,
            subtitle=lambda: self._quiz.place_text,
            lines=lambda width: quiz_lines(self._quiz, width, self.model.vocabulary),
            about=ABOUT,
            id="page",
        )
        yield NoticeLine(lambda: self.model.notice, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def lay_out(self) -> None:
        """Place the page, as wide as is good to read, and the lines."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        self.place(
            {
                "page": screen.rows(0, screen.height - 2).columns(1, min(screen.width - 1, 91)),
                **last_lines(screen),
            }
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        quiz, question = self._quiz, self._quiz.question
        if action == "guess":
            return quiz.waits and question is not None and int(str(parameters[0])) <= len(question.choices)
        if action == "type":
            return quiz.waits and question is not None and not question.choices
        if action == "turn":
            return quiz.can_turn(int(str(parameters[0])))
        if action == "again":
            return question is None
        return super().check_action(action, parameters)

    def action_guess(self, number: int) -> None:
        """Take a choice for the answer."""
        self._take(self._quiz.parse(str(number)))

    async def action_type(self) -> None:
        """Open the field for a number."""
        if not self.query(ValueField):
            row = len(quiz_lines(self._quiz, self.page.size.width, self.model.vocabulary)) + 2
            field = ValueField("", self._take_text, 1, min(row, self.size.height - 3), width=24, placeholder="a number")
            await self.mount(field)
            focus_at_once(field)

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the number that was typed; if it is not a number, say so and stay."""
        event.stop()
        if isinstance(event.input, ValueField):
            try:
                event.input.take(event.value)
            except InputError as error:
                self.say(str(error), Ink.WARNING)
                return
            await self._close_field()

    async def on_value_field_cancelled(self) -> None:
        """Give up typing."""
        await self._close_field()

    def action_turn(self, step: int) -> None:
        """Go to the next question, or the one before."""
        self._quiz.turn(step)
        self._show("")

    def action_again(self) -> None:
        """Ask all questions anew."""
        complaint = self._book.ask_again(self._place)
        self._quiz.begin_again()
        self._show(complaint)

    def action_back(self) -> None:
        """Leave; what was said here is of no use elsewhere."""
        self.say("")
        self.dismiss(None)

    def _take_text(self, text: str) -> None:
        self._take(self._quiz.parse(text))

    def _take(self, answer: Answered) -> None:
        self._show(self._book.remember(answer))

    def _show(self, complaint: str) -> None:
        self.page.scroll_lines(-(10**6))
        self.say(complaint, Ink.WARNING)
        self.invalidate()

    async def _close_field(self) -> None:
        await self.query(ValueField).remove()
        self.page.focus()
        self.invalidate()
