"""A course made up for tests, of which every word is known."""

from __future__ import annotations

from pathlib import Path

from presets.cards import Card, Question
from presets.courses import Course
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.view_models.learn import LessonPlace

SIX = Question(
    ask="Which of the six neurons?",
    choices=("one", "two", "three", "four", "five", "six"),
    right=3,
    why="It says so, of a neuron. " + "And again. " * 60,
)
NUMBER = Question(ask="How many parameters?", answer=641, why="496 + 136 + 9.")
CARD = Card(
    what="What it is, said of a network.",
    watch=tuple(f"the loss, for the {n}th time" for n in range(1, 16)),
    **{"try": ("another learning rate",)},  # type: ignore[arg-type]
    questions=(SIX, NUMBER),
)
COURSE = Course.model_validate(
    {
        "name": "made-up",
        "title": "A made-up course",
        "source": "nobody's tutorial",
        "order": 1,
        "about": "About it.",
        "lessons": [
            {
                "id": "first",
                "title": "The first lesson",
                "preset": "breast-cancer",
                "shows": ["neurons"],
                "text": ["Text of the first lesson."],
                "tasks": [
                    {
                        "id": "small",
                        "say": "Have 40 parameters at most",
                        "hint": "Remove layers.",
                        "stages": [["parameters <= 40"]],
                    },
                    {"id": "far", "say": "Get to epoch 35", "stages": [["epochs >= 35"]]},
                ],
            },
            {
                "id": "second",
                "title": "Something to read",
                "text": ["Epochs pass over the training set."],
                "guides": [
                    {"title": "A guide", "columns": ["case", "advice"], "rows": [["one", "do"], ["two", "do not"]]}
                ],
            },
            {"id": "third", "title": "A lab", "lab": "descent"},
        ],
    }
)


def made_up_book(folder: Path) -> LessonBook:
    """Return a book of the made-up course alone, with its progress in a folder."""
    book = LessonBook(folder)
    book.learn.lessons = tuple(
        LessonPlace(COURSE, lesson, CARD if lesson.preset else Card()) for lesson in COURSE.lessons
    )
    return book
