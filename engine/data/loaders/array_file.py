"""Arrays of the user's own: ``.npz`` and ``.h5`` files with inputs and labels in them."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.data import labels, pictures
from engine.data.memory import require_memory
from engine.data.registry import Stream, loads
from engine.data.table import SUBSET_NAMES, Table, column_names, pixel_names, subsets_by_name
from engine.errors import InputError, sanitize
from engine.spec.sources.files import ArrayFile

INPUTS = ("x", "images", "data", "features")
LABELS = ("y", "labels", "label", "targets", "target")
POSITIONAL = {"arr_0": "x", "arr_1": "y"}
"""What ``np.savez(path, X, y)`` calls the two."""
BYTES_PER_NUMBER = 8
KEY = re.compile(rf"({'|'.join(INPUTS + LABELS)})(?:_({'|'.join(SUBSET_NAMES)}))?", re.IGNORECASE)
Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Inputs and labels of one part, as they stand in a file."""

    path: Path
    subset: str
    inputs: tuple[str, Array]
    labels: tuple[str, Array]


@loads(ArrayFile)
def load_array_file(source: ArrayFile, _stream: Stream = None) -> Table:
    """Return the rows of all parts: train, validation, test.

    Raises:
        InputError: A file that cannot be read, arrays that are missing or do not fit each other, or no numbers.
    """
    pairs = _pairs(source.source, "train", source.labels_file)
    if source.test_file is not None:
        of_exam = _pairs(source.test_file, "test", source.test_labels_file)
        pairs = [pair for pair in pairs if pair.subset != "test"] + of_exam
    notes: dict[str, None] = {}
    inputs = [_inputs(source, pair, notes) for pair in pairs]
    for pair, rows in zip(pairs, inputs, strict=True):
        if rows.shape[1:] != inputs[0].shape[1:]:
            raise InputError(
                f"{sanitize(pair.path)}: {pair.inputs[0]}: expected rows of {_size(inputs[0])} as in "
                f"{pairs[0].inputs[0]}, got {_size(rows)}"
            )
    X = np.concatenate(inputs)
    targets = _targets(source, pairs)
    image_shape = (X.shape[1], X.shape[2]) if X.ndim == 3 else None
    return Table(
        X=X.reshape(len(X), -1),
        y=targets.y,
        feature_names=pixel_names(*image_shape) if image_shape else column_names(X.shape[1]),
        classes=source.classes or targets.classes,
        subsets=subsets_by_name([pair.subset for pair, rows in zip(pairs, inputs, strict=True) for _ in rows]),
        image_shape=image_shape,
        notes=(labels.describe_classes(source.classes) if source.classes else targets.note, *notes),
    )


def _inputs(source: ArrayFile, pair: Pair, notes: dict[str, None]) -> Floats:
    """Return the inputs of a pair, (N, n) or (N, height, width), adding to ``notes`` what was done to pictures."""
    key, array = pair.inputs
    where = f"{sanitize(pair.path)}: {key}"
    if array.dtype.kind not in "buif":
        raise InputError(f"{where}: expected numbers, got {sanitize(array.dtype, 40)}")
    if array.ndim not in {2, 3, 4} or not array.size:
        raise InputError(f"{where}: expected (rows, columns) or (rows, height, width), got shape {array.shape}")
    values: Floats = array.astype(np.float64)
    if not np.isfinite(values).all():
        row, *place = np.argwhere(~np.isfinite(values))[0].tolist()
        raise InputError(f"{where}: row {row}, column {', '.join(map(str, place))}: expected a finite number")
    if values.ndim == 4:
        values, remarks = pictures.grey(values, array.dtype, source.layout, where)
        notes.update(dict.fromkeys(remarks))
    return pictures.resized(pair.path, values, source.size) if values.ndim == 3 else values


def _targets(source: ArrayFile, pairs: list[Pair]) -> labels.Targets:
    if any(pair.labels[1].ndim == 2 and pair.labels[1].shape[1] > 1 for pair in pairs):
        one_hot, values = _wide_targets(source, pairs)
        if values is not None:
            return values
        pairs = one_hot
    cells: list[str] = []
    places: list[str] = []
    for pair in pairs:
        (key, answers), rows = pair.labels, len(pair.inputs[1])
        if answers.size != rows:
            raise InputError(
                f"{sanitize(pair.path)}: {key}: row {answers.size}: expected {rows} labels, one for each row of "
                f"{pair.inputs[0]}, got {answers.size}"
            )
        cells += _as_text(answers)
        places += [f"{sanitize(pair.path)}: {key}: row {row}" for row in range(rows)]
    if source.classes and set(labels.class_numbers(source.classes)) == set(map(labels.label_of, cells)):
        return labels.encode(cells, "classification", source.classes, places.__getitem__)  # the labels, in order
    targets = labels.encode(cells, source.task, (), places.__getitem__)
    if source.classes and len(source.classes) != len(targets.classes):
        raise InputError(f"data.classes: expected {len(targets.classes)} names, got {len(source.classes)}")
    return targets


def _wide_targets(source: ArrayFile, pairs: list[Pair]) -> tuple[list[Pair], labels.Targets | None]:
    """Return pairs whose labels are class numbers, where each row of (N, K) has one 1 among zeros; else K values a row.

    Raises:
        InputError: Values that are not finite numbers, of another K than the first part's, or that cannot be classes.
    """
    width = pairs[0].labels[1].shape[1:]
    for pair in pairs:
        key, answers = pair.labels
        where, rows = f"{sanitize(pair.path)}: {key}", len(pair.inputs[1])
        if answers.shape != (rows, *width):
            raise InputError(f"{where}: expected shape {(rows, *width)}, got {answers.shape}")
        if answers.dtype.kind not in "buif" or not np.isfinite(answers).all():
            raise InputError(f"{where}: expected finite numbers, as there are several to predict in each row")
    y = np.concatenate([pair.labels[1].astype(np.float64) for pair in pairs])
    if source.task != "regression" and np.isin(y, (0, 1)).all() and (y.sum(axis=1) == 1).all():
        numbers = [(key, np.argmax(answers, axis=1)) for key, answers in (pair.labels for pair in pairs)]
        return [replace(pair, labels=labels_) for pair, labels_ in zip(pairs, numbers, strict=True)], None
    if source.task == "classification" or source.classes:
        key = "data.task" if source.task == "classification" else "data.classes"
        raise InputError(f"{key}: {sanitize(pairs[0].path)} has {y.shape[1]} values to predict in each row, no classes")
    return pairs, labels.several_values(y, [f"{pairs[0].labels[0]}[{column}]" for column in range(y.shape[1])])


def _pairs(path: Path, default: str, labels_file: Path | None) -> list[Pair]:
    """Return the parts in ``path``; ``X`` and ``y`` alone are the part ``default``."""
    if path.suffix.lower() == ".npy":
        return [_pair_of_files(path, default, labels_file)]
    arrays: dict[str, dict[bool, tuple[str, Array]]] = {}
    for key, array in _read(path).items():
        name, _, suffix = POSITIONAL.get(key, key.lower()).partition("_")
        arrays.setdefault(SUBSET_NAMES.get(suffix, default), {})[name in INPUTS] = (key, array)
    for pair in arrays.values():
        if len(pair) == 1:
            ((key, _),) = pair.values()
            kind, name = ("labels", "y") if True in pair else ("inputs", "X")
            ending = key[key.index("_") :] if "_" in key else ""
            raise InputError(f"{sanitize(path)}: {name}{ending}: expected the {kind} of {key}, there are none")
    return [
        Pair(path=path, subset=subset, inputs=arrays[subset][True], labels=arrays[subset][False])
        for subset in ("train", "validation", "test")
        if subset in arrays
    ]


def _pair_of_files(path: Path, subset: str, labels_file: Path | None) -> Pair:
    """Return the inputs in ``path`` and their labels in a file of their own, both ``.npy``."""
    if labels_file is None:
        key = "data.labels_file" if subset == "train" else "data.test_labels_file"
        raise InputError(f"{sanitize(path)}: holds the inputs alone; set {key} to the .npy file of their labels")
    if labels_file.suffix.lower() != ".npy":
        raise InputError(f"{sanitize(labels_file)}: expected a .npy file with the labels of {sanitize(path.name, 60)}")
    inputs, answers = _read(path)[path.name], _read(labels_file)[labels_file.name]
    return Pair(path=path, subset=subset, inputs=(path.name, inputs), labels=(labels_file.name, answers))


def _read(path: Path) -> dict[str, Array]:
    if not path.is_file():
        raise InputError(f"{sanitize(path)}: cannot be read (no such file)")
    try:
        readers = {".npz": _read_npz, ".npy": _read_npy}
        return readers.get(path.suffix.lower(), _read_h5)(path)
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80)})") from None


def _read_npz(path: Path) -> dict[str, Array]:
    with zipfile.ZipFile(path) as archive:
        keys = _known_keys(path, [name.removesuffix(".npy") for name in archive.namelist()])
        needed = 0
        for key in keys:
            with archive.open(f"{key}.npy") as member:
                needed += _bytes_needed(member)
        require_memory(path, needed)
    with np.load(path, allow_pickle=False) as file:  # never a pickle: it would run code of the file's
        return {key: file[key] for key in keys}


def _read_npy(path: Path) -> dict[str, Array]:
    with path.open("rb") as file:
        require_memory(path, _bytes_needed(file))
    return {path.name: np.load(path, allow_pickle=False)}


def _bytes_needed(file: IO[bytes]) -> int:
    """Return the memory that the array takes whose header ``file`` begins with, numbers as float64."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return math.prod(shape) * max(dtype.itemsize, BYTES_PER_NUMBER)


def _read_h5(path: Path) -> dict[str, Array]:
    try:
        import h5py
    except ModuleNotFoundError:
        raise InputError(f"{sanitize(path)}: reading it takes h5py: pip install h5py") from None
    with h5py.File(path, "r") as file:
        sets = {key: value for key, value in file.items() if isinstance(value, h5py.Dataset) and value.shape}
        keys = _known_keys(path, sets)
        require_memory(path, sum(sets[key].size * max(sets[key].dtype.itemsize, BYTES_PER_NUMBER) for key in keys))
        return {key: np.asarray(sets[key]) for key in keys}


def _known_keys(path: Path, keys: Iterable[str]) -> list[str]:
    keys = list(keys)
    known_keys = keys if sorted(keys) == [*POSITIONAL] else [key for key in keys if KEY.fullmatch(key)]
    if not known_keys:
        all_keys = sanitize(", ".join(keys) or "none", 80)
        raise InputError(f"{sanitize(path)}: expected the arrays X and y, or X_train and y_train (there: {all_keys})")
    return known_keys


def _as_text(answers: Array) -> list[str]:
    """Return each label as text; no two that differ become one."""
    if answers.dtype.kind in "biu":
        return [str(int(answer)) for answer in answers.flat]
    if answers.dtype.kind == "f":
        return [str(int(answer)) if float(answer).is_integer() else str(answer) for answer in answers.flat]
    return [
        answer.decode(errors="backslashreplace") if isinstance(answer, bytes) else str(answer)
        for answer in answers.flat
    ]


def _size(rows: Floats) -> str:
    return "×".join(map(str, rows.shape[1:])) + (" pixels" if rows.ndim == 3 else " columns")
