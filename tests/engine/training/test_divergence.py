"""Which term a divergence is put down to: the one that, by hand, outgrows the other."""

from __future__ import annotations

from typing import Any

import pytest

from engine.spec import validate
from engine.training.trainer import Trainer

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
RATE = "learning rate too large, or inputs not scaled?"


def cause(x: float, **training: Any) -> str:
    """Of one linear neuron w = 1 on rows of ±x, with targets 0: the slope of its loss is 2 x² w + l2 w ± l1."""
    document = {
        "name": "case",
        "data": {"source": "rows", "X": [[x], [-x]], "y": [0.0, 0.0]},
        "network": {"layers": [{"units": 1, "activation": "identity"}], "weights": [[[1.0]]], "biases": [[0.0]]},
        "training": {
            "loss": "mse",
            "optimizer": "sgd",
            "epochs": 5000,
            "batch_size": "full",
            "dtype": "float32",
            **training,
        },
    }
    trainer = Trainer(validate(document, "the case"))
    trainer.advance(5000)
    assert trainer.non_finite is not None
    return trainer.non_finite.cause


@pytest.mark.parametrize(("optimizer", "l2", "bound"), [("sgd", 10.0, "2"), ("momentum", 20.0, "3.8")])
@pytest.mark.parametrize("x", [0.0, 0.5])
def test_a_penalty_that_grows_by_itself_is_named(optimizer: str, l2: float, bound: str, x: float) -> None:
    """Rate · 2 x² is .15 at most, rate · l2 is 3 and 6."""
    found = cause(x, learning_rate=0.3, l2=l2, optimizer=optimizer)
    assert f"the L2 penalty makes weights grow, as learning rate × l2 = {0.3 * l2:g} is above {bound}" in found
    assert RATE not in found


@pytest.mark.parametrize("l2", [0.0, 0.001, 1.0])
def test_a_rate_too_large_for_the_data_is_blamed_with_a_penalty_that_does_not_grow(l2: float) -> None:
    """Rate · 2 x² is 5, rate · l2 at most .1."""
    found = cause(5.0, learning_rate=0.1, l2=l2)
    assert RATE in found
    assert "penalty" not in found


def test_where_both_grow_both_are_named() -> None:
    """Rate · 2 x² is 600, rate · l2 is 3."""
    found = cause(10.0, learning_rate=3.0, l2=1.0)
    assert RATE in found
    assert "L2 penalty" in found


@pytest.mark.parametrize(("name", "penalty"), [("L1", {"l1": 1e25}), ("L2", {"l2": 1e25})])
@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_squares_of_a_penaltys_slope_that_overflow_are_named(
    name: str, penalty: dict[str, float], optimizer: str
) -> None:
    found = cause(1.0, learning_rate=0.001, optimizer=optimizer, **penalty)
    assert f"the {name} penalty's slope" in found
    assert RATE not in found


def test_a_step_of_l1_beyond_all_numbers_is_named() -> None:
    found = cause(0.0, learning_rate=10.0, l1=1e38, loss="mae")
    assert "the L1 penalty moves weights" in found
