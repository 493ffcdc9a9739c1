"""``tui-trainer predict``: a run's answers for a file, also where its data has gone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import presets
from engine.store.runs import RunStore
from engine.training.trainer import Trainer
from tests.engine.export.runs import trained
from tests.engine.training.recipes import TWO_CLASSES, VALUES, recipe
from tui_trainer.cli import main


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    assert main(["predict", *arguments, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def on_a_file(here: Path) -> Trainer:
    rows = "".join(f"{'red' if i % 3 else 'blue'},{i},{'bad' if i > 14 else 'good'}\n" for i in range(30))
    (here / "x.csv").write_text(f"colour,size,class\n{rows}")
    spec = recipe({**TWO_CLASSES, "data": {"source": str(here / "x.csv"), "target": "class"}}, training__epochs=60)
    return trained(spec)[1]


def test_answers_are_those_of_the_trainer_in_json_lines(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trainer = on_a_file(here)
    (here / "new.csv").write_text("size,colour\n3,red\n28,blue\n")
    found = lines(capsys, "mine", "new.csv")
    assert [line["row"] for line in found] == [0, 1]
    assert list(found[0]) == ["row", "outputs", "class"]
    expected = trainer.predict([[0, 1, 3], [1, 0, 28]])
    np.testing.assert_allclose([line["outputs"] for line in found], expected, rtol=1e-9)
    assert [line["class"] for line in found] == ["good", "bad"]


def test_its_data_may_have_gone(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    on_a_file(here)
    (here / "x.csv").rename(here / "kept.csv")
    before = lines(capsys, "mine", "kept.csv")
    assert len(before) == 30
    assert main(["predict", "mine", "nothing.csv"]) == 2
    assert "nothing.csv" in capsys.readouterr().err


def test_a_row_of_too_large_numbers_has_no_answer_and_the_others_have_theirs(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(recipe(TWO_CLASSES, training__dtype="float32"))
    names = RunStore().open("mine").metrics.state().data
    assert names is not None
    header = ",".join(names.feature_names)
    cells = ["1e308"] * names.inputs, ["0"] * names.inputs
    (here / "new.csv").write_text("\n".join([header, *(",".join(row) for row in cells)]))
    assert main(["predict", "mine", "new.csv", "--json"]) == 0
    captured = capsys.readouterr()
    first, second = (json.loads(line) for line in captured.out.splitlines())
    assert (first["outputs"], first["class"]) == ([None], None)
    assert second["class"] is not None
    assert captured.err.startswith("row 0: no answer, as it is not finite")
    assert len(captured.err.splitlines()) == 1


def test_values_come_in_their_own_units(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {**VALUES, "data": {**VALUES["data"], "y": [1000 + 50 * i for i in range(40)]}}
    _, trainer = trained(recipe(document, scaler__targets="standard", training__epochs=30))
    (here / "new.csv").write_text("x2,x1\n0.5,-0.25\n")
    (line,) = lines(capsys, "mine", "new.csv")
    assert line["class"] is None
    np.testing.assert_allclose(line["outputs"], trainer.predict([[-0.25, 0.5]])[0], rtol=1e-9)
    assert line["outputs"][0] > 900


def test_of_three_classes_the_likeliest_is_named(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, trainer = trained(presets.load("iris", set={"training.epochs": 30}))
    names = ",".join(trainer.data.table.feature_names)
    (here / "new.csv").write_text(f"{names}\n5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5\n")
    assert [line["class"] for line in lines(capsys, "mine", "new.csv")] == ["setosa", "virginica"]
    assert main(["predict", "mine", "new.csv"]) == 0
    head, first, _ = capsys.readouterr().out.splitlines()
    assert head.split() == ["row", "p(setosa)", "p(versicolor)", "p(virginica)", "class"]
    assert first.split()[-1] == "setosa"


def test_derived_columns_are_made_of_the_raw_ones(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, trainer = trained(recipe(data__derived=["x1^2", "x1*x2"]))
    (here / "new.csv").write_text("x1,x2\n0.5,-1\n")
    (line,) = lines(capsys, "mine", "new.csv")
    np.testing.assert_allclose(line["outputs"], trainer.predict([[0.5, -1]])[0], rtol=1e-9)


def test_one_of_several_seeds_answers_and_that_is_said(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, trainer = trained(recipe(), seeds=(3, 8))
    (here / "new.csv").write_text("x1,x2\n0.5,-1\n")
    for seed, place in ((3, 0), (8, 1)):
        (line,) = lines(capsys, "mine", "new.csv", "--seed", str(seed))
        np.testing.assert_allclose(line["outputs"], trainer.predict([[0.5, -1]])[place, 0], rtol=1e-9)
    assert main(["predict", "mine", "new.csv"]) == 0
    assert "this is seed 3" in capsys.readouterr().err


def test_a_run_that_is_not_at_its_end_answers_too(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained(recipe())
    RunStore().open("mine").metrics.record_state(state="paused")
    (here / "new.csv").write_text("x1,x2\n0.5,-1\n")
    with RunStore().open("mine").lock():
        assert main(["predict", "mine", "new.csv"]) == 0
    captured = capsys.readouterr()
    assert "after epoch 3" in captured.err
    assert len(captured.out.splitlines()) == 2


def test_a_checkpoint_of_an_older_version_takes_the_scaler_of_its_data(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = on_a_file(here)
    run, old = RunStore().open("mine"), trainer.checkpoint()
    arrays = {name: array for name, array in old.arrays.items() if not name.startswith("scaler")}
    run.checkpoints.save(type(old)(old.epoch, arrays, old.meta))
    assert len(lines(capsys, "mine", "x.csv")) == 30
    (here / "x.csv").rename(here / "kept.csv")
    assert main(["predict", "mine", "kept.csv"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "run mine: its store has no scaler yet, and its data cannot be read" in line
