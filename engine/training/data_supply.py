"""The data of a run whose recipe may change on the way: read or drawn once for each source that it comes to."""

from __future__ import annotations

from collections.abc import Sequence

from engine.data import dataset
from engine.data.dataset import Dataset
from engine.errors import InputError
from engine.spec import Spec
from engine.spec.sources.base import DataSource
from engine.training.memory_estimate import check_memory
from engine.training.random_streams import RandomStreams

MOST_KEPT = 3
"""What holds, what waits for its epoch, and what was asked for in between."""


class DataSupply:
    """Gives the data of a recipe.

    Args:
        data: The data at hand, of the run's start.
        source: What the recipe says of them.
        seeds: S seeds; where data and parameters are drawn from one stream, the data is that of the seed.
    """

    def __init__(self, data: Dataset, source: DataSource, seeds: Sequence[int]) -> None:
        self._seeds = seeds
        self._by_source = {source: data}
        self._latest = data

    def of(self, spec: Spec) -> Dataset:
        """Return the data of a recipe; that of one source is drawn once, and equal wherever it is drawn.

        Raises:
            InputError: They cannot be read, drawn, derived or split, or do not fit the network's exit.
        """
        if spec.data in self._by_source:
            data = self._by_source.pop(spec.data)
        elif self._latest.source is None:
            raise InputError("data: these rows were put together by hand, so there is no drawing them anew")
        else:
            stream = RandomStreams(spec.training.streams, self._seeds).data
            data = dataset.load(spec, stream, before=self._latest)
        self._by_source[spec.data] = self._latest = data  # the latest last
        while len(self._by_source) > MOST_KEPT:
            del self._by_source[next(iter(self._by_source))]
        return data

    def check(self, spec: Spec) -> None:
        """Refuse a recipe whose data or training this machine cannot have.

        Raises:
            InputError: Why not, in one line.
        """
        train = self.of(spec).train
        check_memory(spec, inputs=train.X.shape[1], seeds=len(self._seeds), rows=len(train))
