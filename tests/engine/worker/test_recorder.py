"""What a worker leaves in the store, and what it does when the store takes nothing more."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError, TrainerError
from engine.protocol.commands import Command, MoreEpochs, NextEpoch, NextStep, Pause, Resume, SetDial, Stop
from engine.run.exam import ExamReport
from engine.run.metrics import GRADIENT_NORM, TRAINING_SECONDS
from engine.store.checkpoints import Checkpoint, Checkpoints
from engine.store.runs import Run
from engine.training.stored import open_trainer
from engine.training.trainer import Trainer
from engine.worker import recorder
from engine.worker.recorder import RunRecorder
from engine.worker.status import RunStatus
from tests.engine.worker.conftest import Clock, MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, told
from tests.properties import examples

RATE = "training.learning_rate"


@pytest.fixture
def none_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no checkpoint be due because some time has passed, however slow this machine is."""
    monkeypatch.setattr(recorder, "CHECKPOINT_EVERY", float("inf"))


@pytest.fixture
def full_disk(none_due: None, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event; while it is set, no checkpoint can be written."""
    full, save = threading.Event(), Checkpoints.save

    def save_if_there_is_space(self: Checkpoints, checkpoint: Checkpoint, **options: Any) -> None:
        if full.is_set():
            raise TrainerError(f"{self.directory}: cannot be written (No space left on device)")
        save(self, checkpoint, **options)

    monkeypatch.setattr(Checkpoints, "save", save_if_there_is_space)
    return full


# A full disk


def test_a_run_that_cannot_be_saved_rests_and_goes_on_when_there_is_space(
    make_run: MakeRun, serve: Serve, full_disk: threading.Event
) -> None:
    run = make_run()
    alone = Undisturbed(run, [((0, 0), RATE, 0.02)]).finish()
    watcher = serve(run).watch()
    full_disk.set()
    watcher.do(SetDial(path=RATE, value=0.02))  # so that the next epoch's end is saved
    for epochs in (1, 2):
        watcher.do(Resume())
        frame = watcher.until(state="paused", epoch=epochs)
        assert frame.message is not None
        assert "No space left" in frame.message
        assert Run(run.path).metrics.state().state == "paused"
    full_disk.clear()
    watcher.do(Resume())
    frame = watcher.until(state="finished")
    assert (frame.message, frame.epoch) == (None, 6)
    np.testing.assert_array_equal(told(watcher), alone.rows)
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)


@pytest.mark.parametrize("command", [Resume(), NextEpoch(), NextStep()])
def test_an_end_that_could_not_be_saved_is_saved_later_and_no_epoch_is_added(
    make_run: MakeRun, serve: Serve, full_disk: threading.Event, command: Command
) -> None:
    run = make_run()
    alone = Undisturbed(run).finish()
    watcher = serve(run).watch()
    full_disk.set()
    watcher.do(Resume())
    assert watcher.until(state="paused", epoch=6).step == 0
    full_disk.clear()
    watcher.do(command)
    frame = watcher.until(state="finished")
    assert (frame.epoch, frame.reason) == (6, "epochs")
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)
    assert run.checkpoints.epochs()[-1] == 6


def test_who_stops_a_run_that_cannot_be_saved_hears_of_it(
    make_run: MakeRun, serve: Serve, full_disk: threading.Event
) -> None:
    served = serve(make_run())
    watcher = served.watch()
    watcher.do(NextStep())
    full_disk.set()
    watcher.send(Stop())
    frame = watcher.until(final=True)
    assert frame.state == "paused"
    assert frame.message is not None
    assert "No space left" in frame.message
    with pytest.raises(TrainerError, match="No space left"):
        served.join()


# Checkpoints


def test_a_checkpoint_never_gets_ahead_of_the_metrics(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(training__epochs=5_000)
    save, ahead = Checkpoints.save, []

    def look_and_save(self: Checkpoints, checkpoint: Checkpoint, **options: Any) -> None:
        ahead.append(checkpoint.epoch - len(Run(run.path).metrics.rows()))
        save(self, checkpoint, **options)

    monkeypatch.setattr(Checkpoints, "save", look_and_save)
    watcher = serve(run).watch()
    watcher.do(Resume())
    for epochs in range(6_000, 9_000, 1_000):
        watcher.do(MoreEpochs(epochs=epochs))
    watcher.until(state="finished", epoch=8_000)
    assert len(ahead) > 2
    assert set(ahead) == {0}


def test_the_state_before_the_first_epoch_after_changes_and_at_the_end_is_kept(make_run: MakeRun, serve: Serve) -> None:
    run, clock = make_run(), Clock()
    watcher = serve(run, clock=clock).watch()
    watcher.frame()
    for epoch in range(1, 5):
        if epoch in (2, 3):
            watcher.do(SetDial(path=RATE, value=0.1 / epoch))
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    clock.stop()
    watcher.do(Resume())
    frame = watcher.until(state="finished")
    assert {0, 2, 3, 6} <= set(run.checkpoints.epochs())
    told_of = [frame.checkpoints for frame, _ in watcher.frames if frame.checkpoints is not None]
    assert told_of[-1] == tuple(run.checkpoints.epochs())
    assert frame.epoch == 6


def test_the_best_checkpoint_stays_the_best_across_workers(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(changes=[{"epoch": 4, "set": {RATE: 3.0}}])
    alone, clock = Undisturbed(run).finish(), Clock()
    losses = alone.rows[:, 0, 2]
    assert losses[3] > losses[2] == losses[:3].min()
    for epoch in (3, 4):
        served = serve(run, clock=clock)
        watcher = served.watch()
        while watcher.until(state="paused").epoch < epoch:
            watcher.do(NextEpoch())
        watcher.send(Stop())
        served.join()
    best = run.checkpoints.best()
    assert best is not None
    assert best.epoch == 3


@pytest.mark.usefixtures("none_due")
def test_the_middle_of_an_epoch_is_not_called_the_best(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served = serve(run)
    watcher = served.watch()
    watcher.next_epoch()
    watcher.do(NextStep())
    watcher.send(Stop())
    served.join()
    assert run.checkpoints.epochs() == [0, 1]
    assert run.checkpoints.best() is None


# Resuming


def test_where_no_checkpoint_can_be_read_the_run_begins_again_and_comes_to_the_same(
    make_run: MakeRun, serve: Serve
) -> None:
    run = make_run()
    alone = Undisturbed(run, [((2, 0), RATE, 0.3)]).finish()
    served = serve(run)
    watcher = served.watch()
    for epoch in (1, 2):
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    watcher.do(SetDial(path=RATE, value=0.3))
    served.stop()
    for path in run.checkpoints.directory.iterdir():
        path.write_bytes(path.read_bytes()[:100])
    watcher = serve(run, attach_only=False).watch()
    watcher.until(state="finished")
    np.testing.assert_array_equal(told(watcher), alone.rows)
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)


def test_more_epochs_given_at_the_end_are_trained_also_from_an_older_checkpoint(
    make_run: MakeRun, serve: Serve
) -> None:
    run = make_run()
    alone = Undisturbed(run, [((6, 0), RATE, 0.2), ((6, 0), "training.epochs", 8)]).finish()
    assert alone.trainer.epoch == 8
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    watcher.do(SetDial(path=RATE, value=0.2))
    watcher.do(MoreEpochs(epochs=8))
    watcher.until(state="finished", epoch=8)
    served.stop()
    for path in run.checkpoints.directory.iterdir():
        if not path.name.startswith("0000000000"):
            path.write_bytes(path.read_bytes()[:100])
    watcher = serve(run, attach_only=False).watch()
    watcher.until(state="finished")
    np.testing.assert_array_equal(told(watcher), alone.rows)


def test_lost_metrics_leave_a_gap_and_nothing_else(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    alone = Undisturbed(run).finish()
    served = serve(run)
    watcher = served.watch()
    for epoch in (1, 2, 3):
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")
    served.stop()
    (run.path / "metrics.sqlite").unlink()
    watcher = serve(run, attach_only=False).watch()
    watcher.until(state="finished")
    assert np.isnan(told(watcher)[:3]).all()
    np.testing.assert_array_equal(told(watcher)[3:], alone.rows[3:])


def test_a_finished_run_keeps_its_best_weights_and_those_to_go_on_from(make_run: MakeRun, serve: Serve) -> None:
    options: dict[str, Any] = {"training__stopping__patience": 50, "training__learning_rate": 0.3}
    run = make_run(**options, training__epochs=8)
    served = serve(run, attach_only=False)
    watcher = served.watch()
    watcher.until(state="finished")
    watcher.leave()
    served.join()
    losses = [float(loss) for loss in run.metrics.rows()[:, 0, 2]]
    best = int(np.argmin(losses)) + 1
    assert best < 8
    halted = Undisturbed(run)
    while halted.trainer.epoch < best:
        halted.step()
    latest = run.checkpoints.latest()
    assert latest is not None
    np.testing.assert_array_equal(latest.arrays["parameters"], halted.trainer.network.parameters.flat)
    sat = halted.trainer.exam()
    assert isinstance(sat, ExamReport)
    assert open_trainer(run).exam() == sat.model_copy(update={"epoch": 8})
    alone = Undisturbed(make_run(**options, training__epochs=16)).finish()
    watcher = serve(run).watch()
    watcher.do(MoreEpochs(epochs=16))
    watcher.until(state="finished", epoch=16)
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)


# A run that is deleted while it trains


def empty(directory: Path) -> None:
    """Delete all that is in a directory, as ``rm -rf`` does before it deletes the directory itself."""
    for path in directory.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.mark.parametrize("delete", [shutil.rmtree, empty])
@pytest.mark.parametrize("moment", ["before it is looked", "while it is written"])
def test_a_run_that_is_deleted_while_it_is_saved_stays_deleted(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, moment: str, delete: Callable[[Path], None]
) -> None:
    run, save = make_run(), Checkpoints.save

    def save_as_it_is_deleted(self: Checkpoints, checkpoint: Checkpoint, **options: Any) -> None:
        delete(run.path)
        save(self, checkpoint, **options)

    with run.lock():
        trainer = open_trainer(run)
        status = RunStatus("running", None, None)
        keeper = RunRecorder(run, trainer, status, Clock(), owns_state=True)
        keeper.record()  # from here on the metrics are open, as in a worker
        keeper.save()
        keeper.append(1, trainer.advance(1))
        if moment == "before it is looked":
            delete(run.path)
        else:
            monkeypatch.setattr(Checkpoints, "save", save_as_it_is_deleted)
        with pytest.raises(TrainerError):
            keeper.save()
        with suppress(TrainerError):
            run.metrics.close()
    assert not run.path.exists() or list(run.path.iterdir()) == []


def test_a_run_that_was_made_anew_in_the_place_of_another_is_left_alone(make_run: MakeRun) -> None:
    run = make_run()
    with run.lock():
        keeper = RunRecorder(run, open_trainer(run), RunStatus("running", None, None), Clock(), owns_state=True)
        run.path.rename(run.path.with_name("elsewhere"))
        again = make_run()
        assert again.path == run.path
        with pytest.raises(TrainerError, match="its directory is gone"):
            keeper.save()
        assert [path.name for path in again.path.iterdir()] == ["run.json"]


CHANGES = [
    ("training.learning_rate", 0.05),
    ("training.learning_rate", 0.001),
    ("training.l2", 0.01),
    ("training.clip", 0.1),
    ("training.batch_size", 5),
    ("training.batch_size", "full"),
    ("training.optimizer", "sgd"),
    ("training.optimizer", "rmsprop"),
    ("training.shuffle", False),
    ("training.schedule", {"kind": "exponential", "factor": 0.9}),
    ("training.epochs", 8),
    ("network.dropout", 0.5),
    ("network.dropout", 0.0),
    ("network.edit", {"kind": "set-units", "layer": 0, "units": 12}),
    ("weights.0.0.0", 0.25),
]
ACTIONS = st.lists(
    st.sampled_from([*[NextStep()] * 4, *[NextEpoch()] * 3, *[SetDial(path=p, value=v) for p, v in CHANGES]]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=ACTIONS, seeds=st.sampled_from([(7,), (1, 2)]))
def test_whenever_it_dies_a_run_comes_to_what_it_would_have_come_to(
    make_run: MakeRun, serve: Serve, actions: list[Command], seeds: tuple[int, ...]
) -> None:
    run = make_run(seeds=seeds)
    served = serve(run)
    watcher = served.watch()
    for action in actions:
        finished_by_now = watcher.frames and watcher.frames[-1][0].state == "finished"
        if finished_by_now and isinstance(action, NextStep | NextEpoch):
            continue  # it would be refused
        watcher.do(action)
        watcher.until_at_rest()
    copy = shutil.copytree(run.path, run.path.with_name(f"copy-of-{run.name}"))  # what is left of it if it dies now
    if watcher.frames[-1][0].state != "finished":
        watcher.do(Resume())
    watcher.until(state="finished")
    watcher.leave()
    served.join()
    assert_same(finished(open_trainer(Run(copy))), finished(open_trainer(run)))


def finished(trainer: Trainer) -> Trainer:
    while trainer.ended is None:
        trainer.step()
    trainer.apply(())  # as the worker does: what was to hold from the epoch after the last one holds
    return trainer


def assert_same(left: Trainer, right: Trainer) -> None:
    np.testing.assert_array_equal(left.network.parameters.flat, right.network.parameters.flat)
    assert (left.epoch, left.state.total_steps, left.spec) == (right.epoch, right.state.total_steps, right.spec)


def test_a_dial_that_will_not_fit_when_its_epoch_comes_is_refused_at_once(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher = serve(run).watch()
    watcher.do(NextStep())
    watcher.do(SetDial(path="network.edit", value={"kind": "remove-layer", "layer": 1}))
    assert "network.layers.1" in watcher.refusal(SetDial(path="network.layers.1.dropout", value=0.3))


# Metrics that are lost


@pytest.mark.parametrize("loss", ["deleted", "with its journal", "replaced"])
def test_metrics_that_are_lost_while_it_trains_are_written_again_and_said_so(
    make_run: MakeRun, serve: Serve, loss: str
) -> None:
    run, clock = make_run(training__epochs=40, training__batch_size="full"), Clock()
    served, alone = serve(run, clock=clock), Undisturbed(run).finish()
    watcher = served.watch()
    for _ in range(20):
        watcher.next_epoch()
    watcher.do(SetDial(path="training.l2", value=0.0))
    path = run.metrics.path
    path.unlink()
    if loss == "with its journal":
        for journal in path.parent.glob("metrics.sqlite-*"):
            journal.unlink()
    if loss == "replaced":
        path.write_bytes(b"")
    for _ in range(2):
        clock.skip(1.1)
        served.go_round()
    assert "metrics.sqlite was deleted or replaced" in str(watcher.do(Pause()).message)
    watcher.do(Resume())
    watcher.until(state="finished")
    served.stop()
    metrics = Run(run.path).metrics
    np.testing.assert_array_equal(metrics.rows(), alone.rows)
    assert [change.path for change in metrics.changes()] == ["training.l2"]
    assert [event.kind for event in metrics.events()] == ["metrics-lost"]
    Run(run.path).check()


def test_metrics_that_are_lost_just_before_the_end_are_written_again(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served, alone = serve(run), Undisturbed(run).finish()
    watcher = served.watch()
    watcher.next_epoch()
    run.metrics.path.unlink()
    watcher.do(Resume())
    watcher.until(state="finished")
    served.stop()
    np.testing.assert_array_equal(Run(run.path).metrics.rows(), alone.rows)


def test_metrics_that_go_with_their_whole_run_do_not_come_back(make_run: MakeRun, serve: Serve) -> None:
    run, clock = make_run(), Clock()
    served = serve(run, clock=clock)
    served.watch().next_epoch()
    run.metrics.path.unlink()
    (run.path / "run.json").unlink()
    clock.skip(1.1)
    with pytest.raises(InputError, match="gone"):
        served.join()
    assert not run.metrics.path.exists()


# How long it trained


def test_the_seconds_that_training_took_are_kept_without_pauses_and_go_on_with_the_next_worker(
    make_run: MakeRun, serve: Serve
) -> None:
    run, clock = make_run(), Clock()
    served = serve(run, clock=clock)
    watcher = served.watch()
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=1)
    clock.skip(1000.0)
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=2)
    watcher.do(Stop())
    served.join()
    before = Run(run.path).metrics.points(TRAINING_SECONDS)
    assert before.epochs.tolist() == [1, 2]
    assert 0 < before.values[0, 0] <= before.values[1, 0] < 1000.0
    watcher = serve(run).watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    points = Run(run.path).metrics.points(TRAINING_SECONDS)
    steps = Run(run.path).metrics.points(f"{GRADIENT_NORM}.0").steps
    assert points.steps.tolist() == steps.tolist()
    assert (np.diff(points.values[:, 0]) >= 0).all()
    assert points.values[-1, 0] > before.values[-1, 0]
