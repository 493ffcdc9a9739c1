"""Learning rates of epochs, by hand."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine.training.schedules import learning_rate
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe

BY_HAND = [
    ({"kind": "constant"}, [1, 1, 1, 1, 1]),
    ({"kind": "step", "factor": 0.5, "every": 2}, [1, 1, 0.5, 0.5, 0.25]),
    ({"kind": "exponential", "factor": 0.9}, [1, 0.9, 0.81, 0.729, 0.6561]),
    ({"kind": "cosine", "factor": 0.0}, [1, (2 + math.sqrt(2)) / 4, 0.5, (2 - math.sqrt(2)) / 4, 0]),
    ({"kind": "cosine", "factor": 0.2}, [1, 0.2 + 0.2 * (2 + math.sqrt(2)), 0.6, 0.2 + 0.2 * (2 - math.sqrt(2)), 0.2]),
    ({"kind": "inverse", "factor": 1.0}, [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]),
]


@pytest.mark.parametrize(("schedule", "factors"), BY_HAND)
def test_rates_by_hand(schedule: dict[str, Any], factors: list[float]) -> None:
    training = recipe(training__schedule=schedule, training__epochs=5, training__learning_rate=0.03).training
    rates = [learning_rate(training, epoch) for epoch in range(1, 6)]
    assert rates == pytest.approx([0.03 * factor for factor in factors], rel=1e-12, abs=1e-17)


def test_a_cosine_of_one_epoch_and_beyond_the_last() -> None:
    training = recipe(training__schedule={"kind": "cosine", "factor": 0.5}, training__epochs=1).training
    assert learning_rate(training, 1) == training.learning_rate
    assert learning_rate(training, 9) == 0.5 * training.learning_rate


def test_the_trainer_goes_by_it() -> None:
    trainer = Trainer(recipe(training__schedule={"kind": "step", "factor": 0.1, "every": 1}))
    assert [result.learning_rate for result in trainer.epochs()] == pytest.approx([0.01, 0.001, 0.0001])


def test_turning_the_dial_keeps_the_schedule() -> None:
    trainer = Trainer(recipe(training__schedule={"kind": "exponential", "factor": 0.5}))
    epochs = trainer.epochs()
    next(epochs)
    trainer.change("training.learning_rate", 0.04)
    assert [result.learning_rate for result in epochs] == pytest.approx([0.02, 0.01])
