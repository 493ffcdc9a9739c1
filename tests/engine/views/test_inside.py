"""The parameters and the latest step against what the network says of itself."""

from __future__ import annotations

import numpy as np
import pytest

import engine
import presets
from engine.training.trainer import Trainer
from engine.views import inside


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "rmsprop", "adam"])
def test_updates_are_what_the_step_added(optimizer: str) -> None:
    trainer: Trainer = engine.Trainer(presets.load("breast-cancer", set={"training.optimizer": optimizer}))
    for _ in range(3):
        before = [layer[0].copy() for layer in trainer.network.parameters.layers]
        trainer.step()
    shown = inside.updates(trainer)
    for number, layer in enumerate(trainer.network.parameters.layers):
        np.testing.assert_allclose(shown[f"{number}"], layer[0] - before[number], rtol=0, atol=2e-7)
