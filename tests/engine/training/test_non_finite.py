"""Values that are no numbers any more: found, named, and the end of the run; never a silent NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spec import validate
from engine.training.results import EpochResult, Metrics
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.properties import examples

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def test_a_run_that_diverges_says_when_where_and_why() -> None:
    trainer = Trainer(recipe(VALUES, training__optimizer="sgd", training__learning_rate=1e6, training__epochs=500))
    results = list(trainer.epochs())
    assert trainer.ended == "non_finite"
    found = trainer.non_finite
    assert found is not None
    assert found.epoch == results[-1].epoch < 500
    assert found.seeds == (5,)
    assert "\n" not in found.cause
    assert str(found.epoch) in found.cause
    assert all(np.isfinite(result.train.loss) for result in results[:-1])


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_the_first_layer_concerned_is_named(layer: int) -> None:
    trainer = Trainer(recipe(training__optimizer="sgd", network__dropout=0.0))
    trainer.layers[layer].bias[0] = np.nan
    next(trainer.epochs())
    found = trainer.non_finite
    assert found is not None
    # What is not a number spreads backwards too, but not to a layer whose slopes it cannot reach through ReLU's gate.
    assert found.layer is not None
    assert found.layer <= layer
    assert f"layer {found.layer + 1}" in found.cause


def test_only_the_seeds_concerned_are_named() -> None:
    trainer = Trainer(recipe(), seeds=[3, 8, 9])
    trainer.layers[1].weights[1] = np.inf
    next(trainer.epochs())
    assert trainer.non_finite is not None
    assert trainer.non_finite.seeds == (8,)


def test_a_validation_loss_alone_is_found_too() -> None:
    """Weights are finite and so is the training loss, but one row to practise on is beyond what float32 can hold."""
    plain = Trainer(recipe(VALUES))
    assert plain.data.validation is not None
    row = int(plain.data.validation.rows[0])
    X = [list(values) for values in VALUES["data"]["X"]]
    X[row][0] = 1e30
    layers = [{"units": 1, "activation": "identity"}]
    document = {**VALUES, "data": {**VALUES["data"], "X": X}, "scaler": {}, "network": {"layers": layers}}
    trainer = Trainer(recipe(document, training__dtype="float32"))
    result = next(trainer.epochs())
    assert np.isfinite(result.train.loss)
    assert np.isfinite(trainer.network.parameters.flat).all()
    assert trainer.ended == "non_finite"
    assert trainer.non_finite is not None
    assert trainer.non_finite.layer is None
    assert "validation" in trainer.non_finite.cause


def test_a_seed_that_has_stopped_early_cannot_spoil_the_band() -> None:
    trainer = Trainer(recipe(training__stopping={"patience": 1}, training__epochs=60), seeds=[0, 1, 2, 3])
    for _ in trainer.epochs():
        stopped = np.flatnonzero(trainer.state.stopping.stopped)
        if len(stopped) and trainer.ended is None:
            trainer.step()
            trainer.network.parameters.flat[stopped] = np.nan
            while trainer.step() is None:
                pass
            break
    else:
        pytest.fail("no seed stopped before the others")
    assert trainer.non_finite is None
    assert np.isfinite(trainer.network.parameters.flat).all()


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_an_optimizer_whose_averages_have_overflown_does_not_stand_still_without_a_word(optimizer: str) -> None:
    """Slopes of 1e25 are finite in float32, as are weights and loss, but their squares are not."""
    X = [[1e25 * (-1) ** row, 1.0] for row in range(40)]
    layers = [{"units": 1, "activation": "sigmoid"}]
    document = {
        **TWO_CLASSES,
        "data": {"source": "rows", "X": X, "y": [row % 2 for row in range(40)], "classes": ["a", "b"]},
        "scaler": {},
        "network": {"layers": layers, "initializer": "zeros"},
    }
    trainer = Trainer(recipe(document, training__dtype="float32", training__optimizer=optimizer))
    next(trainer.epochs())
    found = trainer.non_finite
    assert np.isfinite(trainer.network.parameters.flat).all()
    assert found is not None
    assert (found.epoch, found.layer) == (1, 0)
    assert "optimiser's average of a slope of layer 1" in found.cause


@pytest.mark.parametrize("schedule", [{"kind": "exponential", "factor": 1e200}, {"kind": "step", "every": 1}])
def test_a_rate_beyond_all_numbers_is_noticed(schedule: dict[str, Any]) -> None:
    """Nothing moves at first, as all neurons are dead; then the rate is infinite, and 0 · ∞ is no number."""
    layers = [{"units": 3, "activation": "relu"}, {"units": 1, "activation": "sigmoid"}]
    trainer = Trainer(
        recipe(
            network__layers=layers,
            network__weights=[[[0.0] * 2] * 3, [[0.0] * 3]],
            network__biases=[[-1.0] * 3, [0.0]],
            training__optimizer="sgd",
            training__schedule={"factor": 1e200, **schedule},
            training__epochs=50,
        )
    )
    list(trainer.epochs())
    assert trainer.ended == "non_finite"
    assert trainer.epoch <= 3


def overflowing(hidden: str, *, deep: bool, dtype: str, sign: float = -1) -> dict[str, Any]:
    """In the first hidden layer, or in a second one above an identity, the sum is −∞; with ``sign`` 1 it is ∞ − ∞."""
    large = float(np.finfo(np.dtype(dtype)).max) * 0.9
    one = {"units": 1, "activation": hidden}
    first: dict[str, Any] = {"units": 2, "activation": "identity"}
    return {
        "name": "case",
        "data": {"source": "rows", "X": [[10.0, 10.0]] * 6, "y": [0.0] * 6},
        "network": {
            "layers": [*[first] * deep, one, {"units": 1, "activation": "identity"}],
            "weights": [*[[[1.0, 0.0], [0.0, 1.0]]] * deep, [[sign * large, -large]], [[1.0]]],
            "biases": [*[[0.0, 0.0]] * deep, [0.0], [0.5]],
        },
        "training": {"loss": "mse", "optimizer": "sgd", "epochs": 20, "learning_rate": 0.1, "dtype": dtype},
    }


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", ["full", 2])
@pytest.mark.parametrize("at_once", [False, True])
def test_relu_hides_no_sum_that_overflows(deep: bool, dtype: str, batch: str | int, at_once: bool) -> None:
    document = overflowing("relu", deep=deep, dtype=dtype)
    document["training"]["batch_size"] = batch
    trainer = Trainer(validate(document, "the case"))
    trainer.advance(20) if at_once else list(trainer.epochs())
    found = trainer.non_finite
    assert found is not None
    assert (trainer.ended, found.epoch, found.seeds) == ("non_finite", 1, (42,))
    assert found.layer == int(deep)
    assert f"layer {1 + deep} is not finite" in found.cause
    assert dtype in found.cause


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_sum_of_opposites_that_overflow_is_reported_whatever_it_comes_to(deep: bool, dtype: str) -> None:
    trainer = Trainer(validate(overflowing("relu", deep=deep, dtype=dtype, sign=1), "the case"))
    next(trainer.epochs())
    found = trainer.non_finite
    assert found is not None
    assert (found.epoch, found.seeds) == (1, (42,))
    assert found.layer is not None
    assert f"layer {found.layer + 1}" in found.cause


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu", "tanh", "sigmoid"])
def test_an_evaluation_keeps_what_is_not_a_number(hidden: str) -> None:
    trainer = Trainer(validate(overflowing(hidden, deep=False, dtype="float64"), "the case"))
    trainer.layers[0].weights[0, 0] = np.nan
    assert np.isnan(trainer.evaluate("train").loss)
    assert np.isnan(trainer.predict([[10.0, 10.0]])).all()


def test_only_the_seeds_whose_relu_hides_it_are_named() -> None:
    document = overflowing("relu", deep=False, dtype="float32")
    document["network"]["weights"] = [[[1.0, -1.0]], [[1.0]]]
    trainer = Trainer(validate(document, "the case"), seeds=[3, 8, 9])
    trainer.layers[0].weights[1, 0] = [-3e38, -3e38]
    next(trainer.epochs())
    assert trainer.non_finite is not None
    assert trainer.non_finite.seeds == (8,)
    assert trainer.non_finite.layer == 0


def test_large_weights_that_overflow_nowhere_train_on() -> None:
    document = overflowing("relu", deep=False, dtype="float32")
    document["network"]["weights"] = [[[-1e25, -1e25]], [[0.0]]]
    trainer = Trainer(validate(document, "the case"))
    trainer.advance(20)
    assert (trainer.epoch, trainer.non_finite) == (20, None)


EXTREMES = st.fixed_dictionaries(
    {
        "training__optimizer": st.sampled_from(["sgd", "momentum", "rmsprop", "adam"]),
        "training__learning_rate": st.sampled_from([1e-30, 1e-3, 10.0, 1e6, 1e30]),
        "training__momentum": st.sampled_from([0.0, 0.9, 0.999999]),
        "training__beta1": st.sampled_from([0.0, 0.9, 0.999999]),
        "training__beta2": st.sampled_from([0.0, 0.999, 0.9999999]),
        "training__epsilon": st.sampled_from([1e-300, 1e-7, 1e10]),
        "training__l1": st.sampled_from([0.0, 1e10]),
        "training__l2": st.sampled_from([0.0, 1e30]),
        "training__clip": st.sampled_from([0.0, 1e-30, 1e30]),
        "training__schedule": st.sampled_from([{}, {"kind": "exponential", "factor": 1e10}, {"kind": "cosine"}]),
        "training__dtype": st.sampled_from(["float32", "float64"]),
        "training__batch_size": st.sampled_from([1, 13, "full"]),
        "network__initializer_scale": st.sampled_from([1e-30, 1.0, 1e4, 1e30]),
        "network__initializer": st.sampled_from(["normal", "zeros", "he"]),
        "network__bias_initializer": st.sampled_from(["zeros", "normal"]),
        "network__dropout": st.sampled_from([0.0, 0.5, 0.999]),
        "network__dropout_mask": st.sampled_from(["example", "step", "epoch"]),
        "network__layers__0__activation": st.sampled_from(["identity", "sigmoid", "tanh", "relu", "leaky_relu"]),
        "scaler__kind": st.sampled_from(["none", "standard", "minmax"]),
    }
)
EXITS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (TWO_CLASSES, {}),
    (TWO_CLASSES, {"training__loss": "mse"}),
    (TWO_CLASSES, {"network__layers__2__activation": "relu"}),
    (THREE_CLASSES, {}),
    (VALUES, {}),
    (VALUES, {"training__loss": "mae"}),
]


def is_finite(trainer: Trainer, metrics: Metrics | None) -> bool:
    if metrics is None:
        return True
    score = metrics.accuracy if trainer.classification else metrics.r2
    assert score is not None
    return bool(np.isfinite(metrics.loss) and np.isfinite(score))


@settings(max_examples=examples(150))
@given(exit_=st.sampled_from(EXITS), options=EXTREMES)
def test_no_option_makes_a_nan_silently(exit_: tuple[dict[str, Any], dict[str, Any]], options: dict[str, Any]) -> None:
    document, changed = exit_
    trainer = Trainer(recipe(document, **options, **changed))
    last: EpochResult | None = None
    for result in trainer.epochs():
        last = result
        if trainer.non_finite is None:
            assert is_finite(trainer, result.train)
            assert is_finite(trainer, result.validation)
            assert np.isfinite(trainer.network.parameters.flat).all()
            assert all(np.isfinite(average).all() for average in trainer.inside.moments().values())
    assert last is not None
    found = trainer.non_finite
    if found is not None:
        assert trainer.ended == "non_finite"
        assert found.epoch == last.epoch
        assert found.seeds == (5,)
        assert found.layer is None or f"layer {found.layer + 1}" in found.cause
