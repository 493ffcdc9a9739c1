"""The folders of a store: ``runs/NAME`` and ``sweeps/NAME``. No name is given in both."""

from __future__ import annotations

import difflib
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import InputError, TrainerError, sanitize
from engine.names import expected_name, is_name
from engine.store.files import claim_folder, sync_directory


@dataclass(frozen=True)
class EntryKind:
    """What stands in one of the store's folders.

    Attributes:
        noun: What one is called.
        folder: The folder's name.
        example: A name that one could have.
        command: The command that shows one.
    """

    noun: str
    folder: str
    example: str
    command: str


RUN: Final = EntryKind("run", "runs", "breast-cancer-1", "attach")
SWEEP: Final = EntryKind("sweep", "sweeps", "moons-sweep-1", "sweep")


class NamedFolders:
    """The runs, or the sweeps, of a store as folders. Who holds which is the affair of the runs and sweeps themselves.

    Args:
        root: The store.
        kind: What the folders hold.
    """

    def __init__(self, root: Path, kind: EntryKind) -> None:
        self.path = root / kind.folder
        self._kind = kind
        self._other = SWEEP if kind == RUN else RUN
        self._other_path = root / self._other.folder

    def all(self) -> list[Path]:
        """Return the folder of each, in any order."""
        if not self.path.is_dir():
            return []
        return [path for path in self.path.iterdir() if is_name(path.name) and path.is_dir()]

    def find(self, name: str) -> Path:
        """Return the folder of this name.

        Raises:
            InputError: There is none; the line names those that are spelt alike.
        """
        path = self._checked(name)
        if path.is_dir():
            return path
        if (self._other_path / name).is_dir():
            noun, other = self._kind.noun, self._other
            raise InputError(
                f"{noun} {name}: is a {other.noun}, and no {noun}; tui-trainer {other.command} {name} shows it"
            )
        close = difflib.get_close_matches(name, [path.name for path in self.all()])
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise InputError(f"{self._kind.noun} {name}: there is none of this name in {sanitize(self.path)}{hint}")

    def create(self, name: str | None, stem: str, fill: Callable[[Path], None]) -> Path:
        """Make a folder, complete before anybody sees it, and return it.

        Args:
            name: Its name; None for ``stem`` and the next free number.
            stem: See there.
            fill: Writes into the folder, whose name is the one that it will have; called again where that was taken.

        Raises:
            InputError: The name is taken or not valid, or the store is not a place that can be written to.
        """
        for candidate in self._numbered(stem) if name is None else [self._checked(name).name]:
            if not (self._other_path / candidate).exists() and claim_folder(self.path, candidate, fill):
                return self.path / candidate
        cure = f"choose another one, or first: tui-trainer delete {name}"
        raise InputError(f"{self._kind.noun} {name}: this name is taken; {cure}")

    def rename(self, name: str, new_name: str) -> Path:
        """Give a folder another name, durably, and return it; for the holder of its lock.

        Raises:
            InputError: The new name is taken or not valid.
            TrainerError: The system refuses.
        """
        target = self._checked(new_name)
        if target.exists() or (self._other_path / new_name).exists():
            raise InputError(f"{self._kind.noun} {new_name}: this name is taken")
        try:
            (self.path / name).rename(target)
            sync_directory(self.path)
        except OSError as error:
            raise TrainerError(f"{self._kind.noun} {name}: cannot be renamed ({error.strerror})") from None
        return target

    def delete(self, name: str) -> None:
        """Delete a folder with all that is in it; for the holder of its lock.

        Raises:
            TrainerError: The system refuses.
        """
        try:
            shutil.rmtree(self.path / name)
        except OSError as error:
            raise TrainerError(f"{self._kind.noun} {name}: cannot be deleted ({sanitize(error)})") from None

    def _checked(self, name: str) -> Path:
        """Return where a folder of this name stands, or would; raise an InputError where it is not a valid name."""
        if not is_name(name):
            expected = expected_name(name, self._kind.example)
            raise InputError(f"{self._kind.noun} name {sanitize(repr(name), 60)}: {expected}")
        return self.path / name

    def _numbered(self, stem: str) -> Iterator[str]:
        matches = [re.fullmatch(rf"{re.escape(stem)}-([0-9]{{1,9}})", path.name) for path in self.all()]
        highest = max((int(match[1]) for match in matches if match), default=0)
        return (f"{stem}-{number}" for number in itertools.count(highest + 1))
