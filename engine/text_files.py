"""Text as editors and spreadsheets store it: UTF-8, or what a byte order mark says."""

from __future__ import annotations

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def encoding_of(raw: bytes) -> str:
    """Return the encoding that the byte order mark of ``raw`` stands for, and UTF-8 without one."""
    return next((encoding for mark, encoding in _MARKS if raw.startswith(mark)), "utf-8")


def decode(raw: bytes) -> str:
    """Return the text of a file without its byte order mark.

    Raises:
        UnicodeDecodeError: It is not in the encoding that its mark says, or in UTF-8 without a mark.
    """
    return raw.decode(encoding_of(raw))
