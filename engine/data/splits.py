"""Splits: which rows train, which validate, and which are sealed away for the exam.

Drawn as the tutorials draw them, with scikit-learn's ``train_test_split``: the test rows first, then the validation
rows out of the rest, with the same seed both times. The very same rows are drawn here without it, as it takes a second
to import.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.array_types import Indices
from engine.data.table import Table
from engine.errors import InputError, sanitize
from engine.spec import SplitSpec
from engine.spec.preparation import ROUNDING


@dataclass(frozen=True, kw_only=True)
class Split:
    """Row numbers of the table, part by part; no row is in two parts, and none is left out but by ``split.train``.

    Attributes:
        train: Rows to learn from, in the order they were drawn (the table's own where nothing is drawn).
        validation: Rows to practise on, or None.
        test: Rows of the sealed exam, or None.
    """

    train: Indices
    validation: Indices | None = None
    test: Indices | None = None


def split(table: Table, spec: SplitSpec) -> Split:
    """Divide the rows of ``table``.

    Of the rows that are left to learn from ``train`` may take fewer; the others are then in no part.

    Parts that the source itself names (a split by file) stay as they are. The fractions of ``spec`` are of all
    remaining rows: test .2 and validation .2 of 100 rows leave 60 to train on.

    Raises:
        InputError: Too few rows, a class too small to stratify, or a fraction for a part that the source names.
    """
    subsets = {name: rows for name, rows in table.subsets.items() if name != "train"}
    is_named = np.zeros(len(table.X), np.bool_)  # NumPy's functions of sets import its masked arrays, 20 ms
    for rows in subsets.values():
        is_named[rows] = True
    train = np.flatnonzero(~is_named)
    divided, remaining = len(train), 1.0
    for name, fraction in (("test", spec.test), ("validation", spec.validation)):
        if not fraction:
            continue
        if name in subsets:
            raise InputError(f"split.{name}: the data comes with its own {name} rows; leave this at 0 (got {fraction})")
        count = math.ceil(
            fraction / remaining * len(train) - ROUNDING
        )  # .3 / .9 is a hair above a third, and no row more
        train, subsets[name] = _draw(table, train, count, spec, name)
        remaining -= fraction
    if spec.train is not None:
        train = _some(table, train, math.floor(spec.train * divided + ROUNDING), spec)
    for name, drawn_rows in {"train": train, **subsets}.items():
        if not len(drawn_rows):
            raise InputError(f"split: the data has no {name} rows")
    return Split(train=train, validation=subsets.get("validation"), test=subsets.get("test"))


def _some(table: Table, train: Indices, count: int, spec: SplitSpec) -> Indices:
    """Return ``count`` of the rows to learn from; all where that is as many, but for rounding."""
    if count >= len(train):
        return train
    if not count:
        raise InputError(f"split.train: that is no row of {len(train)} to learn from; raise the fraction")
    return _draw(table, train, len(train) - count, spec, "train")[0]


def _draw(table: Table, rows: Indices, count: int, spec: SplitSpec, name: str) -> tuple[Indices, Indices]:
    """Return the rows that stay, and the ``count`` drawn ones: those of ``train_test_split(rows, test_size=count)``."""
    random = np.random.RandomState(spec.seed)
    labels = _labels(table, rows) if spec.stratify else None
    kinds = 1 if labels is None else len(np.unique(labels))
    if not kinds <= count <= len(rows) - kinds:
        short = "for every class to be in both parts" if spec.stratify else "to train on the rest"
        cure = "raise" if (count < kinds) == (name != "train") and len(rows) > 1 else "lower"
        raise InputError(f"split.{name}: {len(rows)} rows are too few {short}; {cure} the fraction")
    if labels is None:
        order = random.permutation(len(rows))
        return rows[order[count:]], rows[order[:count]]
    stay, drawn = _stratified(labels, count, random)
    return rows[stay], rows[drawn]


def _stratified(labels: Indices, count: int, random: np.random.RandomState) -> tuple[Indices, Indices]:
    """Return which places stay and which ``count`` are drawn, each class by its share of ``labels`` (N,).

    Source: scikit-learn's ``StratifiedShuffleSplit``, draw by draw.
    """
    _, numbers, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    by_class = np.split(np.argsort(numbers, kind="stable"), np.cumsum(sizes)[:-1])
    staying = _shares(sizes, len(labels) - count, random)
    _shares(sizes - staying, count, random)  # all that are left; but ties are broken by numbers from the stream
    shuffled = [places[random.permutation(len(places))] for places in by_class]
    stay = np.concatenate([places[:kept] for places, kept in zip(shuffled, staying, strict=True)])
    drawn = np.concatenate([places[kept:] for places, kept in zip(shuffled, staying, strict=True)])
    return random.permutation(stay), random.permutation(drawn)


def _shares(sizes: Indices, count: int, random: np.random.RandomState) -> Indices:
    """Return how many of ``count`` fall to each class (K,) of these sizes; the largest remainders are rounded up.

    Source: scikit-learn's ``_approximate_mode``; ties among remainders are broken at random.
    """
    exact = sizes / sizes.sum() * count
    shares = np.floor(exact)
    remainders, missing = exact - shares, int(count - shares.sum())
    for remainder in np.unique(remainders)[::-1]:
        if missing <= 0:
            break
        tied = np.flatnonzero(remainders == remainder)
        rounded_up = random.choice(tied, size=min(len(tied), missing), replace=False)
        shares[rounded_up] += 1
        missing -= len(rounded_up)
    whole: Indices = shares.astype(np.intp)
    return whole


def _labels(table: Table, rows: Indices) -> Indices:
    if not table.classes:
        raise InputError("split.stratify: only classes can be stratified; this data has values to predict")
    labels = table.y[rows].astype(np.intp)
    counts = np.bincount(labels, minlength=len(table.classes))
    for name, count in zip(table.classes, counts, strict=True):
        if count == 1:
            raise InputError(f"split.stratify: class {sanitize(name, 40)} has 1 row left; every part needs one")
    return labels
