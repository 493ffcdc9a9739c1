from __future__ import annotations

import os
import signal
import time
from importlib import import_module
from pathlib import Path
from subprocess import Popen
from typing import Any, Final, cast

import pytest

from engine.errors import InputError
from engine.store.runs import RunStore
from presets import load
from tests.patience import PATIENCE
from tests.terminal import Terminal
from tui_trainer.cli import dashboard
from tui_trainer.cli.opening import Opening
from tui_trainer.cli.run import RunRequest
from tui_trainer.glossary import TERMS
from tui_trainer.panes import PANES, PaneSpec
from tui_trainer.view_models.dashboard import DashboardModel

ENTER: Final = "\x1b[?1049h"
"""What leads to a terminal's other screen."""


@pytest.fixture
def stuck(tmp_path: Path) -> str:
    """A recipe that never comes to its end: what is shown meanwhile stands still."""
    path = tmp_path / "stuck.toml"
    os.mkfifo(path)
    return str(path)


@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)
def test_a_pane_is_first_called_as_it_calls_itself(pane: PaneSpec) -> None:
    module, _, name = pane.factory.partition(":")
    widget = getattr(import_module(module), name)(DashboardModel(title="x"), id=pane.id)
    assert widget.title() == (TERMS[pane.title].standard if pane.title in TERMS else pane.title).capitalize()


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16), (40, 10), (5, 2), (1, 1)])
def test_there_is_a_frame_at_any_size(size: tuple[int, int], capfd: pytest.CaptureFixture[str]) -> None:
    opening = Opening("breast-cancer", size)
    opening.paint()
    opening.say("reading the recipe…")
    opening.close()
    opening.close()
    written = capfd.readouterr().out
    assert written.count(ENTER) == written.count("\x1b[?1049l") == 1
    assert ("reading" in written) == (size[0] > 8)


def test_while_something_is_loaded_it_says_what_and_ctrl_c_leaves(stuck: str) -> None:
    with Terminal([stuck]) as terminal:
        terminal.wait_for(lambda text: "1 Architecture" in text and "reading the recipe…" in text)
        assert not terminal.echoes
        terminal.press("\x03")
        assert terminal.wait_for_end() == 130
        assert terminal.echoes


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_gives_the_terminal_back(stuck: str, number: int) -> None:
    with Terminal([stuck], size=(80, 24)) as terminal:
        terminal.wait_for("reading the recipe…")
        terminal.kill(number)
        assert terminal.wait_for_end() == 128 + number
        assert terminal.echoes


def test_what_cannot_be_opened_is_said_in_one_line_where_the_terminal_was(tmp_path: Path) -> None:
    with Terminal([str(tmp_path / "none.toml")]) as terminal:
        assert terminal.wait_for_end() == 2
        assert terminal.echoes
        assert "tui-trainer: " in terminal.text


def test_what_fails_before_the_frame_is_due_leaves_the_terminal_alone(capfd: pytest.CaptureFixture[str]) -> None:
    opening = Opening("breast-cancer", (120, 40))
    opening.paint_after(3600)
    opening.say("reading the recipe…")
    opening.say("reading the recipe…")
    opening.close()
    written = capfd.readouterr().out
    assert written.count("reading the recipe…") == 1
    assert ENTER not in written
    assert written.endswith("\r\x1b[K")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_frame_that_is_due_says_what_is_waited_for(capfd: pytest.CaptureFixture[str]) -> None:
    opening = Opening("breast-cancer", (120, 40))
    opening.say("reading the recipe…")
    opening.paint_after(0.001)
    start = time.monotonic()
    while not opening.is_painted and time.monotonic() - start < PATIENCE:
        time.sleep(0.001)
    opening.paint()
    opening.close()
    written = capfd.readouterr().out
    assert written.count("1 Architecture") == written.count(ENTER) == written.count("\x1b[?1049l") == 1
    before, in_frame = written.split(ENTER)
    assert before.endswith("\r\x1b[K")  # the line does not stay behind on the terminal
    assert "reading the recipe…" in in_frame


def request(preset: str, **own: Any) -> RunRequest:
    rest = dict.fromkeys(("data", "save", "name", "seed", "seeds", "pace"))
    return RunRequest(preset, **{"changes": {}, "targets": (), **rest, **own})


def test_a_preset_of_the_library_is_surely_right_and_what_is_the_users_may_not_be(tmp_path: Path) -> None:
    assert request("plants-moons", changes={"training.epochs": 9}, seed=3).is_surely_right
    assert not request("plants-moons", changes={"training.learning_rate": -1}).is_surely_right
    assert not request("plants-moons", changes={"training.epochs": -9}).is_surely_right
    assert not request("plants-moons", data=str(tmp_path)).is_surely_right
    assert not request("plants-moons", name="taken").is_surely_right
    assert not request("plants-moon").is_surely_right
    (tmp_path / "own.toml").write_text("")
    assert not request(str(tmp_path / "own.toml")).is_surely_right
    assert not request(str(tmp_path / "own")).is_surely_right


class EndedWorker:
    def __init__(self, status: int | None) -> None:
        self.status = status

    def poll(self) -> int | None:
        return self.status


def test_what_the_worker_refuses_is_said_without_a_flash_of_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = RunStore(tmp_path).create(load("xor"), [1])
    run.log_path.write_text("data.csv: row 3, column a: the value is missing\n")
    opening = Opening("mine.toml", (120, 40))
    with pytest.raises(InputError, match="row 3, column a"):
        dashboard.wait_until_settled(run, cast("Popen[bytes]", EndedWorker(2)), opening)
    opening.close()
    assert ENTER not in capfd.readouterr().out


def test_a_worker_that_takes_long_is_waited_for_until_the_frame_stands(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = RunStore(tmp_path).create(load("xor"), [1])
    opening = Opening("mine.toml", (120, 40))
    opening.paint_after(0.001)
    dashboard.wait_until_settled(run, cast("Popen[bytes]", EndedWorker(None)), opening)
    assert opening.is_painted
    opening.close()
    assert "the worker reads its data…" in capfd.readouterr().out
