"""Checksums over whole files, kept within the files themselves, or beside them.

A sealed file is JSON, or begins with JSON, that has the key ``sha256``. Its value is the SHA-256 of the whole file as
it would be with 64 zeros in that place. A file that others write, as SQLite, has its checksum beside it while nobody
writes to it: ``metrics.sha256`` is that of ``metrics.sqlite``.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from engine.errors import InputError, TrainerError, sanitize
from engine.store.files import sync_directory, write_durably

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


def seal_beside(path: Path) -> None:
    """Write the checksum of ``path`` beside it, for as long as nobody writes to it.

    Raises:
        TrainerError: The disk is full, read-only, or not ours to write to.
    """
    write_durably(path.with_suffix(f".{KEY}"), f"{_digest_of_file(path)}  {path.name}\n".encode())


def unseal_beside(path: Path) -> None:
    """Take the checksum away before anyone writes to ``path``; durable, so that no crash leaves a wrong one.

    Raises:
        InputError: It is not that of ``path``.
        TrainerError: It cannot be taken away.
    """
    seal_path = path.with_suffix(f".{KEY}")
    if not seal_path.exists():
        return
    check_seal_beside(path)
    try:
        seal_path.unlink(missing_ok=True)
        sync_directory(path.parent)
    except OSError as error:
        raise TrainerError(f"{sanitize(seal_path)}: cannot be written ({error.strerror})") from None


def check_seal_beside(path: Path) -> bool:
    """Check ``path`` where it has a checksum beside it; say whether it has one.

    Raises:
        InputError: Its bytes are not those that were sealed.
    """
    seal_path = path.with_suffix(f".{KEY}")
    try:
        sealed = seal_path.read_bytes()
        if sealed == f"{_digest_of_file(path)}  {path.name}\n".encode():
            return True
        if seal_path.read_bytes() != sealed:  # somebody has begun to write
            return False
    except FileNotFoundError:
        return False
    except OSError as error:
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(error.strerror or error)})") from None
    cure = f"delete {sanitize(seal_path.name)} to take it as it is"
    raise InputError(f"{sanitize(path)}: damaged (its bytes are not those that were written: {KEY} differs); {cure}")


def _digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
