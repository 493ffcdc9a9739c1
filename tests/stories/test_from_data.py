"""From the bare name of a data file to a trained network, without a recipe."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from tests.stories.runs import tui_trainer


def test_a_file_is_said_what_it_is_trained_on_and_kept_as_a_recipe(tmp_path: Path) -> None:
    path, recipe = tmp_path / "My Houses.csv", tmp_path / "houses.toml"
    X = np.random.default_rng(1).normal(size=(200, 2))
    prices = [f"{x:.3f},{z:.3f},{300_000 + 50_000 * x - 20_000 * z:.0f},{row}" for row, (x, z) in enumerate(X)]
    path.write_text("\n".join(["size,age,price,number", *prices, ""]))
    done = tui_trainer(str(path), "--target", "price", "--save", str(recipe), "--exam", "--json", "--epochs", "60")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["run"] == "my-houses-1"
    assert "left out: number (whole numbers that count up, an identifier)" in done.stderr
    assert "target: price, a value" in done.stderr
    assert lines[-1]["exam"]["r2"] > 0.9
    assert lines[-1]["exam"]["mae"] > 100
    again = tui_trainer("run", str(recipe), "--json", "--headless")
    assert [line for line in again.stdout.splitlines() if '"epoch"' in line][:3] == [
        line for line in done.stdout.splitlines() if '"epoch"' in line
    ][:3]
    taken = tui_trainer(str(path), "--save", str(recipe), "--json", status=2).stderr
    assert "there is such a file already" in taken
    refused = tui_trainer(str(path), "--target", "prize", "--json", status=2).stderr.splitlines()
    assert refused[-1].startswith(f"tui-trainer: {path}: row 1: there is no column 'prize' (there: price")
