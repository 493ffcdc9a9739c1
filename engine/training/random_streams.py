"""Where randomness comes from: separate streams for parameters, shuffling and dropout, one set a seed.

"modern": three independent PCG64 streams per seed. "legacy": parameters come from ``RandomState(seed)``, as in the
tutorials' published figures. "legacy-shared": data, then parameters, from one such stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.errors import InputError
from engine.numerics.initializers import RandomStream


class RandomStreams:
    """The streams of S seeds.

    Args:
        kind: "modern", "legacy" or "legacy-shared"; see the module.
        seeds: S seeds.

    Attributes:
        data: The stream that the data is to be drawn from first, or None where the source has its own.
        initial: One stream a seed for initial parameters.
        shuffle: One stream a seed for the order of rows.
        dropout: One stream a seed for masks.

    Raises:
        InputError: "legacy-shared" with several seeds.
    """

    def __init__(self, kind: str, seeds: Sequence[int]) -> None:
        if kind == "legacy-shared" and len(seeds) > 1:
            raise InputError("training.streams: legacy-shared draws the data with the seed, so it takes one at a time")
        children = [np.random.SeedSequence(seed).spawn(3) for seed in seeds]
        self.shuffle = [np.random.default_rng(child[1]) for child in children]
        self.dropout = [np.random.default_rng(child[2]) for child in children]
        legacy = [np.random.RandomState(seed) for seed in seeds]
        modern = [np.random.default_rng(child[0]) for child in children]
        self.initial: Sequence[RandomStream] = modern if kind == "modern" else legacy
        self.data = legacy[0] if kind == "legacy-shared" else None

    def state(self) -> dict[str, list[Any]]:
        """Return what a checkpoint must hold; parameters are drawn once, so their streams need not be kept."""
        return {
            "shuffle": [stream.bit_generator.state for stream in self.shuffle],
            "dropout": [stream.bit_generator.state for stream in self.dropout],
        }

    def restore(self, state: dict[str, list[Any]]) -> None:
        """Put back what ``state`` returned."""
        for streams, states in ((self.shuffle, state["shuffle"]), (self.dropout, state["dropout"])):
            for stream, saved in zip(streams, states, strict=True):
                stream.bit_generator.state = saved
