"""The verdicts of a run in the store."""

from __future__ import annotations

import numpy as np

from engine.array_types import Rows
from engine.judgement.case import PORTION, CurveSamples, data_of_case
from engine.judgement.rules import judged
from engine.judgement.training import GradientSamples, case_of, is_separable, neuron_counts
from engine.run.series import EpochSeries, Recall
from engine.run.verdicts import Verdict
from engine.store.runs import Run
from engine.training.stored import latest_trainer


def stored_verdicts(run: Run) -> tuple[Verdict, ...]:
    """Return what goes wrong in a run so far, and what went wrong for a while; nothing is written.

    As it was recorded, or judged anew where an older version trained it: then neurons are known of the latest epoch.

    Raises:
        InputError: Another program trains it, its data have gone, or its store is damaged.
    """
    _ = run.description.trained
    if run.metrics.state().judged is not None:
        return tuple(run.metrics.verdicts())
    trainer = latest_trainer(run)
    history = EpochSeries(len(run.description.seeds), _recall(run))
    for first in range(1, trainer.epoch + 1, PORTION):
        history.extend(_recall(run)(first, min(first + PORTION - 1, trainer.epoch)))
    gradients = GradientSamples.of(run.metrics, len(trainer.spec.network.layers), trainer.epoch).gradients()
    counts = neuron_counts(trainer) if trainer.epoch else ()
    data, curves = data_of_case(trainer.data, trainer.spec), CurveSamples.of(history)
    return judged(case_of(trainer, data, curves, gradients, counts, separable=is_separable(trainer)))


def _recall(run: Run) -> Recall:
    """Return what reads rows of the store; epochs that were lost at the end are NaN."""

    def recorded(first: int, last: int) -> Rows:
        rows = run.metrics.rows(first, last)
        lost = np.full((last + 1 - first - len(rows), *rows.shape[1:]), np.nan)
        return np.concatenate([rows, lost])

    return recorded
