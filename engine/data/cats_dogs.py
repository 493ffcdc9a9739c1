"""Cats and dogs: the user's own photographs, or else drawn faces in their place.

WTFunk trains on 1000 photographs of 64×64 pixels and tests on 200 more; they are not to be had. The drawn faces are as
many and as large, cats with pointed ears and whiskers, dogs with hanging ears and a long muzzle, in every pose, size,
light and colour of fur. Some ears lie: there are cats with folded ears and dogs with upright ones.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from engine.data.array_file import ArrayFile
from engine.data.drawing import draw_faces
from engine.data.generators import Seed
from engine.data.image_folder import ImageFolder
from engine.data.table import DataSource, Table, pixel_names

SIDE = 64
Count = Annotated[int, Field(ge=2, le=20_000)]


class CatsDogs(DataSource):
    """Grey pictures of 64×64 pixels from 0 to 255; 0 = cat, 1 = dog."""

    source: Literal["cats-dogs"] = "cats-dogs"
    path: Path | None = None
    """The user's own pictures: a folder with a folder for each class, a ``.npz`` or a ``.h5`` file."""
    train: Count = 1000
    """Drawn pictures to learn from, half of them cats."""
    test: Count = 200
    """Drawn pictures to be graded on, half of them cats."""
    held_out: Literal["test", "validation"] = "test"
    """The part that the held out pictures are. The tutorial looks at them all along, which makes them validation."""
    seed: Seed = 0
    """Of the drawing."""

    def load(self, stream: np.random.RandomState | None = None) -> Table:
        """Return the user's pictures, or the drawn ones in random order, those held out last."""
        table = self._own(self.path) if self.path else self._drawn(stream or np.random.RandomState(self.seed))
        if self.held_out == "test" or "test" not in table.subsets:
            return table
        subsets = {name: rows for name, rows in table.subsets.items() if name != "test"}
        return dataclasses.replace(table, subsets={**subsets, "validation": table.subsets["test"]})

    def _own(self, path: Path) -> Table:
        if path.suffix.lower() in {".npz", ".h5", ".hdf5"}:
            return ArrayFile(source=path, size=SIDE, classes=("cat", "dog")).load()
        return ImageFolder(source=path, size=SIDE).load()

    def _drawn(self, random: np.random.RandomState) -> Table:
        dogs = np.concatenate([random.permutation(count) % 2 for count in (self.train, self.test)])
        return Table(
            X=draw_faces(dogs.astype(bool), SIDE, random).reshape(len(dogs), -1),
            y=dogs.astype(np.float64),
            feature_names=pixel_names(SIDE, SIDE),
            classes=("cat", "dog"),
            subsets={"test": np.arange(self.train, len(dogs))},
            image_shape=(SIDE, SIDE),
            notes=("drawn, not photographed: a program drew these faces; --data PATH takes photographs of your own",),
        )
