"""What a run's data are, for those who have not got them."""

from __future__ import annotations

from engine.data.dataset import Dataset
from engine.run.data_facts import DataFacts
from engine.training.trainer import Trainer


class FactsOfData:
    """Knows the facts of a trainer's data, and how often they have become others."""

    def __init__(self) -> None:
        self._data: Dataset | None = None
        self._facts = DataFacts(inputs=0)
        self._version = 0

    def of(self, trainer: Trainer) -> DataFacts:
        """Return what the data are that a trainer learns from now."""
        if trainer.data is not self._data:
            self._data, self._facts = trainer.data, data_facts(trainer)
            self._version += 1
        return self._facts

    def version_of(self, trainer: Trainer) -> int:
        """Return how many different data there were, those that a trainer learns from now included."""
        self.of(trainer)
        return self._version


def data_facts(trainer: Trainer) -> DataFacts:
    """Return what a trainer's data are."""
    data = trainer.data
    return DataFacts(
        inputs=trainer.inputs,
        feature_names=data.table.feature_names,
        classes=data.table.classes,
        rows=(len(data.train), len(data.validation or ()), len(data.test or ())),
        image_shape=data.table.image_shape,
        notes=data.notes,
    )
