"""Who is told what, and when: credit, the frame rate, answers at once, nobody watching."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.protocol.commands import Acknowledge, MoreEpochs, NextEpoch, NextStep, Pause, Resume, SetPace, Stop
from engine.protocol.events import STARTING_CREDIT, Frame
from engine.store.runs import Run
from engine.training.trainer import Trainer
from engine.views.catalog import VIEWS
from engine.worker import frames as frames_module
from engine.worker import publisher as publisher_module
from engine.worker.server import SILENT_AFTER
from engine.worker.subscription import FRAME_EVERY
from engine.worker.worker import IDLE_WAIT, LINGER
from tests.engine.worker.conftest import Clock, MakeRun, Serve
from tests.engine.worker.oracle import Undisturbed, shown_weights, told, weights_of
from tests.patience import PATIENCE

# Credit


def test_who_reads_nothing_is_sent_two_frames_and_then_everything_at_once(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=50)
    served, alone = serve(run), Undisturbed(run).finish()
    reader, sleeper = served.watch(), served.watch()
    unanswered = [sleeper.receive()[0]]
    reader.do(NextEpoch())
    reader.until(epoch=1, state="paused")
    unanswered += [sleeper.receive()[0] for _ in range(STARTING_CREDIT - 1)]
    for epoch in range(2, 6):
        reader.do(NextEpoch())
        reader.until(epoch=epoch, state="paused")
    reader.do(Resume())
    reader.until(state="finished")
    sleeper.ping()
    assert sleeper.frames == []
    sleeper.send(Acknowledge(number=0))
    event, arrays = sleeper.receive()
    assert isinstance(event, Frame)
    before = unanswered[-1].epoch
    assert before <= 1
    assert (event.number, event.state, event.first_epoch) == (STARTING_CREDIT, "finished", before + 1)
    np.testing.assert_array_equal(arrays["rows"], alone.rows[before:])


def test_a_late_watcher_gets_the_whole_history(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=50)
    served, alone = serve(run), Undisturbed(run).finish()
    first = served.watch()
    first.do(Resume())
    first.until(state="finished")
    every, few = served.watch(), served.watch(max_points=16)
    every.frame()
    np.testing.assert_array_equal(told(every), alone.rows)
    frame, arrays = few.frame()
    assert (frame.first_epoch, frame.bin_width) == (1, 4)
    np.testing.assert_array_equal(arrays["bins"][:, :, 2], alone.rows[[*range(3, 50, 4), 49], 0])


@pytest.mark.parametrize("grants", [0, 1])
def test_a_slow_reader_finds_every_epoch_of_the_run_in_what_a_worker_sends_before_it_leaves(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch, grants: int
) -> None:
    monkeypatch.setattr("engine.worker.connections._LINGER", PATIENCE)  # for as long as a busy machine needs to read
    run = make_run(training__epochs=10**6, training__batch_size="full")
    served = serve(run)
    driver, slow = served.watch(), served.watch()
    driver.do(Resume())
    while driver.frame()[0].epoch < STARTING_CREDIT + 2 * frames_module.MOST_ROWS:
        pass  # more than one frame holds
    for _ in range(grants):
        slow.send(Acknowledge(number=0))
    driver.do(Stop())  # what the slow one grants while it reads then comes too late for frames in between
    with ThreadPoolExecutor() as threads:
        reading = threads.submit(driver.until, final=True)
        while not slow.frames or not slow.frames[-1][0].final:
            slow.frame()
        last = reading.result(PATIENCE)
    served.join()
    assert (slow.frames[-1][0].state, slow.frames[-1][0].epoch) == ("stopped", last.epoch)
    assert len(slow.frames) <= STARTING_CREDIT + grants + 1  # none is added to what has not been read
    rows = Run(run.path).metrics.rows()
    assert len(rows) == last.epoch
    np.testing.assert_array_equal(told(slow), rows)
    np.testing.assert_array_equal(told(driver), rows)


# Rate


def test_frames_leave_at_most_twenty_times_a_second(make_run: MakeRun, serve: Serve) -> None:
    watcher = serve(make_run(training__epochs=2_000)).watch()
    watcher.frame()
    start = time.monotonic()
    watcher.do(Resume())
    watcher.until(state="finished")
    elapsed = time.monotonic() - start
    unasked = [frame for frame, _ in watcher.frames[1:] if not frame.replies]
    assert len(unasked) <= elapsed / FRAME_EVERY + 1


def test_answers_do_not_wait_for_the_next_frame(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    watcher = serve(make_run(), clock=clock).watch()
    watcher.frame()
    clock.stop()
    for number in range(1, 9):
        frame = watcher.do(NextStep())
        assert frame.epoch * 4 + frame.step == number
    assert watcher.do(SetPace(pace=3)).pace == 3


def test_news_for_others_comes_a_frames_time_later_not_at_the_next_idle_look(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    clock.stop()  # before the first frames: they are not to be any older than the news
    served = serve(make_run(), clock=clock)
    acting, looking = served.watch(), served.watch()
    acting.frame()
    looking.frame()
    acting.do(NextStep())
    served.go_round()
    assert served.waits[-1] <= FRAME_EVERY
    looking.ping()
    assert len(looking.frames) == 1
    clock.skip(FRAME_EVERY)
    assert looking.frame()[0].step == 1


def test_a_run_that_rests_and_has_told_everything_waits_long(make_run: MakeRun, serve: Serve) -> None:
    served = serve(make_run())
    watcher = served.watch()
    watcher.do(NextStep())
    served.go_round()
    assert served.waits[-1] == IDLE_WAIT
    assert watcher.frames[-1][0].step == 1


def test_views_too_large_for_every_frame_still_come_when_the_run_rests(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames_module, "SNAPSHOT_BYTES", 100.0)  # of 260 bytes: one in two to three seconds
    clock = Clock()
    clock.stop()
    served = serve(make_run(), clock=clock)
    acting, looking = served.watch(), served.watch(views=("weights",))
    assert "weights.0" in looking.frame()[1]
    acting.do(NextStep())
    clock.skip(FRAME_EVERY)
    frame, arrays = looking.frame()
    assert (frame.step, "weights.0" in arrays) == (1, False)
    clock.skip(3)
    frame, arrays = looking.frame()
    assert (frame.step, "weights.0" in arrays) == (1, True)


def test_views_that_take_long_to_make_come_ten_times_as_seldom(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    clock.stop()

    def slow(trainer: Trainer) -> dict[str, NDArray[Any]]:
        clock.skip(0.5)
        return make_weights(trainer)

    make_weights = VIEWS["weights"]
    monkeypatch.setitem(VIEWS, "weights", slow)
    served = serve(make_run(), clock=clock)
    acting, looking = served.watch(), served.watch(views=("weights",))
    assert "weights.0" in looking.frame()[1]
    acting.do(NextStep())
    clock.skip(4)  # less than 5 s since the frame was begun, with the half second that it took
    assert "weights.0" not in looking.frame()[1]
    clock.skip(1)
    assert "weights.0" in looking.frame()[1]


# Nobody


def test_with_nobody_watching_nothing_is_put_together(
    make_run: MakeRun, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr(publisher_module, "draft_frame", lambda *arguments, **options: made.append(arguments))
    clock = Clock()
    served = serve(make_run(training__epochs=100), attach_only=False, clock=clock)
    clock.skip(LINGER + 1)
    served.join()
    assert served.run.summary().state == "finished"
    assert made == []


def test_a_silent_watcher_is_sent_nothing_and_hears_the_rest_when_it_comes_back(
    make_run: MakeRun, serve: Serve
) -> None:
    run, clock = make_run(), Clock()
    served, alone = serve(run, clock=clock), Undisturbed(run).finish()
    silent, alive = served.watch(views=("weights",)), served.watch()
    silent.frame()
    alive.do(NextEpoch())
    alive.until(epoch=1, state="paused")
    silent.until(epoch=1, state="paused")
    silent.ping()
    clock.skip(SILENT_AFTER - 1)
    alive.do(SetPace(pace=None))
    clock.skip(2)
    served.go_round()
    assert len(served.server.watchers) == 1
    while silent.has_mail():  # that of the pace, to which it says nothing
        silent.receive()
    before = len(silent.frames)
    alive.do(Resume())
    alive.until(state="finished")
    silent.ping()
    assert len(silent.frames) == before
    silent.until(state="finished")
    np.testing.assert_array_equal(told(silent), alone.rows)
    assert shown_weights(silent) == weights_of(alone.trainer)


def test_a_silent_watcher_finds_the_end_when_it_reads_again_and_the_worker_has_left(
    make_run: MakeRun, serve: Serve
) -> None:
    run, clock = make_run(), Clock()
    served = serve(run, clock=clock)
    silent, alive = served.watch(), served.watch()
    silent.frame()
    silent.ping()
    clock.skip(SILENT_AFTER + 1)
    alive.do(NextEpoch())
    served.go_round()
    assert len(served.server.watchers) == len(served.server.silent) == 1
    alive.do(Stop())
    served.join()
    assert silent.until(final=True).epoch == 1
    np.testing.assert_array_equal(told(silent), Run(run.path).metrics.rows())


def test_all_the_while_a_watcher_reads_the_worker_knows_it(make_run: MakeRun, serve: Serve) -> None:
    clock = Clock()
    served = serve(make_run(), clock=clock)
    watcher = served.watch()
    for epochs in range(7, 12):
        watcher.do(MoreEpochs(epochs=epochs))
        clock.skip(SILENT_AFTER - 1)
        served.go_round()
    assert watcher.do(Pause()).epochs == 11


# The welcome


def test_the_welcome_tells_what_to_know_of_the_data(make_run: MakeRun, serve: Serve) -> None:
    fair = serve(make_run()).connect().greet()
    assert fair.image_shape is None
    assert not [note for note in fair.notes if "leak" in note]
    leaky = serve(make_run(scaler__kind="standard", scaler__fit="all")).connect().greet()
    assert [note for note in leaky.notes if "leak, on purpose" in note]


def test_the_welcome_tells_the_shape_of_pictures(tmp_path: Path, make_run: MakeRun, serve: Serve) -> None:
    pictures = np.random.default_rng(0).random((12, 3, 5))
    np.savez(tmp_path / "pictures.npz", X=pictures, y=np.arange(12) % 2)
    data = {"source": str(tmp_path / "pictures.npz")}
    welcome = serve(make_run(data=data)).connect().greet()
    assert welcome.image_shape == (3, 5)
    assert welcome.inputs == 15
