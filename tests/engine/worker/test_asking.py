"""Questions with answers, over a real socket: asked once, signed, come back to."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from engine.errors import WorkerError
from engine.protocol.commands import Ask, Have, NextEpoch, OpenExam, Resume, SetDial, Subscribe, ViewCheckpoint
from engine.protocol.events import Answer, Refused
from engine.protocol.queries import BoundaryQuery, ByHandQuery, SeriesQuery, WeightsQuery
from engine.protocol.views import arrays_of, by_layer, reply_prefix
from engine.run.exam import ExamResult
from engine.worker.client import Client
from engine.worker.subscription import MOST_WAITING
from tests.engine.worker.conftest import MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, weights_of


def test_a_question_is_answered_once_by_its_reply(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher, alone = serve(run).watch(), Undisturbed(run)
    reply, _ = watcher.ask(Ask(query=WeightsQuery(id="mine")))
    assert isinstance(reply.result, Answer)
    arrays = arrays_of(watcher.frames[-1][1], reply_prefix(reply.number))
    assert [arrays[name].tobytes() for name in sorted(arrays)] == weights_of(alone.trainer)
    watcher.do(NextEpoch())
    assert not arrays_of(watcher.frames[-1][1], reply_prefix(reply.number))


def test_a_watcher_that_only_looks_may_ask(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run()).watch(read_only=True)
    reply, _ = watcher.ask(Ask(query=BoundaryQuery(width=3, height=2)))
    assert reply.error is None
    assert "no hidden neuron" in watcher.refusal(Ask(query=BoundaryQuery(neuron=(7, 7))))


def test_a_row_is_taken_apart_as_the_run_stands_and_as_it_stood(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher, start, later = serve(run).watch(), Undisturbed(run), Undisturbed(run)
    later.step(later.trainer.steps)
    watcher.do(NextEpoch())
    watcher.until(state="paused", epoch=1)
    for viewed, alone in ((None, later), (0, start)):
        watcher.do(ViewCheckpoint(epoch=viewed))
        reply, _ = watcher.ask(Ask(query=ByHandQuery(row=3)))
        assert isinstance(reply.result, Answer)
        arrays = arrays_of(watcher.frames[-1][1], reply_prefix(reply.number))
        layers = by_layer(arrays)
        assert [layers[number].tobytes() for number in sorted(layers)] == weights_of(alone.trainer)
        np.testing.assert_array_equal(arrays["x"], alone.trainer.data.train.X[3])
        latest = alone.trainer.inside.latest_step()
        assert (reply.result.batch is not None) == (latest is not None and 3 in latest.rows[0])


def test_a_row_is_taken_apart_anew_with_every_frame(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    watcher, alone = serve(run).watch(), Undisturbed(run)
    watcher.send(Subscribe(queries=(ByHandQuery(pick="batch", rank=1),)))
    for epoch in (1, 2):
        alone.step(alone.trainer.steps)
        watcher.do(NextEpoch())
        frame, arrays = watcher.frames[-1]
        while frame.epoch < epoch or frame.answer("by-hand") is None:
            frame, arrays = watcher.frame()
        answer, latest = frame.answer("by-hand"), alone.trainer.inside.latest_step()
        assert answer is not None
        assert answer.batch is not None
        assert latest is not None
        assert answer.batch.epoch == epoch
        by_hand = arrays_of(arrays, "by-hand")
        assert by_hand["0"].tobytes() == weights_of(alone.trainer)[0]
        assert by_hand["place"][0] == latest.rows[0][1]
        np.testing.assert_array_equal(by_hand["masks.0"], latest.masks[0][0][:, 1])


def test_the_exam_is_the_reply_to_whoever_opened_it_and_in_the_state_for_all(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run())
    opening, looking = served.watch(), served.watch()
    reply, frame = opening.ask(OpenExam())
    assert isinstance(reply.result, ExamResult)
    assert frame.exam == reply.result
    while looking.frame()[0].exam is None:
        pass
    assert looking.frames[-1][0].exam == reply.result


def test_a_change_says_who_made_it(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    served = serve(run)
    for name in ("ada", "recipe"):
        served.watch(name=name).do(SetDial(path="training.learning_rate", value=0.5))
    assert [change.author for change in run.metrics.changes()] == ["ada", "user"]


def test_a_watcher_that_comes_back_gets_only_what_it_lacks(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=50)
    served, alone = serve(run), Undisturbed(run, [((0, 0), "training.l2", 0.25)]).finish()
    first = served.watch()
    first.do(SetDial(path="training.l2", value=0.25))
    first.do(Resume())
    first.until(state="finished")
    again = served.connect()
    welcome = again.greet(have=Have(epoch=30, change=1))
    frame, arrays = again.frame()
    assert (welcome.known, frame.first_epoch, frame.changes) == (Have(epoch=30, change=1), 31, ())
    np.testing.assert_array_equal(arrays["rows"], alone.rows[30:])


def test_who_claims_more_than_there_is_gets_everything(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run()).connect()
    welcome = watcher.greet(have=Have(epoch=9, change=0))
    assert welcome.known == Have()
    watcher.do(NextEpoch())
    assert watcher.until(epoch=1).first_epoch == 1


def test_who_asks_and_asks_and_takes_no_answer_is_forgotten(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run())
    glutton, other = served.watch(), served.watch()
    for _ in range(2 * MOST_WAITING):
        glutton.send(Ask(query=WeightsQuery()))
    event = None
    while not isinstance(event, Refused):
        event, _ = glutton.receive()
    assert "answers nobody took" in event.reason
    other.do(NextEpoch())


def test_series_of_each_layer_are_had_by_name_with_and_without_the_trainer(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=50)
    trainer = Undisturbed(run).trainer
    trainer.layer_norms.enabled = True
    trainer.advance(50)
    norms = trainer.layer_norms.take()
    served = serve(run)
    watcher = served.watch()
    watcher.do(Resume())
    watcher.until(state="finished")
    watcher.leave()
    served.join()
    query = SeriesQuery(names=("gradient_norm.2", "update_ratio.0"))
    for moved in (False, True):
        if moved:
            Path(run.description.trained.spec.data.source).unlink()
        watcher = serve(run).watch()
        reply, _ = watcher.ask(Ask(query=query))
        arrays = arrays_of(watcher.frames[-1][1], reply_prefix(reply.number))
        assert arrays["0.steps"].tolist() == arrays["1.steps"].tolist() == [norm.step for norm in norms]
        assert arrays["0.epochs"].tolist() == [norm.epoch for norm in norms]
        np.testing.assert_array_equal(arrays["0.values"], [norm.gradient_norm[2] for norm in norms])
        np.testing.assert_array_equal(arrays["1.values"], [norm.update_ratio[0] for norm in norms])
        reply, _ = watcher.ask(Ask(query=query.model_copy(update={"max_points": 3})))
        thinned = arrays_of(watcher.frames[-1][1], reply_prefix(reply.number))
        assert thinned["0.epochs"].tolist() == [1, 25, 50]
        watcher.leave()


async def test_a_client_of_ours_awaits_its_answer(make_run: MakeRun, serve: Serve) -> None:
    run = make_run()
    serve(run)
    client = Client(run.socket_path, alive=lambda: True)
    await client.hello(name="ada")

    async def read() -> None:
        async for _ in client.frames():
            pass

    reading = asyncio.create_task(read())
    answer, arrays = await client.ask(BoundaryQuery(width=3, height=2))
    assert answer.query == BoundaryQuery(width=3, height=2)
    assert arrays["field"].shape == (2, 3)
    with pytest.raises(WorkerError, match="this run has none"):
        await client.ask(SeriesQuery(names=("loss of another kind",)))
    reading.cancel()
    await client.close()


def test_a_run_says_what_is_wrong_with_its_recipe_at_once_and_with_its_training_as_it_comes(
    make_run: MakeRun, serve: Serve
) -> None:
    leaky = {"scaler.kind": "standard", "scaler.fit": "all", "training.learning_rate": 1e30}
    watcher = serve(make_run(**leaky)).connect()
    assert [verdict.name for verdict in watcher.greet().verdicts] == ["leaky-scaler"]
    watcher.send(Resume())
    watcher.until(state="finished")
    found = {verdict.name: verdict for frame, _ in watcher.frames for verdict in frame.verdicts}
    assert found["non-finite"].since > 0
