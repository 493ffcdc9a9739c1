"""How a run was left is told to those who open it again."""

from __future__ import annotations

import os
import time

import pytest

from engine.protocol.commands import Pause, Resume, Stop
from engine.worker.run_left import LAST_SECONDS, read_run_left
from tests.engine.worker.conftest import MakeRun, Serve


@pytest.mark.parametrize(
    ("recorded", "state"),
    [("running", "died"), ("paused", "died"), ("finished", "finished"), ("stopped", "stopped")],
)
def test_what_its_store_says_and_that_nobody_holds_it(make_run: MakeRun, recorded: str, state: str) -> None:
    run = make_run()
    assert read_run_left(run) is None, "a new one"
    run.metrics.record_state(state=recorded)
    run.metrics.close()
    left = read_run_left(run)
    assert left is not None
    assert left.state == state
    assert abs(left.at - time.time()) < LAST_SECONDS


def test_the_last_lines_of_the_log_are_part_of_it_where_they_are_of_the_end(make_run: MakeRun) -> None:
    run = make_run()
    run.metrics.record_state(state="running")
    run.metrics.close()
    run.log_path.write_text("\n".join(f"line {n}\x1b" for n in range(9)) + "\n" + "x" * 400)
    left = read_run_left(run)
    assert left is not None
    assert left.lines[0] == "line 5�"
    assert (len(left.lines), len(left.lines[-1])) == (5, 200)
    before = time.time() - 2 * LAST_SECONDS
    os.utime(run.log_path, (before, before))
    left = read_run_left(run)
    assert left is not None
    assert left.lines == ()


def test_all_watchers_hear_who_paused_let_go_on_and_stopped(make_run: MakeRun, serve: Serve) -> None:
    run = make_run(training__epochs=10**6, pace=50.0)
    served = serve(run, attach_only=False)
    ada, bob = served.watch(name="ada"), served.watch(name="bob")
    ada.do(Pause())
    assert bob.until(state="paused").by == "ada"
    bob.do(Resume())
    assert ada.until(state="running").by == "bob"
    bob.send(Stop())
    assert ada.until(state="stopped").by == "bob"
