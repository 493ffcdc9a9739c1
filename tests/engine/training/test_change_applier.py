"""Dials turned while the network learns, by the user and by the recipe: when they act and what they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from engine.errors import InputError
from engine.run.changes import SetPace, acts_at
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe

AT_A_STEP = [
    ("training.learning_rate", 0.5),
    ("training.l1", 0.1),
    ("training.l2", 0.1),
    ("training.clip", 1.0),
    ("training.epochs", 9),
    ("training.stopping.patience", 4),
    ("training.stopping.minimum_change", 0.1),
    ("training.stopping.restore_best", False),
    ("weights.1.3.7", 0.25),
]
AT_AN_EPOCH = [
    ("training.batch_size", 7),
    ("training.shuffle", False),
    ("training.optimizer", "sgd"),
    ("training.momentum", 0.5),
    ("training.beta1", 0.5),
    ("training.beta2", 0.5),
    ("training.epsilon", 0.5),
    ("training.schedule", {"kind": "cosine"}),
    ("training.schedule.factor", 0.1),
    ("network.dropout", 0.1),
    ("network.dropout_mask", "step"),
    ("network.layers.1.dropout", 0.1),
    ("network.edit", {"kind": "set-units", "layer": 0, "units": 9}),
]


@pytest.mark.parametrize(("path", "value"), AT_A_STEP)
def test_these_act_at_the_next_step(path: str, value: Any) -> None:
    trainer = Trainer(recipe())
    trainer.step()
    change = trainer.change(path, value)
    assert (change.epoch, change.step, change.value, change.author) == (1, 1, value, "user")
    assert trainer.change_log.done == [change]


@pytest.mark.parametrize(("path", "value"), AT_AN_EPOCH)
def test_these_wait_for_the_next_epoch(path: str, value: Any) -> None:
    trainer = Trainer(recipe())
    trainer.step()
    before = trainer.spec
    change = trainer.change(path, value)
    assert (change.epoch, change.step) == (2, 0)
    while trainer.step() is None:
        assert trainer.spec == before
    trainer.step()
    assert trainer.change_log.done == [change]
    assert trainer.spec != before


@pytest.mark.parametrize(("path", "value"), AT_AN_EPOCH)
def test_between_two_epochs_they_act_at_once(path: str, value: Any) -> None:
    trainer = Trainer(recipe())
    change = trainer.change(path, value)
    assert (change.epoch, change.step) == (1, 0)
    assert trainer.change_log.done == [change]


@pytest.mark.parametrize(
    ("path", "value", "complaint"),
    [
        ("training.learning_rate", -1, "training.learning_rate: expected a number above 0"),
        ("training.learning_rate", float("nan"), "training.learning_rate"),
        ("training.batch_size", 0, "training.batch_size"),
        (
            "training.optimizer",
            "adan",
            r"training.optimizer: expected 'sgd', .*'adam'.* \(got 'adan'\); did you mean adam\?",
        ),
        ("network.dropout", [0.1], r"expected one rate, or one per hidden layer \(2\)"),
        ("network.dropout", 1.0, "dropout"),
        ("network.layers.7.dropout", 0.1, "there is no '7'"),
        ("training.loss", "mse", "cannot be changed while the network learns"),
        ("training.seed", 1, "cannot be changed while the network learns"),
        ("network.units", [3], "cannot be changed while the network learns"),
        ("data.source", "iris", "cannot be changed while the network learns"),
        ("nonsense", 10, "cannot be changed while the network learns"),
        ("weights.0.0.9", 1.0, "there is no such weight"),
        ("weights.0.0.0", "much", "expected a finite number"),
        ("weights.0.0.0", float("inf"), "expected a finite number"),
        ("network.edit", {"kind": "explode"}, "network.edit"),
    ],
)
def test_what_is_no_dial_or_no_value_is_refused_at_once(path: str, value: Any, complaint: str) -> None:
    trainer = Trainer(recipe())
    trainer.step()
    with pytest.raises(InputError, match=complaint) as raised:
        trainer.change(path, value)
    assert "\n" not in str(raised.value)
    assert trainer.change_log.pending == trainer.change_log.done == []


def test_a_learning_rate_acts_on_the_very_next_update() -> None:
    trainer = Trainer(recipe(training__optimizer="sgd"))
    trainer.step()
    trainer.change("training.learning_rate", 0.25)
    before = trainer.network.parameters.flat.copy()
    trainer.step()
    gradients = trainer.gradients()
    assert gradients is not None
    np.testing.assert_allclose(trainer.network.parameters.flat, before - 0.25 * gradients, rtol=1e-12)


def test_a_batch_size_acts_on_the_next_epoch_and_keeps_the_averages() -> None:
    trainer = Trainer(recipe())
    trainer.step()
    trainer.change("training.batch_size", 7)
    assert trainer.steps == 4
    while trainer.step() is None:
        pass
    moments = {name: array.copy() for name, array in trainer.inside.moments().items()}
    trainer.apply(())  # the epoch's boundary is here
    assert trainer.steps == 7
    for name, array in trainer.inside.moments().items():
        np.testing.assert_array_equal(array, moments[name])
    assert set(moments) == {"m", "v"}


def test_another_optimizer_starts_with_empty_averages_and_other_rates_keep_them() -> None:
    trainer = Trainer(recipe())
    next(trainer.epochs())
    trainer.change("training.beta1", 0.5)
    assert trainer.inside.moments()["v"].any()
    trainer.change("training.optimizer", "momentum")
    assert list(trainer.inside.moments()) == ["velocity"]
    assert not trainer.inside.moments()["velocity"].any()


def test_a_single_weight_is_set_for_every_seed() -> None:
    trainer = Trainer(recipe(), seeds=[0, 1])
    trainer.change("weights.0.3.1", 0.75)
    np.testing.assert_array_equal(trainer.layers[0].weights[:, 3, 1], 0.75)
    change = trainer.change("weights.0.3.2", -0.5)  # the last input is the bias
    np.testing.assert_array_equal(trainer.layers[0].bias[:, 3], -0.5)
    assert change.before == 0.0


def test_fewer_epochs_than_done_end_the_run() -> None:
    trainer = Trainer(recipe())
    next(trainer.epochs())
    trainer.change("training.epochs", 1)
    assert trainer.ended == "epochs"


# Changes that are planned against what still waits

ADDED = {"kind": "add-layer", "layer": 2, "activation": "identity"}


def mid_epoch(**values: Any) -> Trainer:
    trainer = Trainer(recipe(**values))
    trainer.step()
    return trainer


def test_edits_of_a_network_that_is_still_to_come_fit_it() -> None:
    """A layer is added from the next epoch on; before that comes it is widened, renamed, dropped from, and removed."""
    trainer = mid_epoch()
    edits: list[tuple[str, Any]] = [
        ("network.edit", ADDED),
        ("network.edit", {"kind": "set-units", "layer": 2, "units": 9}),
        ("network.edit", {"kind": "set-activation", "layer": 2, "activation": "relu"}),
        ("network.layers.2.dropout", 0.5),
        ("network.dropout", [0.1, 0.2, 0.3]),
        ("network.edit", {"kind": "remove-layer", "layer": 0}),
    ]
    changes = [trainer.change(path, value) for path, value in edits]
    assert {change.place for change in changes} == {(2, 0)}
    assert [layer.units for layer in trainer.spec.network.layers] == [7, 4, 1]
    while trainer.step() is None:
        pass
    trainer.step()
    assert trainer.change_log.done == changes
    layers = [(layer.units, layer.activation, layer.dropout) for layer in trainer.spec.network.layers]
    assert layers == [(4, "tanh", 0.2), (9, "relu", 0.3), (1, "sigmoid", 0.0)]
    assert [view.weights.shape for view in trainer.layers] == [(4, 2), (9, 4), (1, 9)]


def test_what_is_replaced_is_what_will_stand_there() -> None:
    trainer = mid_epoch(changes=[{"epoch": 2, "set": {"network.dropout": 0.5}}])
    before = [trainer.change("network.dropout", rate).before for rate in (0.1, [0.2, 0.3], 0.4)]
    assert before == [[0.5, 0.5], [0.1, 0.1], [0.2, 0.3]]
    units = [{"kind": "set-units", "layer": 0, "units": units} for units in (9, 5)]
    layers: list[Any] = [trainer.change("network.edit", edit).before for edit in units]
    assert [[layer.units for layer in network] for network in layers] == [[7, 4, 1], [9, 4, 1]]
    assert [layer.dropout for layer in layers[0]] == [0.4, 0.4, 0.0]


def test_a_change_of_the_recipe_replaces_what_others_have_left() -> None:
    dials = [{"epoch": epoch, "set": {"training.learning_rate": rate}} for epoch, rate in ((2, 0.2), (3, 0.3))]
    trainer = mid_epoch(changes=dials)
    assert [change.before for change in trainer.change_log.pending] == [0.01, 0.2]
    trainer.change("training.learning_rate", 0.07)
    list(trainer.epochs())
    assert [(change.before, change.value) for change in trainer.change_log.done] == [
        (0.01, 0.07),
        (0.07, 0.2),
        (0.2, 0.3),
    ]


@pytest.mark.parametrize(
    ("waiting", "path", "value", "complaint"),
    [
        (("network.edit", {"kind": "remove-layer", "layer": 1}), "network.layers.1.dropout", 0.1, "layers.1.dropout"),
        (("network.edit", {"kind": "remove-layer", "layer": 1}), "network.dropout", [0.1, 0.2], "network.dropout"),
        (("network.edit", ADDED), "network.dropout", [0.1, 0.2], r"network.dropout: expected one rate.*\(3\)"),
        (
            ("network.edit", {"kind": "remove-layer", "layer": 0}),
            "network.edit",
            {"kind": "set-units", "layer": 1, "units": 3},
            "network.edit: there is no hidden layer 2",
        ),
    ],
)
def test_a_dial_that_will_not_fit_when_its_epoch_comes_is_refused_at_once(
    waiting: tuple[str, Any], path: str, value: Any, complaint: str
) -> None:
    """Each fits the network as it is, but not the one that it will find."""
    assert mid_epoch().change(path, value).path == path
    trainer = mid_epoch()
    first = trainer.change(*waiting)
    with pytest.raises(InputError, match=complaint) as raised:
        trainer.change(path, value)
    assert "\n" not in str(raised.value)
    assert trainer.change_log.pending == [first]
    list(trainer.epochs())  # and what waited acts as if nothing had happened
    assert trainer.change_log.done == [first]


def test_what_the_recipe_has_done_is_no_obstacle_any_more() -> None:
    """A layer that a change of the recipe spoke of may go after it, and the run goes on from a checkpoint as well."""
    trainer = Trainer(recipe(changes=[{"epoch": 2, "set": {"network.layers.1.dropout": 0.1, "training.l2": 0.1}}]))
    next(trainer.epochs())
    trainer.step()
    trainer.change("network.edit", {"kind": "remove-layer", "layer": 1})
    list(trainer.epochs())
    assert trainer.spec.changes == ()
    resumed = Trainer.from_checkpoint(trainer.checkpoint())
    assert resumed.spec == trainer.spec
    assert resumed.change_log.done == trainer.change_log.done


def test_an_edit_that_takes_away_what_a_later_change_speaks_of_is_refused_at_once() -> None:
    trainer = mid_epoch(changes=[{"epoch": 3, "set": {"network.layers.1.dropout": 0.1}}])
    with pytest.raises(InputError, match=r"network.edit: changes \(epoch 3\): network.layers.1.dropout"):
        trainer.change("network.edit", {"kind": "remove-layer", "layer": 0})
    list(trainer.epochs())
    assert [change.path for change in trainer.change_log.done] == ["network.layers.1.dropout"]


# The recipe's own changes


def test_the_recipes_changes_act_from_their_epoch_on() -> None:
    trainer = Trainer(recipe(changes=[{"epoch": 2, "set": {"training.learning_rate": 0.5, "network.dropout": 0.0}}]))
    rates = [result.learning_rate for result in trainer.epochs()]
    assert rates == [0.01, 0.5, 0.5]
    assert [layer.dropout for layer in trainer.spec.network.layers] == [0, 0, 0]
    assert [(change.path, change.author, change.epoch) for change in trainer.change_log.done] == [
        ("training.learning_rate", "recipe", 2),
        ("network.dropout", "recipe", 2),
    ]


def test_a_recipes_change_is_what_a_user_could_have_done() -> None:
    by_recipe = Trainer(recipe(changes=[{"epoch": 3, "set": {"network.dropout": 0.5}}]))
    list(by_recipe.epochs())
    by_hand = Trainer(recipe())
    epochs = by_hand.epochs()
    next(epochs)
    next(epochs)
    by_hand.change("network.dropout", 0.5)
    list(epochs)
    np.testing.assert_array_equal(by_recipe.network.parameters.flat, by_hand.network.parameters.flat)


def test_more_dropout_after_fifty_epochs_is_a_recipe() -> None:
    spec = presets.load("breast-cancer-more-dropout")
    trainer, plain = Trainer(spec), Trainer(presets.load("breast-cancer"))
    for _ in plain.epochs():
        pass
    for result in trainer.epochs():
        if result.epoch == 50:
            np.testing.assert_array_equal(trainer.network.parameters.flat, plain.network.parameters.flat)
            assert {layer.dropout for layer in trainer.spec.network.layers[:-1]} == {0.2}
        if result.epoch == 51:
            assert {layer.dropout for layer in trainer.spec.network.layers[:-1]} == {0.3}
    assert trainer.epoch == 70


@pytest.mark.parametrize("path", ["network.units", "training.loss", "split.test"])
def test_a_recipe_may_only_turn_dials(path: str) -> None:
    value = {"network.units": [3, 3], "training.loss": "mse", "split.test": 0.3}[path]
    with pytest.raises(InputError, match=f"{path}: this cannot be changed while the network learns"):
        Trainer(recipe(changes=[{"epoch": 2, "set": {path: value}}]))


@pytest.mark.parametrize("path", ["training.dtype", "scaler.kind", "network.initializer", "training.streams", "name"])
def test_what_is_no_dial_has_no_time_to_act(path: str) -> None:
    with pytest.raises(InputError):
        acts_at(path)


# The log


def test_turning_back_is_a_change_of_its_own() -> None:
    trainer = Trainer(recipe())
    trainer.step()
    for rate in (0.01, 0.02, 0.01):
        trainer.change("training.learning_rate", rate)
    assert trainer.spec.training.learning_rate == trainer.learning_rate == 0.01
    log = [(change.number, change.value) for change in trainer.change_log.done]
    assert log == [(1, 0.01), (2, 0.02), (3, 0.01)]
    resumed = Trainer.from_checkpoint(trainer.checkpoint())
    resumed.apply(trainer.change_log.done)
    assert resumed.spec.training.learning_rate == 0.01
    assert resumed.change_log.done == trainer.change_log.done


def test_what_an_edit_draws_does_not_depend_on_the_pace() -> None:
    hurried, steady = Trainer(recipe()), Trainer(recipe())
    hurried.apply([SetPace(number=1, epoch=1, step=0, value=5.0)])
    assert len(hurried.change_log.done) == 1
    for trainer in (hurried, steady):
        trainer.change("network.edit", {"kind": "set-units", "layer": 0, "units": 9})
    np.testing.assert_array_equal(hurried.network.parameters.flat, steady.network.parameters.flat)
