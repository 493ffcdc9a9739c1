"""Trainings whose verdicts the tests look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

import engine
import presets
from engine.judgement.case import NO_GRADIENTS, CurveSamples, LayerGradients, NeuronCount, data_of_case
from engine.judgement.rules import judged
from engine.judgement.training import case_of, is_separable, neuron_counts
from engine.run.series import EpochSeries
from engine.run.verdicts import Verdict
from engine.training.layer_norms import LayerNorms


def no_rows(first: int, last: int) -> Any:
    """Refuse to give back rows that were folded: these trainings are short."""
    raise AssertionError((first, last))


def verdicts_of(preset: str, seed: int = 42, settings: Mapping[str, Any] | None = None) -> list[Verdict]:
    """Return the verdicts of a preset that is trained here, looked into twenty times on its way."""
    spec = presets.load(preset, set=settings)
    trainer = engine.Trainer(spec, seed=seed)
    trainer.layer_norms.enabled = True
    history = EpochSeries(1, no_rows)
    norms: list[LayerNorms] = []
    counts: list[NeuronCount] = []
    while trainer.ended is None:
        history.extend(trainer.advance(max(1, spec.training.epochs // 20)))
        norms += trainer.layer_norms.take()
        counts += neuron_counts(trainer)
    gradients = NO_GRADIENTS
    if norms:
        table = np.array([each.gradient_norm[:, 0] for each in norms])
        gradients = LayerGradients(np.array([each.epoch for each in norms]), table)
    data = data_of_case(trainer.data, spec)
    separable = is_separable(trainer)
    return list(judged(case_of(trainer, data, CurveSamples.of(history), gradients, counts, separable=separable)))


def names_of(preset: str, seed: int = 42, settings: Mapping[str, Any] | None = None) -> set[str]:
    """Return the names of those verdicts."""
    return {verdict.name for verdict in verdicts_of(preset, seed, settings)}
