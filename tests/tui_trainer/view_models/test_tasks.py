"""Measures of a run, and tasks that are earned by it: by runs that have what is asked for, and not by those without."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import presets
from engine.protocol.events import Answer, Frame
from engine.protocol.queries import NeuronsQuery
from engine.run.changes import RECIPE, Change, make_change
from engine.spec import Spec, override
from presets.conditions import MEASURES
from presets.courses import Task
from tests.exams import exam_of
from tests.tui_trainer.fake_client import make_welcome
from tests.tui_trainer.view_models.test_header import frame
from tui_trainer.view_models import measures
from tui_trainer.view_models.measures import measure
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.tasks import TaskAtHand, TaskTracker

NAN = math.nan
SPEC = presets.load("breast-cancer")


def a_run(spec: Spec = SPEC, **welcome: Any) -> RunModel:
    run = RunModel(make_welcome(spec, **welcome))
    run.apply(frame(epoch=0, step=0), {})
    return run


def tell(run: RunModel, rows: Sequence[Sequence[float]] = (), **changed: Any) -> RunModel:
    """Tell a run of epochs, as rows of train loss and accuracy, validation loss and accuracy."""
    before = run.history.epochs
    arrays = {"rows": np.array([[[*row, 0.001]] for row in rows]).reshape(len(rows), 1, 5)} if rows else {}
    run.apply(frame(epoch=before + len(rows), first_epoch=before + 1, **changed), arrays)
    return run


def tell_dead(run: RunModel, *layers: Sequence[int]) -> RunModel:
    arrays = {f"neurons.dead.{layer}": np.array(dead, np.uint8) for layer, dead in enumerate(layers)}
    run.apply(frame(epoch=run.history.epochs, answers=(Answer(query=NeuronsQuery()),)), arrays)
    return run


def changed(path: str, value: Any, epoch: int, step: int = 0, author: str = "user") -> Change:
    return make_change(path, value, epoch=epoch, step=step, author=author)


def a_task(*stages: Sequence[str], recipe: Spec = SPEC, **values: Any) -> TaskAtHand:
    task = Task.model_validate({"id": "t", "say": "do it", "stages": stages, **values})
    return TaskAtHand("course/t", task, recipe)


GOOD = (0.1, 0.97, 0.12, 0.96)


def test_every_measure_that_conditions_may_name_is_measured() -> None:
    assert set(measures._MEASURES) == set(MEASURES)


@pytest.mark.parametrize("name", MEASURES)
def test_a_run_of_which_nothing_is_known_breaks_no_measure(name: str) -> None:
    for run in (RunModel(make_welcome(SPEC)), a_run()):
        value = measure(name, run)
        assert value is None or math.isfinite(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("train.loss", 0.4),
        ("train.accuracy", 0.97),
        ("validation.loss", 0.3),
        ("validation.accuracy", 0.9),
        ("train.loss.rise", 2.0),
        ("validation.loss.rise", 1.5),
        ("accuracy.gap", 0.07),
        ("epochs", 3),
        ("epochs.planned", 50),
        ("parameters", 641),
        ("hidden.layers", 2),
        ("hidden.neurons", 24),
        ("hidden.linear", 0),
        ("batch.size", 32),
        ("dropout", 0.2),
        ("l2", 0),
        ("learning.rate.changes", 0),
        ("changes", 0),
        ("exam.opened", 0),
    ],
)
def test_what_is_measured(name: str, value: float) -> None:
    rows = [(0.6, 0.5, 0.5, 0.6), (0.2, 0.9, 0.2, 0.8), (0.4, 0.97, 0.3, 0.9)]
    assert measure(name, tell(a_run(), rows, epochs=50)) == pytest.approx(value)


def test_a_loss_that_is_no_number_is_infinite_and_an_accuracy_none() -> None:
    run = tell(a_run(), [GOOD, (NAN, NAN, NAN, NAN)])
    assert measure("train.loss", run) == math.inf
    assert measure("train.loss.rise", run) == math.inf
    assert measure("train.accuracy", run) is None


def test_ups_are_of_the_last_ten_steps_alone() -> None:
    falling = [(1 / (1 + n), 0.5, 0.5, 0.5) for n in range(11)]
    ringing = [(1.0 + n % 2, 0.5, 0.5, 0.5) for n in range(10)]
    assert measure("train.loss.ups", tell(a_run(), falling[:10])) is None
    assert measure("train.loss.ups", tell(a_run(), falling)) == 0
    assert measure("train.loss.ups", tell(a_run(), falling + ringing)) == 0.6


def test_metrics_of_the_network_before_an_edit_do_not_count_for_the_one_after_it() -> None:
    run = tell(a_run(), [GOOD, GOOD])
    edit = {"kind": "set-units", "layer": 0, "units": 1}
    tell(run, changes=(changed("network.edit", edit, epoch=3),))
    assert measure("validation.accuracy", run) is None
    assert measure("validation.accuracy", tell(run, [GOOD])) == 0.96


def test_an_epoch_in_which_a_weight_was_set_is_of_neither() -> None:
    run = tell(a_run(), [GOOD], changes=(changed("weights.0.0.0", 3.0, epoch=2, step=4),))
    assert measure("train.accuracy", tell(run, [GOOD])) is None
    assert measure("train.accuracy", tell(run, [GOOD])) == 0.97


def test_dials_leave_metrics_as_they_are() -> None:
    run = tell(
        a_run(), [GOOD], changes=(changed("training.learning_rate", 3.0, epoch=9), changed("pace", 3.0, epoch=9))
    )
    assert measure("train.accuracy", run) == 0.97


def test_other_changes_are_none_of_the_learning_rate() -> None:
    task = a_task(["train.loss.rise >= 10", "learning.rate.changes >= 1"])
    jump = [(0.01, 0.9, 0.1, 0.9), (0.2, 0.9, 0.1, 0.9)]
    run = tell(a_run(), jump, changes=(changed("training.epochs", 900, epoch=1),))
    assert TaskTracker().look(run, [task]) == []
    assert TaskTracker().look(tell(run, changes=(changed("training.learning_rate", 3.0, epoch=2),)), [task]) == [task]


def test_changes_of_the_recipe_are_not_made_by_hand() -> None:
    own = changed("training.l2", 0.1, epoch=2)
    recipe = changed("training.l2", 0.2, epoch=2, author=RECIPE)
    pace = changed("pace", 5.0, epoch=2)
    assert measure("changes", tell(a_run(), changes=(own, recipe, pace))) == 1


def test_dead_neurons_are_those_of_hidden_layers_once_all_are_told() -> None:
    run = tell_dead(a_run(), [0, 1, 1])
    assert measure("dead", run) is None
    assert measure("dead", tell_dead(run, [0, 1, 1], [1, 0])) == 3


def test_neurons_that_died_by_hand_are_those_of_which_something_was_set() -> None:
    run = tell_dead(a_run(), [0, 1, 1], [1, 0])
    assert measure("dead.by.hand", run) == 0
    tell(run, changes=(changed("weights.0.2.30", -50.0, epoch=1), changed("weights.0.0.3", 1.0, epoch=1)))
    assert (measure("dead.by.hand", run), measure("set.by.hand", run)) == (1, 2)
    assert measure("dead.by.hand", tell_dead(run, [0, 1, 0], [1, 0])) == 0


def test_the_exam_as_it_was_opened() -> None:
    run = tell(a_run(), [GOOD], exam=exam_of(epoch=1, loss=0.1, accuracy=111 / 114))
    assert (measure("exam.opened", run), measure("exam.accuracy", run)) == (1, 111 / 114)
    several = tell(a_run(), exam=exam_of(epoch=1, loss=[1, 2, 3], accuracy=[0.1, 0.9, 0.8]))
    assert measure("exam.accuracy", several) == 0.8


def test_a_task_is_earned_once_all_its_conditions_hold_and_not_before() -> None:
    task, tracker, run = a_task(["train.accuracy >= 0.95", "epochs >= 2"]), TaskTracker(), a_run()
    assert tracker.look(run, [task]) == []
    assert tracker.look(tell(run, [GOOD]), [task]) == []
    assert tracker.look(tell(run, [GOOD]), [task]) == [task]


def test_stages_count_one_after_the_other() -> None:
    task, tracker = a_task(["dead = 0"], ["dead >= 1"], ["dead = 0"]), TaskTracker()
    run = a_run()
    told: list[tuple[list[int], bool]] = [([1, 0], False), ([0, 0], False), ([0, 1], False), ([0, 0], True)]
    for dead, is_earned in told:
        assert bool(tracker.look(tell_dead(run, dead, [0]), [task])) is is_earned


def test_another_run_begins_with_the_first_stage() -> None:
    task, tracker = a_task(["dead >= 1"], ["dead = 0"]), TaskTracker()
    tracker.look(tell_dead(a_run(run="one"), [1], [0]), [task])
    assert tracker.stages_done(task.key) == 1
    assert tracker.look(tell_dead(a_run(run="two"), [0], [0]), [task]) == []
    assert tracker.stages_done(task.key) == 0


def test_the_past_earns_nothing() -> None:
    task, run = a_task(["dead >= 1"]), tell_dead(a_run(), [1], [0])
    run.frame = Frame.model_construct(**{**dict(run.frame), "visiting": 1})
    assert TaskTracker().look(run, [task]) == []


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({}, True),
        ({"training.learning_rate": 3.0, "network.units": [4, 4]}, True),
        ({"name": "another"}, False),
        ({"split.seed": 7}, False),
        ({"scaler.kind": "none"}, False),
        ({"data.source": "iris"}, False),
    ],
)
def test_runs_of_the_lesson_count_alone(values: dict[str, Any], counts: bool) -> None:
    run = a_run(override(SPEC, values) if values else SPEC)
    assert bool(TaskTracker().look(run, [a_task(["epochs >= 0"])])) is counts


def test_easier_data_do_not_count_unless_they_are_the_task() -> None:
    recipe = presets.load("plants-circles")
    run = a_run(override(recipe, {"data.noise": 0.0}))
    task = a_task(["epochs >= 0"], recipe=recipe)
    assert TaskTracker().look(run, [task]) == []
    assert TaskTracker().look(run, [a_task(["epochs >= 0"], recipe=recipe, other_data=True)])
