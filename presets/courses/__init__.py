"""Courses: the tutorials, lesson by lesson in their order, each with a preset or a lab, and tasks that can be checked.

A course is a TOML file in this folder; what a lesson's preset or lab is about stands on its own card.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from engine.errors import InputError, describe_validation, sanitize
from engine.strict_model import StrictModel, key_error
from presets import loader
from presets.cards import Card, Line, Paragraph, Question, card_of
from presets.conditions import Condition, parse_condition

FOLDER: Final = Path(__file__).parent
LABS: Final = FOLDER.parent / "labs"

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
Stage = Annotated[tuple[Annotated[Condition, BeforeValidator(parse_condition)], ...], Field(min_length=1)]


class Task(StrictModel):
    """Something to bring about in a run of the lesson's preset."""

    id: Slug
    """By which it is remembered; of no two tasks of a course the same."""
    say: Line
    """What to do."""
    hint: Paragraph = ""
    """How it is done, shown when asked for."""
    stages: Annotated[tuple[Stage, ...], Field(min_length=1)]
    """Conditions that must hold at once, one such group after the other."""
    other_data: bool = False
    """Whether the data may be drawn anew with another noise or size."""


class Guide(StrictModel):
    """A small table: what to take when."""

    title: Line
    columns: tuple[Line, ...]
    rows: tuple[tuple[str, ...], ...]

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise key_error(f"rows: expected {len(self.columns)} cells in each")
        return self


class Lesson(StrictModel):
    """A step of a course: a preset or a lab, or something to read."""

    id: Slug
    title: Annotated[Line, Field(max_length=48)]
    preset: str | None = None
    """The preset that it opens."""
    lab: str | None = None
    """The lab that it opens."""
    shows: tuple[str, ...] = ()
    """The panes that it speaks of, the first of them in sight when it is opened."""
    text: tuple[Paragraph, ...] = ()
    """What the tutorial says there, in our words."""
    guides: tuple[Guide, ...] = ()
    questions: tuple[Question, ...] = ()
    """Beside those on the card."""
    tasks: tuple[Task, ...] = ()

    @model_validator(mode="after")
    def _opens_one_thing(self) -> Self:
        if self.preset is not None and self.lab is not None:
            raise key_error("lab: expected a preset or a lab, not both")
        if self.tasks and self.preset is None:
            raise key_error("tasks: expected a preset, whose runs they look at")
        return self

    @property
    def card(self) -> Card:
        """The card of what it opens; an empty one where it opens nothing."""
        if self.preset is not None:
            return loader.read(self.preset).card
        return lab_card(self.lab) if self.lab is not None else Card()

    @property
    def quiz(self) -> tuple[Question, ...]:
        """Its questions, those of the card first."""
        return self.card.questions + self.questions


class CourseFile(StrictModel):
    """A course as its file has it."""

    title: Annotated[Line, Field(max_length=48)]
    source: Line
    """The tutorial that it goes through."""
    order: int
    """Its place among the courses."""
    about: Paragraph
    lessons: Annotated[tuple[Lesson, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _has_ids_of_its_own(self) -> Self:
        for what, ids in (
            ("lessons", [lesson.id for lesson in self.lessons]),
            ("tasks", [task.id for lesson in self.lessons for task in lesson.tasks]),
        ):
            if twice := {each for each in ids if ids.count(each) > 1}:
                raise key_error(f"lessons: two {what} have the id {min(twice)}")
        return self


class Course(CourseFile):
    """A course and its name, which is that of its file."""

    name: Slug


@cache
def courses() -> tuple[Course, ...]:
    """Return all courses in their order."""
    return tuple(sorted((read_course(path) for path in FOLDER.glob("*.toml")), key=lambda course: course.order))


def lessons() -> Iterator[tuple[Course, Lesson]]:
    """Yield every lesson with its course."""
    for course in courses():
        for lesson in course.lessons:
            yield course, lesson


def read_course(path: Path) -> Course:
    """Return the course of a file.

    Raises:
        InputError: One line naming the file, the key, and what was expected.
    """
    try:
        document: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        CourseFile.model_validate(document)
        return Course.model_validate(document | {"name": path.stem})
    except ValidationError as error:
        raise InputError(f"{sanitize(path)}: {describe_validation(error)}") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{sanitize(path)}: expected a course in TOML ({sanitize(error, 80)})") from None


def lab_card(name: str) -> Card:
    """Return the card of a lab; an empty one where its file is not there."""
    path = LABS / f"{name}.toml"
    if not path.is_file():
        return Card()
    return card_of(tomllib.loads(path.read_text(encoding="utf-8")), path)
