"""The tasks of the courses: no recipe earns one that asks for something to be done, and what they hint at does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from engine.run.changes import make_change
from engine.spec import Spec, override
from engine.training.trainer import Trainer
from tests.tui_trainer.fake_client import make_welcome
from tests.tui_trainer.view_models.test_header import frame
from tui_trainer.runs.lessons import read_lessons, tasks_of
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.tasks import TaskAtHand, TaskTracker

TASKS = [task for place in read_lessons() for task in tasks_of(place)]
ROUNDS = 10
"""Frames in which a run is told of; the tasks are looked for in each."""


def earned_by(spec: Spec, *, changed: bool = False) -> set[str]:
    """Train a recipe, tell a watcher of it, and return the tasks that the watcher sees earned."""
    trainer = Trainer(spec)
    run = RunModel(make_welcome(spec, inputs=trainer.data.train.X.shape[1], rows=(len(trainer.data.train.X), 0, 0)))
    changes = (make_change("training.learning_rate", 1.0, epoch=1, step=0, author="user"),) if changed else ()
    run.apply(frame(epoch=0, epochs=spec.training.epochs, changes=changes), {})
    tracker, waiting, earned = TaskTracker(), list(TASKS), set[str]()

    def look() -> None:
        found: list[TaskAtHand] = tracker.look(run, waiting)
        earned.update(task.key.partition("/")[2] for task in found)
        for task in found:
            waiting.remove(task)

    look()
    rows = np.array([result.row() for result in trainer.epochs()])
    first = 1
    for part in np.array_split(rows, min(ROUNDS, len(rows))) if len(rows) else []:
        told = frame(epoch=first + len(part) - 1, first_epoch=first, epochs=spec.training.epochs)
        run.apply(told, {"rows": part})
        first += len(part)
        look()
    return earned


@pytest.mark.parametrize(
    "preset", ["one-clerk", "backprop-2-2-1", "lines-perceptron", "lines-hidden-layer", "plants-neuron"]
)
def test_a_recipe_as_it_stands_earns_nothing(preset: str) -> None:
    assert earned_by(presets.load(preset)) == set()


@pytest.mark.parametrize(
    ("preset", "values", "changed", "task"),
    [
        ("one-clerk", {"training.epochs": 40}, False, "half-the-loss"),
        ("backprop-2-2-1", {"training.epochs": 100, "training.learning_rate": 0.5}, False, "sure"),
        (
            "lines-perceptron",
            {
                "network.layers": [{"units": 8, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
                "training.learning_rate": 0.1,
                "network.initializer_scale": 1.0,
            },
            True,
            "cure-it-yourself",
        ),
        ("lines-perceptron", {"training.learning_rate": 0.01}, True, "calm"),
        ("lines-hidden-layer", {"network.layers.0.units": 3}, False, "few-neurons"),
        ("plants-neuron", {"training.epochs": 300}, False, "surer"),
        ("plants-neuron", {"training.learning_rate": 50.0}, True, "too-fast"),
        (
            "plants-two-layer",
            {"network.layers": [{"units": 1, "activation": "sigmoid"}], "data.derived": ["x1^2", "x2^2"]},
            False,
            "no-layer",
        ),
    ],
)
def test_what_a_task_hints_at_earns_it(preset: str, values: dict[str, Any], changed: bool, task: str) -> None:
    assert task in earned_by(override(presets.load(preset), values), changed=changed)


def test_every_task_says_how() -> None:
    assert all(task.task.hint for task in TASKS)
    assert len({task.key for task in TASKS}) == len(TASKS)
