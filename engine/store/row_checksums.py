"""A checksum for each row of a run's SQLite file, so that no flipped bit of a value goes unnoticed.

While a worker writes, and after it was killed, nothing vouches for the whole file. A row's numbers x with the keys k of
their columns come to Σ odd(k) · bits(x) modulo 2⁶⁴ (multilinear hashing, Dietzfelbinger 1996): whatever changes one of
them changes the sum, as an odd factor can be undone, and it takes .1 µs a row. NaN, which SQLite has as NULL, counts
as 0, as does a column that is not there; -0 counts as 0, as SQLite keeps no sign of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def of_numbers(columns: Mapping[str, NDArray[Any]], of: Sequence[str] = ()) -> NDArray[np.int64]:
    """Return (k,), the checksums of k rows from their columns (k,) by name; ``of`` are k texts, or none.

    Raises:
        ValueError: There is no column.
    """
    total: NDArray[np.uint64] | None = None
    for name, values in columns.items():
        numbers = np.asarray(values, np.float64) + 0.0
        bits = np.where(np.isnan(numbers), 0.0, numbers).view(np.uint64) * np.uint64(_odd(name))
        total = bits if total is None else total + bits
    if total is None:
        raise ValueError("expected a column")
    texts = np.array([_odd(text) for text in of], np.uint64) if of else np.uint64(0)
    return (total + texts).view(np.int64)


def of_texts(*fields: object) -> int:
    """Return the checksum of a row of texts and whole numbers."""
    return int.from_bytes(_digest(json.dumps(fields)), "little", signed=True)


def check_numbers(kept: Sequence[int | None], columns: Mapping[str, NDArray[Any]], of: Sequence[str] = ()) -> None:
    """Check k rows, columns (k,) by name, against the checksums that were kept of them.

    A row of an older version has None in place of a checksum.

    Raises:
        ValueError: A row is not as it was written.
    """
    for expected, found in zip(kept, of_numbers(columns, of).tolist(), strict=True):
        if expected is not None and expected != found:
            raise ValueError("a row differs from its checksum")


def check_texts(kept: int | None, *fields: object) -> None:
    """Check a row against the checksum that was kept of it; None where an older version wrote it.

    Raises:
        ValueError: It is not as it was written.
    """
    if kept is not None and kept != of_texts(*fields):
        raise ValueError("a row differs from its checksum")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


@cache
def _odd(name: str) -> int:
    return int.from_bytes(_digest(name), "little") | 1
