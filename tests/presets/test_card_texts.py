"""Cards of the library and of the labs, and the courses: complete, and true where a machine can tell."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

import presets
from presets import courses, labs
from presets.cards import Card
from presets.conditions import MEASURES
from presets.courses import Course, Lesson
from presets.loader import LIBRARY
from tui_trainer.panes import PANES

CARDS: dict[str, Card] = {path.stem: presets.read(path).card for path in LIBRARY.glob("*.toml")}
CARDS |= {f"lab {name}": courses.lab_card(name) for name in labs.names()}
LESSONS = {f"{course.name}/{lesson.id}": lesson for course, lesson in courses.lessons()}


@pytest.mark.parametrize("name", CARDS)
def test_a_card_says_what_to_watch_and_to_try_and_asks_something(name: str) -> None:
    card = CARDS[name]
    assert len(card.what) > 60
    assert card.watch
    assert card.try_
    assert card.questions
    assert all(len(question.why) > 5 for question in card.questions)


@pytest.mark.parametrize("name", CARDS)
def test_no_question_is_asked_twice(name: str) -> None:
    asked = [question.ask for question in CARDS[name].questions]
    assert len(set(asked)) == len(asked)


@pytest.mark.parametrize("course", courses.courses(), ids=lambda course: course.name)
def test_a_course_has_lessons_and_at_least_three_tasks(course: Course) -> None:
    tasks = [task for lesson in course.lessons for task in lesson.tasks]
    assert len(course.lessons) > 8
    assert len(tasks) >= 3
    assert {condition.measure for task in tasks for stage in task.stages for condition in stage} <= set(MEASURES)


@pytest.mark.parametrize("key", LESSONS)
def test_what_a_lesson_opens_and_shows_is_there(key: str) -> None:
    lesson: Lesson = LESSONS[key]
    assert lesson.preset is None or lesson.preset in CARDS
    assert lesson.lab is None or lesson.lab in labs.names()
    assert set(lesson.shows) <= {pane.id for pane in PANES}
    assert lesson.card.what or lesson.text


def test_every_tutorial_preset_and_every_lab_has_its_place_in_a_course() -> None:
    opened = {lesson.preset for lesson in LESSONS.values()} | {f"lab {lesson.lab}" for lesson in LESSONS.values()}
    of_tutorials = {name for name, card in CARDS.items() if card.kind in {"tutorial", "mistake"}}
    assert of_tutorials <= opened


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("breast-cancer", (30, 16, 8, 1)),
        ("lines-perceptron", (9, 1)),
        ("lines-hidden-layer", (9, 6, 1)),
        ("loan-forward", (2, 4, 1)),
        ("spirals-repaired", (2, 64, 1)),
        ("plants-blobs", (2, 64, 64, 1)),
        ("cats-dogs-two-layer", (4096, 32, 1)),
    ],
)
def test_counted_parameters_are_those_of_the_network(name: str, widths: tuple[int, ...]) -> None:
    counted = sum((before + 1) * units for before, units in pairwise(widths))
    assert counted in {question.answer for question in CARDS[name].questions}
    assert [layer.units for layer in presets.load(name).network.layers] == list(widths[1:])


def test_the_readme_says_how_many_lessons_there_are() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert f"{len(LESSONS)} lessons" in readme
