"""Architecture edits: what is kept is kept to rounding, what is replayed is the same network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
import presets
from engine.data.dataset import Dataset
from engine.errors import InputError
from engine.training.trainer import Trainer
from tests.properties import examples

SPEC = presets.load("breast-cancer", set={"training.dtype": "float64", "training.epochs": 30})
DATA: Dataset = engine.Trainer(SPEC).data

activations = st.sampled_from(["relu", "leaky_relu", "tanh", "sigmoid", "identity"])


def trained(hidden: list[tuple[int, str]], epochs: int = 3, **settings: Any) -> Trainer:
    layers = [{"units": units, "activation": name, "dropout": 0.1} for units, name in hidden]
    spec = engine_spec({"network.layers": [*layers, {"units": 1, "activation": "sigmoid"}], **settings})
    trainer = Trainer(spec, 5, data=DATA)
    while trainer.epoch < epochs:
        trainer.step()
    return trainer


def engine_spec(values: dict[str, Any]) -> Any:
    from engine.spec import override

    return override(SPEC, values)


def outputs(trainer: Trainer) -> np.ndarray[Any, Any]:
    return trainer.predict(DATA.table.X[:80])


@settings(max_examples=examples(25))
@given(hidden=st.lists(st.tuples(st.integers(1, 7), activations), min_size=1, max_size=3), data=st.data())
def test_widening_keeps_every_answer(hidden: list[tuple[int, str]], data: st.DataObject) -> None:
    trainer = trained(hidden)
    before = outputs(trainer)
    layer = data.draw(st.integers(0, len(hidden) - 1))
    units = hidden[layer][0] + data.draw(st.integers(1, 9))
    trainer.change("network.edit", {"kind": "set-units", "layer": layer, "units": units})
    assert trainer.network.parameters.sizes[layer + 1] == units
    np.testing.assert_allclose(outputs(trainer), before, rtol=0, atol=1e-12)
    assert trainer.step() is None
    assert not np.array_equal(outputs(trainer), before), "the wider network still learns"


@settings(max_examples=examples(25))
@given(
    hidden=st.lists(st.tuples(st.integers(1, 6), activations), min_size=1, max_size=3),
    inserted=st.sampled_from(["relu", "leaky_relu", "identity"]),
    extra=st.integers(0, 4),
    data=st.data(),
)
def test_inserting_keeps_every_answer(
    hidden: list[tuple[int, str]], inserted: str, extra: int, data: st.DataObject
) -> None:
    trainer = trained(hidden)
    before = outputs(trainer)
    layer = data.draw(st.integers(0, len(hidden)))
    trainer.change("network.edit", {"kind": "add-layer", "layer": layer, "activation": inserted})
    np.testing.assert_allclose(outputs(trainer), before, rtol=0, atol=1e-10)
    units = trainer.spec.network.layers[layer].units + extra + 1
    trainer.change("network.edit", {"kind": "set-units", "layer": layer, "units": units})
    np.testing.assert_allclose(outputs(trainer), before, rtol=0, atol=1e-10)


def test_narrowing_drops_a_dead_neuron_first_and_at_no_cost() -> None:
    trainer = trained([(6, "relu")])
    dead = trainer.layers[0]
    dead.weights[2], dead.bias[2] = 0.0, -1.0
    kept = [0, 1, 3, 4, 5]
    expected = dead.weights[kept].copy()
    before = outputs(trainer)
    trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 5})
    np.testing.assert_array_equal(trainer.layers[0].weights, expected)
    np.testing.assert_allclose(outputs(trainer), before, rtol=0, atol=1e-12)


def test_removing_a_linear_layer_costs_nothing() -> None:
    trainer = trained([(5, "relu"), (4, "identity")])
    before = outputs(trainer)
    trainer.change("network.edit", {"kind": "remove-layer", "layer": 1})
    assert trainer.network.parameters.sizes == (30, 5, 1)
    np.testing.assert_allclose(outputs(trainer), before, rtol=0, atol=1e-12)


def test_the_optimiser_keeps_what_it_knew_of_the_old_neurons() -> None:
    trainer = trained([(4, "relu")])
    old = {name: trainer.network.parameters.split(flat)[0][0].copy() for name, flat in trainer.inside.moments().items()}
    trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 6})
    for name, flat in trainer.inside.moments().items():
        new = trainer.network.parameters.split(flat)[0][0]
        np.testing.assert_array_equal(new[:4], old[name])
        assert not new[4:].any()


def test_fresh_forgets_everything() -> None:
    trainer = trained([(4, "relu")])
    before = trainer.layers[0].weights.copy()
    edit = {"kind": "set-activation", "layer": 0, "activation": "tanh", "keep": False}
    trainer.change("network.edit", edit)
    assert not np.isclose(trainer.layers[0].weights, before).any()
    assert not any(flat.any() for flat in trainer.inside.moments().values())


def test_fresh_weights_are_drawn_by_the_initializer_that_was_just_chosen() -> None:
    trainer = trained([(400, "relu")])
    trainer.change("network.edit", {"kind": "set-initializer", "initializer": "zeros", "keep": False})
    assert not any(layer.weights.any() for layer in trainer.layers)
    trainer.change("network.edit", {"kind": "set-initializer", "initializer": "he", "keep": False})
    weights = trainer.layers[0].weights
    assert weights.std() == pytest.approx(np.sqrt(2 / weights.shape[1]), rel=0.1)


EDITS: list[dict[str, Any]] = [
    {"kind": "set-units", "layer": 0, "units": 9},
    {"kind": "add-layer", "layer": 1},
    {"kind": "set-units", "layer": 0, "units": 3},
    {"kind": "remove-layer", "layer": 1},
    {"kind": "set-initializer", "initializer": "he", "keep": False},
]


@pytest.mark.parametrize("seeds", [[5], [5, 6]])
def test_a_log_of_edits_replayed_is_the_same_network(seeds: list[int]) -> None:
    spec = engine_spec({"training.epochs": 9})
    live = Trainer(spec, seeds=seeds, data=DATA)
    for edit in EDITS:
        live.step()
        live.change("network.edit", edit)
        while live.step() is None:
            pass
    log = list(live.change_log.done) + list(live.change_log.pending)
    for _ in live.epochs():
        pass
    replayed = Trainer(spec, seeds=seeds, data=DATA)
    replayed.apply(log)
    for result in replayed.epochs():
        if result.epoch == 3:  # and through a checkpoint in the midst of it
            replayed = Trainer.from_checkpoint(replayed.checkpoint(), data=DATA)
            replayed.apply(log)
            break
    for _ in replayed.epochs():
        pass
    assert replayed.spec == live.spec
    np.testing.assert_array_equal(replayed.network.parameters.flat, live.network.parameters.flat)


@pytest.mark.parametrize(
    ("edit", "complaint"),
    [
        ({"kind": "remove-layer", "layer": 1}, "no hidden layer 2"),
        ({"kind": "set-units", "layer": 7, "units": 3}, "no hidden layer 8"),
        ({"kind": "add-layer", "layer": 0, "activation": "tanh"}, "add it fresh"),
        ({"kind": "add-layer", "layer": 1, "units": 2}, "takes 4 units"),
        ({"kind": "set-activation", "layer": 0, "activation": "softmax"}, "softmax belongs at the exit"),
        ({"kind": "set-activation", "layer": 1, "activation": "softmax"}, "softmax takes cce"),
        ({"kind": "grow"}, "network.edit"),
        ("wider", "network.edit"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused_and_changes_nothing(edit: object, complaint: str) -> None:
    trainer = trained([(4, "relu")])
    before = trainer.spec
    with pytest.raises(InputError, match=complaint):
        trainer.change("network.edit", edit)
    assert trainer.spec is before
    assert trainer.change_log.done == []


def test_a_weight_set_by_hand_holds_at_once() -> None:
    trainer = trained([(4, "relu")])
    trainer.step()
    change = trainer.change("weights.0.2.30", 0.25)  # the 31st input is the bias
    assert (change.epoch, change.step) == (4, 1)
    assert trainer.layers[0].bias[2] == 0.25
    for path, value in (("weights.0.9.0", 1.0), ("weights.0.0.0", float("nan")), ("weights.0.0.0", "x")):
        with pytest.raises(InputError, match=path.replace(".", r"\.")):
            trainer.change(path, value)
