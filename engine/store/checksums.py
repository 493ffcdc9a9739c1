"""Checksums over whole files, kept within the files themselves.

A sealed file is JSON, or begins with JSON, that has the key ``sha256``. Its value is the SHA-256 of the whole file as
it would be with 64 zeros in that place.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from engine.errors import InputError, sanitize

KEY = "sha256"
BLANK = "0" * 64
"""What is to stand in the file where ``seal`` is to put the checksum."""

# Quotes within a JSON string are escaped, so that no text of a user's can look like this.
_PLACE = re.compile(rb'"' + KEY.encode() + rb'": ?"([^"\\]*)"')


def seal(data: bytes) -> bytes:
    """Return a file's bytes with its checksum in the place of the first blank one."""
    start, end = _place(data) or (0, 0)
    return data[:start] + _digest(data, start, end) + data[end:]


def check_seal(path: Path, data: bytes) -> None:
    """Check the bytes of the sealed file ``path``.

    Raises:
        InputError: They are not those that were sealed.
    """
    place = _place(data)
    if place is None or data[slice(*place)] != _digest(data, *place):
        raise InputError(f"{sanitize(path)}: damaged (its bytes are not those that were written: {KEY} differs)")


def _place(data: bytes) -> tuple[int, int] | None:
    """Return where the first checksum of a file starts and ends."""
    match = _PLACE.search(data)
    return match and match.span(1)


def _digest(data: bytes, start: int, end: int) -> bytes:
    digest = hashlib.sha256(memoryview(data)[:start])
    digest.update(BLANK.encode())
    digest.update(memoryview(data)[end:])
    return digest.hexdigest().encode()
