"""The sweeps of a store: where they lie, what each one is, who works on it."""

from __future__ import annotations

import difflib
import itertools
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from engine.errors import InputError, RunBusyError, TrainerError, sanitize
from engine.names import MAX_RUN, expected_name, is_name
from engine.spec import Spec
from engine.store import locks
from engine.store.files import claim_folder, sync_directory
from engine.store.runs import RUNS, SWEEPS, RunStore
from engine.sweep.axes import Plan
from engine.sweep.description import SweepDescription, check_trials, read_description, write_description
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
        return read_description(self.path / DESCRIPTION)

    def describe(self, description: SweepDescription) -> None:
        """Write what it is asked to try; for the holder of its lock.

        Raises:
            TrainerError: The disk is full, read-only, or not ours to write to.
        """
        write_description(self.path / DESCRIPTION, description)

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
        self._folder = self.root / SWEEPS

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
        for candidate in self._numbered(stem) if name is None else [_checked(name)]:
            named = description.model_copy(update={"sweep": candidate})
            if self._claim(named):
                return Sweep(self._folder / candidate)
        raise InputError(f"sweep {name}: this name is taken; choose another one, or first: tui-trainer delete {name}")

    def has(self, name: str) -> bool:
        """Say whether there is a sweep of this name."""
        return is_name(name) and (self._folder / name).is_dir()

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
        if not self.has(_checked(name)):
            close = difflib.get_close_matches(name, [sweep.name for sweep in self.all_sweeps()])
            hint = f"; did you mean {' or '.join(close)}?" if close else ""
            raise InputError(f"sweep {name}: there is none of this name in {sanitize(self._folder)}{hint}")
        return Sweep(self._folder / name)

    def all_sweeps(self) -> list[Sweep]:
        """Return every sweep, the last active first, damaged ones too."""
        if not self._folder.is_dir():
            return []
        sweeps = [Sweep(path) for path in self._folder.iterdir() if is_name(path.name) and path.is_dir()]
        return sorted(sweeps, key=lambda sweep: (-sweep.last_active(), sweep.name))

    def rename(self, name: str, new_name: str) -> Sweep:
        """Give a sweep another name, and return it.

        Raises:
            InputError: There is no such sweep, it is damaged, or the new name is none or is taken, by a run too.
            RunBusyError: It is being worked on.
            TrainerError: The system refuses.
        """
        sweep, target = self.open(name), self._folder / _checked(new_name)
        with sweep.lock():
            if target.exists() or (self.root / RUNS / new_name).exists():
                raise InputError(f"sweep {new_name}: this name is taken")
            try:
                sweep.path.rename(target)
                sync_directory(self._folder)
            except OSError as error:
                raise TrainerError(f"sweep {name}: cannot be renamed ({error.strerror})") from None
            renamed = Sweep(target)
            renamed.describe(renamed.description().model_copy(update={"sweep": new_name}))
        return renamed

    def delete(self, name: str) -> None:
        """Delete a sweep and all its results; a damaged one too.

        Raises:
            InputError: There is none.
            RunBusyError: It is being worked on.
            TrainerError: The system refuses.
        """
        sweep = self.find(name)
        with sweep.lock():
            try:
                shutil.rmtree(sweep.path)
            except OSError as error:
                raise TrainerError(f"sweep {name}: cannot be deleted ({sanitize(error)})") from None

    def _claim(self, description: SweepDescription) -> bool:
        if (self.root / RUNS / description.sweep).exists():
            return False
        return claim_folder(
            self._folder, description.sweep, lambda folder: write_description(folder / DESCRIPTION, description)
        )

    def _numbered(self, stem: str) -> Iterator[str]:
        stem = f"{stem[: MAX_RUN - 20].strip('-')}-sweep"
        taken = [sweep.name for sweep in self.all_sweeps()]
        matches = [re.fullmatch(rf"{re.escape(stem)}-([0-9]{{1,9}})", name) for name in taken]
        highest = max((int(match[1]) for match in matches if match), default=0)
        return (f"{stem}-{number}" for number in itertools.count(highest + 1))


def outstanding(trials: int, ended: dict[int, TrialResult]) -> list[int]:
    """Return the trials, of so many, that nothing has come of yet."""
    return [trial for trial in range(1, trials + 1) if trial not in ended]


def _checked(name: str) -> str:
    if not is_name(name):
        raise InputError(f"sweep name {sanitize(repr(name), 60)}: {expected_name(name, 'moons-sweep-1')}")
    return name
