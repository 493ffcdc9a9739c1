"""Counts and shapes of a preset's network."""

from __future__ import annotations

from typing import Any

import presets
from engine.training.trainer import Trainer
from presets.claims import NetworkMeasure


def values(preset: str, measure: NetworkMeasure) -> dict[str, Any]:
    """Return ``parameters``, ``parameters.1`` of a layer, ``inputs``, ``rows``, ``W1.shape``, and ``p.shape``.

    Shapes are written as the tutorials' code has them, with examples as columns.
    """
    trainer = Trainer(presets.load(preset, set=measure.set))
    rows = len(trainer.data.train)
    figures: dict[str, Any] = {"parameters": trainer.parameter_count, "inputs": trainer.inputs, "rows": rows}
    for number, layer in enumerate(trainer.layers, 1):
        figures[f"parameters.{number}"] = layer.weights.size + layer.bias.size
        figures[f"W{number}.shape"] = str(layer.weights.shape)
    figures["p.shape"] = str((trainer.layers[-1].bias.size, rows))
    return figures
