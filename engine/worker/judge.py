"""Judges the run that a worker trains, as it goes.

What is told depends on the run alone, so that it is the same whether the run was watched, paused, or killed and
resumed: rules look back over the whole training, and neurons are looked at after epochs whose numbers are fixed. Only
when it is told depends on the time that may be spent: a look costs one or two milliseconds, however long the run.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Rows
from engine.data.dataset import Dataset
from engine.judgement.case import CurveSamples, DataOfCase, data_of_case
from engine.judgement.record import VerdictRecord
from engine.judgement.rules import OF_CURVES, OF_NEURONS, OF_RECIPE, judged, names_of
from engine.judgement.rules.curves import convergence
from engine.judgement.separating_process import SeparatingProcess
from engine.judgement.training import (
    GradientSamples,
    asks_separability,
    case_of,
    neuron_counts,
    next_look_at_neurons,
    rows_to_separate,
)
from engine.run.series import EpochSeries
from engine.run.verdicts import Convergence, Verdict, recorded_up_to
from engine.spec import Spec
from engine.store.metrics import MetricsLog
from engine.training.layer_norms import LayerNorms
from engine.training.trainer import Trainer

MOST_WAITING = 2048
"""Epochs that wait at most to be sampled: to sample few is as dear as to sample many."""


class Judge:
    """Knows the verdicts on a trainer.

    Args:
        trainer: What trains.
        history: Its metrics so far.
        log: Where its gradient norms and its verdicts are recorded.

    Attributes:
        record: The verdicts so far.
        convergence: Where the training loss is going.

    Raises:
        InputError: The store is damaged.
    """

    def __init__(self, trainer: Trainer, history: EpochSeries, log: MetricsLog) -> None:
        self._trainer = trainer
        self.record = VerdictRecord(recorded_up_to(log.verdicts(), trainer.epoch))
        self.convergence: Convergence | None = None
        self._curves = CurveSamples.of(history)
        self._gradients = GradientSamples.of(log, len(trainer.spec.network.layers), trainer.epoch)
        self._waiting: list[Rows] = []
        self._epochs = self._curves.epochs
        self._next_look_at_neurons = next_look_at_neurons(trainer.epoch)
        self._recipe: tuple[Spec, Dataset] | None = None
        self._known: tuple[Dataset, DataOfCase] | None = None
        self._looked: int | None = None
        self._separating: SeparatingProcess | None = None

    @property
    def judged(self) -> int:
        """The epoch up to which nothing is told any more."""
        return self._looked or 0 if self._separating is None or self._separating.is_done else 0

    @property
    def has_news(self) -> bool:
        """Whether there is anything to look at that was not looked at."""
        return self._looked != self._epochs or self._recipe_is_other

    @property
    def next_epoch_to_stop_at(self) -> int:
        """The epoch at whose end neurons are looked at next."""
        return self._next_look_at_neurons

    def take(self, rows: Rows, norms: Sequence[LayerNorms]) -> list[Verdict]:
        """Take in the rows (k, S, C) of the next epochs; return what begins or passes, as far as it has to be seen.

        It is called every two milliseconds, so rows only wait here, and what comes seldom is asked for at its epoch.
        """
        for each in norms:
            self._gradients.add(each.epoch, each.gradient_norm)
        self._waiting.append(rows)
        self._epochs += len(rows)
        changed: list[Verdict] = []
        if self._epochs - self._curves.epochs >= MOST_WAITING:
            changed += self._sample()
        if self._trainer.epoch >= self._next_look_at_neurons:
            self._next_look_at_neurons = next_look_at_neurons(self._trainer.epoch)
            changed += self._look_at_neurons()
        return changed

    def _sample(self) -> list[Verdict]:
        """Add the rows that wait to the curves; return what had to be seen before samples were dropped."""
        changed: list[Verdict] = []
        rows = np.concatenate(self._waiting) if self._waiting else np.empty((0, 1, 1))
        self._waiting.clear()
        while len(rows):
            if not self._curves.room:
                changed += self._ask()  # for the last time with the samples as they are
                self._curves.thin_out()
            now, rows = rows[: self._curves.room], rows[self._curves.room :]
            self._curves.extend(now)
        return changed

    def look(self) -> list[Verdict]:
        """Look at all that has come; return the verdicts that have begun or passed."""
        return [*self._sample(), *self._ask()]

    def _ask(self) -> list[Verdict]:
        """Ask the rules about the curves as they are."""
        trainer, changed = self._trainer, list[Verdict]()
        epoch = self._curves.epochs
        if self._recipe_is_other:
            changed += self._look_at_recipe(epoch)
        separable = self._separating.answer if self._separating else None
        case = case_of(trainer, self._data, self._curves, self._gradients.gradients(), separable=separable)
        changed += self.record.update(judged(case, OF_CURVES), names_of(OF_CURVES), epoch)
        self.convergence = convergence(case)
        self._looked = epoch
        return changed

    def conclude(self) -> list[Verdict]:
        """Look for the last time, when all questions have their answers."""
        if self._separating is not None:
            self._separating.wait()
        return self.look()

    def close(self) -> None:
        """Ask nothing any more."""
        if self._separating is not None:
            self._separating.end()

    @property
    def _recipe_is_other(self) -> bool:
        trainer = self._trainer
        return self._recipe is None or self._recipe[0] is not trainer.spec or self._recipe[1] is not trainer.data

    @property
    def _data(self) -> DataOfCase:
        trainer = self._trainer
        if self._known is None or self._known[0] is not trainer.data or self._recipe_is_other:
            self._known = trainer.data, data_of_case(trainer.data, trainer.spec)
        return self._known[1]

    def _look_at_recipe(self, epoch: int) -> list[Verdict]:
        trainer = self._trainer
        case = case_of(trainer, self._data, CurveSamples())
        asked = self._recipe is not None and self._recipe[1] is trainer.data and self._separating is not None
        self._recipe = trainer.spec, trainer.data
        if not asks_separability(trainer):
            self.close()
            self._separating = None
        elif not asked:
            self.close()
            self._separating = SeparatingProcess(*rows_to_separate(trainer))
        return self.record.update(judged(case, OF_RECIPE), names_of(OF_RECIPE), epoch)

    def _look_at_neurons(self) -> list[Verdict]:
        trainer = self._trainer
        names = names_of(OF_NEURONS)
        ill = set.union(*(self.record.layers(name) for name in names))
        with np.errstate(all="ignore"):
            counts = neuron_counts(trainer, ill)
        case = case_of(trainer, self._data, CurveSamples(), neurons=counts)
        return self.record.update(judged(case, OF_NEURONS), names, trainer.epoch)
