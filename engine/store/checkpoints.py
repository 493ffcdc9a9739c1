"""Checkpoints: a trainer's whole state at the end of an epoch, and which of them a run keeps.

A checkpoint is one safetensors file. Its arrays are the file's tensors; the rest is JSON in the file's metadata, where
integers have any size (the state of a random number generator has 128 bits). Beside it stands a checksum over the whole
file, as of format 2.
"""

from __future__ import annotations

import json
import logging
import math
import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from engine.errors import InputError, TrainerError, describe_validation, sanitize
from engine.store.checksums import BLANK, KEY, check_seal, seal
from engine.store.files import check_format, make_folder, write_durably

FORMAT = 2
"""Since format 2 a trainer's changes have kinds and numbers, and the file a checksum."""
MAX_OTHERS = 64
"""Checkpoints a run keeps besides the first, the latest, the best, and those at changes."""

Keep = Literal["first", "change", "best"]

_KEY = "tui-trainer"
_FILE_NAME = re.compile(r"(?P<epoch>\d{10})(?P<labels>(?:-(?:first|change|best))*)\.safetensors")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Checkpoint:
    """A trainer's state after ``epoch`` epochs.

    Attributes:
        epoch: Epochs completed; 0 is the state before the first.
        arrays: Parameters, optimiser state and the like, by name; any shape, real dtypes.
        meta: JSON values: everything that is no array.
    """

    epoch: int
    arrays: Mapping[str, NDArray[Any]]
    meta: Mapping[str, Any]


class _File(NamedTuple):
    """What a checkpoint's file name says."""

    epoch: int
    labels: frozenset[str]
    path: Path


class _Header(BaseModel):
    """The JSON in a checkpoint's metadata, besides its format version."""

    epoch: int = Field(ge=0, strict=True)
    meta: dict[str, Any]


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write ``checkpoint`` to ``path``, durably, and whole or not at all.

    Raises:
        TrainerError: The disk is full, read-only, or not ours to write to; or there is no memory to make the file in.
    """
    header = json.dumps({"format_version": FORMAT, "epoch": checkpoint.epoch, "meta": dict(checkpoint.meta)})
    # safetensors takes an array's memory as it lies, so it must lie in C order.
    arrays = {name: np.asarray(array, order="C") for name, array in checkpoint.arrays.items()}
    try:
        data = seal(_serialized(arrays, {_KEY: header, KEY: BLANK}))
    except MemoryError:
        raise TrainerError(f"{sanitize(path)}: cannot be written (there is no memory left to make it in)") from None
    write_durably(path, data)


def _serialized(arrays: Mapping[str, NDArray[Any]], metadata: dict[str, str]) -> bytes:
    try:
        return to_safetensors(dict(arrays), metadata=metadata)
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # safetensors' way to say that memory is short; it is no Exception
            raise MemoryError from None
        raise


def read_checkpoint(path: Path) -> Checkpoint:
    """Return the checkpoint in ``path``.

    Raises:
        InputError: There is no such file, or it is cut, damaged, of a newer format, or no checkpoint of ours.
    """
    try:
        data = path.read_bytes()
        arrays = from_safetensors(data)
        metadata: dict[str, str] = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")]).get("__metadata__", {})
    except OSError as error:
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(error.strerror or error)})") from None
    # The others are what dtypes and shapes come to that safetensors knows and NumPy does not.
    except (SafetensorError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise InputError(f"{sanitize(path)}: damaged, or no checkpoint ({sanitize(error)})") from None
    if KEY in metadata:
        check_seal(path, data)
    header = _header(path, metadata)
    return Checkpoint(header.epoch, arrays, header.meta)


def _header(path: Path, metadata: Mapping[str, str]) -> _Header:
    try:
        document = json.loads(metadata[_KEY])
        check_format(path, document["format_version"], FORMAT)
        header = _Header.model_validate(document)
    except ValidationError as error:
        raise InputError(f"{sanitize(path)}: {describe_validation(error)}") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise InputError(f"{sanitize(path)}: no checkpoint of tui-trainer (its metadata lack {_KEY!r})") from None
    if document["format_version"] > 1 and KEY not in metadata:
        raise InputError(f"{sanitize(path)}: damaged (it has no {KEY})")
    return header


class Checkpoints:
    """The checkpoints of one run, in one directory, one file an epoch.

    A file's name says its epoch and why it is kept (``0000000012-change.safetensors``), so that a listing opens no
    file. "best" is what was best when it was saved, so the best so far is the latest of those.
    """

    def __init__(self, directory: Path) -> None:
        """Name the directory; the first ``save`` makes it, in a run's directory that is there."""
        self.directory = directory

    def save(self, checkpoint: Checkpoint, *, keep: Keep | None = None) -> None:
        """Write a checkpoint, then prune. An epoch that is saved again keeps the labels it had.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to. Nothing that was there is lost.
        """
        try:
            make_folder(self.directory)  # not its parents: a run that was deleted stays so
            earlier = [file for file in self._files() if file.epoch == checkpoint.epoch]
            labels = frozenset[str]([keep] if keep else []).union(*(file.labels for file in earlier))
            path = self.directory / f"{'-'.join([f'{checkpoint.epoch:010d}', *sorted(labels)])}.safetensors"
            write_checkpoint(path, checkpoint)
            _delete(file.path for file in earlier if file.path != path)
            self._prune()
        except OSError as error:
            raise TrainerError(f"{sanitize(self.directory)}: cannot be written ({error.strerror})") from None

    def withdraw(self, epoch: int) -> None:
        """Take back what ``save`` wrote of an epoch into a run that was being deleted, and the directories it kept."""
        _delete(file.path for file in self._files() if file.epoch == epoch)
        for directory in (self.directory, self.directory.parent):
            with suppress(OSError):  # it is not there any more, or not empty
                directory.rmdir()

    def epochs(self) -> list[int]:
        """Return the epochs there are checkpoints of, in ascending order."""
        return sorted({file.epoch for file in self._files()})

    def load(self, epoch: int) -> Checkpoint:
        """Return the checkpoint of ``epoch``.

        Raises:
            InputError: No such checkpoint, or it is damaged.
        """
        paths = {file.epoch: file.path for file in self._files()}
        if epoch not in paths:
            available = ", ".join(map(str, paths)) or "none"
            raise InputError(
                f"{sanitize(self.directory)}: no checkpoint of epoch {epoch} (there: {sanitize(available)})"
            )
        return read_checkpoint(paths[epoch])

    def latest(self) -> Checkpoint | None:
        """Return the latest checkpoint that can be read, or None; each one skipped is logged as a warning."""
        for epoch in reversed(epochs := self.epochs()):
            try:
                return self.load(epoch)
            except InputError as error:
                before = "going back to the checkpoint before it" if epoch != epochs[0] else "there is none before it"
                _log.warning("%s; %s", error, before)
        return None

    def best(self) -> Checkpoint | None:
        """Return the best checkpoint so far, or None where none was saved as such.

        Raises:
            InputError: It is damaged.
        """
        epoch = _best(self._files())
        return None if epoch is None else self.load(epoch)

    def _files(self) -> list[_File]:
        """Return the files by epoch; of two for one epoch (a save was killed) the newer, with more labels, is last."""
        if not self.directory.exists():
            return []
        matches = ((_FILE_NAME.fullmatch(path.name), path) for path in self.directory.iterdir())
        files = [_File(int(match[1]), frozenset(match[2].split("-")[1:]), path) for match, path in matches if match]
        return sorted(files, key=lambda file: (file.epoch, len(file.labels)))

    def _prune(self) -> None:
        files = self._files()
        keep = {file.epoch for file in files if file.labels & {"first", "change"}}
        keep |= {best} if (best := _best(files)) is not None else set()
        pruned = set(checkpoints_to_prune([file.epoch for file in files], keep))
        _delete(file.path for file in files if file.epoch in pruned)
        _delete(self.directory.glob(".*.tmp"))  # left by a save that was killed: only one process saves here


def _best(files: Iterable[_File]) -> int | None:
    return max((file.epoch for file in files if "best" in file.labels), default=None)


def _delete(paths: Iterable[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def checkpoints_to_prune(epochs: Collection[int], keep: Collection[int], limit: int = MAX_OTHERS) -> list[int]:
    """Return which of ``epochs`` to delete so that, besides the first, the last and ``keep``, at most ``limit`` stay.

    Epochs are spaced evenly on the scale of a logit, with N the last epoch:

        position(e) = log(e + 1) − log(N − e + 1)

    So they lie dense at both ends, where a network learns fastest and where one goes back by a little. As N grows any
    two neighbours move closer on this scale; what was pruned early is therefore not missed later: neighbours between
    which something was deleted are at most 2/(limit + 1) of the whole range apart.
    """
    remaining = sorted(set(epochs))
    if not remaining:
        return []
    last = remaining[-1]
    position = {epoch: math.log(epoch + 1) - math.log(last - epoch + 1) for epoch in remaining}
    kept = {remaining[0], last, *keep}
    deleted: list[int] = []
    while sum(epoch not in kept for epoch in remaining) > limit:
        gaps = {
            epoch: position[after] - position[before]
            for before, epoch, after in zip(remaining, remaining[1:], remaining[2:], strict=False)
            if epoch not in kept
        }
        deleted.append(min(gaps, key=gaps.__getitem__))
        remaining.remove(deleted[-1])
    return deleted
