"""Without a screen: the same bytes twice, started and left, listed, stopped, taken up again, replayed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from engine.store.runs import RunStore
from tests.patience import PATIENCE
from tests.stories.runs import (
    EPOCHS,
    STEERED,
    finished,
    hurry,
    reached,
    the_run,
    tui_trainer,
    turns,
    undisturbed,
    wait_for,
    wait_for_end_of,
)
from tests.terminal import Terminal

RECIPE = ["run", "breast-cancer", "--epochs", str(EPOCHS)]
FOREVER = ["run", "breast-cancer", "--epochs", "1000000", "--pace", "20"]


def losses(lines: str) -> list[tuple[int, float, float]]:
    """Return epoch, training and validation loss of each epoch's line."""
    parsed = [json.loads(line) for line in lines.splitlines()]
    return [
        (line["epoch"], line["train"]["loss"], line["validation"]["loss"]) for line in parsed if line["kind"] == "epoch"
    ]


def expected(rows: np.ndarray, first: int = 1) -> list[tuple[int, float, float]]:
    return [(epoch, row[0, 0], row[0, 2]) for epoch, row in enumerate(rows[first - 1 :], first)]


def test_the_same_command_twice_prints_the_same_bytes_but_for_the_name() -> None:
    command = [*RECIPE, "--headless", "--json", "--exam", "--seed", "42"]
    first, second = (tui_trainer(*command).stdout for _ in range(2))
    assert '"run":"breast-cancer-1"' in first
    assert second == first.replace("breast-cancer-1", "breast-cancer-2")
    assert losses(first) == expected(undisturbed())
    assert json.loads(first.splitlines()[-1])["exam"]["confusion"]


def test_a_run_is_started_left_listed_stopped_and_taken_up_again() -> None:
    name = tui_trainer(*FOREVER, "--detach", "--name", "night").stdout.strip()
    assert name == "night"
    (listed,) = (json.loads(line) for line in tui_trainer("runs", "--json").stdout.splitlines())
    assert (listed["run"], listed["preset"], listed["state"], listed["epochs"]) == (
        "night",
        "breast-cancer",
        "running",
        1_000_000,
    )
    assert "night: stopped after epoch" in tui_trainer("stop", "night").stdout
    assert "stopped" in tui_trainer("runs").stdout
    assert "nothing to stop" in tui_trainer("stop", "night", status=2).stderr
    done = the_run().summary().epoch
    command = [sys.executable, "-P", "-m", "tui_trainer", "resume", "night", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as resumed:
        assert resumed.stdout is not None
        lines = [resumed.stdout.readline() for _ in range(5)]
        resumed.send_signal(signal.SIGINT)  # once: stops, saved
        lines += resumed.stdout
        assert resumed.wait(PATIENCE) == 0
    wait_for_end_of(the_run())
    told = "".join(lines)
    assert json.loads(told.splitlines()[-1])["reason"] == "stopped"
    last = the_run().summary().epoch
    assert losses(told) == expected(undisturbed(epochs=last), done + 1)
    np.testing.assert_array_equal(the_run().metrics.rows(), undisturbed(epochs=last))


def test_a_client_that_sleeps_while_its_run_ends_prints_every_epoch_when_it_wakes() -> None:
    command = [sys.executable, "-P", "-m", "tui_trainer", *RECIPE, "--json", "--pace", "40"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        lines = [client.stdout.readline() for _ in range(4)]
        client.send_signal(signal.SIGSTOP)
        run = the_run()
        wait_for(lambda: run.summary().state == "finished")
        client.send_signal(signal.SIGCONT)
        lines += client.stdout
        assert client.wait(PATIENCE) == 0
    assert losses("".join(lines)) == expected(undisturbed())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")
def test_the_log_of_changes_replayed_with_its_seed_gives_the_same_run() -> None:
    with Terminal(STEERED) as terminal:
        for epoch, keys in ((2, "]"), (3, "1"), (4, "right"), (5, "a"), (7, "["), (8, "u"), (9, "]")):
            terminal.wait_for(reached(epoch))
            terminal.press(keys)
        hurry(terminal)
        terminal.wait_for(finished)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    run = the_run()
    wait_for_end_of(run)
    changes = turns(run)
    assert {change.path for change in changes} == {"training.learning_rate", "network.edit"}
    assert len(changes) == 6
    np.testing.assert_array_equal(run.metrics.rows(), undisturbed(changes))


def test_what_is_not_there_is_one_line_and_status_2() -> None:
    for command in (["attach", "nowhere"], ["resume", "nowhere", "--json"], ["stop", "nowhere"]):
        complaint = tui_trainer(*command, status=2).stderr
        assert "nowhere" in complaint
        assert len(complaint.splitlines()) == 1
    assert RunStore().runs() == []
