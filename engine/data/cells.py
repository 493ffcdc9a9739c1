"""A column of a text file: its cells as they stand, what is missing, and the numbers where all are plain ones.

Arrow holds the texts: a Python string and its place in a list take 65 bytes where a cell of 8 characters has 16, and to
compare one takes 78 ns where Arrow takes 4. pandas took five times as long to read a file as texts; polars as long as
Arrow, with 181 MB on disk against 170.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from math import isfinite
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.array_types import Floats, Indices

LONGEST_EXACT = 15
"""Digits that float64 holds whatever they are."""
SAMPLED = 1000
_COMMA = re.compile(r"-?[0-9]+(?:,[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_MAY_BE_THOUSANDS = r"^-?(?:[1-9][0-9]{0,2},[0-9]{3}|[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
_SMALLEST_OF_LENGTH = 10.0 ** (np.arange(LONGEST_EXACT + 1) - 1)
"""The smallest number of so many digits that does not begin with a 0."""


class Cells:
    """The N cells of a column.

    Args:
        texts: A chunked array of texts, null where one is missing; see ``without``.
    """

    def __init__(self, texts: Any) -> None:
        self._texts = texts

    @classmethod
    def of(cls, texts: Sequence[str]) -> Cells:
        """Return the cells that hold ``texts``."""
        return cls(pa.chunked_array([pa.array(texts, pa.large_string())]))

    @classmethod
    def join(cls, parts: Sequence[Cells]) -> Cells:
        """Return the cells of all parts, one after the other."""
        texts = [part._texts.cast(pa.large_string()) for part in parts]  # noqa: SLF001 - of our own
        return cls(pa.chunked_array([chunk for text in texts for chunk in text.chunks], pa.large_string()))

    def __len__(self) -> int:
        return len(self._texts)

    def __getitem__(self, row: int) -> str | None:
        text: str | None = self._texts[row].as_py()
        return text

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(N,) whether each cell is missing."""
        return np.asarray(pc.is_null(self._texts).to_numpy(), np.bool_)

    @property
    def missing_count(self) -> int:
        """How many are missing."""
        return int(self._texts.null_count)

    @property
    def all_missing(self) -> bool:
        """Whether no cell has a value."""
        return self.missing_count == len(self)

    def keep(self, rows: NDArray[np.bool_]) -> Cells:
        """Return the cells of the rows (N,) to keep."""
        return Cells(self._texts.filter(pa.array(rows)))

    def without(self, words: frozenset[str]) -> tuple[Cells, list[str]]:
        """Return the cells without blanks around them, missing where one is of ``words`` in upper or lower case.

        ``words`` are in lower case. Also return the texts that stood where one is missing, other than "".
        """
        longest = max(len(word.encode()) for word in words) * 3  # a letter may have three times the bytes in upper case
        if not any(map(_is_numeric, words)) and self.plain_numbers is not None:
            return self, []
        trimmed = pc.utf8_trim_whitespace(self._texts)
        short = pc.less_equal(pc.binary_length(trimmed), longest)
        lowered = pc.utf8_lower(pc.if_else(short, trimmed, "-"))
        is_listed = pc.is_in(lowered, value_set=pa.array(sorted(words), lowered.type))
        if not pc.any(is_listed).as_py():
            return Cells(trimmed), []
        texts = pc.unique(trimmed.filter(is_listed)).to_pylist()
        return Cells(pc.if_else(is_listed, pa.scalar(None, trimmed.type), trimmed)), [text for text in texts if text]

    def lowered(self) -> Cells:
        """Return the cells in lower case; themselves where they are numbers."""
        return self if self.plain_numbers is not None else Cells(pc.utf8_lower(self._texts))

    @cached_property
    def plain_numbers(self) -> Floats | None:
        """(N,) the numbers, NaN where one is missing; None where a text is not a finite number in digits.

        To the last bit what Python makes of them.
        """
        try:
            pc.cast(self._texts[:SAMPLED], pa.float64())  # Arrow goes on to the end, and is slow at failing
            numbers: Floats = pc.cast(self._texts, pa.float64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        finite = np.count_nonzero(np.isfinite(numbers)) == len(self) - self._texts.null_count
        return numbers if finite else None

    @cached_property
    def comma_numbers(self) -> Floats | None:
        """(N,) the numbers, NaN where one is missing, where their one reading is with a decimal comma; else None.

        ``notations.readings`` tells what they may be otherwise; this takes .6 of the time.
        """
        if self.plain_numbers is not None or not all(map(_COMMA.fullmatch, self.sample())):
            return None
        if not pc.all(pc.match_substring_regex(self._texts, f"^(?:{_COMMA.pattern})$")).as_py():
            return None
        if pc.all(pc.match_substring_regex(self._texts, _MAY_BE_THOUSANDS)).as_py():
            return None
        numbers: Floats = pc.cast(pc.replace_substring(self._texts, ",", "."), pa.float64()).to_numpy()
        return numbers if np.count_nonzero(np.isfinite(numbers)) == len(self) - self.missing_count else None

    @cached_property
    def distinct(self) -> list[str]:
        """The different texts, in the order in which they first stand there."""
        texts: list[str] = self._encoded.dictionary.to_pylist()
        return texts

    @cached_property
    def codes(self) -> Indices:
        """(N,) which of ``distinct`` each cell is; −1 where it is missing."""
        return np.asarray(pc.fill_null(self._encoded.indices, -1).to_numpy(), np.intp)

    @cached_property
    def _encoded(self) -> Any:
        return self._texts.cast(pa.large_string()).combine_chunks().dictionary_encode()

    def first_row(self, text: str) -> int:
        """Return the first row with ``text``."""
        return int(pc.index(self._texts, pa.scalar(text, self._texts.type)).as_py())

    def sample(self) -> list[str]:
        """Return some of the texts: the first thousand, as far as they are not missing."""
        return [text for text in self._texts[:SAMPLED].to_pylist() if text is not None]

    def any_with(self, part: str) -> bool:
        """Tell whether ``part`` stands in any cell."""
        return bool(pc.any(pc.match_substring(self._texts, part)).as_py())

    def whole_with_zero_or_long(self) -> list[str]:
        """Return whole numbers, of plain ones, that are longer than is exact or may begin with a 0: codes or ids."""
        numbers = self.plain_numbers
        whole = np.zeros(0, np.intp) if numbers is None else np.flatnonzero(numbers == np.rint(numbers))
        if numbers is None or not len(whole):
            return []
        texts = self._texts if len(whole) == len(self) else self._texts.take(pa.array(whole))
        lengths = pc.binary_length(texts).to_numpy()
        padded = (lengths > 1) & (numbers[whole] < _SMALLEST_OF_LENGTH[np.minimum(lengths, LONGEST_EXACT)])
        suspect = padded | (lengths > LONGEST_EXACT)
        if not suspect.any():
            return []
        texts = texts.filter(pa.array(suspect))
        digits = texts.filter(pc.match_substring_regex(texts, r"^(?:0\d+|\d{16,})$"))
        suspects: list[str] = pc.unique(digits).to_pylist()
        return suspects


def _is_numeric(word: str) -> bool:
    try:
        return isfinite(float(word))
    except ValueError:
        return False
