"""Cats and dogs: the user's own photographs, or else drawn faces in their place.

WTFunk trains on 1000 photographs of 64×64 pixels and tests on 200 more; they are not to be had. The drawn faces are as
many and as large, cats with pointed ears and whiskers, dogs with hanging ears and a long muzzle, in every pose, size,
light and colour of fur. Some ears lie: there are cats with folded ears and dogs with upright ones.

In the first version every picture shows another animal, and what a network learns of 1000 of them helps with 200
others: training and test curves stay close together. The tutorial shows the opposite, a network that knows its training
pictures by heart and nothing beyond them. The second version lets that be seen: its 1000 training pictures are 40 films
of 25 pictures, each of one animal that does not move, in a place of its own with a pattern of light and shade. To know
the 40 places is enough to be right about all 1000 pictures, and takes less than to learn what makes a cat. The 200 test
pictures show 200 other animals in 200 other places: there it helps nothing.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.data.drawing import SHOTS, draw_faces, draw_films
from engine.data.loaders.array_file import load_array_file
from engine.data.loaders.image_folder import load_image_folder
from engine.data.memory import require_memory
from engine.data.registry import Stream, loads
from engine.data.table import Table, pixel_names
from engine.spec.sources.files import ArrayFile, ImageFolder
from engine.spec.sources.generators import CatsDogs

SIDE = 64
CLASSES = ("cat", "dog")
COPIES = 3
"""Of the pictures in float64 at a time: drawn, in order, and as the network sees them."""


@loads(CatsDogs)
def load_cats_dogs(source: CatsDogs, stream: Stream = None) -> Table:
    """Return the user's pictures, or the drawn ones in random order, those held out last.

    Raises:
        InputError: The user's own pictures cannot be read, or there is no memory for so many drawn ones.
    """
    random = stream or np.random.RandomState(source.seed)
    if source.path is None:
        needed = COPIES * (source.train + source.test) * SIDE**2 * 8
        require_memory("data.train", needed, "drawing them")
    drawn = _drawn_faces if source.version == 1 else _drawn_films
    table = _own_pictures(source.path) if source.path else drawn(source, random)
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
    note = "drawn, not photographed: a program drew these faces; --data PATH takes photographs of your own"
    return _table(source, draw_faces(dogs.astype(bool), SIDE, random), dogs, note)


def _drawn_films(source: CatsDogs, random: np.random.RandomState) -> Table:
    """Return films of few animals to learn from, and after them single pictures of others.

    Those held out are drawn first: they stay the same however many there are to learn from.
    """
    held_out = np.arange(source.test) % 2
    unknown = draw_films(held_out.astype(bool), 1, SIDE, random)
    animals = -(-source.train // SHOTS)
    films = draw_films(np.arange(animals) % 2 == 1, SHOTS, SIDE, random)
    order = random.permutation(source.train)
    dogs = np.concatenate([(np.arange(animals) % 2).repeat(SHOTS)[order], held_out])
    note = (
        f"drawn, not photographed: {animals} animals, {SHOTS} pictures of each in one place, to learn from, and others "
        "to be graded on; --data PATH takes photographs of your own"
    )
    return _table(source, np.concatenate([films[order], unknown]), dogs, note)


def _table(source: CatsDogs, pictures: Floats, dogs: NDArray[np.int64], note: str) -> Table:
    return Table(
        X=pictures.reshape(len(dogs), -1),
        y=dogs.astype(np.float64),
        feature_names=pixel_names(SIDE, SIDE),
        classes=CLASSES,
        subsets={"test": np.arange(source.train, len(dogs))},
        image_shape=(SIDE, SIDE),
        notes=(note,),
    )
