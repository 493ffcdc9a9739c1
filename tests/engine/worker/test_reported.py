"""A run that another program reports: it has no recipe, no data and no network, and can be looked at all the same."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import InputError
from engine.protocol.commands import Ask, MoreEpochs, OpenExam, Resume, SetDial, ViewCheckpoint
from engine.protocol.queries import SeriesQuery, simple_queries
from engine.run.metrics import Metric, MetricSet
from engine.store.runs import Run, RunStore
from engine.worker.launcher import attach
from engine.worker.process import open_run
from tests.engine.worker.conftest import Serve
from tests.engine.worker.oracle import told
from tests.engine.worker.reported import COLUMNS, EPOCHS, SOURCE, make_reported, reported_rows

WHO = f"{SOURCE} trains it and reports it here"


@pytest.fixture
def run(store: RunStore) -> Run:
    return make_reported(store)


def test_its_columns_metrics_and_series_are_there(run: Run, serve: Serve) -> None:
    watcher = serve(run).connect()
    welcome = watcher.greet()
    assert (welcome.spec, welcome.metrics, welcome.series) == (None, COLUMNS.metrics, ("grad_norm",))
    assert welcome.reported is not None
    assert (welcome.reported.source, welcome.reported.config) == (SOURCE, {"lr": 3e-4})
    frame, _ = watcher.frame()
    assert (frame.state, frame.epoch, frame.epochs, frame.latest) == ("finished", EPOCHS, 0, (None, None))
    np.testing.assert_array_equal(told(watcher), reported_rows())


def test_it_says_what_it_lacks(run: Run, serve: Serve) -> None:
    refusals = serve(run).connect().greet().refusals
    assert "score" not in refusals
    assert {"recipe", "weights", "neurons", "boundary", "data", "steer", "exam", "checkpoints"} <= set(refusals)
    assert all(WHO in line for line in refusals.values())


def test_a_run_without_scores_says_so(store: RunStore, serve: Serve) -> None:
    run = make_reported(store, columns=MetricSet([Metric(name="loss")]))
    assert "score" in serve(run).connect().greet().refusals


@pytest.mark.parametrize(
    "command",
    [
        Resume(),
        SetDial(path="training.l2", value=0.5),
        MoreEpochs(epochs=50),
        OpenExam(),
        *(Ask(query=query) for query in simple_queries("weights", "moments", "data")),
    ],
    ids=lambda command: command.kind,
)
def test_what_takes_a_trainer_is_refused_with_the_reason(run: Run, serve: Serve, command: Resume) -> None:
    assert WHO in serve(run).watch().refusal(command)


def test_it_has_no_checkpoints_to_go_back_to(run: Run, serve: Serve) -> None:
    assert "no checkpoint of epoch 3" in serve(run).watch().refusal(ViewCheckpoint(epoch=3))


def test_it_cannot_be_trained_on(run: Run) -> None:
    with run.lock(), pytest.raises(InputError, match=WHO):
        open_run(run, attach_only=False)


def test_names_tell_which_way_is_better_where_nothing_else_does() -> None:
    named = ["eval/perplexity", "step time", "Top-5 Accuracy", "rmse", "macro_f1", "learning_rate", "formset"]
    columns = MetricSet([Metric(name=name) for name in named])
    assert [columns.names[column] for column in columns.losses] == ["eval/perplexity", "rmse"]
    assert [columns.names[column] for column in columns.scores] == ["Top-5 Accuracy", "macro_f1"]
    assert MetricSet([Metric(name="a"), Metric(name="b")]).losses == (0, 1)


async def test_it_is_attached_to_in_a_process_of_its_own(run: Run) -> None:
    client = await attach(run, queries=(SeriesQuery(names=("grad_norm",)),))
    try:
        assert client.welcome.metrics == COLUMNS.metrics
        async for frame, arrays in client.frames():
            assert frame.epoch == EPOCHS
            np.testing.assert_array_equal(arrays["rows"], reported_rows())
            assert arrays["series.0.values"].shape == (EPOCHS, 1)
            break
    finally:
        await client.close()
