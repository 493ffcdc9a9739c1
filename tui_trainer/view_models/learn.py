"""Courses as a screen shows them: lessons in a list with what has been done, and what one of them says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.protocol.queries import View
from presets.cards import Card, Question
from presets.courses import Course, Guide, Lesson, Task
from tui_trainer.formatting import cell_width, ljust
from tui_trainer.glossary import Vocabulary, translated
from tui_trainer.progress import Progress
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.cards import card_lines, paragraph_lines
from tui_trainer.view_models.measures import series_for, views_for
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line
from tui_trainer.view_models.table import NOTHING, Cell, Column
from tui_trainer.view_models.tasks import TaskAtHand, TaskTracker, measures_of

COLUMNS: Final = (Column("lesson"), Column("tasks", right=True, spare=1), Column("quiz", right=True, spare=2))

MeasuredParts = tuple[tuple[View, ...], tuple[str, ...]]
"""Views, and names of series."""

DONE: Final = Cell("✓", Ink.GOOD)
BEGUN: Final = Cell("•", Ink.ACCENT)


@dataclass(frozen=True)
class LessonPlace:
    """A lesson, where it stands, and the card of what it opens."""

    course: Course
    lesson: Lesson
    card: Card

    @property
    def key(self) -> str:
        """COURSE/LESSON."""
        return f"{self.course.name}/{self.lesson.id}"

    @property
    def questions(self) -> tuple[Question, ...]:
        """Its questions, those of the card first."""
        return self.card.questions + self.lesson.questions

    def task_key(self, task: Task) -> str:
        """Return by what a task is remembered: COURSE/TASK."""
        return f"{self.course.name}/{task.id}"


@dataclass
class LearnModel:
    """The courses, what has been done, and the lesson at hand.

    Attributes:
        lessons: Every lesson of every course; empty until they have been read.
        progress: What has been done.
        complaint: One line about what could not be read; empty where all could.
        at_hand: The lesson that was opened: its card stands beside the panes.
        tasks: Its tasks, to be looked for in the run.
        tracker: Looks for them.
    """

    lessons: tuple[LessonPlace, ...] = ()
    progress: Progress = field(default_factory=Progress)
    complaint: str = ""
    at_hand: LessonPlace | None = None
    tasks: tuple[TaskAtHand, ...] = ()
    tracker: TaskTracker = field(default_factory=TaskTracker)

    @property
    def waiting_tasks(self) -> list[TaskAtHand]:
        """The tasks at hand that have not been earned yet."""
        return [task for task in self.tasks if task.key not in self.progress.earned]

    def measured_in(self, run: RunModel) -> MeasuredParts:
        """Return the views and series that frames must have, so that what tasks measure of a run is known."""
        measures = measures_of(self.waiting_tasks)
        return views_for(measures), series_for(measures, run)

    def place(self, key: str | None) -> LessonPlace | None:
        """Return the lesson of a key, None where there is none."""
        return next((place for place in self.lessons if place.key == key), None)

    def next_after(self, place: LessonPlace) -> LessonPlace | None:
        """Return the lesson after this one in its course, None after the last."""
        of_course = [each for each in self.lessons if each.course is place.course]
        index = of_course.index(place) + 1
        return of_course[index] if index < len(of_course) else None

    def first_open(self, course: str) -> LessonPlace | None:
        """Return the first lesson of a course that is not done, its first one where all are."""
        of_course = [place for place in self.lessons if place.course.name == course]
        return next((place for place in of_course if not self.is_done(place)), of_course[0] if of_course else None)

    def is_done(self, place: LessonPlace) -> bool:
        """Return whether a lesson was opened, its tasks earned, and its questions answered."""
        earned, tasks = self.tasks_earned(place)
        _, answered = self.progress.score(place.key, place.questions)
        return place.key in self.progress.opened and earned == tasks and answered == len(place.questions)

    def tasks_earned(self, place: LessonPlace) -> tuple[int, int]:
        """Return how many of a lesson's tasks are earned, and how many there are."""
        tasks = place.lesson.tasks
        return sum(place.task_key(task) in self.progress.earned for task in tasks), len(tasks)


def lesson_rows(model: LearnModel, vocabulary: Vocabulary) -> Iterator[tuple[str, list[Cell], Cell]]:
    """Yield name, cells and sign of every line of the list: of each course, and below it of its lessons."""
    for course in dict.fromkeys(place.course.name for place in model.lessons):
        places = [place for place in model.lessons if place.course.name == course]
        done = sum(map(model.is_done, places))
        yield course, [Cell(f"{places[0].course.title} · {done}/{len(places)}", Ink.BRIGHT)], NOTHING
        for place in places:
            yield place.key, _cells(model, place, vocabulary), _sign(model, place)


def _cells(model: LearnModel, place: LessonPlace, vocabulary: Vocabulary) -> list[Cell]:
    earned, tasks = model.tasks_earned(place)
    _, answered = model.progress.score(place.key, place.questions)
    return [
        Cell(translated(place.lesson.title, vocabulary)),
        _share(earned, tasks),
        _share(answered, len(place.questions)),
    ]


def _share(done: int, total: int) -> Cell:
    return Cell(f"{done}/{total}", Ink.GOOD if done == total else Ink.MUTED) if total else NOTHING


def _sign(model: LearnModel, place: LessonPlace) -> Cell:
    if model.is_done(place):
        return DONE
    return BEGUN if place.key in model.progress.opened else NOTHING


def course_lines(model: LearnModel, name: str, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    """Return what there is to say of a course."""
    places = [place for place in model.lessons if place.course.name == name]
    if not places:
        return []
    course, done = places[0].course, sum(map(model.is_done, places))
    earned = [model.tasks_earned(place) for place in places]
    return [
        *wrapped_line([(course.title, Ink.BRIGHT)], width),
        *wrapped_line([(course.source, Ink.MUTED)], width),
        [],
        *paragraph_lines(course.about, width, vocabulary),
        [],
        [(f"{done} of {len(places)} lessons done", Ink.TEXT)],
        [(f"{sum(each[0] for each in earned)} of {sum(each[1] for each in earned)} tasks earned", Ink.TEXT)],
    ]


def lesson_lines(
    model: LearnModel, place: LessonPlace, width: int, vocabulary: Vocabulary, *, is_beside: bool = False
) -> list[StyledLine]:
    """Return what a lesson says.

    Args:
        model: The courses.
        place: The lesson.
        width: Cells of a line at most.
        vocabulary: Its words.
        is_beside: Whether its run stands beside it: then what is to be done there comes first.
    """
    blocks = [
        [] if is_beside else _head_lines(place, width, vocabulary),
        _task_lines(model, place, width, vocabulary) if is_beside else [],
        *([*paragraph_lines(text, width, vocabulary)] for text in place.lesson.text),
        card_lines(place.card, width, vocabulary),
        *(_guide_lines(guide, width, vocabulary) for guide in place.lesson.guides),
        [] if is_beside else _task_lines(model, place, width, vocabulary),
        _question_lines(model, place),
    ]
    lines: list[StyledLine] = []
    for block in blocks:
        if block:
            lines += [*([[]] if lines else []), *block]
    return lines


def _head_lines(place: LessonPlace, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    lesson = place.lesson
    opens = f"preset {lesson.preset}" if lesson.preset else f"lab {lesson.lab}" if lesson.lab else "to be read here"
    title = wrapped_line([(translated(lesson.title, vocabulary), Ink.BRIGHT)], width)
    return [*title, *wrapped_line([(f"{place.course.title} · {opens}", Ink.MUTED)], width)]


def _task_lines(model: LearnModel, place: LessonPlace, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    if not place.lesson.tasks:
        return []
    lines: list[StyledLine] = [[("Tasks", Ink.ACCENT)]]
    for task in place.lesson.tasks:
        key = place.task_key(task)
        run = model.progress.earned.get(key)
        sign = ("✓ ", Ink.GOOD) if run is not None else ("□ ", Ink.MUTED)
        ink = Ink.MUTED if run is not None else Ink.TEXT
        stages, done = len(task.stages), model.tracker.stages_done(key)
        how_far = f" (stage {done} of {stages} done)" if run is None and stages > 1 and done else ""
        lines += wrapped_line([sign, (translated(task.say, vocabulary) + how_far, ink)], width, 2)
        if task.hint and run is None:
            lines += [
                [("  ", 0), *line] for line in paragraph_lines(task.hint, max(8, width - 2), vocabulary, Ink.MUTED)
            ]
    return lines


def _question_lines(model: LearnModel, place: LessonPlace) -> list[StyledLine]:
    questions = place.questions
    if not questions:
        return []
    right, answered = model.progress.score(place.key, questions)
    how = f"{len(questions)} to answer" if not answered else f"{answered} of {len(questions)} answered, {right} rightly"
    return [[("Questions ", Ink.ACCENT), (how, Ink.TEXT)]]


def _guide_lines(guide: Guide, width: int, vocabulary: Vocabulary) -> list[StyledLine]:
    """Return a small table: in columns where it fits, else row by row."""
    rows = [[translated(cell, vocabulary) for cell in row] for row in guide.rows]
    heads = [translated(cell, vocabulary) for cell in guide.columns]
    title = wrapped_line([(translated(guide.title, vocabulary), Ink.ACCENT)], width)
    widths = [max(map(cell_width, column)) for column in zip(heads, *rows, strict=True)]
    if sum(widths) + 2 * (len(widths) - 1) <= width:
        return [*title, _row(heads, widths, Ink.MUTED), *(_row(row, widths, Ink.TEXT) for row in rows)]
    return [*title, *(line for row in rows for line in _row_in_lines(row, heads, width))]


def _row(cells: Sequence[str], widths: Sequence[int], ink: int) -> StyledLine:
    return [("  ".join(ljust(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip(), ink)]


def _row_in_lines(row: Sequence[str], heads: Sequence[str], width: int) -> Iterator[StyledLine]:
    yield from wrapped_line([("· ", Ink.MUTED), (row[0], Ink.BRIGHT)], width, 2)
    for head, cell in zip(heads[1:], row[1:], strict=True):
        if cell:
            yield from wrapped_line([(f"  {head}: ", Ink.MUTED), (cell, Ink.TEXT)], width, 4)
