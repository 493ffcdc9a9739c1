"""``tui-trainer export``: a folder with a program, or a file; never over what is there; what it cannot do is said."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import presets
from engine.store.runs import RunStore
from engine.training.trainer import Trainer
from tests.engine.export.runs import difference, printed, trained
from tui_trainer.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_of(preset: str = "iris", *, seeds: tuple[int, ...] | None = None, epochs: int = 2) -> Trainer:
    return trained(presets.load(preset, set={"training.epochs": epochs}), seeds=seeds)[1]


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["export", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def test_a_program_is_a_folder_by_the_runs_name(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of()
    assert main(["export", "mine", "--to", "numpy"]) == 0
    assert sorted(path.name for path in (here / "mine").iterdir()) == ["data.npz", "main.py", "weights.npz"]
    assert capsys.readouterr() == ("mine: main.py, weights.npz, data.npz\n", "")
    assert difference(printed(here / "mine")) < 1e-6
    assert list(here.iterdir()) == [here / "mine"]


def test_what_it_cannot_do_as_the_run_did_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of("breast-cancer")
    assert main(["export", "mine", "--to", "numpy", "--output", "there"]) == 0
    assert capsys.readouterr().err.startswith("not as in the run: dropout: the masks")


@pytest.mark.parametrize("target", ["numpy", "csv", "safetensors"])
def test_nothing_is_written_over(target: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_of()
    (here / "taken").mkdir()
    (here / "taken" / "letter").write_text("mine")
    (here / "file").write_text("mine")
    for name in ("taken", "file"):
        line = complaint(capsys, "mine", "--to", target, "--output", name)
        assert (
            line == f"tui-trainer: {name}: there is something of this name already; choose another place with --output"
        )
    assert (here / "taken" / "letter").read_text() == (here / "file").read_text() == "mine"
    assert "there is no folder" in complaint(capsys, "mine", "--to", target, "--output", "nowhere/x")


def test_an_empty_folder_is_filled(here: Path) -> None:
    run_of()
    (here / "mine").mkdir()
    assert main(["export", "mine", "--to", "numpy"]) == 0
    assert (here / "mine" / "main.py").exists()


def test_one_of_several_seeds_is_taken_and_that_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = run_of(seeds=(3, 8))
    assert main(["export", "mine", "--to", "safetensors"]) == 0
    assert "this is seed 3" in capsys.readouterr().err
    assert main(["export", "mine", "--to", "safetensors", "--seed", "8", "--output", "other"]) == 0
    assert capsys.readouterr().err == ""
    for place, name in enumerate(["mine.safetensors", "other"]):
        np.testing.assert_array_equal(load_file(here / name)["W1"], trainer.layers[0].weights[place])
    assert complaint(capsys, "mine", "--to", "numpy", "--seed", "5").endswith(
        "--seed: run mine has no network of seed 5 (there: 3, 8)"
    )


def test_weights_say_what_they_are(here: Path) -> None:
    trainer = run_of()
    assert main(["export", "mine", "--to", "safetensors"]) == 0
    content = (here / "mine.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])["__metadata__"]
    assert json.loads(header["classes"]) == ["setosa", "versicolor", "virginica"]
    assert len(json.loads(header["inputs"])) == 4
    assert header["epoch"] == "2"
    arrays = load_file(here / "mine.safetensors")
    np.testing.assert_array_equal(arrays["offset"], trainer.data.scaler.offset)
    np.testing.assert_array_equal(arrays["b2"], trainer.layers[1].bias)


def test_the_history_has_a_row_an_epoch_and_seed(here: Path) -> None:
    run_of(seeds=(3, 8), epochs=3)
    assert main(["export", "mine", "--to", "csv"]) == 0
    rows = list(csv.DictReader((here / "mine.csv").open()))
    assert [(row["epoch"], row["seed"]) for row in rows] == [(e, s) for e in "123" for s in "38"]
    assert list(rows[0])[2:] == [
        *("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate")
    ]
    recorded = RunStore().open("mine").metrics.rows()
    assert float(rows[3]["validation_loss"]) == recorded[1, 1, 2]
    assert main(["export", "mine", "--to", "csv", "--seed", "8", "--output", "one.csv"]) == 0
    assert len((here / "one.csv").read_text().splitlines()) == 4


def test_there_must_be_such_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert "mine" in complaint(capsys, "mine", "--to", "numpy")
    assert "numpy" in complaint(capsys, "mine", "--to", "jax")
