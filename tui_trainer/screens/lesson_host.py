"""The lesson at hand on the dashboard: chosen from the courses, opened, looked at for tasks, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_trainer.panes import LESSON, tab_of
from tui_trainer.progress import LessonOpened
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.learn import LearnModel, LessonPlace, MeasuredParts

if TYPE_CHECKING:
    from tui_trainer.screens.dashboard import DashboardScreen


class LessonHost:
    """Leads from the dashboard to the courses and back.

    Args:
        dashboard: Where the lesson's card and its run are shown.
        book: The courses; None where none are at hand.
    """

    def __init__(self, dashboard: DashboardScreen, book: LessonBook | None) -> None:
        self._dashboard = dashboard
        self._book = book
        self._measured: MeasuredParts = ((), ())

    @property
    def _learn(self) -> LearnModel:
        return self._dashboard.model.learn

    def can(self, action: str) -> bool:
        """Return whether an action does something now."""
        if action == "learn":
            return self._book is not None
        place = self._learn.at_hand
        return place is not None and (action != "ask" or bool(place.questions))

    def list(self, chosen: str | None = None) -> None:
        """List the courses, the lesson at hand chosen or another one, and open the one that is taken."""
        if self._book is None:
            return
        from tui_trainer.screens.learn import LearnScreen  # not needed to paint the first screen

        at_hand = self._learn.at_hand.key if self._learn.at_hand else None
        screen = LearnScreen(self._dashboard.model, self._book, self._ask, chosen or at_hand)
        self._dashboard.app.push_screen(screen, self._open)

    def ask(self) -> None:
        """Ask the questions of the lesson at hand."""
        if (place := self._learn.at_hand) is not None:
            self._ask(place)

    async def begin(self) -> None:
        """Have the lesson at hand that is so from the beginning, if one is."""
        if self._book is None or self._book.first is None:
            return
        await self._book.read()
        if (place := self._learn.place(self._book.first)) is not None:
            await self._have(place)

    def look(self) -> None:
        """Say which tasks of the lesson at hand the run has just earned."""
        if self._book is None or not self._learn.tasks:
            return
        if earned := self._book.look(self._dashboard.model.run):
            self._dashboard.say(earned, Ink.GOOD)
        measured = self._learn.measured_in(self._dashboard.model.run)
        if measured != self._measured:  # a task is earned, or the network has other layers: frames answer other queries
            self._measured = measured
            self._dashboard.call_later(self._dashboard.lay_out)

    async def close(self) -> None:
        """Have no lesson at hand."""
        if self._book is not None:
            self._book.close()
            await self._dashboard.lay_out()
            self._dashboard.invalidate()

    def _ask(self, place: LessonPlace) -> None:
        from tui_trainer.screens.quiz import QuizScreen

        if self._book is not None:
            self._dashboard.app.push_screen(QuizScreen(self._dashboard.model, self._book, place))

    async def _open(self, key: str | None) -> None:
        """Open a lesson: its lab, or the run that is shown where that is of its preset, or a new one."""
        place = self._learn.place(key)
        if place is None:
            return
        if place.lesson.preset is None:
            self._open_lab(place)
            return
        dashboard = self._dashboard
        if not self._is_shown(place.lesson.preset):
            if not dashboard.navigator.can_replace:
                dashboard.say("this run cannot be replaced by another one", Ink.WARNING)
                return
            dashboard.go(dashboard.navigator.begin(place.lesson.preset))
        await self._have(place)

    def _open_lab(self, place: LessonPlace) -> None:
        """Open the lab of a lesson over the dashboard; from there one comes back to the courses."""
        from tui_trainer.screens.lab import LabScreen

        if self._book is not None and place.lesson.lab is not None:
            complaint = self._book.remember(LessonOpened(lesson=place.key))
            screen = LabScreen(self._dashboard.model, place.lesson.lab)
            self._dashboard.app.push_screen(screen, lambda _: self.list(place.key))
            if complaint:
                self._dashboard.say(complaint, Ink.WARNING)

    def _is_shown(self, preset: str) -> bool:
        """Return whether the run that is shown is one of a preset, and at work."""
        model = self._dashboard.model
        return model.link == "live" and model.run.has_recipe and model.run.spec.name == preset

    async def _have(self, place: LessonPlace) -> None:
        """Have a lesson at hand: its card beside the panes, the first pane that it speaks of in sight."""
        if self._book is None:
            return
        if complaint := self._book.open(place):
            self._dashboard.say(complaint, Ink.WARNING)
        panes = self._dashboard.panes
        await panes.show(tab=next((tab for pane in place.lesson.shows if (tab := tab_of(pane)) is not None), None))
        await panes.show(tab=tab_of(LESSON))
