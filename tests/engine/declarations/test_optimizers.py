"""What is declared of an optimiser is true of its arithmetic, and no part of one is forgotten."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, get_args

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.declarations.optimizers import DECLARED_OPTIMIZERS, HYPERPARAMETERS, MOMENT_TITLES, OptimizerName
from engine.numerics.optimizers import OPTIMIZERS, Rates
from engine.numerics.textbook import UPDATE_RULES
from engine.run.changes import acts_at
from engine.spec import TrainingSpec
from tui_trainer.glossary import TERMS

GRADIENTS = np.random.default_rng(0).normal(size=(4, 1, 5))


def steps(name: OptimizerName, rates: Rates) -> tuple[NDArray[Any], dict[str, NDArray[Any]], NDArray[Any]]:
    """Return the parameters after four steps, the moments, and the last update."""
    optimizer = OPTIMIZERS[name](np.zeros((1, 5)), rates)
    optimizer.learning_rate[...] = 0.1
    for gradient in GRADIENTS:
        optimizer.gradient[...] = gradient
        for function, arguments in optimizer.operations():
            function(*arguments)
    return optimizer.parameters, optimizer.moments(), optimizer.last_update()


def test_name_declaration_formula_and_compiled_step_are_all_there() -> None:
    assert set(get_args(OptimizerName)) == set(DECLARED_OPTIMIZERS) == set(OPTIMIZERS) == set(UPDATE_RULES)
    assert all(name == declared.name for name, declared in DECLARED_OPTIMIZERS.items())


def test_a_hyperparameter_has_a_key_a_default_a_dial_and_a_term() -> None:
    assert set(asdict(Rates())) == set(HYPERPARAMETERS)
    for name, default in asdict(Rates()).items():
        assert TrainingSpec.model_fields[name].default == default
        assert acts_at(f"training.{name}") == "epoch"
        assert name in TERMS
        assert HYPERPARAMETERS[name].name == name


@pytest.mark.parametrize("name", DECLARED_OPTIMIZERS)
def test_it_is_tuned_by_what_it_declares_and_by_nothing_else(name: OptimizerName) -> None:
    other = {key: value / 2 if key != "epsilon" else 0.1 for key, value in asdict(Rates()).items()}
    usual, *_ = steps(name, Rates())
    for key, value in other.items():
        changed, *_ = steps(name, replace(Rates(), **{key: value}))
        assert (not np.array_equal(changed, usual)) == (key in DECLARED_OPTIMIZERS[name].hyperparameters), key


@pytest.mark.parametrize("name", DECLARED_OPTIMIZERS)
def test_it_keeps_the_moments_that_it_declares(name: OptimizerName) -> None:
    _, moments, _ = steps(name, Rates())
    assert list(moments) == list(DECLARED_OPTIMIZERS[name].moments)


@pytest.mark.parametrize("name", DECLARED_OPTIMIZERS)
def test_a_step_goes_against_what_it_follows_and_is_a_multiple_of_it(name: OptimizerName) -> None:
    _, moments, update = steps(name, Rates())
    follows = DECLARED_OPTIMIZERS[name].follows
    if follows is not None:
        followed = GRADIENTS[-1] if follows == "gradient" else moments[follows]
        np.testing.assert_array_equal(np.sign(update), -np.sign(followed))


def test_a_moment_has_one_title_whoever_keeps_it() -> None:
    for declared in DECLARED_OPTIMIZERS.values():
        assert {symbol: MOMENT_TITLES[symbol] for symbol in declared.moments} == dict(declared.moments)
