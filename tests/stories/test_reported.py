"""A run that another program reports is looked at like any other."""

from __future__ import annotations

import os

import pytest

from engine.store.runs import RunStore
from tests.engine.worker.reported import EPOCHS, SOURCE, make_reported
from tests.stories.runs import tui_trainer
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_its_curves_are_there_and_what_is_not_says_why(size: tuple[int, int]) -> None:
    make_reported(RunStore())
    with Terminal(["attach", "resnet"], size=size) as terminal:
        terminal.wait_for(f"epoch {EPOCHS}")
        terminal.wait_for("Loss ─")
        terminal.wait_for("━ loss 0.0333")
        terminal.wait_for("Score ─")
        for place, pane in (("1", "recipe"), ("3", "weights"), ("4", "neurons"), ("5", "boundary"), ("6", "data")):
            terminal.press(place)
            terminal.wait_for(f"{pane}: run resnet: {SOURCE} trains it and reports it here")
        terminal.press("2")
        terminal.wait_for("w norms")
        terminal.press("w")
        terminal.wait_for("Gpu memory ─")
        terminal.press("w")
        terminal.wait_for("━ grad_norm 1.983")
        terminal.press("w")
        terminal.wait_for("Loss ─")
        terminal.press("8")
        terminal.wait_for("1 run")
        terminal.press("q")
        terminal.wait_for("Loss ─")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("command", ["resume", "exam"])
def test_what_takes_a_trainer_is_refused_in_one_line(command: str) -> None:
    make_reported(RunStore())
    refused = tui_trainer(command, "resnet", status=2)
    assert refused.stderr == f"tui-trainer: run resnet: {SOURCE} trains it and reports it here\n"
    assert "resnet" in tui_trainer("runs").stdout
