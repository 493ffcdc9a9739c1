"""The exam: sealed until it is opened, which is asked first and recorded by the worker; then its scores."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from textual.app import ComposeResult

from engine.protocol.commands import OpenExam
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect, last_lines
from tui_trainer.runs.connection import RunConnection, Updated
from tui_trainer.runs.printed import printed_accuracy
from tui_trainer.screens.page_screen import PageScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.exam import ExamView, choices, chosen, exam_state, question, sections, why_not
from tui_trainer.view_models.exam_sheets import exam_sheet
from tui_trainer.view_models.header import notice_of
from tui_trainer.widgets.exam import ExamPage
from tui_trainer.widgets.header import Header
from tui_trainer.widgets.lines import KeyLine, NoticeLine

ABOUT = (
    "The exam asks the network about the rows that were set aside before anything was learned. It is sealed until you "
    "open it, and every opening is recorded in the run. A column of the confusion is what the network answered, a line"
    " what was true. Precision: of the rows that were taken for a class, the share that is of it. Recall: of its rows,"
    " the share that was found. F1 is their harmonic mean. Balanced accuracy is the mean recall of the classes, so "
    "that a rare class counts as much as a common one. Of several seeds each number is the median, with the lowest and"
    " the highest. 95 % intervals say how far a score on other rows of this kind may lie from that on so few: of an "
    "accuracy and an average precision Wilson's, of a ROC area DeLong's, of R² by the delta method. Curves go over all"
    " thresholds. Calibrated probabilities came true as often as they say. Cases are the mistakes one by one, each "
    "with the inputs that pushed the answer most, by integrated gradients from the mean training row. Openings says "
    "what looking twice does to the result."
)


class ExamScreen(PageScreen):
    """The exam of the run that is shown.

    Args:
        connection: Leads to the run's worker.
        period: Seconds between two redraws while it trains on.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("exam")
    OWNER: ClassVar[Owner] = "exam"
    model: DashboardModel

    def __init__(self, connection: RunConnection, period: float) -> None:
        super().__init__(connection.model)
        self._connection = connection
        self._period = period
        self._seen = connection.model.run.exam
        self._view = ExamView()

    def compose(self) -> ComposeResult:
        """Make the lines and the page."""
        model = self.model
        yield Header(model, id="header", period=self._period)
        yield ExamPage(
            sheet=lambda width: exam_sheet(model, self._view, width),
            sections=lambda: sections(model),
            section=lambda: self._view.section,
            subtitle=lambda: exam_state(model),
            about=ABOUT,
            id="page",
            period=self._period,
        )
        yield NoticeLine(lambda: notice_of(model), id="notice", period=self._period)
        yield KeyLine(self.keys_now, id="keys", period=self._period)

    async def on_mount(self) -> None:
        """Place everything."""
        await super().on_mount()
        if self.model.run.has_recipe:
            self.run_worker(self._find_printed(), name="printed")

    async def _find_printed(self) -> None:
        """Read in a thread what is printed of the recipe, and show it."""
        self._view.printed = await asyncio.to_thread(printed_accuracy, self.model.run.spec)
        if self._view.printed is not None and self.is_open:
            self.invalidate()

    async def lay_out(self) -> None:
        """Place the lines, and the page between them."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        first = 2 if screen.height >= 20 else 1
        self.place(
            {
                "header": screen.rows(0, 1),
                "page": screen.rows(first, screen.height - 2).columns(1, screen.width - 1),
                **last_lines(screen),
            }
        )

    @property
    def page(self) -> ExamPage:
        """The text, and the plots."""
        return self.query_one(ExamPage)

    def on_updated(self, message: Updated) -> None:
        """Draw what has changed: the run trains on, and the result comes with one of its frames."""
        if self.model.run.exam is not self._seen:
            self._seen = self.model.run.exam
            self.say("opened, and recorded in the run")
        self.invalidate(immediate=message.immediate)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action == "open":
            return not why_not(self.model)
        if action == "section":
            return 0 <= self._section + int(str(parameters[0])) < len(sections(self.model))
        if action == "choice":
            return choices(self.model, self._view) > 1
        return super().check_action(action, parameters)

    def action_section(self, step: int) -> None:
        """Show the section before or after."""
        self.action_section_to(self._section + step)

    def action_section_to(self, section: int) -> None:
        """Show a section by its place."""
        self._view.section = section
        self.page.to_top()
        self.invalidate_keys()

    def action_choice(self) -> None:
        """Show the next class, or the next of several values."""
        self._view.choice = chosen(self.model, self._view) + 1
        self.page.to_top()

    @property
    def _section(self) -> int:
        """The section that is shown: another result may have fewer."""
        return min(self._view.section, max(0, len(sections(self.model)) - 1))

    def action_open(self) -> None:
        """Open the exam, once that is confirmed."""

        def opened() -> None:
            self.say("the network answers…")
            self.run_worker(self._connection.send(OpenExam()), name="exam")

        self.ask("Open the exam?", question(self.model), "open it", opened)

    def action_back(self) -> None:
        """Go back to the dashboard; what was said here is of no use there."""
        self.say("")
        self.dismiss(None)
