"""The app before the dashboard where one comes to learn: the courses. It leaves, and the lesson's run comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tui_trainer.bindings import Key
from tui_trainer.glossary import Vocabulary
from tui_trainer.keyed_app import KeyedApp
from tui_trainer.progress import LessonOpened
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.screens.learn import LearnScreen
from tui_trainer.screens.quiz import QuizScreen
from tui_trainer.settings import Settings
from tui_trainer.themes.inks import Ink
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.learn import LessonPlace

NO_NOTICE: Final = Notice("")


@dataclass
class LearnAppModel:
    """What its screens look at; see ``KeyedModel``."""

    keys: tuple[Key, ...]
    vocabulary: Vocabulary
    notice: Notice = NO_NOTICE


class LearnApp(KeyedApp[LessonPlace]):
    """The courses; ends with the lesson whose preset is to be trained, or with None."""

    def __init__(self, book: LessonBook, *, config: UiConfig) -> None:
        super().__init__(config)
        self.title = "Learn"
        self.book = book
        self.model = LearnAppModel(config.keys, self.settings.vocabulary)

    def on_mount(self) -> None:
        """Show the courses."""
        self._list(None)

    @property
    def settings_to_save(self) -> Settings:
        """The settings as they are to be remembered."""
        return self.settings.model_copy(update={"vocabulary": self.model.vocabulary})

    def action_leave(self) -> None:
        """Leave with nothing."""
        self.exit(None)

    def leave_at_once(self) -> None:
        """Leave with nothing: what was done is remembered already."""
        self.exit(None)

    def _list(self, chosen: str | None) -> None:
        self.push_screen(LearnScreen(self.model, self.book, self._ask, chosen), self._open)

    def _ask(self, place: LessonPlace) -> None:
        self.push_screen(QuizScreen(self.model, self.book, place))

    def _open(self, key: str | None) -> None:
        """Leave for a lesson's run; of a lab come back to the courses."""
        place = self.book.learn.place(key)
        if place is None or place.lesson.lab is None:
            self.exit(place)
            return
        from tui_trainer.screens.lab import LabScreen  # with all labs: not needed to list the courses

        self.model.notice = Notice(self.book.remember(LessonOpened(lesson=place.key)), Ink.WARNING)
        self.push_screen(LabScreen(self.model, place.lesson.lab), lambda _: self._list(key))
