"""Which run ``attach`` opens, and what leaving it prints."""

from __future__ import annotations

import os
from contextlib import ExitStack

import pytest

from engine.errors import InputError
from engine.store.runs import RunStore
from tests.engine.worker.learner import create
from tui_trainer.app import DashboardExit
from tui_trainer.cli.attach import _find
from tui_trainer.cli.dashboard import _exit_message, _failure


def _made(store: RunStore, *states: str) -> list[str]:
    names = []
    for age, state in enumerate(reversed(states)):
        run = create(store)
        run.metrics.record_state(state=state)
        run.metrics.close()
        for file in run.path.iterdir():
            os.utime(file, (10_000 + age, 10_000 + age))
        names.append(run.name)
    return names[::-1]


def test_without_a_name_it_is_the_run_at_work_else_the_latest_and_of_several_the_list_is_shown() -> None:
    store = RunStore()
    with pytest.raises(InputError, match="no runs yet"):
        _find(None)
    latest, older, oldest = _made(store, "finished", "running", "paused")
    assert _found(None) == (latest, False)
    with ExitStack() as held:
        held.enter_context(store.open(oldest).lock())
        assert _found(None) == (oldest, False)
        held.enter_context(store.open(older).lock())
        assert _found(None) == (older, True)
        held.enter_context(store.open(latest).lock())
        assert _found(None) == (older, True), "a finished run is not at work, though its worker is still there"
        assert _found(latest) == (latest, False)


def _found(name: str | None) -> tuple[str, bool]:
    run, is_one_of_several = _find(name)
    return run.name, is_one_of_several


def test_leaving_says_the_one_command_that_comes_back() -> None:
    detached, stopped = DashboardExit("detached", "running"), DashboardExit("stopped", "stopped")
    assert _exit_message("a-1", detached, "") == "run a-1: running; tui-trainer attach a-1 shows it again"
    assert _exit_message("a-1", detached, "--read-only ").endswith("tui-trainer attach --read-only a-1 shows it again")
    assert _exit_message("a-1", stopped, "") == "run a-1: stopped and saved; tui-trainer resume a-1 takes it up again"
    died = DashboardExit("failed", "running", "the worker is gone")
    assert _failure("a-1", died) == (
        "run a-1: the worker is gone; tui-trainer resume a-1 goes on from its last checkpoint"
    )
    assert _failure("a-1", DashboardExit("failed", None, "x.csv: row 3")) == "x.csv: row 3"
