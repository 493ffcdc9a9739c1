"""The by-hand view: the row that was asked for, and a network by which the watcher can work it out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
import presets
from engine.array_types import Arrays
from engine.errors import InputError
from engine.numerics import textbook
from engine.numerics.by_hand import explain, float64_layers
from engine.numerics.losses import make_output_head
from engine.protocol.queries import ByHandQuery
from engine.protocol.views import by_layer, layout_of
from engine.training.trainer import Trainer
from engine.views import by_hand as by_hand_view
from engine.views.by_hand import by_hand


def answered(trainer: Trainer, **options: Any) -> Arrays:
    arrays, _ = by_hand(trainer, ByHandQuery(**options))
    assert all(layout_of("by-hand", name) is not None for name in arrays)
    return arrays


def trained(preset: str, epochs: int, **options: Any) -> Trainer:
    trainer: Trainer = engine.Trainer(presets.load(preset, set={"training.epochs": epochs, **options}))
    for _ in trainer.epochs():
        pass
    return trainer


def test_the_row_is_that_of_the_part_as_the_network_sees_it_and_as_it_stands_in_the_table(trainer: Trainer) -> None:
    arrays = answered(trainer, part="validation", row=5)
    validation = trainer.data.validation
    assert validation is not None
    assert arrays["place"].tolist() == [5, validation.rows[5], 1, len(validation)]
    np.testing.assert_array_equal(arrays["x"], validation.X[5])
    np.testing.assert_array_equal(arrays["raw"], trainer.data.table.X[validation.rows[5]])
    assert arrays["y"] == [validation.y[5]]
    assert arrays["rate"] == [trainer.learning_rate]


def test_the_watcher_can_work_out_what_the_network_answers(trainer: Trainer) -> None:
    arrays = answered(trainer, row=7)
    activations = [layer.activation for layer in trainer.spec.network.layers]
    layers = float64_layers([by_layer(arrays)[number] for number in range(3)], activations)
    found = explain(layers, arrays["x"], arrays["y"], make_output_head("sigmoid", "bce"), float(arrays["rate"][0]))
    assert found.outputs == pytest.approx(trainer.predict(arrays["raw"][None])[0], rel=1e-9)


def test_a_row_of_the_latest_batch_comes_with_its_masks(trainer: Trainer) -> None:
    latest = trainer.inside.latest_step()
    assert latest is not None
    place, row = 3, int(latest.rows[0][3])
    arrays, in_batch = by_hand(trainer, ByHandQuery(row=row))
    assert in_batch
    for layer in (0, 1):
        np.testing.assert_array_equal(arrays[f"masks.{layer}"], latest.masks[layer][0][:, place])
        assert set(arrays[f"masks.{layer}"]) <= {0.0, 1.25}
    other = next(row for row in range(len(trainer.data.train)) if row not in latest.rows[0])
    arrays, in_batch = by_hand(trainer, ByHandQuery(row=other))
    assert not in_batch
    assert not any(name.startswith("masks") for name in arrays)


def test_rows_of_the_latest_batch_come_in_its_order(trainer: Trainer) -> None:
    latest = trainer.inside.latest_step()
    assert latest is not None
    picked = [int(answered(trainer, pick="batch", rank=rank)["place"][0]) for rank in range(3)]
    assert picked == latest.rows[0][:3].tolist()
    fresh: Trainer = engine.Trainer(trainer.spec)
    with pytest.raises(InputError, match="no step has been done"):
        answered(fresh, pick="batch")
    with pytest.raises(InputError, match="expected the part train"):
        answered(trainer, pick="batch", part="validation")


def test_of_a_large_network_comes_what_it_makes_of_the_row(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    small = answered(trainer, row=2)
    monkeypatch.setattr(by_hand_view, "MOST_BYTES", 1000)
    large = answered(trainer, row=2, neuron=(1, 4))
    assert not by_layer(large)
    layers = trainer.network.textbook_layers(0)
    trace = textbook.forward(layers, small["x"][None])
    gradients = textbook.backward(layers, trace, small["y"][None], make_output_head("sigmoid", "bce"))
    for number in range(3):
        np.testing.assert_allclose(large[f"z.{number}"], trace.z[number][0])
        np.testing.assert_allclose(large[f"a.{number}"], trace.a[number][0])
        np.testing.assert_allclose(large[f"delta.{number}"], gradients[number].delta[0])
    np.testing.assert_allclose(large["error.1"], layers[2].weights.T[:, 0] * gradients[2].delta[0])
    np.testing.assert_array_equal(large["incoming"], small["1"][4])
    np.testing.assert_array_equal(large["outgoing"], layers[2].weights[:, 4])
    assert "outgoing" not in answered(trainer, neuron=(2, 0))


def test_a_weight_and_a_bias_are_wiggled_where_the_network_is(trainer: Trainer) -> None:
    layers, train = trainer.network.textbook_layers(0), trainer.data.train
    neuron = int(np.argmax(textbook.forward(layers, train.X[1:2]).a[0]))
    arrays = answered(trainer, row=1, wiggle=(0, neuron, 11))
    value, width, below, loss, above, slope, error, kink = arrays["wiggle"]
    assert value == trainer.layers[0].weights[neuron, 11]
    assert (above - below) / (2 * width) == pytest.approx(slope, rel=1e-6)
    assert below != loss
    assert error < 1e-6
    assert not kink
    bias = answered(trainer, row=1, wiggle=(1, 2, 16))["wiggle"]
    assert bias[0] == trainer.layers[1].bias[2]


def test_what_there_is_not_is_refused_in_one_line(trainer: Trainer) -> None:
    for options, problem in (
        ({"row": 341}, "row: expected 0 to 340"),
        ({"part": "validation", "row": 114}, "row: expected 0 to 113"),
        ({"neuron": (3, 0)}, "no neuron 1 in layer 4"),
        ({"neuron": (1, 8)}, "no neuron 9 in layer 2"),
        ({"wiggle": (0, 0, 31)}, "no weight of input 32 of neuron 1"),
        ({"wiggle": (9, 0, 0)}, "no weight of input 1 of neuron 1 in layer 10"),
        ({"pick": "ambiguous", "rank": 5000}, "341 of the train rows are ambiguous"),
    ):
        with pytest.raises(InputError, match=problem):
            answered(trainer, **options)
    alone = trained("xor", 1)
    with pytest.raises(InputError, match="no validation rows"):
        answered(alone, part="validation")
    forward_only: Trainer = engine.Trainer(presets.load("loan-neuron"))
    with pytest.raises(InputError, match="only goes forward"):
        answered(forward_only, wiggle=(0, 0, 0))


def test_wrong_rows_come_with_the_surest_mistake_first() -> None:
    trainer = trained("breast-cancer", 4)
    train = trainer.data.train
    p = trainer.predict(trainer.data.table.X[train.rows])[:, 0]
    losses = -np.log(np.where(train.y == 1, p, 1 - p))
    wrong = [row for row in np.argsort(-losses) if (p[row] >= 0.5) != train.y[row]]
    assert len(wrong) > 3
    picked = [int(answered(trainer, pick="wrong", rank=rank)["place"][0]) for rank in range(len(wrong))]
    assert picked == wrong
    with pytest.raises(InputError, match=f"pick: {len(wrong)} of the train rows are wrong"):
        answered(trainer, pick="wrong", rank=len(wrong))


def test_where_none_is_wrong_it_is_said() -> None:
    trainer = trained("xor", 2000)
    with pytest.raises(InputError, match="none of the train rows is wrong"):
        answered(trainer, pick="wrong")


@pytest.mark.parametrize(("preset", "classes"), [("breast-cancer", 2), ("iris", 3)])
def test_ambiguous_rows_come_with_the_least_sure_first(preset: str, classes: int) -> None:
    trainer = trained(preset, 5)
    p = trainer.predict(trainer.data.table.X[trainer.data.train.rows])
    ordered = np.sort(p, axis=1)
    margins = np.abs(p[:, 0] - 0.5) if classes == 2 else ordered[:, -1] - ordered[:, -2]
    picked = [int(answered(trainer, pick="ambiguous", rank=rank)["place"][0]) for rank in range(5)]
    np.testing.assert_allclose(margins[picked], np.sort(margins)[:5], rtol=1e-4)


def test_of_values_the_largest_loss_is_the_most_wrong_and_none_is_ambiguous() -> None:
    trainer = trained("diabetes", 3)
    train = trainer.data.train
    errors = np.abs(trainer.predict(trainer.data.table.X[train.rows])[:, 0] - train.y)
    assert int(answered(trainer, pick="wrong")["place"][0]) == int(np.argmax(errors))
    with pytest.raises(InputError, match="neither one class nor the other"):
        answered(trainer, pick="ambiguous")


def test_what_else_the_arithmetic_needs_is_told_where_it_is_not_as_usual() -> None:
    options = {"training.class_weight": "balanced", "training.label_smoothing": 0.1, "network.negative_slope": 0.2}
    arrays = answered(trained("breast-cancer", 1, **options))
    usual = answered(trained("breast-cancer", 1))
    assert set(arrays) - set(usual) == {"class_weights", "label_smoothing", "negative_slope"}
    counts = np.bincount(Trainer(presets.load("breast-cancer")).data.train.y.astype(int))
    np.testing.assert_allclose(arrays["class_weights"], counts.sum() / (2 * counts))
    assert (float(arrays["label_smoothing"][0]), float(arrays["negative_slope"][0])) == (0.1, 0.2)


# A row of one's own


@pytest.mark.parametrize("preset", ["plants-moons", "iris", "diabetes"])
def test_a_row_of_the_data_that_is_typed_in_is_that_row(preset: str) -> None:
    trainer = trained(preset, 1)
    there = answered(trainer, row=4)
    table_row = int(there["place"][1])
    truth = (float(trainer.data.table.y[table_row]),)
    values = tuple(trainer.data.table.X[table_row, : trainer.data.table.base_columns].tolist())
    typed = answered(trainer, typed=values, truth=truth)
    assert typed["place"].tolist() == [-1, -1, 2, len(trainer.data.train)]
    for name in there.keys() - {"place"}:
        if not name.startswith("masks"):
            np.testing.assert_allclose(typed[name], there[name], rtol=1e-12, err_msg=name)


def test_derived_columns_of_a_typed_row_are_worked_out() -> None:
    trainer = trained("plants-moons", 1, **{"data.derived": ["x1^2", "x1*x2"]})
    raw = answered(trainer, typed=(0.5, -2.0))["raw"]
    assert raw.tolist() == [0.5, -2.0, 0.25, -1.0]


def test_without_a_truth_it_is_what_the_network_answers() -> None:
    trainer = trained("iris", 3)
    arrays = answered(trainer, typed=(5.1, 3.5, 1.4, 0.2))
    assert arrays["y"].argmax() == trainer.predict(np.array([[5.1, 3.5, 1.4, 0.2]]))[0].argmax()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"typed": (1.0,)}, "expected 2 values"),
        ({"typed": (1.0, 2.0), "truth": (2.0,)}, "class from 0 to 1"),
        ({"typed": (1.0, 2.0), "truth": (0.5,)}, "class from 0 to 1"),
    ],
)
def test_what_is_no_row_is_refused_in_a_line(options: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError, match=line):
        answered(trained("plants-moons", 1), **options)
