"""What a watcher is told: every epoch once, or bins that lose no spike; everything else when it is new."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.protocol.codec import decode_event, encode
from engine.protocol.commands import Ask, Hello
from engine.protocol.events import Answer, Frame, Reply, StepPlace, Welcome
from engine.protocol.plausible import check_frame
from engine.protocol.queries import BoundaryQuery, CoadaptationQuery, MomentsQuery, View, simple_queries
from engine.protocol.version import PROTOCOL
from engine.protocol.views import arrays_of, layout_of, reply_prefix
from engine.run import series as history_module
from engine.run.description import RunDescription, Trained
from engine.run.metrics import METRICS
from engine.run.series import EpochSeries
from engine.spec import Spec
from engine.store.checkpoints import Checkpoints
from engine.training.trainer import Trainer
from engine.views.boundary import Boundaries
from engine.views.catalog import VIEWS
from engine.views.fields import Fields
from engine.worker import answers as answers_module
from engine.worker import frames as frames_module
from engine.worker.allowance import Allowance
from engine.worker.answers import Answers
from engine.worker.checkpoint_viewer import CheckpointViewer
from engine.worker.connection import Connection
from engine.worker.exam import exam_result
from engine.worker.facts import FactsOfData
from engine.worker.frames import draft_frame
from engine.worker.status import RunStatus
from engine.worker.subscription import Subscription
from engine.worker.trained import TrainedRun
from tests.engine.protocol.messages import VIEWS as VIEW_NAMES
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.exams import exam_of

Floats = NDArray[np.floating[Any]]
Told = tuple[Frame, dict[str, NDArray[Any]]]

SPECS = {"two classes": recipe(TWO_CLASSES), "three classes": recipe(THREE_CLASSES), "values": recipe(VALUES)}


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return Trainer(recipe(TWO_CLASSES))


def watcher(*views: View, max_points: int | None = None) -> Subscription:
    queries = simple_queries(*views)
    hello = Hello(protocol=PROTOCOL, version="test", queries=queries, max_points=max_points)
    return Subscription(Connection(socket.socketpair()[0], 1), hello, heard=0.0, queries=queries)


def new_answers(run: Standing) -> Answers:
    """Return answers for which there is all the time in the world."""
    return Answers(run, Allowance(1.0, 3600.0), lambda: 0.0)


def batch_of(frame: Frame) -> StepPlace | None:
    """Return where the batch stood that a frame shows the neurons of."""
    answer = frame.answer("neurons")
    return answer.batch if answer else None


def trained(spec: Spec, steps: int = 6, **seeds: Any) -> tuple[Trainer, EpochSeries]:
    """Return a trainer after so many steps, and the history of its epochs."""
    trainer = Trainer(spec, **seeds)
    history = EpochSeries(len(trainer.seeds), no_recall)
    for _ in range(steps):
        result = trainer.step()
        if result is not None:
            history.append(result.row())
    return trainer, history


def no_recall(first: int, last: int) -> Floats:
    raise AssertionError(f"epochs {first} to {last} were held whole")


def random_rows(epochs: int, seeds: int, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(epochs, seeds, len(METRICS)))
    for rubbish in (np.nan, np.inf):
        rows[random.random(rows.shape) < 0.05] = rubbish
    return rows


class Standing(TrainedRun):
    """A trainer that stands still, without a store."""

    def __init__(self, trainer: Trainer, history: EpochSeries, status: RunStatus) -> None:
        self._trainer, self._rows, self._status = trainer, history, status
        self._viewer = CheckpointViewer(Checkpoints(Path()), trainer, status)
        self._boundaries = Boundaries()
        self._fields = Fields()
        self._facts = FactsOfData()

    @property
    def description(self) -> RunDescription:
        recipe = Trained(preset="standing", spec=self._trainer.spec, seeds=self._trainer.seeds)
        return RunDescription(run="standing", recipe=recipe, pace=None, created=datetime.now(UTC), version="0")

    @property
    def history(self) -> EpochSeries:
        return self._rows


def make_frame(
    watcher: Subscription, trainer: Trainer, history: EpochSeries, status: RunStatus, now: float, **options: Any
) -> Told:
    """Return the watcher's next frame, which then has left."""
    run = Standing(trainer, history, status)
    draft = draft_frame(watcher, run, new_answers(run), now, **options)
    watcher.sent(draft, now)
    return draft.frame, dict(draft.arrays)


def tell(watcher: Subscription, trainer: Trainer, history: EpochSeries, **options: Any) -> Told:
    return make_frame(watcher, trainer, history, RunStatus("running", None), 0.0, **options)


# Metrics

growth = st.lists(st.integers(0, 60), min_size=1, max_size=12)
"""Epochs between one frame and the next."""


@given(growth, st.integers(1, 3), st.integers(0, 99), st.integers(1, 20))
def test_a_watcher_without_a_limit_is_told_every_epoch_once_and_in_order(
    trainer: Trainer, steps: list[int], seeds: int, seed: int, most: int
) -> None:
    """However far behind, also where the worker does not hold them any more."""
    rows, reader = random_rows(sum(steps), seeds, seed), watcher()
    told = np.empty((0, seeds, len(METRICS)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames_module, "MOST_ROWS", most)
        patch.setattr(history_module, "WHOLE_BYTES", 1)
        patch.setattr(history_module, "LEAST_WHOLE", 16)
        history = EpochSeries(seeds, lambda first, last: rows[first - 1 : last])
        for step in [*steps, *[0] * sum(steps)]:
            history.extend(rows[len(history) : len(history) + step])
            frame, arrays = tell(reader, trainer, history)
            new = arrays.get("rows", told[:0])
            assert "bins" not in arrays
            assert len(new) <= most
            assert frame.first_epoch == len(told) + 1
            told = np.concatenate([told, new])
    np.testing.assert_array_equal(told, rows)


@given(growth, st.integers(1, 3), st.integers(0, 99), st.integers(16, 40))
@example([1000], 1, 0, 16)
def test_bins_agree_with_the_epochs_they_stand_for(
    trainer: Trainer, steps: list[int], seeds: int, seed: int, points: int
) -> None:
    rows, history, reader = (
        random_rows(sum(steps), seeds, seed),
        EpochSeries(seeds, no_recall),
        watcher(max_points=points),
    )
    for step in steps:
        before = len(history)
        history.extend(rows[before : before + step])
        frame, arrays = tell(reader, trainer, history)
        first, width = frame.first_epoch, frame.bin_width
        if step <= points:
            np.testing.assert_array_equal(arrays.get("rows", rows[:0]), rows[before : before + step])
            assert width == 1
            continue
        assert "rows" not in arrays
        assert len(arrays["bins"]) <= points
        assert width.bit_count() == 1
        assert (first - 1) % width == 0
        assert first <= before + 1 < first + width
        assert first - 1 + len(arrays["bins"]) * width >= len(history) > first - 1 + (len(arrays["bins"]) - 1) * width
        for number, bin_ in enumerate(arrays["bins"]):
            epochs = rows[first - 1 + number * width : min(first - 1 + (number + 1) * width, len(history))]
            for metric, (low, high, _) in enumerate(bin_):
                finite = [value for value in epochs[:, :, metric].flat if np.isfinite(value)]
                np.testing.assert_equal((low, high), (min(finite), max(finite)) if finite else (np.nan, np.nan))


@given(st.integers(100, 5000), st.integers(16, 60), st.data())
def test_a_spike_of_one_epoch_survives_any_binning(
    trainer: Trainer, epochs: int, points: int, data: st.DataObject
) -> None:
    rows = np.zeros((epochs, 1, len(METRICS)))
    place = data.draw(st.integers(0, epochs - 1))
    rows[place, 0, 2] = 1000.0
    history = EpochSeries(1, no_recall)
    history.extend(rows)
    frame, arrays = tell(watcher(max_points=points), trainer, history)
    found = np.argmax(arrays["bins"][:, 2, 1])
    assert arrays["bins"][found, 2, 1] == 1000
    assert found == (place - frame.first_epoch + 1) // frame.bin_width


def test_a_farewell_leaves_no_epoch_for_later(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames_module, "MOST_ROWS", 10)
    history = EpochSeries(1, no_recall)
    history.extend(random_rows(35, 1, 0))
    reader = watcher()
    assert len(tell(reader, trainer, history)[1]["rows"]) == 10
    frame, arrays = tell(reader, trainer, history, final=True)
    assert frame.final
    assert (frame.first_epoch, len(arrays["rows"])) == (11, 25)


def test_the_latest_scores_are_those_of_the_last_epoch_and_none_where_undefined() -> None:
    trainer, history = trained(recipe(TWO_CLASSES), steps=8)
    frame, _ = tell(watcher(), trainer, history)
    train, validation = frame.latest
    assert train is not None
    assert validation is not None
    assert [train.loss, train.accuracy] == history.rows(2)[0, 0, :2].tolist()
    assert [validation.loss, validation.accuracy] == history.rows(2)[0, 0, 2:4].tolist()
    history.append(np.full((1, 5), np.nan))
    train, validation = tell(watcher(), trainer, history)[0].latest
    assert train is not None
    assert (train.loss, train.accuracy, validation) == (None, None, None)


def test_several_seeds_have_a_score_each_and_a_regression_has_r2() -> None:
    trainer, history = trained(recipe(VALUES, split__validation=0.0), steps=8, seeds=[1, 2, 3])
    history.rows(1)[-1, 1, 0] = np.nan
    train, validation = tell(watcher(), trainer, history)[0].latest
    assert train is not None
    assert (train.accuracy, validation) == (None, None)
    assert isinstance(train.loss, list)
    assert isinstance(train.r2, list)
    assert train.loss == [history.rows(1)[-1, 0, 0], None, history.rows(1)[-1, 2, 0]]
    assert train.r2 == history.rows(1)[-1, :, 1].tolist()


# Told once


def test_replies_exams_and_changes_are_told_once() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    status, reader = RunStatus("paused", 2.0), watcher()
    trainer.change("training.learning_rate", 0.5)
    reader.replies.append(Reply(number=3, error="no"))
    status.add_exams([exam_of(epoch=1, loss=0.5, accuracy=1.0)])
    first, _ = make_frame(reader, trainer, history, status, 0.0)
    second, _ = make_frame(reader, trainer, history, status, 0.0)
    assert [change.value for change in first.changes] == [0.5]
    assert first.replies == (Reply(number=3, error="no"),)
    assert first.exam == status.exam
    assert (second.changes, second.replies, second.exam) == ((), (), None)
    assert reader.frames == 2
    late, _ = make_frame(watcher(), trainer, history, status, 0.0)
    assert (late.changes, late.exam) == (first.changes, first.exam)


def test_the_spec_is_told_where_it_is_another_than_before() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    status, reader = RunStatus("running", None), watcher()
    reader.advance(spec=status.spec_version)
    assert make_frame(reader, trainer, history, status, 0.0)[0].spec is None
    trainer.change("training.l2", 0.25)
    status.change_spec()
    spec = make_frame(reader, trainer, history, status, 0.0)[0].spec
    assert spec is not None
    assert spec.training.l2 == 0.25
    assert make_frame(reader, trainer, history, status, 0.0)[0].spec is None


def test_what_waits_for_its_epoch_is_told_every_time() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    trainer.change("training.batch_size", 5)
    reader = watcher()
    for _ in range(2):
        frame, _ = tell(reader, trainer, history)
        assert [(change.epoch, change.step, change.value) for change in frame.pending] == [(3, 0, 5)]
        assert frame.changes == ()


# Views


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("seeds", [{}, {"seeds": [1, 2]}], ids=["one seed", "two seeds"])
@pytest.mark.parametrize("steps", [0, 1, 4, 6])
def test_every_view_of_every_kind_of_run_can_be_sent(name: str, seeds: dict[str, Any], steps: int) -> None:
    trainer, history = trained(SPECS[name], steps=steps, **seeds)
    frame, arrays = tell(watcher(*VIEW_NAMES), trainer, history)
    back, there = decode_event(encode(frame, arrays))
    assert back == frame
    assert {key: value.shape for key, value in there.items()} == {key: value.shape for key, value in arrays.items()}


def test_the_clerks_are_those_of_the_step_that_is_named() -> None:
    trainer, history = trained(recipe(TWO_CLASSES), steps=6)
    frame, arrays = tell(watcher("weights", "neurons"), trainer, history)
    assert batch_of(frame) == StepPlace(epoch=2, step=2, steps=4, total_steps=6)
    assert (frame.epoch, frame.step) == (1, 2)
    rows = arrays["neurons.rows"]
    assert set(rows) <= set(trainer.data.train.rows)
    assert arrays["neurons.masks.0"].shape == arrays["neurons.activations.0"].shape == (7, len(rows)) == (7, 13)
    assert ((arrays["neurons.masks.0"] == 1) | (arrays["neurons.activations.0"] == 0)).all()
    assert 0 < arrays["neurons.masks.0"].mean() < 1
    np.testing.assert_array_equal(arrays["weights.0"][:, :-1], trainer.layers[0].weights)


def test_at_an_epochs_end_the_step_is_the_epochs_last() -> None:
    trainer, history = trained(recipe(TWO_CLASSES), steps=4)
    place = batch_of(tell(watcher("neurons"), trainer, history)[0])
    assert place is not None
    assert (place.epoch, place.step) == (1, 4)


def test_nothing_is_copied_for_who_asks_for_no_view() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    frame, arrays = tell(watcher(), trainer, history)
    assert set(arrays) == {"rows"}
    assert frame.answers == ()


def test_who_watches_from_afar_gets_views_as_seldom_as_it_says_while_the_run_trains_and_at_once_while_it_rests() -> (
    None
):
    trainer, history = trained(recipe(TWO_CLASSES))
    status, reader = RunStatus("running", None), watcher("weights")
    reader.hello = reader.hello.model_copy(update={"views_every": 2.0})
    reader.advance(spec=status.spec_version)

    def brings_weights(now: float) -> bool:
        return "weights.0" in make_frame(reader, trainer, history, status, now)[1]

    assert [brings_weights(now) for now in (1.0, 1.5, 2.9, 3.1, 4.0)] == [True, False, False, True, False]
    status.enter("paused")
    assert [brings_weights(now) for now in (5.5, 6.0)] == [True, True]


def test_large_views_are_spaced_out_but_a_reply_brings_them_along(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    status, reader = RunStatus("running", None), watcher("weights")
    reader.advance(spec=status.spec_version)
    size = sum(array.nbytes for array in make_frame(reader, trainer, history, status, 0.0)[1].values())
    monkeypatch.setattr(frames_module, "SNAPSHOT_BYTES", size / 10)  # one snapshot in some 10 s
    reader.next_snapshot = 0.0

    def brings_weights(now: float) -> bool:
        return "weights.0" in make_frame(reader, trainer, history, status, now)[1]

    assert brings_weights(now=1.0)
    assert not brings_weights(now=5.0)
    assert reader.snapshot_deferred
    reader.replies.append(Reply(number=1))
    assert brings_weights(now=6.0)
    assert not reader.snapshot_deferred
    assert not brings_weights(now=6.5)
    assert brings_weights(now=20.0)


def test_where_time_was_for_one_answer_alone_the_next_frame_begins_with_the_other_and_brings_all_anew_at_rest() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    status, reader = RunStatus("running", None), watcher("weights", "moments")
    run = Standing(trainer, history, status)

    def told_next(answers: Answers) -> list[str]:
        draft = draft_frame(reader, run, answers, 0.0)
        reader.sent(draft, 0.0)
        if "weights.0" in draft.arrays:
            np.testing.assert_array_equal(draft.arrays["weights.0"][:, :-1], trainer.layers[0].weights)
        return [answer.query.kind for answer in draft.frame.answers]

    ticks = count()
    short = Answers(run, Allowance(1e-6, burst=0.5, owed=9.0), lambda: float(next(ticks)))
    assert told_next(short) == ["weights"]
    assert reader.snapshot_deferred
    trainer.step()
    status.enter("paused")
    reader.next_snapshot = 0.0
    assert told_next(short) == ["moments", "weights"]
    assert not reader.snapshot_deferred


# Exam


@pytest.mark.parametrize("name", SPECS)
def test_an_opened_exam_can_be_sent_for_one_seed_and_for_several(name: str) -> None:
    alone, _ = trained(SPECS[name], steps=8)
    single = exam_result(alone)
    assert single.epoch == alone.epoch
    assert isinstance(single.reports[0].loss, float)
    trainer, history = trained(SPECS[name], steps=8, seeds=[5, 6])
    both = exam_result(trainer)
    assert both.epoch == trainer.epoch
    assert len(both.reports) == 2
    assert both.reports[0].loss == pytest.approx(single.reports[0].loss)
    status = RunStatus("finished", None)
    status.add_exams([both])
    frame, arrays = make_frame(watcher(), trainer, history, status, 0.0)
    assert decode_event(encode(frame, arrays))[0].exam == both


def test_several_planes_are_answered_side_by_side_and_what_cannot_be_says_why(trainer: Trainer) -> None:
    first = BoundaryQuery(id="first", columns=(1, 0), width=3, height=2, point=(0.5, 1))
    second = BoundaryQuery(id="second", width=5, height=4)
    third = BoundaryQuery(id="third", neuron=(9, 9))
    looking = watcher()
    looking.subscribe((first, second, third))
    frame, arrays = tell(looking, trainer, EpochSeries(1, no_recall))
    assert [answer.query for answer in frame.answers] == [first, second, third]
    assert (arrays["first.field"].shape, arrays["second.field"].shape) == ((2, 3), (4, 5))
    refusal = frame.answers[2].refusal
    assert refusal is not None
    assert "no hidden neuron 10" in refusal
    assert not arrays_of(arrays, "third")


def test_queries_that_differ_in_their_ids_alone_are_worked_out_once(
    trainer: Trainer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Trainer] = []

    def build(of: Trainer) -> dict[str, Floats]:
        made.append(of)
        return {"means": np.zeros(1)}

    monkeypatch.setitem(VIEWS, "coadaptation", build)
    looking = watcher()
    looking.subscribe((CoadaptationQuery(), CoadaptationQuery(id="again")))
    _, arrays = tell(looking, trainer, EpochSeries(1, no_recall))
    assert {"coadaptation.means", "again.means"} <= set(arrays)
    assert len(made) == 1


def test_what_is_asked_once_comes_with_the_reply(trainer: Trainer) -> None:
    asking = watcher()
    asking.asked += [(7, Ask(query=BoundaryQuery(width=3, height=2))), (8, Ask(query=BoundaryQuery(neuron=(9, 9))))]
    frame, arrays = tell(asking, trainer, EpochSeries(1, no_recall))
    done, refused = frame.replies
    assert isinstance(done.result, Answer)
    assert arrays_of(arrays, reply_prefix(7))["field"].shape == (2, 3)
    assert (refused.result, "no hidden neuron 10" in (refused.error or "")) == (None, True)
    assert not asking.waits


def test_a_reply_has_a_largest_size(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("MAX_REPLY_BYTES", "MAX_REPLIES_BYTES"):
        monkeypatch.setattr(answers_module, limit, 150)
    asking = watcher()
    monkeypatch.setitem(VIEWS, "coadaptation", lambda _: {"means": np.zeros(10)})
    monkeypatch.setitem(VIEWS, "moments", lambda _: {"0": np.zeros(20)})
    asking.asked += [(1, Ask(query=CoadaptationQuery())), (2, Ask(query=CoadaptationQuery(id="again")))]
    asking.asked += [(3, Ask(query=MomentsQuery()))]
    first, arrays = tell(asking, trainer, EpochSeries(1, no_recall))
    assert ([reply.number for reply in first.replies], set(arrays)) == ([1], {"@1.means"})
    second, _ = tell(asking, trainer, EpochSeries(1, no_recall))
    assert [reply.number for reply in second.replies] == [2, 3]
    assert "160 bytes are more than the 150" in (second.replies[1].error or "")


@pytest.mark.parametrize("name", SPECS)
def test_every_array_of_an_answer_has_a_layout(name: str) -> None:
    trainer, history = trained(SPECS[name], steps=6)
    frame, arrays = tell(watcher(*VIEW_NAMES), trainer, history)
    for answer in frame.answers:
        for array_name, array in arrays_of(arrays, answer.query.id).items():
            layout = layout_of(answer.query.kind, array_name)
            assert layout is not None, array_name
            assert array.ndim == len(layout.shape), array_name
            assert layout.dtype in {str(array.dtype), "float"}, array_name
    facts = {"inputs": trainer.data.train.X.shape[1], "feature_names": (), "classes": (), "rows": (1, 1, 1)}
    check_frame(frame, arrays, Welcome(protocol=PROTOCOL, version="0", run="r", seeds=(1,), read_only=True, **facts))


# What was sent


def test_a_frame_that_could_not_be_sent_is_drafted_again_with_all_that_it_held() -> None:
    trainer, history = trained(recipe(TWO_CLASSES))
    trainer.change("training.learning_rate", 0.5)
    reader, run = watcher("weights"), Standing(trainer, history, RunStatus("paused", None))
    reader.replies.append(Reply(number=1))
    lost, again = (draft_frame(reader, run, new_answers(run), 0.0) for _ in range(2))
    assert again.frame == lost.frame
    assert set(again.arrays) == set(lost.arrays) >= {"rows", "weights.0"}
    reader.sent(again, 0.0)
    after = draft_frame(reader, run, new_answers(run), 100.0)
    assert (after.frame.changes, after.frame.replies, "rows" in after.arrays) == ((), (), False)
