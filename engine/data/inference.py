"""Data without a recipe: what is in a file, and the recipe that follows from it.

``python -P -m engine.data.inference PATH [--target NAME]…`` prints the finding as JSON, so that who only asks need not
import what reads.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from engine.data import column_kinds, file_format
from engine.data.registry import load_table
from engine.data.table import Table
from engine.errors import InputError, TrainerError, describe_validation, sanitize
from engine.names import MAX_PRESET, nearest_name
from engine.spec.finding import MOST_NAMED, ColumnFinding, DataFinding
from engine.spec.sources.files import ARRAYS, SUFFIXES, ArrayFile, CsvFile, ImageFolder, data_suffix

STEPS = 4000
"""Mini-batches of a whole training, about."""
FEWEST_TO_DIVIDE, FEWEST_OF_A_CLASS = 20, 5
MANY_ROWS = 50_000
WIDE = 512
RARE = 0.05


def infer(
    path: Path,
    targets: tuple[str, ...] = (),
    drop: tuple[str, ...] = (),
    keep: tuple[str, ...] = (),
    weight: str | None = None,
) -> DataFinding:
    """Return what is in a file or folder, and the recipe that follows.

    Args:
        path: CSV, TSV, gzip of these, Parquet, ``.npz``, ``.h5``, or a folder of pictures.
        targets: The columns to predict; the last one that can be where none is named.
        drop: Columns to leave out beside those that tell nothing.
        keep: Columns to take in though they seem to tell nothing.
        weight: The column of how much each row counts in the loss.

    Raises:
        InputError: It cannot be read, or nothing can be learned from it.
    """
    if path.is_dir():
        source: Any = ImageFolder(source=path.absolute())
    elif SUFFIXES.get(data_suffix(path)) == ARRAYS:
        source = ArrayFile(source=path.absolute())
    else:
        return _infer_table(path, targets, drop, keep, weight)
    if targets or weight is not None:
        option = "--target" if targets else "data.weight"
        raise InputError(f"{option}: {sanitize(path)} has no columns by name; its labels are what is predicted")
    table = load_table(source)
    form = [
        f"{table.X.shape[1]} columns"
        if table.image_shape is None
        else f"pictures of {table.image_shape[0]}×{table.image_shape[1]} pixels"
    ]
    return _finding(path, source.model_dump(mode="json", exclude_defaults=True), table, form, (), ())


def _infer_table(
    path: Path, targets: tuple[str, ...], drop: tuple[str, ...], keep: tuple[str, ...], weight: str | None
) -> DataFinding:
    form, options = file_format.sniff(path)
    source = _source({"source": path.absolute(), "target": targets or "?", **options})
    columns, chosen, more = column_kinds.of_file(source, targets, drop, keep, weight)
    kept = {key: value for key, value in {**options, **more}.items() if value not in ((), None)}
    document = {"source": str(path.absolute()), "target": chosen[0] if len(chosen) == 1 else list(chosen), **kept}
    source = _source(document)
    if not any(column.used for column in columns) and len({*chosen}) == len(chosen):
        left_out = "; ".join(f"{sanitize(column.name, 40)}: {column.why}" for column in columns[:MOST_NAMED])
        raise InputError(
            f"{sanitize(path)}: no column is left to learn from ({left_out or 'there is the target alone'})"
        )
    table = load_table(source)
    form = [*form, *_missing(columns, more), *(note for note in table.notes if "rows left out" in note)]
    if more.get("ignore_case"):
        form = [*form, "upper and lower case alike"]
    if any("decimal comma" in note for note in table.notes):
        form = [*form, "decimal comma"]
    return _finding(path, document, table, form, tuple(columns), chosen)


def _missing(columns: Sequence[ColumnFinding], options: dict[str, Any]) -> Iterator[str]:
    """Yield what stands for a missing value beside the usual, and how many values are filled in."""
    usual = CsvFile.model_fields["missing_texts"].default
    words = [text for text in options.get("missing_texts", ()) if text not in usual]
    if words:
        yield f"taken for missing: {sanitize(', '.join(words), 80)}"
    if filled := sum(column.missing for column in columns if column.used):
        yield f"{filled} {'value' if filled == 1 else 'values'} missing (filled in with the training rows' mean)"


def _source(document: dict[str, Any]) -> CsvFile:
    """Return where the rows are from.

    Raises:
        InputError: What was asked for cannot be: a column twice, a target that is the weight as well.
    """
    try:
        return CsvFile.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{sanitize(document['source'])}: data.{describe_validation(error)}") from None


def _finding(
    path: Path,
    data: dict[str, Any],
    table: Table,
    form: list[str],
    columns: tuple[ColumnFinding, ...],
    targets: tuple[str, ...],
) -> DataFinding:
    counts = (
        np.bincount(table.y.astype(np.intp), minlength=len(table.classes)) if table.classes else np.zeros(0, np.intp)
    )
    split, why_split = _split(table, counts)
    training, why_training = _training(
        table, round(len(table.X) * (1 - split.get("validation", 0) - split.get("test", 0)))
    )
    weights, why_weights = _class_weight(table, counts)
    scaler, why_scaler = _scaler(table)
    network, why_network = _network(table)
    document = {
        "name": preset_name(path),
        "data": data,
        "split": split,
        "scaler": scaler,
        "network": network,
        "training": {**training, **weights},
    }
    return DataFinding(
        path=str(path),
        form=tuple(form),
        rows=len(table.X),
        columns=columns,
        targets=targets,
        classes=tuple(zip(table.classes, counts.tolist(), strict=True)),
        choices=(why_network, why_training, why_scaler, why_split, *why_weights),
        document=document,
    )


def _class_weight(table: Table, counts: np.ndarray[Any, np.dtype[np.intp]]) -> tuple[dict[str, Any], list[str]]:
    """Weigh classes where one is so rare that who always answers another is nearly always right, and warn of it."""
    if not len(counts) or counts.min() >= RARE * counts.sum():
        return {}, []
    name = sanitize(table.classes[counts.argmin()], 40)
    return {"class_weight": "balanced"}, [
        f"{name} is rare ({counts.min()} of {counts.sum()} rows): look at the exam's recall, not at the accuracy",
        "class weights: balanced, so that all classes count alike in the loss (training.class_weight)",
    ]


def preset_name(path: Path) -> str:
    """Return the name of runs on a file: its own, in small letters, digits and dashes."""
    stem = path.name if path.is_dir() else path.name.split(".")[0]
    return nearest_name(stem, MAX_PRESET) or "data"


def _network(table: Table) -> tuple[dict[str, Any], str]:
    """Return hidden layers by the number of rows and columns, and the exit that the target asks for."""
    rows, inputs = table.X.shape
    hidden = (
        [64, 32] if inputs >= WIDE or rows >= MANY_ROWS else [8] if rows < 200 else [16, 8] if rows < 2000 else [32, 16]
    )
    outputs = 1 if table.y.ndim == 1 else table.y.shape[1]
    units, activation = (
        (outputs, "identity")
        if not table.classes
        else (1, "sigmoid")
        if len(table.classes) == 2
        else (len(table.classes), "softmax")
    )
    layers: list[dict[str, Any]] = [{"units": width, "activation": "relu"} for width in hidden]
    widths = "→".join(map(str, (inputs, *hidden, units)))
    return (
        {"initializer": "he", "layers": [*layers, {"units": units, "activation": activation}]},
        f"network: {widths}, output {activation}",
    )


def _training(table: Table, rows: int) -> tuple[dict[str, Any], str]:
    loss = "mse" if not table.classes else "bce" if len(table.classes) == 2 else "cce"
    batch = 16 if rows < 500 else 32 if rows < 10_000 else 128 if rows < MANY_ROWS else 512
    epochs = int(np.clip(STEPS // max(1, rows // batch), 10, 200))
    training = {"loss": loss, "optimizer": "adam", "learning_rate": 0.003, "batch_size": batch, "epochs": epochs}
    return training, f"training: {loss}, adam, batches of {batch}, {epochs} epochs"


def _scaler(table: Table) -> tuple[dict[str, Any], str]:
    if table.image_shape is not None:
        largest = float(np.nanmax(np.abs(table.X)))
        divisor = 255.0 if 1 < largest <= 255 else max(largest, 1.0)
        return {"kind": "divide", "divisor": divisor}, f"scaler: pixels divided by {divisor:g}"
    if table.classes:
        return {"kind": "standard"}, "scaler: each column to mean 0 and standard deviation 1"
    return {
        "kind": "standard",
        "targets": "standard",
    }, "scaler: columns and target to mean 0 and standard deviation 1; losses are in those units"


def _split(table: Table, counts: np.ndarray[Any, np.dtype[np.intp]]) -> tuple[dict[str, Any], str]:
    """Return the parts: stratified for classes where each has enough rows, none that the data itself says."""
    rows = len(table.X)
    named = {name for name, part in table.subsets.items() if len(part)}
    if rows < FEWEST_TO_DIVIDE:
        return {}, f"split: none, as {rows} rows are too few"
    share = 0.1 if rows >= MANY_ROWS else 0.2
    split: dict[str, Any] = {part: share for part in ("validation", "test") if part not in named}
    said = " and ".join(f"{share:.0%} {part}" for part in split) or "as the data itself says"
    if table.classes and split and counts.min() >= FEWEST_OF_A_CLASS:
        return {**split, "stratify": True}, f"split: {said}, each class in its share"
    few = " (a class has too few rows to be in every part)" if table.classes and split else ""
    return split, f"split: {said}, drawn at random{few}" if split else f"split: {said}"


def main(arguments: list[str] | None = None) -> int:
    """Print a finding as JSON; return the process's status, 2 with one line on stderr for bad input."""
    parser = argparse.ArgumentParser(prog="engine.data.inference")
    parser.add_argument("path", type=Path)
    parser.add_argument("--target", action="append", default=[])
    parser.add_argument("--drop", action="append", default=[])
    parser.add_argument("--keep", action="append", default=[])
    parser.add_argument("--weight")
    options = parser.parse_args(arguments)
    try:
        targets, drop, keep = map(tuple, (options.target, options.drop, options.keep))
        finding = infer(options.path, targets, drop, keep, options.weight)
    except TrainerError as error:
        print(error, file=sys.stderr)  # noqa: T201 - read by whoever started it
        return 2
    print(finding.model_dump_json())  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
