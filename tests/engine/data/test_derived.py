"""Derived columns: their values, their names, what they are refused for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
import presets
from engine.data.dataset import load
from engine.data.derived import completed, with_derived
from engine.data.registry import load_table
from engine.errors import InputError
from engine.protocol.queries import BoundaryQuery
from engine.training.trainer import Trainer
from engine.views.boundary import Boundary
from presets.json_schema import json_schema
from presets.writer import dumps, save_as


def circles(*formulas: str, **values: Any) -> engine.Trainer:
    return engine.Trainer(presets.load("plants-two-layer", set={"data.derived": list(formulas), **values}))


def test_columns_are_made_of_raw_values_and_named_after_their_formulas() -> None:
    trainer = circles("x1^2", "x1*x2", "sin(x1) - 2/3", "abs(-x2)^.5")
    base = circles().data.table.X
    x1, x2 = base.T
    expected = np.column_stack([x1, x2, x1**2, x1 * x2, np.sin(x1) - 2 / 3, np.sqrt(np.abs(x2))])
    np.testing.assert_allclose(trainer.data.table.X, expected, rtol=1e-15)
    assert trainer.data.table.feature_names == ("x1", "x2", "x1^2", "x1*x2", "sin(x1) - 2/3", "abs(-x2)^.5")
    assert trainer.network.parameters.sizes[0] == 6


def test_the_scaler_is_fitted_on_derived_columns_as_on_others() -> None:
    data = circles("x1^2", **{"scaler.kind": "standard"}).data
    np.testing.assert_allclose(data.train.X.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(data.train.X.std(axis=0), 1, rtol=1e-9)


def test_one_neuron_on_squares_tells_the_rings_apart_and_without_them_it_cannot() -> None:
    one = {"network.units": [], "training.epochs": 400, "training.learning_rate": 1.0}
    scores = []
    for formulas in ([], ["x1^2", "x2^2"]):
        trainer = circles(*formulas, **one)
        trainer.advance(400)
        scores.append(np.mean(trainer.predict(trainer.data.table.X)[:, 0].round() == trainer.data.table.y))
    without, squares = scores
    assert without < 0.75
    assert squares == 1.0


def test_columns_are_named_by_name_by_number_and_in_quotes(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text("mean radius,x3,größe,kind\n1,2,3,a\n2,3,4,b\n4,5,6,a\n")
    source = presets.load("plants-neuron", data=tmp_path / "own.csv", set={"data.target": "kind"}).data
    table = load_table(source)
    derived = with_derived(table, ['"mean radius"*10', "x1+0", "x3^2", "größe-1", "x2"][:4])
    expected = [[10, 1, 4, 2], [20, 2, 9, 3], [40, 4, 25, 5]]  # x3 is the column of that name, not the third one
    np.testing.assert_allclose(derived.X[:, 3:], expected)


@pytest.mark.parametrize(
    ("formulas", "complaint"),
    [
        (["x1^2", "x3*2"], r"data\.derived\.1: x3\*2: there is no column 'x3' \(there: x1, x2, or x1 to x2\)"),
        (["log(x1)"], r"data\.derived\.0: log\(x1\) is no finite number in row 1, where x1 = -0\.949575"),
        (["exp(999*x1)"], r"data\.derived\.0: exp\(999\*x1\) is no finite number in row"),
        (["x1"], r"data\.derived\.0: x1: this is a column already"),
        (["x1^2", "x1^2"], r"data\.derived: expected different formulas, got x1\^2 twice"),
        (["sim(x1)"], r"data\.derived\.0: there is no function 'sim'; did you mean sin\?"),
        (["x1^"], r"data\.derived\.0: expected a formula of columns"),
        ([3], r"data\.derived\.0: expected a text in quotes"),
        (["x1^2"] * 65, "data.derived"),
    ],
)
def test_what_cannot_be_derived_is_refused_with_key_and_column(formulas: list[Any], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        circles(*formulas)


def test_a_text_of_several_formulas_is_taken_as_a_command_line_has_it() -> None:
    spec = presets.load("plants-two-layer", set={"data.derived": "x1^2, x1*x2"})
    assert spec.data.derived == ("x1^2", "x1*x2")


def test_where_a_value_is_missing_so_is_what_is_derived_of_it(tmp_path: Path) -> None:
    (tmp_path / "gap.csv").write_text("a,b,kind\n1,2,x\n,5,y\n3,4,x\n2,4,y\n")
    options = {"data.target": "kind", "data.missing": "mean", "data.derived": ["a*10"]}
    data = load(presets.load("plants-neuron", data=tmp_path / "gap.csv", set=options))
    assert np.isnan(data.table.X[1, 2])
    np.testing.assert_allclose(data.train.X[data.train.rows == 1][0, 2], 20.0)  # the mean of 10, 30 and 20


def test_predictions_take_rows_with_derived_columns_or_without() -> None:
    trainer = circles("x1^2", "x1*x2")
    trainer.advance(3)
    rows = trainer.data.table.X[:5]
    np.testing.assert_array_equal(trainer.predict(rows[:, :2]), trainer.predict(rows))
    with pytest.raises(InputError, match="expected rows of 2 or 4 columns, got shape"):
        trainer.predict(rows[:, :3])


def test_a_row_that_has_no_such_value_is_refused_by_its_number() -> None:
    trainer = circles("log(x1+9)")
    with pytest.raises(InputError, match=r"log\(x1\+9\) is no finite number in row 2, where x1 = -9"):
        trainer.predict([[0.0, 0.0], [-9.0, 0.0]])
    assert completed(trainer.data.table, np.zeros((1, 2)))[0, 2] == pytest.approx(np.log(9))


def test_the_map_derives_columns_of_its_points_and_leaves_its_axes_as_they_are() -> None:
    trainer = circles("x1^2", "x1*x2")
    trainer.advance(5)
    shown = Boundary(trainer, BoundaryQuery(width=4, height=3)).arrays()
    assert shown["columns"].tolist() == [0, 1]
    left, right, bottom, top = shown["box"]
    grid = [[x, y] for y in np.linspace(top, bottom, 3) for x in np.linspace(left, right, 4)]
    np.testing.assert_allclose(shown["field"].ravel(), trainer.predict(grid)[:, 0], rtol=1e-5)
    of_derived = Boundary(trainer, BoundaryQuery(columns=(0, 2), width=4, height=3)).arrays()
    assert of_derived["box"][2] < of_derived["box"][3]
    assert np.isfinite(of_derived["field"]).all()


def test_an_axis_may_reach_where_a_formula_is_not_finite() -> None:
    spec = presets.load("plants-two-layer", set={"data.derived": ["sqrt(x1+1.3)"]})
    shown = Boundary(engine.Trainer(spec), BoundaryQuery(width=30, height=3)).arrays()
    assert shown["box"][0] < -1.3
    assert np.isfinite(shown["field"]).all()


def test_pictures_may_have_derived_columns() -> None:
    trainer = engine.Trainer(presets.load("lines-perceptron", set={"data.derived": ["x1*x5*x9"]}))
    assert trainer.inputs == 10


def test_a_recipe_with_derived_columns_reads_back_as_the_same_one(tmp_path: Path) -> None:
    spec = presets.load("plants-two-layer", set={"data.derived": ["x1^2", "\"x2\"*'x1'"]})
    save_as(spec, tmp_path / "own.toml")
    assert presets.load(tmp_path / "own.toml") == spec
    assert dumps(spec).index("source") < dumps(spec).index("derived")


def test_the_schema_says_what_derived_columns_are() -> None:
    schema = json_schema()
    for name in ("Circles", "CsvFile", "Rows", "CatsDogs"):
        entry = schema["$defs"][name]["properties"]["derived"]
        assert "x1^2" in entry["description"], name


def test_a_checkpoint_brings_its_derived_columns_back() -> None:
    trainer = circles("x1^2")
    trainer.advance(2)
    again = Trainer.from_checkpoint(trainer.checkpoint(), data=circles().data)
    np.testing.assert_array_equal(again.advance(2), trainer.advance(2))
