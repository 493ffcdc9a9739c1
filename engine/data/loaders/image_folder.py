"""Pictures of the user's own: a folder with a folder for each class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.array_types import Floats
from engine.data import labels
from engine.data.memory import require_memory
from engine.data.pictures import PictureReader
from engine.data.registry import Stream, loads
from engine.data.table import SUBSET_NAMES, Table, pixel_names, subsets_by_name
from engine.errors import InputError, sanitize
from engine.spec.sources.files import ImageFolder

SUFFIXES = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True, kw_only=True)
class ImageFile:
    """A file, and what its folders say of it: its subset and its class."""

    path: Path
    subset: str
    label: str


@loads(ImageFolder)
def load_image_folder(source: ImageFolder, _stream: Stream = None) -> Table:
    """Return a row for each picture, part by part, class by class, in the order of the file names.

    Raises:
        InputError: Not a folder, or without classes; a file that is not a picture, or one of another size.
    """
    try:
        files, ignored = _image_files(source.source)
    except OSError as error:
        reason = sanitize(error.strerror or error, 80).lower()
        raise InputError(f"{sanitize(error.filename or source.source)}: cannot be read ({reason})") from None
    classes = tuple(sorted({file.label for file in files}))
    if len(classes) < 2:
        raise InputError(
            f"{sanitize(source.source)}: expected a folder of images for each of two or more classes "
            f"(there: {sanitize(classes[0], 40)})"
        )
    reader = PictureReader([file.path for file in files], source.size)
    images = _read(source, files, reader)
    notes = [labels.describe_classes(classes), *reader.notes()]
    notes += [f"{ignored} files are no images by their names and were left out"] if ignored else []
    return Table(
        X=images.reshape(len(images), -1),
        y=np.array([classes.index(file.label) for file in files], dtype=np.float64),
        feature_names=pixel_names(*images.shape[1:]),
        classes=classes,
        subsets=subsets_by_name([file.subset for file in files]),
        image_shape=(images.shape[1], images.shape[2]),
        notes=tuple(map(sanitize, notes)),
    )


def _read(source: ImageFolder, files: Sequence[ImageFile], reader: PictureReader) -> Floats:
    """Return the pictures of ``files`` as (N, height, width)."""
    first = PictureReader([file.path for file in files], source.size).read(files[0].path)
    require_memory(source.source, first.nbytes * len(files))
    images = np.empty((len(files), *first.shape))
    for index, file in enumerate(files):
        image = reader.read(file.path)
        if image.shape != first.shape:
            raise InputError(
                f"{sanitize(file.path)}: {image.shape[1]}×{image.shape[0]} pixels, but "
                f"{sanitize(files[0].path.name, 60)} has {first.shape[1]}×{first.shape[0]}; set data.size"
            )
        images[index] = image
    return images


def _image_files(root: Path) -> tuple[list[ImageFile], int]:
    """Return the pictures under ``root``, and how many other files were passed by."""
    image_files: list[ImageFile] = []
    ignored = 0
    for subset, folder in _subset_folders(root):
        for label in _folders(folder):
            files = [path for path in sorted(label.iterdir()) if not path.name.startswith(".")]
            chosen = [path for path in files if path.suffix.lower() in SUFFIXES]
            ignored += len(files) - len(chosen)
            if not chosen:
                raise InputError(f"{sanitize(label)}: expected images (such as .png or .jpg), there are none")
            image_files += [ImageFile(path=path, subset=subset, label=label.name) for path in chosen]
    if not image_files:
        raise InputError(f"{sanitize(root)}: expected a folder for each class (as cats/ and dogs/), there is none")
    return image_files, ignored


def _subset_folders(root: Path) -> Iterator[tuple[str, Path]]:
    if not root.is_dir():
        problem = "this is none" if root.exists() else "there is no such folder"
        problem += " (files of rows end in .csv, .tsv, .txt, .npz, .npy or .h5)" if root.is_file() else ""
        raise InputError(f"{sanitize(root)}: expected a folder of images; {problem}")
    folders = _folders(root)
    divided = all(folder.name.lower() in SUBSET_NAMES for folder in folders)
    yield from ((SUBSET_NAMES[folder.name.lower()], folder) for folder in folders) if divided else [("train", root)]


def _folders(root: Path) -> list[Path]:
    return [path for path in sorted(root.iterdir()) if path.is_dir() and not path.name.startswith(".")]
