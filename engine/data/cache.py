"""Arrays kept from one process to the next, by what they were made from: a convenience that is never an error.

Each entry is a safetensors file, named after the SHA-256 of its key, with the key and a checksum inside. What is
damaged, or of another key, counts as not there; what cannot be written is not kept. ``TUI_TRAINER_CACHE`` names another
place than the platform's cache directory. The folder is the user's alone (0700, files 0600), and no entry is needed:
all of it may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from engine.errors import InputError
from engine.store.checksums import BLANK, KEY, check_seal, seal

MOST_BYTES = 256 * 2**20
"""All entries together; beyond it those that were used longest ago are deleted."""
LARGEST_ENTRY = MOST_BYTES // 4

_HEADER = "tui-trainer"
_UNREADABLE = (OSError, SafetensorError, InputError, ValueError, TypeError, AttributeError, KeyError, RecursionError)


class Entry(NamedTuple):
    """What is kept: arrays by name, and what is no array as JSON has it."""

    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]


class DataCache:
    """Entries by key, in one folder.

    Args:
        folder: Where they are; by default in ``TUI_TRAINER_CACHE``, or else where the platform has such things.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or default_folder()

    def read(self, key: Mapping[str, Any]) -> Entry | None:
        """Return what is kept under ``key`` (as JSON has it), or None."""
        if self._folder is None:
            return None
        path = self._path(self._folder, key)
        try:
            data = path.read_bytes() if path.is_file() else b""
            length = int.from_bytes(data[:8], "little")
            metadata = json.loads(data[8 : 8 + length])["__metadata__"]
            check_seal(path, data)
            header = json.loads(metadata[_HEADER])
            if header["key"] != key:
                return None
            entry = Entry(from_safetensors(data), header["meta"])
        except _UNREADABLE:
            return None
        with suppress(OSError):
            os.utime(path)  # as used just now
        return entry

    def write(self, key: Mapping[str, Any], entry: Entry) -> None:
        """Keep ``entry`` under ``key``, where that can be."""
        header = json.dumps({"key": key, "meta": entry.meta})
        arrays = {name: np.asarray(array, order="C") for name, array in entry.arrays.items()}
        data = seal(to_safetensors(arrays, metadata={_HEADER: header, KEY: BLANK}))
        if self._folder is None or len(data) > LARGEST_ENTRY:
            return
        with suppress(OSError):
            for folder in (self._folder.parent, self._folder):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(self._path(self._folder, key), data)
            self._delete_oldest(self._folder)

    @staticmethod
    def _path(folder: Path, key: Mapping[str, Any]) -> Path:
        name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
        return folder / f"{name}.safetensors"

    @staticmethod
    def _delete_oldest(folder: Path) -> None:
        """Delete what was used longest ago until all of it is within ``MOST_BYTES``."""
        entries = [(path, path.stat()) for path in folder.iterdir()]
        total = sum(stat.st_size for _, stat in entries)
        for path, stat in sorted(entries, key=lambda file: file[1].st_mtime):
            if total <= MOST_BYTES:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size


def default_folder() -> Path | None:
    """Return where what was read is kept, unless another place is asked for; None where no home is known."""
    place = os.environ.get("TUI_TRAINER_CACHE")
    try:
        return (Path(place).expanduser() if place else user_cache_path("tui-trainer")).absolute() / "data"
    except RuntimeError:  # no home directory is known
        return None


def _write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, all of it or nothing; after a power cut its checksum tells."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")  # with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
