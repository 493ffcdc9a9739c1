"""A network on its way, whose insides the tests look at."""

from __future__ import annotations

import pytest

import engine
import presets
from engine.training.trainer import Trainer


@pytest.fixture
def trainer() -> Trainer:
    spec = presets.load("breast-cancer", set={"training.dtype": "float64"})
    trainer: Trainer = engine.Trainer(spec)
    for _ in range(15):
        trainer.step()
    return trainer
