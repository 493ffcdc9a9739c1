"""Dials, weights and edits: when each acts, what is refused, and what the log keeps of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.protocol.commands import NextStep, Resume, SetDial, SetPace
from engine.run import changes
from engine.store.runs import Run
from engine.training.stored import open_trainer
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, shown_weights, told, weights_of

RATE = "training.learning_rate"


def test_a_dial_of_the_step_acts_at_once_and_is_in_the_log(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    alone = Undisturbed(run, [((0, 2), RATE, 0.2), ((1, 0), "training.l2", 0.5)])
    watcher = serve(run).watch(views=("weights",))
    for _ in range(2):
        watcher.do(NextStep())
    frame = watcher.do(SetDial(path=RATE, value=0.2))
    assert [(turn.epoch, turn.step, turn.path, turn.value, turn.before) for turn in frame.changes] == [
        (1, 2, RATE, 0.2, 0.01)
    ]
    assert frame.spec is not None
    assert (frame.spec.training.learning_rate, frame.learning_rate) == (0.2, 0.2)
    assert list(frame.changes) == Run(run.path).metrics.changes()
    watcher.next_epoch()
    watcher.do(SetDial(path="training.l2", value=0.5))
    assert watcher.next_epoch().epoch == 2
    alone.step(8)
    assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(told(watcher), alone.rows)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("training.batch_size", 5),
        ("training.optimizer", "momentum"),
        ("network.dropout", 0.5),
        ("network.dropout", [0.1, 0.6]),
        ("network.layers.0.dropout", 0.0),
        ("training.shuffle", False),
        ("training.schedule", {"kind": "exponential", "factor": 0.5}),
        ("network.edit", {"kind": "set-units", "layer": 0, "units": 11, "keep": True}),
    ],
)
def test_a_dial_of_the_epoch_waits_for_the_next_one(make_run: MakeRun, serve: Serve, path: str, value: Any) -> None:
    run = make_run()
    alone, watcher = Undisturbed(run, [((0, 1), path, value)]), serve(run).watch(views=("weights",))
    watcher.do(NextStep())
    frame = watcher.do(SetDial(path=path, value=value))
    assert [(turn.epoch, turn.step, turn.path, turn.value) for turn in frame.pending] == [(2, 0, path, value)]
    assert frame.changes == ()
    watcher.next_epoch()
    assert watcher.until(epoch=1, step=0).pending == frame.pending
    frame = watcher.do(NextStep())
    assert [turn.path for turn in frame.changes] == [path]
    assert frame.pending == ()
    assert frame.spec is not None
    watcher.do(Resume())
    watcher.until(state="finished")
    alone.finish()
    assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(told(watcher), alone.rows)


def test_a_dial_that_is_turned_back_and_forth_at_one_place_ends_where_it_was_left(
    make_run: MakeRun, serve: Serve
) -> None:
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    watcher.next_epoch()
    for value in (0.5, 0.25, 0.5):
        assert watcher.do(SetDial(path=RATE, value=value)).learning_rate == value
    served.stop()
    assert open_trainer(run).learning_rate == 0.5


def test_a_dial_turned_to_where_it_was_before_a_save_at_the_same_place_is_replayed(
    make_run: MakeRun, serve: Serve
) -> None:
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    watcher.do(SetDial(path=RATE, value=0.5))
    served.stop()
    watcher = serve(run).watch()
    watcher.do(SetDial(path=RATE, value=0.25))
    watcher.do(SetDial(path=RATE, value=0.5))
    assert open_trainer(Run(run.path)).learning_rate == 0.5  # as after a death now: the save, and the log since


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("training.learning_rate", 0, "expected a number above 0"),
        ("training.learning_rate", None, "expected a number (got"),
        ("training.learning_rate", "fast\x1b[2J[red]", "expected a number (got"),
        ("training.learning_rate", [[[[0.1]]]], "expected a number (got"),
        ("training.batch_size", 0, "expected a number from 1 on"),
        ("network.dropout", 1.0, "expected a number below 1"),
        ("network.dropout", [0.1], "one rate, or one per hidden layer (2)"),
        ("network.layers.0.dropout", -0.1, "expected a number from 0 on"),
        ("network.layers.7.dropout", 0.1, "there is no '7'"),
        ("training.optimizer", "adamant", "'sgd'"),
        ("training.schedule", {"kind": "constant", "colour": 1}, "unknown key"),
        ("training.seed", 3, "cannot be changed while the network learns"),
        ("network.layers.0.units", 3, "cannot be changed while the network learns"),
        ("training.bogus\x1b[2J", 3, "cannot be changed while the network learns"),
        ("", 3, "cannot be changed while the network learns"),
        ("weights.0.0.9", 0.5, "no such weight"),
        ("weights.0.0.0", "heavy", "finite number"),
        ("network.edit", {"kind": "explode"}, "network.edit"),
        ("network.edit", 3, "network.edit"),
        ("training.epochs", -1, "expected a number from 0 on"),
        ("training.epochs", 0, "expected at least 1"),
    ],
)
def test_a_dial_or_value_that_there_is_not_is_refused_and_leaves_no_trace(
    make_run: MakeRun, serve: Serve, path: str, value: Any, complaint: str
) -> None:
    run = make_run()
    watcher = serve(run).watch()
    watcher.do(NextStep())
    assert complaint in watcher.refusal(SetDial(path=path, value=value))
    frame = watcher.frames[-1][0]
    assert (frame.state, frame.spec, frame.changes, frame.pending) == ("paused", None, (), ())
    assert Run(run.path).metrics.changes() == []


def test_a_weight_can_be_set(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run()).watch(views=("weights",))
    watcher.do(SetDial(path="weights.0.3.2", value=1.5))
    assert watcher.frames[-1][1]["weights.0"][3, 2] == 1.5


def test_a_new_shape_comes_with_its_spec(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run()).watch(views=("weights", "neurons"))
    watcher.do(SetDial(path="network.edit", value={"kind": "add-layer", "layer": 0, "units": 6}))
    frame, arrays = watcher.frames[-1]
    assert frame.spec is not None
    assert [layer.units for layer in frame.spec.network.layers] == [6, 8, 4, 1]
    assert [arrays[f"weights.{layer}"].shape for layer in range(4)] == [(6, 3), (8, 7), (4, 9), (1, 5)]


# The pace


def test_another_pace_is_a_change_with_a_number_a_place_and_an_author(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(pace=100.0)
    watcher = serve(run).watch(name="ada")
    watcher.do(NextStep())
    watcher.do(SetDial(path=RATE, value=0.2))
    frame = watcher.do(SetPace(pace=2000.0))
    log = [changes.SetPace(number=2, epoch=1, step=1, author="ada", value=2000.0, before=100.0)]
    assert list(frame.changes) == log
    assert watcher.do(SetPace(pace=2000.0)).changes == ()  # that is no change
    log.append(changes.SetPace(number=3, epoch=1, step=1, author="ada", value=None, before=2000.0))
    assert list(watcher.do(SetPace(pace=None)).changes) == log[1:]
    assert Run(run.path).metrics.changes()[1:] == log
    assert "cannot be changed" in watcher.refusal(SetDial(path="pace", value=3.0))


def test_a_run_whose_pace_was_changed_goes_on_after_a_death_bit_for_bit(make_run: MakeRun, serve: Serve) -> None:
    edit = {"kind": "set-units", "layer": 0, "units": 11, "keep": True}
    run = make_run()
    alone = Undisturbed(run, [((0, 2), RATE, 0.2), ((0, 3), "network.edit", edit)])
    served = serve(run)
    watcher = served.watch()
    for step, pace in enumerate((500.0, 1000.0), 1):
        watcher.do(NextStep())
        assert watcher.do(SetPace(pace=pace)).step == step
    watcher.do(SetDial(path=RATE, value=0.2))
    watcher.do(NextStep())
    watcher.do(SetDial(path="network.edit", value=edit))
    watcher.do(SetPace(pace=None))
    trainer = open_trainer(Run(run.path))  # as after a death now: the first save, and the log since
    trainer.apply(())
    while trainer.ended is None:
        trainer.step()
    alone.finish()
    assert weights_of(trainer) == weights_of(alone.trainer)
    assert [one.number for one in trainer.change_log.done if one.path != "network.edit"] == [1, 2, 3, 5]


def test_a_pace_leaves_no_checkpoint_that_is_kept_for_it(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher = serve(run).watch()
    for pace in range(1, 200):
        watcher.send(SetPace(pace=float(pace)))
    watcher.next_epoch()
    assert watcher.until(epoch=1, state="paused").pace == 199
    assert not [path.name for path in run.path.rglob("*-change*")]
    assert len(Run(run.path).metrics.changes()) == 199
