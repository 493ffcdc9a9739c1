"""What a power cut leaves: ``python -m tests.faults.power [--every 1] [--seed 1]``.

From the record of what a worker did to its disk (``disk.c``) the states are made in which a power cut after any of it
can leave the disk: what was synced is there; of the rest nothing, or the names alone, or any part. In each the run must
be there with what a watcher was told to hold, and end bit for bit as an undisturbed one.
"""

from __future__ import annotations

import argparse
import os
import random
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from engine.errors import TrainerError
from engine.protocol.commands import Stop
from engine.store.runs import RunStore
from tests.engine.worker.peers import Peer
from tests.faults.disk import Disk, Host
from tests.faults.kills import read_all
from tests.faults.life import Life
from tests.faults.story import EPOCHS, STORY, Held, check_ends_undisturbed, check_held, tell
from tests.patience import PATIENCE

Loss = Literal["all", "data", "some"]
"""What is lost of what was not synced: all of it, the data but not the names, or some of both."""
LOSSES: tuple[Loss, ...] = ("all", "data", "some")

_HEADER = struct.Struct("iiqqqq")
_WRITE, _TRUNCATE, _SYNC, _RENAME, _REMOVE, _MAKE_FOLDER, _CREATE, _OPEN, _CLOSE = range(1, 10)
_CHANGING = {_WRITE, _TRUNCATE, _SYNC, _RENAME, _REMOVE, _MAKE_FOLDER, _CREATE}
SECTOR = 512

CREATION = "import sys; from pathlib import Path; from engine.store.runs import RunStore; \
from tests.engine.worker.learner import create; create(RunStore(Path(sys.argv[1])), training__epochs=int(sys.argv[2]))"


class Operation(NamedTuple):
    """One record of what was done to the disk; ``end`` is where it ends in the file of records."""

    kind: int
    place: tuple[int, int]
    offset: int
    first: bytes
    second: bytes
    end: int


def operations(record: Path) -> Iterator[Operation]:
    """Yield what was done."""
    data, start = record.read_bytes(), 0
    while start < len(data):
        kind, descriptor, process, offset, first, second = _HEADER.unpack_from(data, start)
        middle = start + _HEADER.size + first
        end = middle + second
        yield Operation(kind, (process, descriptor), offset, data[middle - first : middle], data[middle:end], end)
        start = end


@dataclass
class File:
    """A file: what its readers see, what was synced, and what was done since then."""

    seen: bytearray = field(default_factory=bytearray)
    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    def do(self, offset: int, data: bytes | None) -> None:
        """Write data at an offset, or, with None, cut or lengthen the file to it."""
        _do(self.seen, offset, data)
        self.since.append((offset, data))

    def sync(self) -> None:
        self.synced = bytearray(self.seen)
        self.since.clear()

    def left(self, loss: Loss, dice: random.Random) -> bytes:
        """Return what a power cut leaves; of a write that was not synced perhaps some sectors."""
        content = bytearray(self.synced)
        for offset, data in self.since if loss == "some" else ():
            if dice.random() < 0.5:
                continue
            is_torn = data is not None and dice.random() < 0.3
            _do(content, offset, _first_sectors(data, dice) if data is not None and is_torn else data)
        return bytes(content)


def _first_sectors(data: bytes, dice: random.Random) -> bytes:
    return data[: SECTOR * dice.randrange(1 + len(data) // SECTOR)]


def _do(content: bytearray, offset: int, data: bytes | None) -> None:
    length = offset if data is None else offset + len(data)
    if len(content) < length:
        content.extend(bytes(length - len(content)))
    if data is None:
        del content[offset:]
    else:
        content[offset:length] = data


@dataclass
class Folder:
    """A folder: its entries, those that were synced, and whether names were changed since then."""

    entries: dict[str, File | Folder] = field(default_factory=dict)
    synced: dict[str, File | Folder] = field(default_factory=dict)
    since: list[tuple[str, File | Folder | None]] = field(default_factory=list)

    def put(self, name: str, node: File | Folder | None) -> None:
        """Give a name to a node, or take it away."""
        self.entries.pop(name, None)
        if node is not None:
            self.entries[name] = node
        self.since.append((name, node))

    def sync(self) -> None:
        self.synced = dict(self.entries)
        self.since.clear()

    def left(self, loss: Loss, dice: random.Random) -> dict[str, File | Folder]:
        """Return the entries that a power cut leaves: names are changed in their order."""
        if loss == "data":
            return self.entries
        left = dict(self.synced)
        for name, node in self.since[: dice.randrange(1 + len(self.since))] if loss == "some" else ():
            left.pop(name, None)
            if node is not None:
                left[name] = node
        return left


class Model:
    """The folder ``root`` on a disk, of which everything is known that was done to it since it was empty."""

    def __init__(self, root: Path) -> None:
        self._prefix = str(root)
        self.top = Folder()
        self._open: dict[tuple[int, int], File | Folder] = {}

    def _at(self, path: bytes) -> tuple[Folder, str]:
        """Return the folder that holds a path, and the path's name in it; the top is its own, with no name."""
        *folders, name = path.decode().removeprefix(self._prefix).split("/")
        folder = self.top
        for each in folders[1:]:
            entry = folder.entries[each]
            assert isinstance(entry, Folder)
            folder = entry
        return folder, name

    def apply(self, operation: Operation) -> None:
        """Do what was done."""
        kind, place, offset, first, second, _ = operation
        if kind in {_CREATE, _OPEN, _CLOSE}:
            self._hold(operation)
        elif kind == _SYNC:
            self._open[place].sync()
        elif kind in {_WRITE, _TRUNCATE}:
            self._file(place).do(offset, first if kind == _WRITE else None)
        elif kind == _RENAME:
            (before, name), (after, new_name) = self._at(first), self._at(second)
            moved = before.entries[name]
            before.put(name, None)
            after.put(new_name, moved)
        else:
            folder, name = self._at(first)
            if name:
                folder.put(name, Folder() if kind == _MAKE_FOLDER else None)

    def _hold(self, operation: Operation) -> None:
        """Open or close a file or a folder; one that is opened may be new, or be emptied."""
        if operation.kind == _CLOSE:
            self._open.pop(operation.place, None)
            return
        folder, name = self._at(operation.first)
        if operation.kind == _CREATE:
            folder.put(name, File())
        self._open[operation.place] = folder.entries[name] if name else folder
        if operation.offset:
            self._file(operation.place).do(0, None)

    def _file(self, place: tuple[int, int]) -> File:
        node = self._open[place]
        assert isinstance(node, File)
        return node

    def write(self, place: Path, loss: Loss, dice: random.Random) -> None:
        """Write what a power cut leaves."""
        _write(self.top, place, loss, dice)


def _write(folder: Folder, place: Path, loss: Loss, dice: random.Random) -> None:
    place.mkdir()
    for name, node in folder.left(loss, dice).items():
        if isinstance(node, Folder):
            _write(node, place / name, loss, dice)
        elif not name.endswith("-shm"):  # memory, which SQLite makes anew
            (place / name).write_bytes(node.left(loss, dice))


@dataclass
class Recorded:
    """A run's story, from the making of its store on, and what was done to the disk by the end of each part of it."""

    root: Path
    operations: list[Operation]
    held: Held
    created_by: int


def record(folder: Path) -> Recorded:
    """Let a store be made, and a worker be told a story, and record what they do to the disk."""
    root = folder / "store"
    disk = Disk(folder, root)
    disk.reset(records=1)
    environment = os.environ | disk.environment | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-P", "-c", CREATION, str(root), str(EPOCHS)]
    subprocess.run(command, check=True, env=environment, timeout=PATIENCE)
    created_by = disk.record.stat().st_size
    held = Held()
    [run] = RunStore(root).runs()

    with Host(environment) as host:
        life = Life(host, run, "--hold")

        def talk(watcher: Peer) -> None:
            for command in STORY:
                tell(watcher, command, held, lambda: disk.record.stat().st_size)
            watcher.send(Stop())

        assert life.watch(talk) == 0
    return Recorded(root, list(operations(disk.record)), held, created_by)


def check_left(place: Path, recorded: Recorded, at: int) -> None:
    """Check what a power cut left after so many bytes of records.

    Raises:
        AssertionError: Something was lost.
        TrainerError: Something cannot be read.
    """
    store = RunStore(place)
    assert store.listing().problems == ()
    if not store.runs():
        assert at < recorded.created_by, "the run is gone"
        return
    [run] = store.runs()
    read_all(run.path)
    check_held(run, recorded.held, at)
    check_ends_undisturbed(run.path)


def cut(folder: Path, *, every: int = 1, first: int = 0, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Cut the power after operations, every so manieth from one on; return how often, and what was lost.

    Args:
        folder: Where to put the stores.
        every: With 1 after each operation, in each manner.
        first: The first one.
        seed: Of what is left by chance.
    """
    recorded = record(folder)
    changing = [number for number, each in enumerate(recorded.operations) if each.kind in _CHANGING]
    dice = random.Random(seed)  # noqa: S311 - what it draws is to be drawn again
    cuts, problems = Counter[str](), []
    model, done = Model(recorded.root.resolve()), 0
    for number in range(first, len(LOSSES) * len(changing), every):
        until, loss = changing[number // len(LOSSES)] + 1, LOSSES[number % len(LOSSES)]
        for operation in recorded.operations[done:until]:
            model.apply(operation)
        done, at = until, recorded.operations[until - 1].end
        cuts[loss] += 1
        with tempfile.TemporaryDirectory(dir=folder) as place:
            try:
                model.write(Path(place) / "left", loss, dice)
                check_left(Path(place) / "left", recorded, at)
            except (AssertionError, TrainerError) as error:
                problems.append(f"after operation {until}, {loss} lost: {type(error).__name__}: {error}")
    return cuts, problems


def main() -> int:
    """Cut as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.power", description=__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cuts, problems = cut(Path(folder), every=options.every, seed=options.seed)
    counts = ", ".join(f"{number} × {loss} lost" for loss, number in cuts.items())
    print("\n".join([f"{cuts.total()} cuts ({counts}); {len(problems)} not survived", *problems]))  # noqa: T201
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
