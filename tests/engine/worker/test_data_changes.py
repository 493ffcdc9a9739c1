"""A run whose data are drawn anew on the way: what watchers are told, what is kept, and that it goes on as it would."""

from __future__ import annotations

import numpy as np

from engine.protocol.commands import Ask, NextEpoch, SetDial, Stop, ViewCheckpoint
from engine.protocol.queries import DataQuery, FieldsQuery
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from tests.engine.training.recipes import TWO_CLASSES, recipe
from tests.engine.worker.conftest import Serve
from tests.engine.worker.peers import Peer

SPEC = recipe(TWO_CLASSES, training__epochs=8)
TURNS = {1: ("data.samples", 50), 2: ("data.derived", ["x1*x2"]), 4: ("data.noise", 0.5)}


def create(store: RunStore) -> Run:
    return store.create(SPEC, (5,))


def train(watcher: Peer, first: int, last: int) -> None:
    for epoch in range(first, last + 1):
        if epoch - 1 in TURNS:
            path, value = TURNS[epoch - 1]
            watcher.do(SetDial(path=path, value=value))
        watcher.do(NextEpoch())
        watcher.until(epoch=epoch, state="paused")


def uninterrupted(epochs: int) -> np.ndarray:
    trainer = Trainer(SPEC, 5)
    rows = []
    for epoch in range(epochs):
        if epoch in TURNS:
            trainer.change(*TURNS[epoch])
        rows.append(trainer.advance(1))
    return np.concatenate(rows)


def test_watchers_are_told_of_the_new_data_and_only_then(store: RunStore, serve: Serve) -> None:
    watcher = serve(create(store)).watch(views=("data",))
    assert watcher.frame()[0].data is None
    shapes = [(2, 4), (2, 4), (3, 4)]
    for epoch in (1, 2, 3):
        train(watcher, epoch, epoch)
        while shapes_sent(watcher) != shapes[:epoch]:  # what a busy machine had no time for comes with a later frame
            watcher.frame()
    told = [frame.data for frame, _ in watcher.frames if frame.data is not None]
    assert [(facts.inputs, facts.rows) for facts in told] == [(2, (30, 10, 10)), (3, (30, 10, 10))]
    assert told[-1].feature_names == ("x1", "x2", "x1*x2")


def shapes_sent(watcher: Peer) -> list[tuple[int, ...]]:
    return [arrays["data.raw"].shape for _, arrays in watcher.frames if "data.raw" in arrays]


def test_a_run_that_was_stopped_goes_on_with_its_data_bit_for_bit(store: RunStore, serve: Serve) -> None:
    run = create(store)
    for first, last in ((1, 3), (4, 6)):
        served = serve(run)
        watcher = served.watch()
        train(watcher, first, last)
        watcher.send(Stop())
        served.join()
    again = Run(run.path)
    np.testing.assert_array_equal(again.metrics.rows(last=6), uninterrupted(6))
    facts = again.metrics.state().data
    assert facts is not None
    assert (facts.inputs, facts.rows) == (3, (30, 10, 10))
    again.metrics.close()


def test_a_checkpoint_from_before_is_seen_on_its_own_data(store: RunStore, serve: Serve) -> None:
    watcher = serve(create(store)).watch()
    train(watcher, 1, 3)
    frame = watcher.do(ViewCheckpoint(epoch=0))
    assert frame.data is not None
    assert frame.data.rows == (48, 16, 16)
    reply, _ = watcher.ask(Ask(query=FieldsQuery()))
    assert reply.error is None
    back = watcher.do(ViewCheckpoint(epoch=None))
    assert back.data is not None
    assert back.data.inputs == 3


def test_what_does_not_fit_is_refused_and_the_run_stays_as_it_was(store: RunStore, serve: Serve) -> None:
    watcher = serve(create(store)).watch()
    reply, _ = watcher.ask(SetDial(path="data.derived", value=["log(x1)"]))
    assert reply.error is not None
    assert "data.derived.0: log(x1) is no finite number in row" in reply.error
    reply, _ = watcher.ask(Ask(query=DataQuery()))
    assert reply.error is None
    assert not watcher.frames[-1][0].pending
