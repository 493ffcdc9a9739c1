"""The card of the lesson at hand, beside the panes it speaks of."""

from __future__ import annotations

from typing import Any, ClassVar

from tui_trainer.bindings import bindings_of
from tui_trainer.glossary import translated
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.learn import lesson_lines
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.scroll import Scroll
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.styled_text import put_styled_lines


class LessonPane(Pane):
    """Tasks, what it is, what to watch for, what to try; it scrolls."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("lesson")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._scroll = Scroll()
        self._lesson_shown = ""

    def title(self) -> str:
        """Return the lesson's title."""
        place = self.model.learn.at_hand
        return translated(place.lesson.title, self.model.vocabulary) if place else "Lesson"

    def subtitle(self, run: RunModel) -> str:  # noqa: ARG002 (the lesson knows)
        """Return how many of its tasks are earned."""
        place = self.model.learn.at_hand
        earned, tasks = self.model.learn.tasks_earned(place) if place else (0, 0)
        return f"{earned}/{tasks}" if tasks else ""

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The card of the lesson: its tasks, what it is, what to watch for and what to try. A task is ticked by "
            "itself the moment the run has what it asks for; what is ticked is remembered. Metrics count from the "
            "first whole epoch after an edit on, and a checkpoint that is looked at does not."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "scroll":
            return self._scroll.first > 0 if int(str(parameters[0])) < 0 else self._scroll.below > 0
        return super().check_action(action, parameters)

    def paint_body(self, grid: Grid, run: RunModel) -> None:  # noqa: ARG002 (likewise)
        """Draw as many of the lines as there is room for."""
        place = self.model.learn.at_hand
        if place is None:
            return
        if place.key != self._lesson_shown:
            self._scroll, self._lesson_shown = Scroll(), place.key
        lines = lesson_lines(self.model.learn, place, grid.width, self.model.vocabulary, is_beside=True)
        shown = self._scroll.fit(len(lines), grid.height)
        more = self._scroll.below
        put_styled_lines(grid.window(0, 0, None, grid.height - (more > 0)), lines[shown.start : shown.stop])
        self.paint_more(grid, more)

    def action_scroll(self, step: int) -> None:
        """Scroll what does not fit."""
        self._scroll.move(step)
        self.invalidate(immediate=True)
