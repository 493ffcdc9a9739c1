"""Every command, and what becomes of the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.errors import TrainerError
from engine.protocol import commands
from engine.protocol.commands import (
    Goodbye,
    MoreEpochs,
    NextEpoch,
    NextStep,
    OpenExam,
    Pause,
    Resume,
    SetDial,
    SetPace,
    Stop,
    Subscribe,
    ViewCheckpoint,
)
from engine.protocol.queries import simple_queries
from engine.store.branches import branch
from engine.store.runs import Run, RunStore
from engine.worker.worker import IDLE_WAIT
from tests.engine.worker.conftest import Clock, MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, rows_of, shown_weights, told, weights, weights_of
from tests.patience import PATIENCE

FOREVER = 10**6
RATE = "training.learning_rate"


# Pausing, stepping, going on


def test_the_welcome_says_what_the_run_is(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    welcome = serve(run).connect().greet(read_only=True)
    assert (welcome.run, welcome.recipe, welcome.seeds) == (run.name, run.description.trained.spec, (7,))
    assert (welcome.inputs, welcome.rows, len(welcome.classes), welcome.read_only) == (2, (32, 16, 16), 2, True)


def test_a_step_is_one_mini_batch_and_then_the_run_rests(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher, alone = serve(run).watch(views=("weights",)), Undisturbed(run)
    for number in range(1, 10):
        frame = watcher.do(NextStep())
        alone.step()
        assert (frame.state, frame.epoch, frame.step) == ("paused", number // 4, number % 4)
        assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(told(watcher), alone.rows)


def test_a_step_is_done_before_its_answer_leaves_however_late_a_busy_machine_lets_the_worker_train(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.worker.worker.LISTEN_EVERY", -1.0)  # the time to train is over before it begins
    watcher = serve(make_run()).watch()
    for number in range(1, 6):
        frame = watcher.do(NextStep())
        assert (frame.state, frame.epoch * 4 + frame.step) == ("paused", number)


@pytest.mark.parametrize("steps", [0, 3])
def test_next_epoch_goes_to_the_end_of_the_epoch(make_run: MakeRun, serve: Serve, steps: int) -> None:
    run = make_run()
    watcher, alone = serve(run).watch(views=("weights",)), Undisturbed(run)
    for _ in range(steps):
        watcher.do(NextStep())
    watcher.do(NextEpoch())
    frame = watcher.until(state="paused")
    alone.step(4)
    assert (frame.epoch, frame.step) == (1, 0)
    assert shown_weights(watcher) == weights_of(alone.trainer)


@pytest.mark.parametrize("command", [NextEpoch(), NextStep(), Resume()])
def test_the_last_epoch_finishes_the_run_however_it_is_trained(
    make_run: MakeRun, serve: Serve, command: commands.Command
) -> None:
    run = make_run(training__epochs=1)
    watcher = serve(run).watch()
    for _ in range(4 if isinstance(command, NextStep) else 1):
        watcher.do(command)
    frame = watcher.until(state="finished")
    assert (frame.epoch, frame.step, frame.reason) == (1, 0, "epochs")
    assert run.summary().state == "finished"


def test_a_run_comes_to_what_it_would_have_come_to_with_nobody_watching(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=40)
    watcher, alone = serve(run).watch(views=("weights", "neurons")), Undisturbed(run).finish()
    watcher.do(Resume())
    watcher.until(state="finished", epoch=40)
    assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(told(watcher), alone.rows)
    np.testing.assert_array_equal(rows_of(run), alone.rows)


def test_several_seeds_learn_side_by_side(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(seeds=(3, 4, 5))
    watcher, alone = serve(run).watch(), Undisturbed(run).finish()
    watcher.do(Resume())
    watcher.until(state="finished")
    assert alone.rows.shape == (6, 3, 5)
    np.testing.assert_array_equal(told(watcher), alone.rows)
    np.testing.assert_array_equal(rows_of(run), alone.rows)


def test_pause_holds_where_it_says_and_resume_goes_on(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=FOREVER)
    watcher = serve(run).watch()
    watcher.do(Resume())
    held = watcher.do(Pause())
    assert held.state == "paused"
    assert run.summary().state == "paused"
    stepped = watcher.do(NextStep())
    assert stepped.epoch * 4 + stepped.step == held.epoch * 4 + held.step + 1
    assert watcher.do(Resume()).state == "running"
    assert run.summary().state == "running"
    assert watcher.do(Pause()).epoch >= held.epoch


@pytest.mark.parametrize("command", [Pause(), Resume(), NextStep(), NextEpoch()])
def test_a_run_that_has_ended_says_how_it_could_go_on(
    make_run: MakeRun, serve: Serve, command: commands.Command
) -> None:
    watcher = serve(make_run(training__epochs=1)).watch()
    watcher.do(NextEpoch())
    watcher.until(state="finished")
    assert "raise its epochs" in watcher.refusal(command)
    assert watcher.frames[-1][0].state == "finished"


def test_a_network_that_cannot_learn_is_shown_as_finished(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=0, network__layers=[{"units": 1, "activation": "step"}], training__loss="mse")
    watcher = serve(run, attach_only=False).watch(views=("weights", "neurons"))
    frame = watcher.until(state="finished")
    assert (frame.epoch, frame.steps) == (0, 0)
    assert "no slope" in watcher.refusal(MoreEpochs(epochs=5))


# The end


def test_a_finished_run_goes_on_when_its_epochs_are_raised(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=2)
    alone = Undisturbed(run, [((2, 0), "training.epochs", 5)])
    watcher = serve(run).watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    watcher.do(MoreEpochs(epochs=5))
    frame = watcher.until(state="finished", epoch=5)
    assert (frame.epochs, frame.reason) == (5, "epochs")
    assert (run.summary().epoch, run.summary().epochs) == (5, 5)
    np.testing.assert_array_equal(rows_of(run), alone.finish().rows)


def test_a_running_run_is_given_more_or_fewer_epochs(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher = serve(run).watch()
    watcher.do(NextStep())
    assert watcher.do(MoreEpochs(epochs=9)).epochs == 9
    assert run.summary().epochs == 9
    watcher.do(NextEpoch())
    watcher.do(SetDial(path="training.epochs", value=2))
    watcher.do(Resume())
    assert watcher.until(state="finished").epoch == 2


@pytest.mark.parametrize("command", [MoreEpochs, lambda epochs: SetDial(path="training.epochs", value=epochs)])
def test_an_end_that_is_past_is_refused_and_one_that_is_now_is_the_end(
    make_run: MakeRun, serve: Serve, command: Any
) -> None:
    run = make_run()
    watcher = serve(run).watch()
    for _ in range(2):
        watcher.next_epoch()
    watcher.do(NextStep())
    assert "expected at least 3, which are done or under way (got 2)" in watcher.refusal(command(epochs=2))
    watcher.do(NextEpoch())
    watcher.until(epoch=3)
    watcher.do(command(epochs=3))
    watcher.do(Resume())
    frame = watcher.until(state="finished")
    assert (frame.epoch, frame.step, frame.reason) == (3, 0, "epochs")
    assert len(rows_of(run)) == 3


def test_early_stopping_ends_a_run_and_more_epochs_take_it_up(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=50, training__stopping__patience=1, training__learning_rate=0.5)
    alone = Undisturbed(run).finish()
    assert alone.trainer.ended == "early_stopping"
    stopped_at = alone.trainer.epoch
    watcher = serve(run).watch()
    watcher.do(Resume())
    frame = watcher.until(state="finished")
    assert (frame.epoch, frame.reason) == (stopped_at, "early_stopping")
    watcher.do(MoreEpochs(epochs=60))
    assert watcher.until(state="finished").epoch > stopped_at


def test_a_value_that_is_no_number_ends_a_run_with_its_cause_in_the_log(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__loss="mse", training__optimizer="sgd", training__learning_rate=1e30)
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    frame = watcher.until(state="finished")
    assert frame.reason == "non_finite"
    assert frame.message is not None
    assert "finite" in frame.message
    [event] = Run(run.path).metrics.events()
    assert (event.kind, event.epoch, event.details["seeds"]) == ("non-finite", frame.epoch, [7])
    assert "branch from a checkpoint before" in watcher.refusal(Resume())
    watcher.leave()
    served.join()
    again = serve(run).watch()
    later = again.until(state="finished")
    assert (later.reason, later.message, run.summary().state) == ("non_finite", frame.message, "finished")


def test_stop_saves_in_the_middle_of_an_epoch_says_farewell_and_leaves(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    alone, served = Undisturbed(run).finish(), serve(run)
    watcher, other = served.watch(), served.watch()
    for _ in range(6):
        watcher.do(NextStep())
    watcher.do(Stop())
    frame = watcher.until(final=True)
    assert (frame.state, frame.reason, frame.final, frame.epoch, frame.step) == ("stopped", "stopped", True, 1, 2)
    assert other.until(final=True).state == "stopped"
    served.join()
    assert not run.socket_path.exists()
    assert not run.is_locked()
    assert run.summary().state == "stopped"
    watcher = serve(run, attach_only=False).watch(views=("weights",))
    watcher.until(state="finished")
    assert shown_weights(watcher) == weights_of(alone.trainer)
    np.testing.assert_array_equal(rows_of(run), alone.rows)


def test_a_finished_run_that_is_stopped_stays_finished(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    assert watcher.do(Stop()).state == "finished"
    served.join()
    assert run.summary().state == "finished"


# Pace


def test_a_pace_is_told_recorded_and_kept_across_workers(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(pace=100.0)
    served = serve(run)
    watcher = served.watch()
    assert watcher.do(SetPace(pace=2000.0)).pace == 2000
    watcher.do(Resume())
    watcher.until(state="finished")
    assert Run(run.path).metrics.state().pace == 2000
    assert watcher.do(SetPace(pace=None)).pace is None
    assert Run(run.path).metrics.state().pace is None


def test_a_paced_run_does_not_begin_an_epoch_before_its_beat(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    clock.stop()
    watcher = serve(make_run(training__epochs=FOREVER), pace=1.0, clock=clock).watch()
    assert watcher.do(Resume()).epoch == 1
    for epoch in (1, 2):
        clock.skip(0.9)
        frame = watcher.do(SetDial(path=RATE, value=0.5 / epoch))
        assert (frame.epoch, frame.step) == (epoch, 0)
        clock.skip(0.15)
        assert watcher.until(epoch=epoch + 1).step == 0
    assert watcher.do(SetPace(pace=2.0)).epoch == 4  # a new pace begins with an epoch
    assert watcher.do(Pause()).epoch == 4
    assert watcher.do(NextEpoch()).epoch == 5  # asked for, so not kept waiting
    assert watcher.until(epoch=5).state == "paused"


def test_at_a_step_a_second_each_step_is_shown_with_its_masks_and_weights(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.worker.publisher.ANSWERS_BURST", PATIENCE)  # a slow machine has time for them, too
    run, clock = make_run(), Clock()
    clock.stop()
    watcher, alone = serve(run, pace=0.25, clock=clock).watch(views=("weights", "neurons")), Undisturbed(run)
    watcher.do(Resume())
    for number in range(1, 10):  # of which four make an epoch
        alone.step()
        frame, arrays = watcher.frames[-1]
        assert frame.epoch * 4 + frame.step == number
        answer = frame.answer("neurons")
        assert answer is not None
        assert answer.batch is not None
        assert answer.batch.total_steps == number
        latest = alone.trainer.inside.latest_step()
        assert latest is not None
        np.testing.assert_array_equal(arrays["neurons.masks.0"], latest.masks[0][0] > 0)
        assert weights(arrays) == weights_of(alone.trainer)
        clock.skip(1)
        watcher.frame()
    np.testing.assert_array_equal(told(watcher), alone.rows)
    assert watcher.do(NextStep()).step == 3  # asked for, so not kept waiting


# The exam


def test_every_opening_of_the_exam_is_recorded(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher = serve(run).watch()
    results = [watcher.do(OpenExam()).exam]
    watcher.do(NextEpoch())
    watcher.until(epoch=1)
    results += [watcher.do(OpenExam()).exam for _ in range(2)]
    assert [result.epoch for result in results if result] == [0, 1, 1]
    assert [opened.result for opened in Run(run.path).metrics.exams()] == results
    assert watcher.do(Pause()).exam is None


def test_a_later_opening_knows_what_was_done_since_the_first(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher = serve(run).watch()
    exams = [watcher.do(OpenExam()).exam for _ in range(2)]
    watcher.do(NextEpoch())
    watcher.until(epoch=1, state="paused")
    exams.append(watcher.do(OpenExam()).exam)
    watcher.do(SetDial(path="training.learning_rate", value=0.5))
    exams.append(watcher.do(OpenExam()).exam)
    assert [exam.standing for exam in exams if exam] == ["first", "repeated", "trained on", "changed"]
    assert [exam.changes for exam in exams if exam][-2:] == [0, 1]
    assert [opened.result for opened in Run(run.path).metrics.exams()] == exams


def test_a_branch_tells_its_watchers_of_the_exams_of_its_origin(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    serve(run).watch().do(OpenExam())
    second = branch(RunStore(run.path.parent.parent), run, 0, name="second")
    looking = serve(second).connect()
    assert [(each.run, each.epoch) for each in looking.greet().inherited_openings] == [(run.name, 0)]
    exam = looking.do(OpenExam()).exam
    assert exam is not None
    assert exam.standing == "changed"


def test_a_run_without_a_test_part_has_no_exam(make_run: MakeRun, serve: Serve) -> None:
    assert "split.test" in serve(make_run(data__test_file=None)).watch().refusal(OpenExam())


# Visiting


def test_a_visit_shows_a_checkpoint_and_leaves_the_present_alone(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher, alone = serve(run).watch(views=("weights",)), Undisturbed(run)
    start = weights_of(alone.trainer)
    watcher.do(NextEpoch())
    present = watcher.until(epoch=1, state="paused")
    alone.step(4)
    frame = watcher.do(ViewCheckpoint(epoch=0))
    assert (frame.visiting, frame.epoch, frame.state) == (0, present.epoch, "paused")
    assert shown_weights(watcher) == start
    assert watcher.do(ViewCheckpoint(epoch=None)).visiting is None
    assert shown_weights(watcher) == weights_of(alone.trainer)
    watcher.do(ViewCheckpoint(epoch=0))
    frame = watcher.do(NextStep())
    alone.step()
    assert (frame.visiting, frame.epoch, frame.step) == (None, 1, 1)
    assert shown_weights(watcher) == weights_of(alone.trainer)


def test_a_visit_pauses_and_an_epoch_without_checkpoint_is_refused(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run(training__epochs=FOREVER)).watch()
    watcher.do(Resume())
    assert "no checkpoint of epoch 999999" in watcher.refusal(ViewCheckpoint(epoch=999_999))
    assert watcher.until(state="paused").visiting is None


# Who may


@pytest.mark.parametrize(
    "command",
    [
        Pause(),
        Resume(),
        NextStep(),
        NextEpoch(),
        SetDial(path=RATE, value=1),
        SetPace(pace=1),
        MoreEpochs(epochs=9),
        Stop(),
        OpenExam(),
        ViewCheckpoint(epoch=0),
    ],
    ids=lambda command: command.kind,
)
def test_a_read_only_watcher_may_do_nothing_but_watch(
    make_run: MakeRun, serve: Serve, command: commands.Command
) -> None:
    run = make_run()
    watcher = serve(run).watch(read_only=True)
    assert "read-only" in watcher.refusal(command)
    frame = watcher.frames[-1][0]
    assert (frame.state, frame.epoch, frame.step, frame.pace, frame.exam, frame.final) == (
        "paused",
        0,
        0,
        None,
        None,
        False,
    )
    watcher.send(Subscribe(queries=simple_queries("weights")))
    watcher.frame()
    assert shown_weights(watcher)
    assert Run(run.path).metrics.changes() == []
    assert Run(run.path).metrics.exams() == []


def test_two_watchers_see_the_same_and_only_the_one_who_asked_gets_the_answer(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=30)
    served, alone = serve(run), Undisturbed(run, [((1, 0), RATE, 0.03)]).finish()
    left, right = served.watch(), served.watch(views=("weights",))
    left.do(NextEpoch())
    right.until(epoch=1)
    left.do(SetDial(path=RATE, value=0.03))
    assert "expected a number above 0" in right.refusal(SetDial(path=RATE, value=-1))
    right.do(Resume())
    for watcher in (left, right):
        watcher.until(state="finished", epoch=30)
        while len(told(watcher)) < 30:
            watcher.frame()
        np.testing.assert_array_equal(told(watcher), alone.rows)
        assert [turn.value for frame, _ in watcher.frames for turn in frame.changes] == [0.03]
    answered = [[reply.error for frame, _ in one.frames for reply in frame.replies] for one in (left, right)]
    assert [len(replies) for replies in answered] == [2, 2]
    assert answered[0] == [None, None]


def test_trouble_of_a_watcher_ends_no_run(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served = serve(run)
    served.connect().send_raw([b"rubbish"])
    watcher = served.watch()
    watcher.do(Resume())
    assert watcher.until(state="finished").epoch == 6
    with pytest.raises(TrainerError, match="held by its worker"), Run(run.path).lock():
        pass


def test_a_worker_with_nothing_to_do_waits_and_does_not_spin(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run(training__epochs=FOREVER, pace=20.0), attach_only=False)
    watcher = served.watch()
    watcher.do(Pause())
    for goes in (False, True):
        if goes:
            watcher.send(Goodbye())
        for _ in range(4):
            served.go_round()
        served.waits.clear()
        served.go_round()
        assert set(served.waits) == {IDLE_WAIT}
