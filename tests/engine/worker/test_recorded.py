"""A run whose data has gone: everything that its store holds can be looked at, the rest says why not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from engine.errors import InputError
from engine.protocol.commands import Ask, Goodbye, MoreEpochs, OpenExam, Resume, SetDial, Stop, ViewCheckpoint
from engine.protocol.queries import BoundaryQuery, ByHandQuery, simple_queries
from engine.store.runs import Run
from engine.training.trainer import Trainer
from engine.views import inside, neurons
from engine.views.by_hand import by_hand
from engine.worker.client import Client
from engine.worker.launcher import attach, connect, launch
from engine.worker.process import open_run
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, shown_weights, told, weights, weights_of

NO_DATA = "train.csv: cannot be read"


@pytest.fixture
def finished(make_run: MakeRun, serve: Serve) -> Run:
    """Return a run of 12 epochs, whose rate was changed on the way, and whose data has moved since."""
    run = make_run(training__epochs=12)
    served = serve(run)
    watcher = served.watch(name="ada")
    watcher.do(SetDial(path="training.learning_rate", value=0.02))
    watcher.do(Resume())
    watcher.until(state="finished", epoch=12)
    watcher.do(OpenExam())
    watcher.leave()
    served.join()
    move_data(run)
    return run


def move_data(run: Run) -> None:
    source = Path(run.description.trained.spec.data.source)
    source.rename(source.with_suffix(".moved"))


def bring_back_data(run: Run) -> None:
    source = Path(run.description.trained.spec.data.source)
    source.with_suffix(".moved").rename(source)


def alone(run: Run) -> Undisturbed:
    """Return what the run came to; its data must be there."""
    return Undisturbed(run, [((0, 0), "training.learning_rate", 0.02)]).finish()


def test_curves_log_exam_and_facts_of_the_data_are_there(finished: Run, serve: Serve) -> None:
    watcher = serve(finished).connect()
    welcome = watcher.greet()
    frame, _ = watcher.frame()
    assert (frame.state, frame.reason, frame.epoch, frame.epochs) == ("finished", "epochs", 12, 12)
    assert [(change.author, change.value) for change in frame.changes] == [("ada", 0.02)]
    assert frame.exam is not None
    assert (welcome.inputs, welcome.feature_names, welcome.rows) == (2, ("x", "y"), (32, 16, 16))
    assert welcome.recipe.training.learning_rate == 0.02
    bring_back_data(finished)
    np.testing.assert_array_equal(told(watcher), alone(finished).rows)


def test_the_end_shows_weights_moments_and_neurons_as_the_trainer_did(finished: Run, serve: Serve) -> None:
    watcher = serve(finished).watch(views=("weights", "moments", "neurons"))
    arrays = watcher.frame() and watcher.frames[-1][1]
    bring_back_data(finished)
    trainer = alone(finished).trainer
    assert weights(arrays) == weights_of(trainer)
    expected = {f"moments.{name}": array for name, array in inside.moments(trainer).items()}
    expected |= {f"neurons.{name}": array for name, array in neurons.conditions(trainer).items()}
    assert len(expected) == 2 * 3 + 2 * 2
    for name, array in expected.items():
        np.testing.assert_array_equal(arrays[name], array)


def test_a_row_that_is_typed_in_goes_through_the_network_as_with_the_data(finished: Run) -> None:
    query = ByHandQuery(typed=(0.25, -1.5), truth=(1.0,))
    with finished.lock():
        live = open_run(finished, attach_only=True)
        _, arrays = live.answer(query)
        with pytest.raises(InputError, match=NO_DATA):
            live.answer(ByHandQuery())
    bring_back_data(finished)
    expected, _ = by_hand(alone(finished).trainer, query)
    for name, array in expected.items():
        if name != "place":  # nobody knows here how many rows there were to learn from
            np.testing.assert_allclose(arrays[name], array, rtol=1e-12, err_msg=name)
    assert arrays["place"].tolist() == [-1, -1, 2, 0]


def test_one_can_travel_through_time(finished: Run, serve: Serve) -> None:
    watcher = serve(finished).watch(views=("weights",))
    frame = watcher.do(ViewCheckpoint(epoch=0))
    assert (frame.visiting, frame.epoch) == (0, 12)
    assert frame.spec is not None
    start = finished.checkpoints.load(0)
    assert b"".join(shown_weights(watcher)) == start.arrays["parameters"][0].tobytes()
    frame = watcher.do(ViewCheckpoint(epoch=None))
    assert frame.visiting is None
    end = finished.checkpoints.load(12)
    assert b"".join(shown_weights(watcher)) == end.arrays["parameters"][0].tobytes()
    assert "no checkpoint of epoch 7777" in watcher.refusal(ViewCheckpoint(epoch=7777))


@pytest.mark.parametrize(
    "command",
    [
        Resume(),
        SetDial(path="training.l2", value=0.5),
        MoreEpochs(epochs=50),
        OpenExam(),
        Ask(query=BoundaryQuery()),
        *(Ask(query=query) for query in simple_queries("data", "coadaptation")),
    ],
    ids=lambda command: command.kind,
)
def test_what_takes_data_is_refused_with_the_reason(finished: Run, serve: Serve, command: Resume) -> None:
    watcher = serve(finished).watch()
    assert NO_DATA in watcher.refusal(command)
    watcher.leave()
    assert Run(finished.path).summary().state == "finished"


def test_the_welcome_says_what_cannot_be_done_and_why(finished: Run, serve: Serve) -> None:
    welcome = serve(finished).connect().greet()
    assert set(welcome.refusals) == {"steer", "edit", "epochs", "boundary", "data", "exam"}
    assert all(NO_DATA in line for line in welcome.refusals.values())
    assert welcome.refusals["epochs"].startswith("train on: ")


def test_a_checkpoint_that_keeps_no_neurons_says_so(finished: Run, serve: Serve) -> None:
    watcher = serve(finished).watch(views=("neurons",))
    frame = watcher.do(ViewCheckpoint(epoch=0))
    assert frame.refusals is not None
    assert "epoch 0" in frame.refusals["neurons"]
    answer = frame.answer("neurons")
    assert answer is not None
    assert answer.refusal == frame.refusals["neurons"]


def test_looking_leaves_the_run_as_it_was_and_with_its_data_it_trains_on(finished: Run, serve: Serve) -> None:
    before = {path: path.read_bytes() for path in (*finished.path.glob("checkpoints/*"), finished.path / "run.json")}
    served = serve(finished)
    watcher = served.watch()
    watcher.frame()
    watcher.leave()
    served.join()
    assert {path: path.read_bytes() for path in before} == before
    bring_back_data(finished)
    again = serve(finished).connect()
    assert "epochs" not in again.greet().refusals
    again.do(MoreEpochs(epochs=14))
    assert again.until(state="finished", epoch=14).epochs == 14


def test_a_run_that_is_to_be_trained_still_fails_with_one_line(finished: Run) -> None:
    with finished.lock(), pytest.raises(InputError, match=NO_DATA):
        open_run(finished, attach_only=False)


def test_a_stopped_run_is_looked_at_as_stopped(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=10**6)
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    while watcher.frame()[0].epoch < 5:
        pass
    watcher.send(Stop())
    served.join()
    move_data(run)
    frame, _ = serve(run).watch().frame()
    assert (frame.state, frame.epochs) == ("stopped", 10**6)
    assert frame.epoch == Run(run.path).metrics.state().epoch


# With a process of its own


@asynccontextmanager
async def attached(run: Run) -> AsyncIterator[Client]:
    client = await attach(run, queries=simple_queries("weights"))
    try:
        yield client
    finally:
        await client.close()


async def test_a_headless_run_whose_csv_was_moved_is_attached_to_with_everything_that_its_store_has(
    make_run: MakeRun,
) -> None:
    run = make_run(training__epochs=9)
    trained = await connect(run, launch(run))
    async for frame, _ in trained.frames():
        if frame.state == "finished":
            break
    await trained.close()
    while run.is_locked():
        await asyncio.sleep(0.02)
    expected = Undisturbed(run).finish()
    move_data(run)
    async with attached(Run(run.path)) as client:
        frames = client.frames()
        frame, arrays = await anext(frames)
        assert (frame.state, frame.epoch) == ("finished", 9)
        np.testing.assert_array_equal(arrays["rows"], expected.rows)
        assert weights(dict(arrays)) == weights_of(expected.trainer)
        for epoch in frame.checkpoints or ():
            number = await client.send(ViewCheckpoint(epoch=epoch))
            answered, arrays = await anext(frames)
            while number not in {reply.number for reply in answered.replies}:
                answered, arrays = await anext(frames)
            kept = run.checkpoints.load(epoch).arrays["parameters"][0]
            assert b"".join(weights(dict(arrays))) == kept.tobytes()
        number = await client.send(Resume())
        async for frame, _ in frames:
            if frame.replies:
                break
        assert NO_DATA in (frame.replies[0].error or "")
        await client.send(Goodbye())


def test_it_needs_no_trainer(finished: Run, monkeypatch: pytest.MonkeyPatch, serve: Serve) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise InputError("no trainer here")

    monkeypatch.setattr(Trainer, "__init__", forbidden)
    watcher = serve(finished).watch(views=("weights", "moments", "neurons"))
    assert watcher.do(ViewCheckpoint(epoch=0)).visiting == 0
