"""Courses as the screen deals with them: read, opened, and what was done in them remembered."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.errors import TrainerError, sanitize
from presets import loader
from presets.courses import lessons
from tui_trainer.progress import AskedAgain, Entry, LessonOpened, ProgressFile, TaskEarned
from tui_trainer.view_models.learn import LearnModel, LessonPlace
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.tasks import TaskAtHand


class LessonBook:
    """The courses, and the file that remembers what was done.

    Args:
        folder: Where progress is remembered.
        first: The lesson that is at hand from the beginning, if one is.

    Attributes:
        learn: What the screens look at.
    """

    def __init__(self, folder: Path, first: str | None = None) -> None:
        self.first = first
        self.learn = LearnModel()
        self._file = ProgressFile(folder)

    async def read(self) -> None:
        """Read the courses, and what has been done: another dashboard may have added to it."""
        await asyncio.to_thread(self._file.read)
        self.learn.progress, self.learn.complaint = self._file.progress, self._file.complaint
        if not self.learn.lessons:
            self.learn.lessons = await asyncio.to_thread(read_lessons)

    def remember(self, entry: Entry) -> str:
        """Take in what was done, and remember it; return what is to be said of that where it cannot be remembered."""
        try:
            self._file.add(entry)
        except TrainerError as error:
            return sanitize(error)
        return ""

    def open(self, place: LessonPlace) -> str:
        """Have a lesson at hand; return what is to be said where that cannot be remembered."""
        self.learn.at_hand, self.learn.tasks = place, tuple(tasks_of(place))
        return self.remember(LessonOpened(lesson=place.key))

    def close(self) -> None:
        """Have no lesson at hand."""
        self.learn.at_hand, self.learn.tasks = None, ()

    def ask_again(self, place: LessonPlace) -> str:
        """Ask a lesson's questions anew; return what is to be said where that cannot be remembered."""
        return self.remember(AskedAgain(lesson=place.key))

    def look(self, run: RunModel) -> str:
        """Look for the tasks at hand in a run; return what is to be said of those that it has just earned."""
        earned = self.learn.tracker.look(run, self.learn.waiting_tasks)
        complaints = [self.remember(TaskEarned(task=task.key, run=run.welcome.run)) for task in earned]
        if not earned:
            return ""
        said = " · ".join(task.task.say for task in earned)
        return " · ".join([f"✓ task earned: {said}", *filter(None, complaints)])


def read_lessons() -> tuple[LessonPlace, ...]:
    """Return every lesson with its card.

    Raises:
        InputError: A file of ours is damaged.
    """
    return tuple(LessonPlace(course, lesson, lesson.card) for course, lesson in lessons())


def tasks_of(place: LessonPlace) -> list[TaskAtHand]:
    """Return the tasks of a lesson."""
    if place.lesson.preset is None or not place.lesson.tasks:
        return []
    recipe = loader.read(place.lesson.preset).spec
    return [TaskAtHand(place.task_key(task), task, recipe) for task in place.lesson.tasks]
