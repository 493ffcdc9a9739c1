"""Every preset of the library, trained for an epoch as its recipe says."""

from __future__ import annotations

import numpy as np
import pytest

import presets
from engine.training.trainer import Trainer
from presets.loader import LIBRARY

LIBRARY_NAMES = sorted(path.stem for path in LIBRARY.glob("*.toml"))
FORWARD_ONLY = {"loan-forward", "loan-neuron"}


@pytest.mark.parametrize("name", LIBRARY_NAMES)
def test_it_is_listed_loads_and_trains(name: str) -> None:
    assert name in presets.names()
    preset = presets.read(name)
    assert preset.card.summary
    assert preset.card.kind in {"tutorial", "mistake", "classic"}
    trainer = Trainer(preset.spec)
    if name in FORWARD_ONLY:
        assert list(trainer.epochs()) == []
        assert np.isfinite(trainer.predict(trainer.data.table.X)).all()
        return
    before = trainer.network.parameters.flat.copy()
    result = next(trainer.epochs())
    assert np.isfinite(result.row()[0, :2]).all()
    assert not np.array_equal(trainer.network.parameters.flat, before)


def test_dials_turn_by_themselves_in_a_preset() -> None:
    trainer = Trainer(presets.load("breast-cancer-more-dropout"))
    results = trainer.epochs()
    rates = [[layer.dropout for layer in trainer.spec.network.layers[:-1]] for _ in results]
    assert rates == [[0.2, 0.2]] * 50 + [[0.3, 0.3]] * 20
