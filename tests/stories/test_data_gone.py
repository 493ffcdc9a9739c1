"""A run whose data have gone is opened from its store."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.stories.runs import the_run, tui_trainer
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a pseudo-terminal")

RECIPE = """
name = "gone"
[data]
source = "points.csv"
target = "side"
[network]
layers = [{{units = 4, activation = "tanh"}}, {{units = 1, activation = "sigmoid"}}]
[training]
loss = "bce"
epochs = {epochs}
"""
EPOCHS = 30


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """A finished run of a table that has been moved since; return where the table was."""
    table = tmp_path / "points.csv"
    points = np.random.default_rng(3).normal(size=(80, 2))
    rows = [f"{x:.3f},{y:.3f},{'above' if y > x else 'below'}" for x, y in points]
    table.write_text("\n".join(["x,y,side", *rows]))
    recipe = tmp_path / "gone.toml"
    recipe.write_text(RECIPE.format(epochs=EPOCHS))
    tui_trainer("run", str(recipe), "--headless", "--name", "gone")
    table.rename(tmp_path / "elsewhere.csv")
    return table


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_curves_weights_and_time_travel_are_there_and_what_is_not_says_why(moved: Path, size: tuple[int, int]) -> None:
    earlier = [epoch for epoch in the_run().checkpoints.epochs() if epoch < EPOCHS]
    with Terminal(["attach", "gone"], size=size) as terminal:
        terminal.wait_for(f"epoch {EPOCHS} / {EPOCHS}")
        terminal.wait_for("Loss ─")
        terminal.press("3")
        terminal.wait_for("layer 1 · W 4×2 · b 4")
        terminal.press(",")
        terminal.wait_for(f"looking at epoch {earlier[-1]} of {EPOCHS}")
        terminal.press(".")
        terminal.wait_for(f"epoch {EPOCHS} / {EPOCHS}")
        for place, pane in (("5", "boundary"), ("6", "data")):
            terminal.press(place)
            terminal.wait_for(_says(f"{pane}: {moved}"[:50]))
        terminal.press("8")
        terminal.wait_for("1 run")
        terminal.press("q")
        terminal.wait_for(f"epoch {EPOCHS} / {EPOCHS}")
        terminal.press("q")
        assert terminal.wait_for_end() == 0


def _says(text: str) -> Callable[[str], bool]:
    """Return whether a text is on a screen, in whatever lines."""
    return lambda screen: text in " ".join(screen.split())
