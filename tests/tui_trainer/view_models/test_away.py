"""What happened while a watcher was away is told in a few lines, by hand-made numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.protocol.events import Frame, RunLeft
from engine.run.changes import RECIPE, Change, make_change
from engine.run.verdicts import Verdict
from tests.tui_trainer.fake_client import make_welcome
from tui_trainer.view_models.absence import Away, Seen, away_since
from tui_trainer.view_models.authors import signature, words_of_others
from tui_trainer.view_models.away import away_lines, found_lines
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel

RATE = "training.learning_rate"


def frame(epoch: int, *changes: Change, **values: Any) -> Frame:
    fields: dict[str, Any] = {
        "number": 1,
        "state": "running",
        "epoch": epoch,
        "step": 0,
        "steps": 11,
        "epochs": 100,
        "pace": None,
        "epochs_per_second": None,
        "learning_rate": 0.001,
        "best_epoch": None,
        "changes": changes,
    }
    return Frame(**{**fields, **values})


def turned(epoch: int, author: str, value: float = 0.01) -> Change:
    return make_change(RATE, value, epoch=epoch, step=0, author=author, before=0.001)


def rows(losses: list[float]) -> np.ndarray[Any, Any]:
    """Return rows (k, 1, 5) of which only the validation losses matter."""
    return np.stack([np.zeros(len(losses))] * 2 + [np.array(losses)] + [np.zeros(len(losses))] * 2, axis=1)[:, None, :]


@pytest.fixture
def model() -> DashboardModel:
    """Return a run whose validation loss fell to .3 at epoch 2, then to .2 at 5, and rose to .9 at 6."""
    run = RunModel(make_welcome())
    run.apply(frame(7), {"rows": rows([0.5, 0.3, 0.4, 0.35, 0.2, 0.9, 0.6])})
    return DashboardModel(title="a-run", run=run, link="live", watcher="ada@box", screen="ada@box pts/1")


def seen_at(epoch: int, **values: Any) -> Seen:
    return Seen(**{"created": "", "epoch": epoch, "changes": 0, "at": 1000.0, **values})


def test_epochs_best_and_worst_since_then(model: DashboardModel) -> None:
    away = Away(seen_at(3), epoch=7, at=1187.0)
    assert away_lines(model, away) == [
        "while you were away (3:07): +4 epochs, from 3 to 7",
        "best validation loss 0.2000 at epoch 5, better than 0.3000 at 2 before · worst 0.9000 at 6",
    ]
    later = Away(seen_at(5), epoch=7, at=1010.0)
    assert "best validation loss 0.6000 at epoch 7, not better than 0.2000 at 5 before" in away_lines(model, later)[1]


def test_what_comes_after_the_return_is_not_part_of_it(model: DashboardModel) -> None:
    away = Away(seen_at(3), epoch=7, at=1010.0)
    before = away_lines(model, away)
    model.run.apply(frame(8, first_epoch=8), {"rows": rows([0.01])})
    assert away_lines(model, away) == before


def test_changes_are_told_by_who_made_them(model: DashboardModel) -> None:
    changes = [turned(4, "bob@box", value) for value in (0.01, 0.02, 0.05, 0.1, 0.2)]
    model.run.apply(frame(7, *changes, turned(5, "ada@box"), turned(6, RECIPE)), {})
    bob, ada, recipe = away_lines(model, Away(seen_at(3), epoch=7, at=1010.0))[2:]
    assert bob.startswith("bob@box: 2 more before · lr 0.001 → 0.05 at epoch 4 · ")
    assert bob.endswith("lr 0.001 → 0.2 at epoch 4")
    assert ada.startswith("you: lr 0.001 → 0.01 at epoch 5")
    assert recipe.startswith("the recipe: ")


def test_verdicts_that_began_or_passed_meanwhile_are_named(model: DashboardModel) -> None:
    def verdict(number: int, name: Any, since: int, told: int, until: int | None = None) -> Verdict:
        return Verdict(number=number, name=name, since=since, told=told, until=until, evidence="numbers", advice="try")

    model.run.verdicts = {
        1: verdict(1, "unscaled-inputs", 0, 0),
        2: verdict(2, "dead-neurons", 1, 2, until=5),
        3: verdict(3, "plateau", 3, 4, until=6),
        4: verdict(4, "overfitting", 5, 6),
        5: verdict(5, "diverging", 8, 8),
    }
    lines = away_lines(model, Away(seen_at(3), epoch=7, at=1010.0))
    assert lines[-1] == "verdicts: overfitting since 5 · plateau since 3 until 6 · dead-neurons has passed"


def test_the_end_says_when_and_by_whom(model: DashboardModel) -> None:
    model.run.welcome = make_welcome(left=RunLeft(state="finished", at=1100.0))
    model.run.apply(frame(7, state="finished", reason="epochs"), {})
    assert away_lines(model, Away(seen_at(3), epoch=7, at=1190.0))[-1] == "finished 90 s ago"
    model.run.welcome = make_welcome()
    model.run.apply(frame(7, state="stopped", reason="stopped", by="bob@box"), {})
    assert away_lines(model, Away(seen_at(3), epoch=7, at=1190.0))[-1] == "stopped by bob@box"


def test_a_worker_that_died_is_told_of_with_the_last_lines_of_its_log(model: DashboardModel) -> None:
    assert found_lines(model) == []
    model.run.welcome = make_welcome(left=RunLeft(state="died", at=1100.0, lines=("one", "two", "no\x1b[31m space")))
    assert found_lines(model) == ["its worker died at epoch 7", "its log: two", "its log: no�[31m space"]


def test_another_run_of_the_name_and_one_without_news_are_no_absence(model: DashboardModel) -> None:
    assert away_since(model.run, seen_at(3), 1010.0) == Away(seen_at(3), 7, 1010.0)
    assert away_since(model.run, seen_at(7), 1010.0) is None
    assert away_since(model.run, seen_at(9), 1010.0) is None
    assert away_since(model.run, seen_at(3, created="2026-01-01T00:00:00+00:00"), 1010.0) is None


def test_others_are_named_and_the_watchers_own_changes_are_not(model: DashboardModel) -> None:
    assert [signature(model, turned(1, who)) for who in ("ada@box pts/3", "user", "bob@box pts/1", RECIPE)] == [
        "",
        "",
        "bob@box pts/1",
        "the recipe",
    ]
    run = model.run
    assert words_of_others(model, run, frame(7, turned(7, "bob@box"))) == "bob@box: lr 0.001 → 0.01"
    assert words_of_others(model, run, frame(7, turned(7, "ada@box pts/1"))) == ""
    assert words_of_others(model, run, frame(7, turned(7, "ada@box pts/2"))) == "you on pts/2: lr 0.001 → 0.01"
    assert words_of_others(model, run, frame(7, state="paused", by="bob@box")) == "bob@box paused it"
    assert words_of_others(model, run, frame(7, state="paused", by="ada@box pts/1")) == ""
    assert words_of_others(model, run, frame(7, state="finished", by="bob@box")) == ""
    assert words_of_others(model, run, frame(7, visiting=3, by="bob@box")) == "bob@box looks at epoch 3"
    assert words_of_others(model, RunModel(make_welcome()), frame(7, turned(7, "bob@box"))) == ""


def test_a_name_cannot_hide_in_control_characters(model: DashboardModel) -> None:
    assert "\x1b" not in signature(model, turned(1, "bob\x1b[2J"))
    assert replace(model, watcher="x").watcher == "x"
