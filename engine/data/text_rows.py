"""The rows of a comma-separated file one by one, and its bytes in UTF-8 for readers that take them at once."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import itertools
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from engine import text_files
from engine.data.labels import number
from engine.data.memory import require_memory
from engine.errors import InputError, sanitize
from engine.spec.sources.files import CsvFile

BYTES_PER_BYTE = 16
"""Memory that a byte of such a file takes: measured, 5 where numbers have eight digits, 14 where one."""
GZIP_BLOCK = 2**22
SEPARATOR_LINE = re.compile(rb'"?sep=([^"\r\n]+)"?\r?(?:\n|$)', re.IGNORECASE)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_BLANKS = re.compile(rb"[ \t]++")
_QUOTED_OR_BLANKS = re.compile(rb'("[^"]*+")|[ \t]++')
_BLANK_AT_EDGE = re.compile(rb"(?<![^\r\n]) | (?![^\r\n])")


class TextRows:
    """A file in the format that ``source`` says.

    Attributes:
        path: The file.
        body: Its bytes in UTF-8, which has yet to be checked, below a first line that says the delimiter, for Excel,
            and below what is no part of the table.
        delimiter: What stands between cells.

    Raises:
        InputError: No such file, one that is too large, or not in the encoding that is said.
    """

    def __init__(self, path: Path, source: CsvFile) -> None:
        self.path, self._source = path, source
        self._raw = read_bytes(path)
        text = self._in_utf_8()
        separator_line = SEPARATOR_LINE.match(text[:20])
        told_sign = separator_line[1].decode(errors="replace") if separator_line else ""
        self._first_row = 1 if separator_line is None or len(told_sign) > 1 else 2
        body = text[separator_line.end() :] if separator_line and self._first_row == 2 else text
        self.delimiter = source.delimiter or (told_sign if self._first_row == 2 else source.separator)
        self._first_row += source.skip
        body = _below(body, source.skip)
        self.body = single_blanks(body) if self.delimiter == " " else body

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows that are not blank, without blanks around their cells, and their numbers from 1 on.

        Raises:
            InputError: Quotes that are not closed, or no text.
        """
        row = self._first_row - 1
        lines = (line[0].decode() for line in _LINE.finditer(self.body))
        try:
            for row, cells in enumerate(csv.reader(lines, delimiter=self.delimiter, strict=True), self._first_row):
                if cells:
                    yield row, [cell.strip() for cell in cells]
        except csv.Error as error:
            reason = "a quote is opened and never closed" if "end of data" in str(error) else sanitize(error, 80)
            raise InputError(f"{sanitize(self.path)}: row {row + 1}: {reason}") from None
        except UnicodeDecodeError:
            self.require_text()
            raise

    @cached_property
    def has_quotes(self) -> bool:
        """Whether there are any."""
        return b'"' in self.body

    @cached_property
    def has_loose_quotes(self) -> bool:
        """Whether quotes stand within a cell without ending it, or are not closed: not all readers refuse such."""
        edge = rb"\r\n" + re.escape(self.delimiter.encode())
        field = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^"%b][^%b]*+)?+' % (edge, edge)
        return self.has_quotes and not re.fullmatch(rb"(?>%b[%b])*+%b" % (field, edge, field), self.body)

    def require_text(self) -> None:
        """Check the whole file.

        Raises:
            InputError: It is not in the encoding that is said, with the row and a likely cure.
        """
        try:
            self._raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            row = self._raw.count(b"\n", 0, error.start) + 1
            cure = f"data.encoding = '{likely_encoding(self._raw)}', or what the program that wrote it says"
            expected = self._encoding.removesuffix("-sig").upper()
            raise InputError(f"{sanitize(self.path)}: row {row}: expected text in {expected}; set {cure}") from None
        except ValueError as error:  # an encoding that decodes no such bytes at all
            raise InputError(
                f"{sanitize(self.path)}: cannot be read as {sanitize(self._encoding, 40)} ({sanitize(error, 80)})"
            ) from None

    @property
    def _encoding(self) -> str:
        return self._source.encoding or text_files.encoding_of(self._raw)

    def _in_utf_8(self) -> bytes:
        raw = self._raw
        if codecs.lookup(self._encoding).name in {"utf-8", "utf-8-sig"}:
            if not self._source.encoding and b"\0" in raw and raw.count(0) * 4 >= len(raw):
                raise InputError(f"{sanitize(self.path)}: expected text in UTF-8; set data.encoding = '{utf_16(raw)}'")
            return raw.removeprefix(codecs.BOM_UTF8)
        self.require_text()
        return raw.decode(self._encoding).removeprefix("\N{BOM}").encode()


def read_bytes(path: Path) -> bytes:
    """Return what is in a file, a compressed one too.

    Raises:
        InputError: It cannot be read, or is too large.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError(f"{sanitize(path)}: expected a file of comma-separated values")
        require_memory(path, path.stat().st_size * BYTES_PER_BYTE)
        raw = path.read_bytes()
        return _decompressed(path, raw) if path.suffix.lower() == ".gz" else raw
    except (OSError, ValueError, EOFError, zlib.error) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80).lower()})") from None


def _decompressed(path: Path, raw: bytes) -> bytes:
    """Return what is in a gzip file, which a small one may have much of: it is asked for memory as it comes."""
    parts: list[bytes] = []
    with gzip.GzipFile(fileobj=io.BytesIO(raw)) as file:
        while part := file.read(GZIP_BLOCK):
            parts.append(part)
            require_memory(path, len(parts) * GZIP_BLOCK * BYTES_PER_BYTE)
    return b"".join(parts)


def single_blanks(text: bytes) -> bytes:
    """Return text with one blank where there are several, or tabs, and none at the ends of its lines."""
    has_quotes = b'"' in text
    single = _QUOTED_OR_BLANKS.sub(lambda match: match[1] or b" ", text) if has_quotes else _BLANKS.sub(b" ", text)
    return _BLANK_AT_EDGE.sub(b"", single)


def _below(text: bytes, lines: int) -> bytes:
    """Return what stands below so many lines."""
    starts = (line.start() for line in _LINE.finditer(text))
    return text[next(itertools.islice(starts, lines, None), len(text)) :]


def utf_16(raw: bytes) -> str:
    """Return which half of UTF-16 without a mark has its null bytes where those of ``raw`` are."""
    return "utf-16-be" if raw[0::2].count(0) > raw[1::2].count(0) else "utf-16-le"


def likely_encoding(raw: bytes) -> str:
    """Return the encoding of Windows in Western Europe where it has all bytes of ``raw``, else that which has all."""
    try:
        raw.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def header_hint(names: Sequence[str]) -> str:
    """Return the cure where a first row looks like data, else nothing."""
    numbers = sum(number(name) is not None for name in names)
    if numbers * 2 < len(names):
        return ""
    return "; if it names no columns, set data.header = false (they are column 1, column 2, …)"
