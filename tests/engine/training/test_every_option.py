"""Every choice that a recipe offers can be made through the public call, and trains a network that gets better.

The choices are read off the spec's types, so that none can be added and forgotten here.
"""

from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest

import engine
from engine.spec import (
    OUTPUT_LOSSES,
    ActivationName,
    InitializerName,
    MaskGranularity,
    NetworkSpec,
    OptimizerName,
    ScheduleSpec,
    Spec,
    TrainingSpec,
)
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe

EXITS = [(exit_, loss) for exit_, losses in OUTPUT_LOSSES.items() if exit_ != "step" for loss in losses]


def choices(model: type[Any], field: str) -> tuple[Any, ...]:
    """Return what a field of literals takes."""
    return get_args(model.model_fields[field].annotation)


def improves(spec: Spec, seeds: int | None = None) -> bool:
    trainer = engine.Trainer(spec) if seeds is None else engine.Trainer(spec, seeds=range(seeds))
    before = np.mean(trainer.evaluate("train").loss)
    results = list(trainer.epochs())
    assert trainer.non_finite is None
    assert len(results) == spec.training.epochs
    return bool(np.mean(trainer.evaluate("train").loss) < before)


def quick(document: dict[str, Any] = TWO_CLASSES, **values: Any) -> Spec:
    return recipe(document, **{"training__epochs": 8, "network__dropout": 0.1, **values})


@pytest.mark.parametrize("seeds", [None, 2])
@pytest.mark.parametrize(("exit_", "loss"), EXITS)
def test_exits_and_losses(exit_: str, loss: str, seeds: int | None) -> None:
    """Among them the pairs that tutorials warn of; a cross-entropy off its exit is clipped, so it may stand still."""
    document = THREE_CLASSES if exit_ == "softmax" else VALUES if loss in ("mse", "mae") else TWO_CLASSES
    last = len(document["network"]["layers"]) - 1
    changed = {f"network__layers__{last}__activation": exit_, "training__loss": loss}
    assert improves(quick(document, **changed), seeds) or (exit_, loss) in (("identity", "bce"), ("relu", "bce"))


@pytest.mark.parametrize("activation", [name for name in get_args(ActivationName) if name not in ("step", "softmax")])
def test_hidden_activations(activation: str) -> None:
    assert improves(quick(network__layers__0__activation=activation))


def test_a_step_and_a_softmax_have_their_places() -> None:
    layers = [{"units": 3, "activation": "step"}, {"units": 1, "activation": "sigmoid"}]
    forward = engine.Trainer(recipe(network__layers=layers, training__epochs=0))
    assert np.isfinite(forward.evaluate("train").loss)
    with pytest.raises(engine.InputError, match="a step has no slope"):
        recipe(network__layers=layers)
    with pytest.raises(engine.InputError, match="softmax belongs at the exit"):
        recipe(network__layers__0__activation="softmax")


@pytest.mark.parametrize("dtype", choices(TrainingSpec, "dtype"))
@pytest.mark.parametrize("optimizer", get_args(OptimizerName))
def test_optimizers_in_both_precisions(optimizer: str, dtype: str) -> None:
    spec = quick(training__optimizer=optimizer, training__dtype=dtype)
    assert engine.Trainer(spec).layers[0].weights.dtype == dtype
    assert improves(spec)


@pytest.mark.parametrize("initializer", get_args(InitializerName))
@pytest.mark.parametrize("biases", choices(NetworkSpec, "bias_initializer"))
@pytest.mark.parametrize("streams", ["modern", "legacy"])
def test_initializers_from_both_kinds_of_streams(initializer: str, biases: str, streams: str) -> None:
    spec = quick(
        network__initializer=initializer,
        network__bias_initializer=biases,
        training__streams=streams,
        split__validation=0,
    )
    layer = engine.Trainer(spec).layers[0]
    assert layer.weights.any() == (initializer != "zeros")
    assert layer.bias.any() == (biases != "zeros")
    assert improves(spec) or (initializer, biases) == ("zeros", "zeros")


@pytest.mark.parametrize("kind", choices(ScheduleSpec, "kind"))
def test_schedules(kind: str) -> None:
    spec = quick(training__schedule={"kind": kind, "every": 2})
    rates = [result.learning_rate for result in engine.Trainer(spec).epochs()]
    assert rates[0] == spec.training.learning_rate
    assert (rates[-1] < rates[0]) == (kind != "constant")
    assert improves(spec)


@pytest.mark.parametrize("mask", get_args(MaskGranularity))
@pytest.mark.parametrize("penalty", ["training__l1", "training__l2", "training__clip"])
def test_regularisation(mask: str, penalty: str) -> None:
    values: dict[str, Any] = {"network__dropout_mask": mask, "network__dropout": 0.3, penalty: 0.01}
    assert improves(quick(**values))


@pytest.mark.parametrize("restore", [True, False])
def test_early_stopping(restore: bool) -> None:
    stopping = {"patience": 1, "minimum_change": 0.5, "restore_best": restore}
    trainer = engine.Trainer(quick(training__stopping=stopping))
    assert len(list(trainer.epochs())) == 2
    assert trainer.ended == "early_stopping"
    assert trainer.best_epoch == 1
