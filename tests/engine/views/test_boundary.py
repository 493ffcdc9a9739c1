"""The boundary against what the trainer predicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import engine
import presets
from engine.errors import InputError
from engine.protocol.queries import BoundaryQuery
from engine.training.trainer import Trainer
from engine.views import data as data_view
from engine.views.boundary import Boundary


def test_the_boundary_is_what_predict_says(trainer: Trainer) -> None:
    plane = BoundaryQuery(columns=(3, 7), width=9, height=5, point=(500.0, 0.05))
    shown = Boundary(trainer, plane).arrays()
    left, right, bottom, top = shown["box"]
    rows = np.tile(trainer.data.table.X[trainer.data.train.rows].mean(axis=0), (3, 1))
    rows[0, [3, 7]] = left, top
    rows[1, [3, 7]] = right, bottom
    rows[2, [3, 7]] = 500.0, 0.05
    expected = trainer.predict(rows)[:, 0]
    field = shown["field"]
    assert field.shape == (5, 9)
    np.testing.assert_allclose([field[0, 0], field[-1, -1], shown["own"][0]], expected, rtol=1e-5)
    np.testing.assert_array_equal(shown["classes"], field >= 0.5)
    assert trainer.data.test is not None
    assert not set(shown["rows"].tolist()) & set(trainer.data.test.rows.tolist())


def test_the_boundary_of_three_classes_names_the_likeliest() -> None:
    trainer: Trainer = engine.Trainer(presets.load("iris", set={"training.epochs": 20}))
    for _ in trainer.epochs():
        pass
    shown = Boundary(trainer, BoundaryQuery(columns=(2, 3), width=20, height=10)).arrays()
    assert set(np.unique(shown["classes"])) == {0, 1, 2}
    assert (shown["field"] >= 1 / 3).all()


def test_a_neuron_has_a_field_of_its_own(trainer: Trainer) -> None:
    shown = Boundary(trainer, BoundaryQuery(neuron=(1, 4), width=6, height=4)).arrays()
    assert (shown["field"] >= 0).all()
    while trainer.step() is None:
        pass
    trainer.change("network.edit", {"kind": "set-units", "layer": 1, "units": 3})
    with pytest.raises(InputError, match="no hidden neuron 5"):
        Boundary(trainer, BoundaryQuery(neuron=(1, 4)))


def test_columns_that_there_are_not_are_refused(trainer: Trainer) -> None:
    with pytest.raises(InputError, match="columns 0 to 29"):
        Boundary(trainer, BoundaryQuery(columns=(0, 30)))


def test_the_boundary_follows_an_edit_of_the_network(trainer: Trainer) -> None:
    boundary = Boundary(trainer, BoundaryQuery(width=4, height=4))
    before = boundary.arrays()["field"]
    while trainer.step() is None:
        pass
    trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 20})
    np.testing.assert_allclose(
        boundary.arrays()["field"],
        Boundary(trainer, BoundaryQuery(width=4, height=4)).arrays()["field"],
    )
    assert not np.array_equal(boundary.arrays()["field"], before)


def test_a_row_with_a_gap_stands_where_the_network_sees_it(tmp_path: Path) -> None:
    source = tmp_path / "gap.csv"
    source.write_text("a,b,kind\n1,2,x\n,2.5,y\n3,1.5,x\n2,.5,y\n1.5,2.2,x\n2.5,1.1,y\n")
    options = {"data.source": str(source), "data.target": "kind", "data.missing": "mean", "split.validation": 0}
    options |= {"split.test": 0, "network.layers.1.units": 1, "network.layers.1.activation": "sigmoid"}
    trainer: Trainer = engine.Trainer(presets.load("iris", set={**options, "training.loss": "bce"}))
    shown = Boundary(trainer, BoundaryQuery(columns=(0, 1), width=3, height=3)).arrays()
    of_row = dict(zip(shown["rows"].tolist(), shown["points"].tolist(), strict=True))
    assert of_row[1] == pytest.approx([2.0, 2.5])  # the mean of 1, 3, 2, 1.5 and 2.5
    np.testing.assert_allclose(shown["box"], [0.8, 3.2, 0.3, 2.7])
    assert np.isfinite(shown["field"]).all()
    ranges = data_view.data(trainer)["raw"]
    np.testing.assert_allclose(ranges[0], [1, 3, 2, 0.5**0.5])  # of the values that are there
