"""Back in time, branching from there, beginning again."""

from __future__ import annotations

import os
import re
from collections.abc import Callable

import numpy as np
import pytest

from engine.store.runs import Run, RunStore
from tests.stories.runs import (
    EPOCHS,
    STEERED,
    come_to_rest,
    epoch_of,
    finished,
    hurry,
    reached,
    the_run,
    turns,
    undisturbed,
    wait_for,
    wait_for_end_of,
)
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")


def rate_is(value: str) -> Callable[[str], bool]:
    """Return whether a screen's dials show this learning rate."""
    return lambda text: re.search(rf"learning rate\s+{re.escape(value)}\s", text) is not None


def run_to_its_end(terminal: Terminal) -> Run:
    """Turn the learning rate up on the way, and return the run once it has finished."""
    terminal.wait_for(reached(3))
    terminal.press("]")
    terminal.wait_for(rate_is("0.002"))
    hurry(terminal)
    terminal.wait_for(finished)
    return the_run()


def travel(terminal: Terminal, key: str, epoch: int) -> None:
    """Press a key, which is to lead to the checkpoint of an epoch."""
    terminal.press(key)
    terminal.wait_for(f"looking at epoch {epoch} of {EPOCHS}")


def metrics(run: Run) -> np.ndarray:
    wait_for_end_of(run)
    return run.metrics.rows()


def test_every_checkpoint_can_be_looked_at_and_the_panes_follow() -> None:
    with Terminal(STEERED) as terminal:
        run = run_to_its_end(terminal)
        (change,) = turns(run)
        past = [epoch for epoch in run.checkpoints.epochs() if epoch < EPOCHS]
        assert past[0] == 0
        terminal.wait_for(rate_is("0.002"))
        for epoch in reversed(past):
            travel(terminal, ",", epoch)
            terminal.wait_for(rate_is("0.002" if epoch >= change.epoch else "0.001"))
        for epoch in past[1:]:
            travel(terminal, ".", epoch)
        terminal.press(".")
        terminal.wait_for(finished)
        terminal.wait_for(rate_is("0.002"))
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    np.testing.assert_array_equal(metrics(run), undisturbed([change]))


def test_a_branch_from_a_checkpoint_goes_another_way_from_there() -> None:
    with Terminal(STEERED) as terminal:
        parent = run_to_its_end(terminal)
        (change,) = turns(parent)
        past = [epoch for epoch in parent.checkpoints.epochs() if epoch < EPOCHS]
        *_, start = [epoch for epoch in past if epoch < change.epoch - 1]
        for epoch in reversed(past[past.index(start) :]):
            travel(terminal, ",", epoch)
        terminal.press("b")
        name = "breast-cancer-1-branch-1"
        terminal.wait_for(lambda text: name in text and "paused" in text and epoch_of(text) == start)
        terminal.press("]", "]")
        terminal.wait_for(rate_is("0.005"))
        terminal.press(" ")
        hurry(terminal)
        terminal.wait_for(finished)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    branch = RunStore().open(name)
    own = [turn for turn in turns(branch) if turn.epoch > start]
    assert [turn.value for turn in own] == [0.002, 0.005]
    assert {turn.epoch for turn in own} == {start + 1}
    np.testing.assert_array_equal(metrics(branch), undisturbed(own))
    np.testing.assert_array_equal(metrics(branch)[:start], metrics(parent)[:start])
    np.testing.assert_array_equal(metrics(parent), undisturbed([change]))


def test_restarting_repeats_the_run_and_a_new_seed_is_another_one() -> None:
    with Terminal(["--epochs", str(EPOCHS), "--pace", "max"]) as terminal:
        terminal.wait_for(finished)
        for key, name, seed in (("r", "breast-cancer-2", 42), ("R", "breast-cancer-3", 43)):
            terminal.press(key)
            terminal.wait_for(f"{name}  30→16→8→1  seed {seed}")
            wait_for(lambda: RunStore().open(name).summary().state == "finished")  # noqa: B023
            come_to_rest(terminal)  # the rest of the screen may still be that of the run before
            terminal.wait_for(finished)
        terminal.press("q")
        assert terminal.wait_for_end() == 0
    first, again, other = (RunStore().open(f"breast-cancer-{number}") for number in (1, 2, 3))
    np.testing.assert_array_equal(metrics(first), undisturbed())
    np.testing.assert_array_equal(metrics(again), metrics(first))
    np.testing.assert_array_equal(metrics(other), undisturbed(seed=43))
