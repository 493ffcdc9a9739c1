from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.protocol.events import Frame, OtherWorker
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.header import network_line, notice_of, seeds_line, state_of, time_left
from tui_trainer.view_models.link_state import LinkState
from tui_trainer.view_models.run import RunModel


def frame(**changed: Any) -> Frame:
    values: dict[str, Any] = {
        "number": 1,
        "state": "running",
        "epoch": 10,
        "step": 0,
        "steps": 11,
        "epochs": 50,
        "pace": 20.0,
        "epochs_per_second": 20.0,
        "learning_rate": 0.001,
        "best_epoch": None,
    }
    return Frame(**{**values, **changed})


def model(**changed: Any) -> DashboardModel:
    run = RunModel(make_welcome())
    run.apply(frame(**changed), {})
    return DashboardModel(title="a-run", run=run, link="live", notice=Notice(""))


@pytest.mark.parametrize(
    ("link", "state", "word"),
    [
        ("opening", "running", "starting"),
        ("live", "running", "training"),
        ("live", "paused", "paused"),
        ("ended", "finished", "finished"),
        ("died", "running", "died"),
    ],
)
def test_states(link: Any, state: str, word: str) -> None:
    watched = model(state=state)
    watched.link = link
    assert state_of(watched).word == word


def test_a_run_without_a_frame_is_loading() -> None:
    assert state_of(DashboardModel(title="a-run", link="live")).word == "loading"


def test_the_network_in_a_line() -> None:
    assert network_line(RunModel(make_welcome())) == "30→16→8→1"
    deep = RunModel(make_welcome(make_spec(network__units=[9] * 20)))
    assert network_line(deep) == "30→9→9→…→1 (21 layers)"


def test_seeds() -> None:
    assert seeds_line(RunModel(make_welcome())) == "seed 42"
    assert seeds_line(RunModel(make_welcome(seeds=(0, 1, 2)))) == "seeds 0–2"


def test_time_left_is_known_only_while_training() -> None:
    assert time_left(frame()) == "2 s left"
    assert time_left(frame(state="paused")) == ""
    assert time_left(frame(epochs_per_second=None)) == ""
    assert time_left(frame(epochs_per_second=0.0)) == ""


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, ""),
        ({"state": "paused", "step": 3}, "paused · epoch 11, step 3 of 11 done"),
        ({"state": "paused"}, "paused · epoch 10, at its end"),
        (
            {"state": "paused", "epoch": 0},
            "paused before the first step · n takes it · space trains to the end",
        ),
        (
            {"state": "finished", "reason": "epochs", "epoch": 0, "epochs": 0},
            "forward only: no step to take · h takes a row through it · 3 shows its weights",
        ),
        (
            {"state": "finished", "reason": "epochs", "epoch": 50},
            "all epochs done, after 50 of 50 epochs · raise epochs in the dials to go on",
        ),
        ({"state": "stopped", "reason": "stopped"}, "stopped on request, after 10 of 50 epochs"),
        ({"state": "finished", "reason": "non_finite"}, "stopped: a value was no longer finite, after 10 of 50 epochs"),
        ({"message": "NaN in layer 2\x1b[2J"}, "NaN in layer 2�[2J"),
    ],
)
def test_the_notice_says_how_the_run_stands(changed: dict[str, Any], text: str) -> None:
    assert notice_of(model(**changed)).text == text


def test_what_has_just_happened_comes_first() -> None:
    watched = model(state="paused")
    watched.notice = Notice("expected a number")
    assert notice_of(watched).text == "expected a number"


def test_a_silent_worker_is_called_so_and_what_has_just_happened_is_said_as_well() -> None:
    watched = model(state="paused")
    watched.silence = 75
    assert notice_of(watched).text == "no answer for 75 s: a long step, or the worker stands still"
    assert state_of(watched).word == "silent"
    watched.notice = Notice("expected a number")
    assert notice_of(watched).text == "expected a number"
    watched.link, watched.notice = "opening", Notice("starting the worker…")
    assert notice_of(watched).text == "starting the worker… 75 s: it reads the data first"
    assert state_of(watched).word == "starting"


def test_a_death_names_its_cause_and_its_cure() -> None:
    watched = model()
    watched.link, watched.why = "died", "the worker is gone"
    assert notice_of(watched).text == "the worker is gone"
    watched.can_resume = True
    assert notice_of(watched).text == "the worker is gone · enter resumes it from its last checkpoint"


def test_a_run_that_could_not_begin_is_not_to_be_resumed_but_tried_again() -> None:
    watched = DashboardModel(title="run", link="died", why="x.csv: row 3: expected 3 cells (got 2)", can_resume=True)
    assert notice_of(watched).text == "x.csv: row 3: expected 3 cells (got 2) · enter tries again"
    watched.read_only = True
    assert notice_of(watched).text == "x.csv: row 3: expected 3 cells (got 2)"


def test_what_a_starting_worker_reads_is_said_with_how_far_it_is() -> None:
    model = DashboardModel(title="houses-1", reading="reading houses.csv: 45%")
    assert notice_of(model).text == "starting the worker… reading houses.csv: 45%"


def test_the_link_to_another_machine_is_named() -> None:
    watched = model()
    watched.link_state = LinkState("box")
    watched.silence = 8
    assert state_of(watched).word == "last heard 8 s ago"
    assert notice_of(watched).text == "last heard 8 s ago: box is out of reach, or busy with a long step"
    watched.link, watched.silence = "reconnecting", 0
    watched.link_state = LinkState("box", lost_for=20, retry_in=4, why="Connection refused")
    assert state_of(watched).word == "reconnecting"
    said = "reconnecting to box in 4 s, lost 20 s ago: Connection refused · enter tries now"
    assert notice_of(watched).text == said
    watched.link = "opening"
    assert state_of(watched).word == "connecting"


def test_a_run_of_another_versions_worker_says_so_and_how_it_is_taken_over() -> None:
    welcome = make_welcome(other_worker=OtherWorker(version="0.0.1", protocol=1, pid=7), refusals={"steer": "no"})
    run = RunModel(welcome)
    run.apply(frame(state="running"), {})
    shown = DashboardModel(title="a-run", run=run, link="live", can_resume=True, notice=Notice(""))
    text = notice_of(shown).text
    assert text.startswith("its worker is tui-trainer 0.0.1 (protocol 1)")
    assert text.endswith("enter stops it, saved, and goes on with this version")
    assert "stops it" not in notice_of(replace(shown, read_only=True)).text
    run.apply(frame(state="stopped"), {})
    assert shown.other_worker is None
