"""Cats and dogs: the user's own photographs, or else drawn faces in their place.

WTFunk trains on 1000 photographs of 64×64 pixels and tests on 200 more; they are not to be had. The drawn faces are as
many and as large, cats with pointed ears and whiskers, dogs with hanging ears and a long muzzle, in every pose, size,
light and colour of fur. Some ears lie: there are cats with folded ears and dogs with upright ones.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from engine.data.drawing import draw_faces
from engine.data.loaders.array_file import load_array_file
from engine.data.loaders.image_folder import load_image_folder
from engine.data.registry import Stream, loads
from engine.data.table import Table, pixel_names
from engine.spec.data import ArrayFile, CatsDogs, ImageFolder

SIDE = 64
CLASSES = ("cat", "dog")


@loads(CatsDogs)
def load_cats_dogs(source: CatsDogs, stream: Stream = None) -> Table:
    """Return the user's pictures, or the drawn ones in random order, those held out last.

    Raises:
        InputError: The user's own pictures cannot be read.
    """
    random = stream or np.random.RandomState(source.seed)
    table = _own_pictures(source.path) if source.path else _drawn_faces(source, random)
    if source.held_out == "test" or "test" not in table.subsets:
        return table
    subsets = {name: rows for name, rows in table.subsets.items() if name != "test"}
    return dataclasses.replace(table, subsets={**subsets, "validation": table.subsets["test"]})


def _own_pictures(path: Path) -> Table:
    if path.suffix.lower() in {".npz", ".h5", ".hdf5"}:
        return load_array_file(ArrayFile(source=path, size=SIDE, classes=CLASSES))
    return load_image_folder(ImageFolder(source=path, size=SIDE))


def _drawn_faces(source: CatsDogs, random: np.random.RandomState) -> Table:
    dogs = np.concatenate([random.permutation(count) % 2 for count in (source.train, source.test)])
    return Table(
        X=draw_faces(dogs.astype(bool), SIDE, random).reshape(len(dogs), -1),
        y=dogs.astype(np.float64),
        feature_names=pixel_names(SIDE, SIDE),
        classes=CLASSES,
        subsets={"test": np.arange(source.train, len(dogs))},
        image_shape=(SIDE, SIDE),
        notes=("drawn, not photographed: a program drew these faces; --data PATH takes photographs of your own",),
    )
