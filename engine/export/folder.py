"""What an export writes: a folder with a program, its weights and its data; never over what is there already."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from engine.errors import InputError, TrainerError, sanitize
from engine.export.subject import Subject


def require_free(path: Path) -> None:
    """Refuse a place where there is something already; an empty folder is nothing.

    Raises:
        InputError: There is, or its parent is no folder.
    """
    taken = f"{sanitize(path)}: there is something of this name already; choose another place with --output"
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise InputError(taken)
    if path.is_dir() and any(path.iterdir()):
        raise InputError(taken)
    if not path.absolute().parent.is_dir():
        raise InputError(f"{sanitize(path)}: there is no folder {sanitize(path.absolute().parent)} to write it into")


def write_folder(path: Path, subject: Subject, program: str) -> None:
    """Write ``main.py``, ``weights.npz`` and ``data.npz`` into a folder that appears whole, or not at all.

    Raises:
        InputError: There is something of this name already.
        TrainerError: The disk is full, read-only, or not ours to write to.
    """

    def fill(folder: Path) -> None:
        (folder / "main.py").write_text(program, encoding="utf-8")
        np.savez_compressed(folder / "weights.npz", allow_pickle=False, **subject.weight_arrays())
        np.savez_compressed(folder / "data.npz", allow_pickle=False, **subject.data_arrays())

    require_free(path)
    _appear(path, fill)


def write_file(path: Path, content: bytes) -> None:
    """Write a file that appears whole, or not at all.

    Raises:
        InputError: There is something of this name already.
        TrainerError: The disk is full, read-only, or not ours to write to.
    """
    require_free(path)
    if path.is_dir():
        raise InputError(f"{sanitize(path)}: this is a folder; choose the name of a file with --output")
    try:
        with path.open("xb") as file:
            try:
                file.write(content)
            except BaseException:
                path.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise TrainerError(f"{sanitize(path)}: cannot be written ({error.strerror})") from None


def _appear(path: Path, fill: Callable[[Path], None]) -> None:
    try:
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.absolute().parent) as folder:
            staged = Path(folder) / path.name
            staged.mkdir()
            fill(staged)
            with suppress(FileNotFoundError):
                path.rmdir()  # an empty one, if any
            shutil.move(staged, path)
    except OSError as error:
        raise TrainerError(f"{sanitize(path)}: cannot be written ({error.strerror})") from None
