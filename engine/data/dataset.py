"""The data of a run: read, split, scaled, and in the shape that the network's exit asks for."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Indices
from engine.data.derived import completed, with_derived
from engine.data.registry import load_table
from engine.data.scaling import Scaler
from engine.data.splits import split
from engine.data.table import Subset, Table
from engine.errors import InputError, sanitize
from engine.spec import ScalerSpec, Spec
from engine.spec.sources.base import DataSource

STUDIED_EXAM_NOTE = "the exam is sat on the rows that the network learned from: graded on the study pile, on purpose"
WRONG_EXIT_NOTE = "the exit gives no probability, and bce expects one: sigmoid does"
PRECISION_CURE = "; set training.dtype = 'float64', or scaler.targets = 'standard'"
LARGEST_UNIT_SCALE, SMALLEST_UNIT_SCALE = 100.0, 0.01
"""Targets whose mean or standard deviation is above the first, or whose standard deviation is below the second, are far
from what an untrained network answers."""
NEGLIGIBLE_ROUNDING, RUINOUS_ROUNDING = 1e-6, 1e-3
"""Rounding errors of targets, as shares of their range: below the first unsaid, above the second refused."""
ROWS_AT_ONCE = 2**16
LEAKY_SCALER_NOTE = "the scaler was fitted on all rows, the exam's included: a leak, on purpose"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """What a trainer learns from and is evaluated on.

    Attributes:
        table: The raw rows.
        train: Rows to learn from.
        validation: Rows to practise on, or None.
        test: Rows of the exam, looked at once, at the end; or None.
        scaler: Maps the table's rows to the subsets' inputs.
        target_scaler: Maps the table's values to the subsets' targets; None where they are the same.
        notes: The table's notes, and what was done on purpose that should not be.
        source: Where the rows come from; None where they were put together by hand.
    """

    table: Table
    train: Subset
    validation: Subset | None
    test: Subset | None
    scaler: Scaler
    target_scaler: Scaler | None = None
    notes: tuple[str, ...] = ()
    source: DataSource | None = None

    def is_of(self, source: DataSource) -> bool:
        """Return whether these are the rows of a source, or made by hand for whatever recipe they are given with."""
        return self.source is None or self.source == source

    def scaled(self, X: Floats) -> Floats:
        """Return raw rows (m, n), or without their derived columns, as the network sees them.

        Raises:
            InputError: A derived column is not finite for a row.
        """
        return self.scaler.transform(completed(self.table, X))

    def in_own_units(self, outputs: Floats) -> Floats:
        """Return outputs (…, K) of a network that learned the subsets' targets in the units of the table."""
        return outputs if self.target_scaler is None else self.target_scaler.inverse(outputs)


def load(spec: Spec, stream: np.random.RandomState | None = None, *, before: Dataset | None = None) -> Dataset:
    """Return the data that ``spec`` describes, as its network sees it.

    Args:
        spec: The whole recipe; its exit and loss decide the shape of the targets, its dtype theirs and the inputs'.
        stream: The stream that the data is drawn from where parameters follow from the same one
            (``training.streams = "legacy-shared"``); otherwise the source draws from its own seed.
        before: Data at hand; where they are of the same source but for derived columns nothing is read or drawn anew,
            unless it is drawn from ``stream``, which parameters follow.

    Raises:
        InputError: Data that cannot be read, split or scaled, or that the network's exit does not fit.
    """
    table = with_derived(_base_table(spec.data, stream, before), spec.data.derived)
    targets = _targets(table, spec)
    rows = split(table, spec.split)
    leaky = spec.scaler.fit == "all" and spec.scaler.kind != "none"
    scaler = Scaler.fit(table.X if leaky else table.X[rows.train], spec.scaler)
    studied = spec.split.graded_on == "train"
    graded = rows.train if studied else rows.test
    wrong_exit = spec.training.loss == "bce" and spec.network.layers[-1].activation != "sigmoid"
    mistakes = {LEAKY_SCALER_NOTE: leaky, STUDIED_EXAM_NOTE: studied, WRONG_EXIT_NOTE: wrong_exit}
    dtype = np.dtype(spec.training.dtype)
    target_scaler = _target_scaler(table, rows.train, spec)
    if target_scaler is not None:
        targets = target_scaler.transform(table.y.reshape(len(table.y), -1)).reshape(targets.shape)
    merged = (
        () if table.classes else (*_check_targets(targets, dtype), *_target_notes(table, rows.train, target_scaler))
    )
    return Dataset(
        table=table,
        train=_weighed(_subset(table, targets, rows.train, scaler, dtype), table, "training"),
        validation=None
        if rows.validation is None
        else _weighed(_subset(table, targets, rows.validation, scaler, dtype), table, "validation"),
        test=None if graded is None else _subset(table, targets, graded, scaler, dtype),
        scaler=scaler,
        target_scaler=target_scaler,
        notes=(*table.notes, *merged, *(note for note, is_made in mistakes.items() if is_made)),
        source=spec.data,
    )


def _base_table(source: DataSource, stream: np.random.RandomState | None, before: Dataset | None) -> Table:
    """Return the rows of a source, perhaps with derived columns of another recipe."""
    if before is not None and before.source is not None and stream is None:
        without = {"derived": ()}
        if before.source.model_copy(update=without) == source.model_copy(update=without):
            return before.table
    return _sanitized(load_table(source, stream))


def _sanitized(table: Table) -> Table:
    """Strip control characters from names, which come from files and end up on a screen."""
    return dataclasses.replace(
        table,
        feature_names=tuple(map(sanitize, table.feature_names)),
        classes=_unique(tuple(map(sanitize, table.classes))),
        notes=tuple(map(sanitize, table.notes)),
    )


def _unique(names: tuple[str, ...]) -> tuple[str, ...]:
    """Number the names that became equal when they were made harmless."""
    counts: dict[str, int] = {}
    numbered = []
    for name in names:
        counts[name] = counts.get(name, 0) + 1
        numbered.append(name if counts[name] == 1 else f"{name} ({counts[name]})")
    return tuple(numbered)


def _targets(table: Table, spec: Spec) -> Floats:
    """Return the targets of all rows: (N,) for one output, (N, K) for K; classes one-hot where each has its output."""
    loss, units, classes = spec.training.loss, spec.network.layers[-1].units, len(table.classes)
    key = f"network.layers.{len(spec.network.layers) - 1}.units"
    if loss in {"bce", "cce"} and not classes:
        raise InputError(f"training.loss: {loss} is for classes; this data has values to predict (mse or mae)")
    if loss == "bce" and classes != 2:
        raise InputError(f"training.loss: bce is for two classes, this data has {_named(table)}; take cce and softmax")
    if loss == "cce" or (classes and loss != "bce" and (units > 1 or classes > 2)):
        _expect(key, units, classes, f"one for each of {_named(table)}")
        return np.eye(classes)[table.y.astype(np.intp)]
    columns = 1 if table.y.ndim == 1 else table.y.shape[1]
    _expect(key, units, columns, "the probability of one class" if classes else "one for each value to predict")
    return table.y if table.y.ndim == 1 or columns > 1 else table.y[:, 0]


def _target_scaler(table: Table, train: Indices, spec: Spec) -> Scaler | None:
    """Return what scales the values to predict, fitted on the training rows; None where they stay as they are.

    Raises:
        InputError: There are classes to predict, or an exit that cannot answer below 0.
    """
    if spec.scaler.targets == "none":
        return None
    if table.classes:
        raise InputError("scaler.targets: classes are not scaled; set scaler.targets = 'none'")
    exit_name = spec.network.layers[-1].activation
    if exit_name != "identity":
        key = f"network.layers.{len(spec.network.layers) - 1}.activation"
        raise InputError(f"{key}: expected identity, as scaled targets are below 0 as well as above (got {exit_name})")
    return Scaler.fit(table.y[train].reshape(len(train), -1), ScalerSpec(kind=spec.scaler.targets))


def _target_notes(table: Table, train: Indices, scaler: Scaler | None) -> tuple[str, ...]:
    """Return in which units losses are where targets are scaled, else a hint where they are far from unit scale."""
    if scaler is not None:
        return (
            "targets are scaled to mean 0 and standard deviation 1: losses are in those units, answers in their own",
        )
    y = table.y[train].reshape(len(train), -1)
    means, deviations = np.abs(y.mean(axis=0)), y.std(axis=0)
    large = max(means.max(), deviations.max()) > LARGEST_UNIT_SCALE
    if large or (deviations.max() > 0 and deviations[deviations > 0].min() < SMALLEST_UNIT_SCALE):
        span = f"{y.min():.6g} to {y.max():.6g}"
        return (f"targets from {span} are far from unit scale: scaler.targets = 'standard' may help",)
    return ()


def _check_targets(targets: Floats, dtype: np.dtype[np.floating]) -> tuple[str, ...]:
    """Return a note if values (N,) or (N, K) lose digits in ``dtype`` that tell them apart, none if they do not.

    Raises:
        InputError: Values too large for ``dtype``, or so close together that it hardly tells one from another.
    """
    with np.errstate(over="ignore"):
        rounded = targets.astype(dtype).astype(np.float64)
    if not np.isfinite(rounded).all():
        largest = f"up to {np.abs(targets).max():g}"
        raise InputError(f"training.dtype: the target has values too large for {dtype}, {largest}{PRECISION_CURE}")
    errors, ranges = np.abs(rounded - targets).max(axis=0), np.ptp(targets, axis=0)
    if not errors.any():
        return ()
    lost = np.max(errors / np.where(ranges > 0, ranges, np.inf), initial=0.0)
    distinct, remaining = len(np.unique(targets, axis=0)), len(np.unique(rounded, axis=0))
    if remaining == distinct or lost < NEGLIGIBLE_ROUNDING:
        return ()
    complaint = f"{dtype} tells only {remaining} of the {distinct} different targets apart"
    if lost > RUINOUS_ROUNDING:
        raise InputError(f"training.dtype: {complaint}{PRECISION_CURE}")
    return (f"{complaint}; training.dtype = 'float64' tells all",)


def _expect(key: str, units: int, expected: int, why: str) -> None:
    if units != expected:
        raise InputError(f"{key}: expected {expected}, {why} (got {units})")


def _named(table: Table) -> str:
    return f"{len(table.classes)} classes ({sanitize(', '.join(table.classes), 60)})"


def _weighed(subset: Subset, table: Table, part: str) -> Subset:
    """Return a part with its rows' weights, divided by their mean: the scale of weights must not move the rate.

    Raises:
        InputError: No row of the part counts, or one so much that the run's numbers cannot hold it.
    """
    if table.weights is None:
        return subset
    weights = table.weights[subset.rows]
    if not weights.any():
        raise InputError(f"data.weight: every {part} row has the weight 0, so none is left to count")
    with np.errstate(over="ignore"):
        weights = (weights / weights.max()) / (weights / weights.max()).mean()  # whose sum might overflow
        return dataclasses.replace(subset, weights=np.ascontiguousarray(weights, dtype=subset.X.dtype))


def _subset(table: Table, targets: Floats, rows: Indices, scaler: Scaler, dtype: np.dtype[np.floating]) -> Subset:
    with np.errstate(over="ignore"):
        X = np.empty((len(rows), table.X.shape[1]), dtype)
        for start in range(0, len(rows), ROWS_AT_ONCE):  # else millions of rows are copied four times over
            part = slice(start, start + ROWS_AT_ONCE)
            X[part] = scaler.transform(table.X[rows[part]])
        y = np.ascontiguousarray(targets[rows], dtype=dtype)
    if not np.isfinite(X).all():
        column = table.feature_names[np.argmin(np.isfinite(X).all(axis=0))]
        raise InputError(f"training.dtype: column {sanitize(column, 40)} has values too large for {dtype}; scale it")
    return Subset(X=X, y=y, rows=rows)
