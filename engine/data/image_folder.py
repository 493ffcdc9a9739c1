"""Pictures of the user's own: a folder with a folder for each class."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import PlainSerializer

from engine.data import labels, pictures
from engine.data.memory import require_memory
from engine.data.pictures import Size
from engine.data.table import SUBSET_NAMES, DataSource, Floats, Table, pixel_names
from engine.errors import InputError, sanitize

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """A file, and what its folders say of it."""

    path: Path
    subset: str
    label: str


class ImageFolder(DataSource):
    """A folder of pictures: ``cats/1.jpg``, ``dogs/7.png``; or, divided already, ``train/cats/1.jpg`` and so on.

    Each picture is made grey, from 0 to 255, and square. Class numbers go by the names' alphabetical order.
    """

    source: Annotated[Path, PlainSerializer(lambda path: os.path.join(os.curdir, path))]  # noqa: PTH118 - Path drops ./
    """The folder; as an option it must hold a ``/``, to be told from the name of a source."""
    size: Size = 64
    """Pixels on each side, or "original" where all pictures are of one size already."""

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return a row for each picture, part by part, class by class, in the order of the file names."""
        try:
            found, ignored = _pictures(self.source)
        except OSError as error:
            reason = sanitize(error.strerror or error, 80).lower()
            raise InputError(f"{sanitize(error.filename or self.source)}: cannot be read ({reason})") from None
        classes = tuple(sorted({picture.label for picture in found}))
        if len(classes) < 2:
            raise InputError(
                f"{sanitize(self.source)}: expected a folder of images for each of two or more classes "
                f"(there: {sanitize(classes[0], 40)})"
            )
        images = self._read(found)
        subset_names = np.array([picture.subset for picture in found])
        notes = [labels.describe_classes(classes)]
        notes += [f"{ignored} files are no images by their names and were left out"] if ignored else []
        return Table(
            X=images.reshape(len(images), -1),
            y=np.array([classes.index(picture.label) for picture in found], dtype=np.float64),
            feature_names=pixel_names(*images.shape[1:]),
            classes=classes,
            subsets={
                str(name): np.flatnonzero(subset_names == name) for name in np.unique(subset_names) if name != "train"
            },
            image_shape=(images.shape[1], images.shape[2]),
            notes=tuple(map(sanitize, notes)),
        )

    def _read(self, found: list[ImageFile]) -> Floats:
        first = pictures.read(found[0].path, self.size)
        require_memory(self.source, first.nbytes * len(found))
        images = np.empty((len(found), *first.shape))
        for index, picture in enumerate(found):
            image = pictures.read(picture.path, self.size)
            if image.shape != first.shape:
                raise InputError(
                    f"{sanitize(picture.path)}: {image.shape[1]}×{image.shape[0]} pixels, but "
                    f"{sanitize(found[0].path.name, 60)} has {first.shape[1]}×{first.shape[0]}; set data.size"
                )
            images[index] = image
        return images


def _pictures(root: Path) -> tuple[list[ImageFile], int]:
    """Return the pictures under ``root``, and how many other files were passed by."""
    found: list[ImageFile] = []
    ignored = 0
    for subset, folder in _subset_folders(root):
        for label in _folders(folder):
            files = [path for path in sorted(label.iterdir()) if not path.name.startswith(".")]
            chosen = [path for path in files if path.suffix.lower() in SUFFIXES]
            ignored += len(files) - len(chosen)
            if not chosen:
                raise InputError(f"{sanitize(label)}: expected images (such as .png or .jpg), there are none")
            found += [ImageFile(path=path, subset=subset, label=label.name) for path in chosen]
    if not found:
        raise InputError(f"{sanitize(root)}: expected a folder for each class (as cats/ and dogs/), there is none")
    return found, ignored


def _subset_folders(root: Path) -> Iterator[tuple[str, Path]]:
    if not root.is_dir():
        found = "this is none" if root.exists() else "there is no such folder"
        raise InputError(f"{sanitize(root)}: expected a folder of images; {found}")
    folders = _folders(root)
    divided = all(folder.name.lower() in SUBSET_NAMES for folder in folders)
    yield from ((SUBSET_NAMES[folder.name.lower()], folder) for folder in folders) if divided else [("train", root)]


def _folders(root: Path) -> list[Path]:
    return [path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")]
