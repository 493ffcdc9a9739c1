"""The store and its runs: where they lie, what each one is, who is at work on it."""

from __future__ import annotations

import difflib
import errno
import fcntl
import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError, RunBusyError, TrainerError, describe_validation, sanitize
from engine.protocol.version import PROTOCOL
from engine.run.status import RunState
from engine.spec import Spec
from engine.store.checkpoints import Checkpoints
from engine.store.files import check_format, sync_directory, write_durably
from engine.store.metrics import MetricsLog
from engine.store.sockets import socket_path

FORMAT = 1
MAX_NAME = 100
LOCK_PATIENCE = 0.2
"""Seconds to wait for a run's lock: those who only look whether it is held hold it for an instant."""

_NAME = re.compile(rf"(?=.{{1,{MAX_NAME}}}\Z)[a-z0-9][a-z0-9-]*")


class RunDescription(BaseModel):
    """What a run was started as: the contents of its ``run.json``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: int = FORMAT
    run: str
    preset: str
    spec: Spec
    """As started; the log of changes says what became of it."""
    seeds: tuple[int, ...] = Field(min_length=1)
    pace: float | None
    """Epochs a second; None is full speed."""
    created: datetime
    version: str
    """Of the tui-trainer that made it."""
    parent: str | None = None
    """The run it was branched from, and the epoch, as ``breast-cancer-1@30``."""


class RunSummary(BaseModel):
    """A run's line in a listing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    run: str
    preset: str
    state: RunState
    epoch: int
    """Epochs completed."""
    epochs: int
    """The epoch at which it ends."""
    socket: str | None
    """Where its worker listens, while there is one."""
    version: str
    protocol: int


class Run:
    """One run's directory. Only the holder of its lock may write into it."""

    def __init__(self, path: Path) -> None:
        """Name the directory; nothing is read before it is asked for."""
        self.path = path
        self.name = path.name
        self.log_path = path / "worker.log"
        self.checkpoints = Checkpoints(path / "checkpoints")
        self._lock_path = path / "worker.lock"

    @cached_property
    def description(self) -> RunDescription:
        """What the run was started as.

        Raises:
            InputError: ``run.json`` is missing, cut, of a newer format, or no description of a run.
        """
        return _read_description(self.path / "run.json")

    @cached_property
    def metrics(self) -> MetricsLog:
        """The run's log: metrics, changes, state, exams, events."""
        recipe_changes = sum(len(change.set) for change in self.description.spec.changes)
        path, seeds = self.path / "metrics.sqlite", len(self.description.seeds)
        return MetricsLog(path, seeds, recipe_changes=recipe_changes)

    @property
    def socket_path(self) -> Path:
        """Where a worker of this run, started here, listens. See ``summary`` for where the present one does."""
        return socket_path(self.path.parent.parent, self.name)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run: as its worker, or to delete it. The system lets go of it when the process dies.

        Raises:
            RunBusyError: Another worker holds it.
            InputError: The run was deleted meanwhile.
            TrainerError: The lock file cannot be written.
        """
        if not self.path.is_dir():  # FileLock would make it again
            raise InputError(f"run {self.name}: its directory is gone")
        lock = FileLock(self._lock_path, timeout=LOCK_PATIENCE)
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            raise RunBusyError(self._busy()) from None
        except OSError as error:
            raise TrainerError(f"{sanitize(self._lock_path)}: cannot be locked ({error.strerror})") from None
        try:
            yield
        finally:
            lock.release()

    def is_at(self, inode: int) -> bool:
        """Say whether the run's directory is still the one of that inode: not deleted, nor made anew since."""
        try:
            return self.path.stat().st_ino == inode
        except OSError:
            return False

    def is_locked(self) -> bool:
        """Say whether a worker holds the run."""
        try:
            with self._lock_path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not see each other
        except FileNotFoundError:
            return False
        except OSError:  # held; or a file system without flock, where the file's existence is the lock
            return True
        return False

    def summary(self) -> RunSummary:
        """Return the run's state as it truly is: what was recorded, and "died" where a worker vanished.

        Raises:
            InputError: ``run.json`` or the metrics are damaged.
        """
        description = self.description
        locked = self.is_locked()  # before the state: a worker records its end, then lets go
        recorded = self.metrics.state()
        state = recorded.state or ("running" if locked else "stopped")
        if state in {"running", "paused"} and not locked and not self.is_locked():
            state = "died"
        return RunSummary(
            run=self.name,
            preset=description.preset,
            state=state,
            epoch=recorded.epoch,
            epochs=description.spec.training.epochs if recorded.epochs is None else recorded.epochs,
            socket=recorded.socket if locked else None,
            version=recorded.version or description.version,
            protocol=recorded.protocol or PROTOCOL,
        )

    def last_active(self) -> int:
        """Return when the run was made or last written to, in nanoseconds since 1970."""
        times = [0]
        for name in ("run.json", "metrics.sqlite", "metrics.sqlite-wal"):
            with suppress(OSError):
                times.append((self.path / name).stat().st_mtime_ns)
        return max(times)

    def _busy(self) -> str:
        with suppress(TrainerError):
            if (pid := self.metrics.state().pid) is not None:
                return f"run {self.name} is held by its worker (process {pid}); attach to it, or stop it first"
        return f"run {self.name} is held by its worker; attach to it, or stop it first"


@dataclass(frozen=True)
class Survey:
    """All runs of a store: a summary of each that can be read, one line for each that cannot."""

    summaries: tuple[RunSummary, ...]
    problems: tuple[str, ...]


class RunStore:
    """The directory that holds all runs, each under ``runs/NAME``."""

    def __init__(self, root: Path | None = None) -> None:
        """Take ``root``, else ``TUI_TRAINER_HOME``, else the platform's data directory; nothing is made yet."""
        home = os.environ.get("TUI_TRAINER_HOME")
        self.root = (root or (Path(home).expanduser() if home else user_data_path("tui-trainer"))).absolute()
        self._runs = self.root / "runs"

    def create(
        self,
        spec: Spec,
        seeds: Sequence[int],
        *,
        name: str | None = None,
        pace: float | None = None,
        parent: str | None = None,
    ) -> Run:
        """Make a new run, named after its preset and the next free number unless it is given a name.

        ``parent`` is the run and epoch that it is branched from, if it is; see ``engine.store.branches``.

        Raises:
            InputError: The name is taken or is none, or the store is not a place that can be written to.
        """
        describe = partial(
            RunDescription,
            preset=spec.name,
            spec=spec,
            seeds=tuple(seeds),
            pace=pace,
            created=datetime.now(UTC),
            version=version("tui-trainer"),
            parent=parent,
        )
        for candidate in self._numbered(spec.name) if name is None else [_checked(name)]:
            if self._claim(describe(run=candidate)):
                return Run(self._runs / candidate)
        raise InputError(f"run {name}: this name is taken; choose another one, or delete that run first")

    def open(self, name: str) -> Run:
        """Return the run of that name.

        Raises:
            InputError: There is none, or its ``run.json`` is damaged.
        """
        run = Run(self._existing(name))
        _ = run.description
        return run

    def latest(self) -> Run | None:
        """Return the run that was last made or written to; damaged ones do not count."""
        return next(self._readable(), None)

    def runs(self) -> list[Run]:
        """Return the runs whose description can be read, the last active first; ``survey`` tells of the others too."""
        return list(self._readable())

    def every(self) -> list[Run]:
        """Return every run, the last active first, damaged ones too: nothing of them is read."""
        if not self._runs.is_dir():
            return []
        runs = [Run(path) for path in self._runs.iterdir() if _NAME.fullmatch(path.name) and path.is_dir()]
        return sorted(runs, key=lambda run: (-run.last_active(), run.name))

    def survey(self) -> Survey:
        """Return what there is to say of every run, the last active first."""
        summaries: list[RunSummary] = []
        problems: list[str] = []
        for run in self.every():
            try:
                summaries.append(run.summary())
            except TrainerError as error:
                problems.append(str(error))
        return Survey(tuple(summaries), tuple(problems))

    def delete(self, name: str) -> None:
        """Delete a run and all that is in it; a damaged one too.

        Raises:
            InputError: There is no such run.
            RunBusyError: A worker holds it.
            TrainerError: The system refuses.
        """
        run = Run(self._existing(name))
        with run.lock():
            try:
                shutil.rmtree(run.path)
            except OSError as error:
                raise TrainerError(f"run {name}: cannot be deleted ({sanitize(error)})") from None

    def _claim(self, description: RunDescription) -> bool:
        """Put a complete directory under the run's name in one move; False where the name is taken."""
        target = self._runs / description.run
        try:
            self._runs.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".new-", dir=self._runs) as parent:
                directory = Path(parent) / description.run
                directory.mkdir()
                write_durably(directory / "run.json", description.model_dump_json(indent=2).encode())
                directory.rename(target)
            sync_directory(self._runs)
        except OSError as error:
            if error.errno in {errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR} and target.exists():
                return False
            raise InputError(
                f"{sanitize(self._runs)}: cannot be written ({error.strerror}); TUI_TRAINER_HOME names another place"
            ) from None
        return True

    def _existing(self, name: str) -> Path:
        path = self._runs / _checked(name)
        if not path.is_dir():
            close = difflib.get_close_matches(name, [run.name for run in self.every()])
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InputError(f"run {name}: there is none of this name in {sanitize(self._runs)}{hint}")
        return path

    def _readable(self) -> Iterator[Run]:
        for run in self.every():
            with suppress(InputError):
                _ = run.description
                yield run

    def _numbered(self, preset: str) -> Iterator[str]:
        matches = [re.fullmatch(rf"{preset}-([0-9]{{1,9}})", run.name) for run in self.every()]
        highest = max((int(match[1]) for match in matches if match), default=0)
        return (f"{preset}-{number}" for number in itertools.count(highest + 1))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(
            f"run name {sanitize(repr(name), 60)}: expected small letters, digits and dashes, as in breast-cancer-1"
        )
    return name


def _read_description(path: Path) -> RunDescription:
    try:
        document = json.loads(path.read_bytes())
        if not isinstance(document, dict):
            raise InputError(f"{sanitize(path)}: expected a JSON object")
        check_format(path, document.get("format_version"), FORMAT)
        return RunDescription.model_validate(document)
    except OSError as error:
        raise InputError(f"{sanitize(path)}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        raise InputError(f"{sanitize(path)}: {describe_validation(error)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{sanitize(path)}: not JSON, or cut ({sanitize(error)})") from None
