"""The store and its runs: where they lie, what each one is, who is at work on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_data_path

from engine.errors import InputError, RunBusyError, TrainerError
from engine.names import MAX_RUN, nearest_name
from engine.protocol.version import PROTOCOL, program_version
from engine.run.description import FORMAT, Reported, RunDescription, RunSummary, Trained, parse_description
from engine.run.metrics import MetricSet
from engine.spec import Spec
from engine.store import locks
from engine.store.documents import read_document, write_document
from engine.store.named_folders import RUN, SWEEP, NamedFolders
from engine.store.sockets import socket_path

if TYPE_CHECKING:
    from engine.store.checkpoints import Checkpoints
    from engine.store.metrics import MetricsLog

ROOM_FOR_A_NUMBER = 10
"""Characters that a name leaves for a dash and a number."""
DESCRIPTION = "run.json"


class Run:
    """One run's directory. Only the holder of its lock may write into it."""

    def __init__(self, path: Path) -> None:
        """Name the directory; nothing is read before it is asked for."""
        self.path = path
        self.name = path.name
        self.log_path = path / "worker.log"
        self._is_checked = False
        self._lock_path = path / "worker.lock"
        self._description_path = path / DESCRIPTION

    @cached_property
    def description(self) -> RunDescription:
        """What the run was started as.

        Raises:
            InputError: ``run.json`` is missing, cut, of a newer format, or no description of a run.
        """
        return _read(self._description_path)[0]

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """The run's checkpoints."""
        from engine.store.checkpoints import Checkpoints  # here: to make a run takes no NumPy

        return Checkpoints(self.path / "checkpoints")

    @cached_property
    def metrics(self) -> MetricsLog:
        """The run's log: metrics, changes, state, exams, events."""
        from engine.store.metrics import MetricsLog

        description, recipe_changes = self.description, 0
        if isinstance(description.recipe, Trained):
            recipe_changes = sum(len(change.set) for change in description.recipe.spec.changes)
        return MetricsLog(
            self.path / "metrics.sqlite",
            len(description.seeds),
            columns=description.columns,
            recipe_changes=recipe_changes,
        )

    def check(self) -> None:
        """Check what is to be shown or trained on: description and metrics. A checkpoint is checked when it is read.

        Once by this object: who holds the run's lock writes to it from then on.

        Raises:
            InputError: A file is damaged.
        """
        if not self._is_checked:
            self.metrics.check(gapless=isinstance(self.description.recipe, Trained))
            self._is_checked = True

    def upgrade(self) -> None:
        """Bring what an older version wrote into today's format; for the holder of the lock, before it trains on.

        Each file is replaced whole or not at all, and each has a format of its own, so that it may end at any moment.

        Raises:
            InputError: ``run.json`` or the metrics are damaged.
            TrainerError: The disk is full, read-only, or not ours to write to. What was there is as it was.
        """
        description, written_format = _read(self._description_path)
        if written_format < FORMAT:
            write_document(self._description_path, description)
        self.metrics.upgrade()

    @property
    def socket_path(self) -> Path:
        """Where a worker of this run, started here, listens. See ``summary`` for where the present one does."""
        return socket_path(self.path.parent.parent, self.name)

    @property
    def viewer_socket_path(self) -> Path:
        """Where a worker listens that only shows this run while somebody else writes it; its lock lies beside."""
        return socket_path(self.path.parent.parent, f"{self.name}/viewer")

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
        try:
            with locks.hold(self._lock_path):
                yield
        except locks.HeldError:
            raise RunBusyError(self.busy()) from None

    def is_at(self, inode: int) -> bool:
        """Say whether the run's directory is still the one of that inode: not deleted, nor made anew since.

        One without a description is being deleted at this moment.
        """
        try:
            return self.path.stat().st_ino == inode and self.is_described()
        except OSError:
            return False

    def check_place(self, inode: int) -> None:
        """See that the run's directory is still the one of that inode.

        Raises:
            InputError: It was deleted, or another was made in its place, whose worker wants the socket.
        """
        if not self.is_at(inode):
            raise InputError(f"run {self.name}: its directory is gone")

    def write_lost_metrics(self, inode: int) -> None:
        """Put metrics that were deleted in their place again; for the holder of the lock, who has them open.

        Raises:
            InputError: The directory is being deleted with them: gone stays gone.
            TrainerError: The disk is full, read-only, or not ours to write to.
        """
        self.check_place(inode)
        self.metrics.write_again()
        if not self.is_at(inode):  # whoever deletes it may have passed by while this was written
            if not self.is_described():
                self.metrics.path.unlink(missing_ok=True)
            self.check_place(inode)

    def is_described(self) -> bool:
        """Say whether there is a ``run.json``: whoever deletes a run file by file leaves a directory without."""
        return self._description_path.exists()

    def is_locked(self) -> bool:
        """Say whether a worker holds the run."""
        return locks.is_held(self._lock_path)

    def summary(self) -> RunSummary:
        """Return the run's state as it truly is: what was recorded, and "died" where a worker vanished.

        Raises:
            InputError: ``run.json`` or the metrics are damaged.
        """
        description = self.description
        locked = self.is_locked()  # before the state: a worker records its end, then lets go
        recorded, recipe = self.metrics.state(), description.recipe
        epochs = recipe.spec.training.epochs if isinstance(recipe, Trained) else 0
        state = recorded.state or ("running" if locked else "stopped")
        if state in {"running", "paused"} and not locked and not self.is_locked():
            state = "died"
        return RunSummary(
            run=self.name,
            preset=description.title,
            state=state,
            epoch=recorded.epoch,
            epochs=epochs if recorded.epochs is None else recorded.epochs,
            socket=recorded.socket if locked else None,
            version=recorded.version or description.version,
            protocol=recorded.protocol or PROTOCOL,
        )

    def last_active(self) -> int:
        """Return when the run was made or last written to, in nanoseconds since 1970."""
        times = [0]
        for name in (DESCRIPTION, "metrics.sqlite", "metrics.sqlite-wal"):
            with suppress(OSError):
                times.append((self.path / name).stat().st_mtime_ns)
        return max(times)

    def size(self) -> int:
        """Return how many bytes its files hold."""
        total = 0
        for folder, _, files in os.walk(self.path):
            for name in files:
                with suppress(OSError):  # a worker has just replaced it
                    total += (Path(folder) / name).stat().st_size
        return total

    def busy(self) -> str:
        """Return what to say to someone who wants what only the holder of the lock may do."""
        with suppress(TrainerError):
            if (pid := self.metrics.state().pid) is not None:
                return f"run {self.name} is held by its worker (process {pid}); attach to it, or stop it first"
        return f"run {self.name} is held by its worker; attach to it, or stop it first"


@dataclass(frozen=True)
class StoreListing:
    """All runs of a store: a summary of each that can be read, one line for each that cannot."""

    summaries: tuple[RunSummary, ...]
    problems: tuple[str, ...]


class RunStore:
    """The directory that holds all runs, each under ``runs/NAME``."""

    def __init__(self, root: Path | None = None) -> None:
        """Take ``root``, else ``TUI_TRAINER_HOME``, else the platform's data directory; nothing is made yet."""
        home = os.environ.get("TUI_TRAINER_HOME")
        try:
            self.root = (root or (Path(home).expanduser() if home else user_data_path("tui-trainer"))).absolute()
        except RuntimeError:
            raise InputError("no home directory is known: set HOME, or TUI_TRAINER_HOME to a folder for runs") from None
        self._folders = NamedFolders(self.root, RUN)

    def create(
        self,
        spec: Spec,
        seeds: Sequence[int],
        *,
        name: str | None = None,
        stem: str | None = None,
        pace: float | None = None,
        parent: str | None = None,
        group: str | None = None,
    ) -> Run:
        """Make a new run that is to be trained here.

        Args:
            spec: Its recipe.
            seeds: Its seeds.
            name: Its name; by default ``stem`` and the next free number.
            stem: What it is a run of, where that is not its preset.
            pace: Epochs a second; None is full speed.
            parent: The run and epoch that it is branched from, if it is; see ``engine.store.branches``.
            group: The experiment that it is a part of, if it is.

        Raises:
            InputError: The name is taken or not valid, or the store is not a place that can be written to.
        """
        recipe = Trained(preset=spec.name, spec=spec, seeds=tuple(seeds))
        return self._create(stem or spec.name, name, recipe=recipe, pace=pace, parent=parent, group=group)

    def create_reported(
        self, recipe: Reported, metrics: MetricSet, *, name: str | None = None, group: str | None = None
    ) -> Run:
        """Make a new run that another program trains; it is named after that program unless it is given a name.

        Raises:
            InputError: The name is taken or not valid, or the store is not a place that can be written to.
        """
        stem = nearest_name(recipe.source, MAX_RUN - ROOM_FOR_A_NUMBER) or "run"
        return self._create(stem, name, recipe=recipe, metrics=metrics.metrics, pace=None, group=group)

    def _create(self, stem: str, name: str | None, **fields: Any) -> Run:
        describe = partial(RunDescription, created=datetime.now(UTC), version=program_version(), **fields)

        def fill(folder: Path) -> None:
            write_document(folder / DESCRIPTION, describe(run=folder.name))

        return Run(self._folders.create(name, stem, fill))

    def open(self, name: str) -> Run:
        """Return the run of that name.

        Raises:
            InputError: There is none, or its ``run.json`` is damaged.
        """
        run = Run(self._folders.find(name))
        _ = run.description
        return run

    def find(self, name: str) -> Run:
        """Return the run of that name, which may be damaged: nothing of it is read.

        Raises:
            InputError: There is none.
        """
        return Run(self._folders.find(name))

    def latest(self) -> Run | None:
        """Return the run that was last made or written to; damaged ones do not count."""
        return next(self._readable(), None)

    def runs(self) -> list[Run]:
        """Return the runs whose description can be read, the last active first; ``listing`` tells of the others too."""
        return list(self._readable())

    def all_runs(self) -> list[Run]:
        """Return every run, the last active first, damaged ones too: nothing of them is read."""
        runs = [Run(path) for path in self._folders.all()]
        return sorted(runs, key=lambda run: (-run.last_active(), run.name))

    def has_sweeps(self) -> bool:
        """Say whether there are sweeps beside the runs."""
        return bool(NamedFolders(self.root, SWEEP).all())

    def listing(self) -> StoreListing:
        """Return what there is to say of every run, the last active first."""
        summaries: list[RunSummary] = []
        problems: list[str] = []
        for run in self.all_runs():
            try:
                summaries.append(run.summary())
            except TrainerError as error:
                problems.append(str(error))
        return StoreListing(tuple(summaries), tuple(problems))

    def rename(self, name: str, new_name: str) -> Run:
        """Give a run another name, and the runs that branched from it their parent's; return it.

        Raises:
            InputError: There is no such run, it is damaged, or the new name is not valid or taken.
            RunBusyError: A worker holds it, or one that branched from it.
            TrainerError: The system refuses.
        """
        run = self.open(name)
        children = [child for child in self.runs() if (child.description.parent or "").partition("@")[0] == name]
        with ExitStack() as locks:
            for each in (run, *children):
                locks.enter_context(each.lock())
            renamed = Run(self._folders.rename(name, new_name))
            _describe_anew(renamed, {"run": new_name})
            for child in children:
                _, at, epoch = (child.description.parent or "").partition("@")
                _describe_anew(child, {"parent": f"{new_name}{at}{epoch}"})
        return renamed

    def delete(self, name: str) -> None:
        """Delete a run and all that is in it; a damaged one too.

        Raises:
            InputError: There is no such run.
            RunBusyError: A worker holds it.
            TrainerError: The system refuses.
        """
        with self.find(name).lock():
            self._folders.delete(name)

    def _readable(self) -> Iterator[Run]:
        for run in self.all_runs():
            with suppress(InputError):
                _ = run.description
                yield run


def _describe_anew(run: Run, fields: dict[str, str]) -> None:
    """Replace fields of a description, whose run is held; its format becomes the newest, its age stays as it was."""
    path = run.path / DESCRIPTION
    written = path.stat()
    write_document(path, _read(path)[0].model_copy(update=fields))
    os.utime(path, ns=(written.st_atime_ns, written.st_mtime_ns))


def _read(path: Path) -> tuple[RunDescription, int]:
    """Return the description, and the format in which it is written."""
    return read_document(path, parse_description, newest=FORMAT, sealed_since=2)
