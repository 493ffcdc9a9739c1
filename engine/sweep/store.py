"""The sweeps of a store: where they lie, what each one is, who works on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from engine.errors import InputError, RunBusyError
from engine.names import MAX_RUN, is_name
from engine.spec import Spec
from engine.store import locks
from engine.store.documents import read_document, write_document
from engine.store.named_folders import SWEEP, NamedFolders
from engine.store.runs import RunStore
from engine.sweep.axes import Plan
from engine.sweep.description import FORMAT, SweepDescription, check_trials
from engine.sweep.requests import Requests
from engine.sweep.results import TrialResult
from engine.sweep.trials import SweepState, TrialsLog

State = Literal["running", "stopped", "finished", "died"]
DESCRIPTION = "sweep.json"


class Sweep:
    """One sweep's directory. Only the holder of its lock may write into it, requests aside."""

    def __init__(self, path: Path) -> None:
        """Name the directory; nothing is read before it is asked for."""
        self.path = path
        self.name = path.name
        self.log_path = path / "sweep.log"
        self.trials = TrialsLog(path / "trials.sqlite")
        self.requests = Requests(path / "requests")
        self.progress_folder = path / "progress"
        self._lock_path = path / "sweep.lock"

    def description(self) -> SweepDescription:
        """Return what it was asked to try; it may have been extended since the last look.

        Raises:
            InputError: ``sweep.json`` is missing, damaged, or of a newer format.
        """
        return read_document(self.path / DESCRIPTION, SweepDescription.model_validate, newest=FORMAT)[0]

    def describe(self, description: SweepDescription) -> None:
        """Write what it is asked to try; for the holder of its lock.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to.
        """
        write_document(self.path / DESCRIPTION, description)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the sweep: to work on it, or to delete it.

        Raises:
            RunBusyError: Another process does.
            InputError: It was deleted meanwhile.
            TrainerError: The lock file cannot be written.
        """
        if not self.path.is_dir():
            raise InputError(f"sweep {self.name}: its directory is gone")
        try:
            with locks.hold(self._lock_path):
                yield
        except locks.HeldError:
            raise RunBusyError(self.busy()) from None

    def busy(self) -> str:
        """Return what to say to someone who wants what only the holder of the lock may do."""
        return f"sweep {self.name}: a process works on it; tui-trainer stop {self.name} ends that"

    def is_locked(self) -> bool:
        """Say whether a process works on the sweep."""
        return locks.is_held(self._lock_path)

    def state(self) -> tuple[State, SweepState]:
        """Return the sweep's state as it truly is, and what was recorded of it; "died" where its process vanished.

        Raises:
            InputError: ``trials.sqlite`` is damaged.
        """
        is_locked = self.is_locked()  # before the state: a process records its end, then lets go
        recorded = self.trials.state()
        if is_locked:
            return "running", recorded
        if recorded.state == "running":
            return ("running" if self.is_locked() else "died"), recorded
        return ("finished" if recorded.state == "finished" else "stopped"), recorded

    def progress(self) -> dict[int, int]:
        """Return the epoch that each trial under way has come to, as far as that is known."""
        epochs: dict[int, int] = {}
        if self.progress_folder.is_dir():
            for path in self.progress_folder.iterdir():
                try:
                    epochs[int(path.name)] = int(path.read_bytes()[:20])
                except (OSError, ValueError):
                    continue
        return epochs

    def last_active(self) -> int:
        """Return when it was made or last written to, in nanoseconds since 1970."""
        times = [0]
        for name in (DESCRIPTION, "trials.sqlite", "trials.sqlite-wal"):
            path = self.path / name
            if path.exists():
                times.append(path.stat().st_mtime_ns)
        return max(times)

    def size(self) -> int:
        """Return how many bytes its files hold."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


class SweepStore:
    """The directory that holds all sweeps, each under ``sweeps/NAME``, beside the runs of the same store."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = RunStore(root).root
        self._folders = NamedFolders(self.root, SWEEP)

    def create(self, spec: Spec, seeds: Sequence[int], plan: Plan, *, name: str | None = None, stem: str) -> Sweep:
        """Make a new sweep; nothing of it is trained yet.

        Args:
            spec: The recipe that its trials change.
            seeds: Of each trial.
            plan: Its trials.
            name: Its name; by default ``STEM-sweep`` and the next free number.
            stem: What it is a sweep of.

        Raises:
            InputError: A trial is not a valid recipe; the name is taken or not valid; the store cannot be written to.
        """
        description = SweepDescription(
            sweep=name or "new",
            created=datetime.now(UTC),
            version=version("tui-trainer"),
            spec=spec,
            seeds=tuple(seeds),
            plans=(plan,),
        )
        check_trials(description)

        def fill(folder: Path) -> None:
            write_document(folder / DESCRIPTION, description.model_copy(update={"sweep": folder.name}))

        return Sweep(self._folders.create(name, f"{stem[: MAX_RUN - 20].strip('-')}-sweep", fill))

    def has(self, name: str) -> bool:
        """Say whether there is a sweep of this name."""
        return is_name(name) and (self._folders.path / name).is_dir()

    def open(self, name: str) -> Sweep:
        """Return the sweep of this name.

        Raises:
            InputError: No such sweep, or its ``sweep.json`` is damaged.
        """
        sweep = self.find(name)
        sweep.description()
        return sweep

    def find(self, name: str) -> Sweep:
        """Return the sweep of this name, which may be damaged.

        Raises:
            InputError: There is none.
        """
        return Sweep(self._folders.find(name))

    def all_sweeps(self) -> list[Sweep]:
        """Return every sweep, the last active first, damaged ones too."""
        sweeps = [Sweep(path) for path in self._folders.all()]
        return sorted(sweeps, key=lambda sweep: (-sweep.last_active(), sweep.name))

    def rename(self, name: str, new_name: str) -> Sweep:
        """Give a sweep another name, and return it.

        Raises:
            InputError: There is no such sweep, it is damaged, or the new name is not valid or taken, by a run too.
            RunBusyError: It is being worked on.
            TrainerError: The system refuses.
        """
        with self.open(name).lock():
            renamed = Sweep(self._folders.rename(name, new_name))
            renamed.describe(renamed.description().model_copy(update={"sweep": new_name}))
        return renamed

    def delete(self, name: str) -> None:
        """Delete a sweep and all its results; a damaged one too.

        Raises:
            InputError: There is none.
            RunBusyError: It is being worked on.
            TrainerError: The system refuses.
        """
        with self.find(name).lock():
            self._folders.delete(name)


def outstanding(trials: int, ended: dict[int, TrialResult]) -> list[int]:
    """Return the trials, of so many, that nothing has come of yet."""
    return [trial for trial in range(1, trials + 1) if trial not in ended]
