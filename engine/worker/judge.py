"""Judges the run that a worker trains, when it is asked."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.judgement.case import NO_CURVES, Case, data_of_case
from engine.judgement.rules import judged, judged_before
from engine.judgement.training import case_of, is_separable, neuron_counts, recorded_gradients
from engine.run.series import EpochSeries
from engine.run.verdicts import Verdict
from engine.spec import Spec
from engine.store.metrics import MetricsLog
from engine.training.trainer import Trainer


class Judge:
    """Knows the verdicts on a trainer, and asks for what takes long but once for each recipe and its data.

    Args:
        trainer: What trains.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._recipe: tuple[Spec, Dataset] | None = None
        self._before: tuple[Verdict, ...] = ()
        self._data: Dataset | None = None
        self._separable: bool | None = None

    def before(self) -> tuple[Verdict, ...]:
        """Return what recipe and data show before the first step."""
        recipe = self._trainer.spec, self._trainer.data
        if self._recipe is None or self._recipe[0] != recipe[0] or self._recipe[1] is not recipe[1]:
            self._recipe = recipe
            self._before = judged_before(
                Case(spec=recipe[0], data=data_of_case(recipe[1], recipe[0]), curves=NO_CURVES)
            )
        return self._before

    def so_far(self, history: EpochSeries, log: MetricsLog) -> tuple[Verdict, ...]:
        """Return what goes wrong in the run so far, and what went wrong for a while.

        Raises:
            InputError: The store is damaged.
        """
        trainer = self._trainer
        if self._data is not trainer.data:
            self._data, self._separable = trainer.data, is_separable(trainer)
        gradients = recorded_gradients(log, len(trainer.spec.network.layers))
        counts = neuron_counts(trainer) if trainer.epoch else ()
        return judged(case_of(trainer, history, gradients, counts, separable=self._separable))
