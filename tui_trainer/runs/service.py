"""The runs of a store, as the screen deals with them: opened, begun, branched, stopped, deleted, compared."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from engine.errors import InputError, TrainerError, WorkerError, sanitize
from engine.protocol.commands import Have, Stop
from engine.run.description import Trained
from engine.run.status import RunState
from engine.spec import Spec
from engine.store.branches import branch
from engine.store.runs import Run, RunStore
from engine.worker import launcher
from engine.worker.handover import end_other_worker, has_other_version
from engine.worker.link import GoneError
from engine.worker.reading import read_note
from tui_trainer.runs.pace import opens_paused

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.worker.client import Client, HelloOptions
    from engine.worker.ready import ReadyWorker
    from tui_trainer.runs.connection import RunTarget
    from tui_trainer.view_models.compare import ComparedRun
    from tui_trainer.view_models.history import History
    from tui_trainer.view_models.runs import RunLine
    from tui_trainer.view_models.sweeps import SweepLine

MAX_POINTS = 4096
"""Longest history that is sent epoch by epoch; a longer one comes binned, as no chart is that wide."""
LONGEST_NAME, LONGEST_TERMINAL = 40, 10
"""Characters of ``Hello.name``, and those of it that name the terminal."""
STOP_PATIENCE = 30.0
"""Seconds for which a worker that has been asked to stop may be silent: it ends its step, and saves."""
EPOCHS_AT_ONCE = 20_000
"""Epochs read from the store at once."""


class RunService(Protocol):
    """What the screens need of a store. Every method raises ``TrainerError`` where the store refuses."""

    async def list_runs(self) -> list[RunLine]:
        """Return a line for each run, damaged ones too, the last active first."""

    async def list_sweeps(self) -> list[SweepLine]:
        """Return a line for each sweep, damaged ones too, the last active first."""

    def can_make(self, name: str) -> bool:
        """Return whether new runs can be made of a run."""

    async def open(self, name: str) -> RunTarget:
        """Return the target of a run that is there."""

    async def begin(self, spec: Spec, seeds: Sequence[int], pace: float | None, beside: str = "") -> RunTarget:
        """Make a new run, and return its target; opened, it trains, or is paused where it has but a few steps.

        ``beside`` is a run on whose machine it is to be; empty for this one.
        """

    async def branch(self, name: str, epoch: int, pace: float | None) -> RunTarget:
        """Make a new run that stands where another one stood at a checkpoint; opened, it is paused."""

    async def stop(self, name: str) -> int:
        """Save a run, end its worker, and return the epochs completed."""

    async def resume(self, name: str) -> None:
        """Let a run train on, whoever watches."""

    async def rename(self, name: str, new_name: str) -> None:
        """Give a run that has no worker another name."""

    async def delete(self, name: str) -> None:
        """Delete a run that has no worker."""

    async def history(self, name: str) -> History:
        """Return a run's metrics over its whole length."""

    async def compare(self, names: Sequence[str]) -> list[ComparedRun]:
        """Return what there is to compare of some runs."""

    async def make_ready(self) -> None:
        """Make ready for the next run what takes long and needs no run."""


class LocalRunService:
    """The runs of a store on this machine.

    Args:
        store: The store.
        read_only: Whether its runs are only looked at.
        ready: Holds a worker's process ready for the next run; None where each is started when it is wanted.
    """

    def __init__(self, store: RunStore, *, read_only: bool = False, ready: ReadyWorker | None = None) -> None:
        self._store = store
        self._read_only = read_only
        self._ready = ready
        self._cached_lines: dict[str, tuple[int, RunLine]] = {}
        self._cached_comparisons: dict[str, tuple[int, ComparedRun]] = {}

    def target(self, run: Run, process: Popen[bytes] | None = None) -> RunTarget:
        """Return the target of a run; ``process`` is its worker, where it was started here.

        Else its worker is the one there is, or a new one that only shows the run.
        """
        from tui_trainer.runs.connection import RunTarget

        async def connect() -> Client:
            if process is None:
                return await launcher.attach(run, self._ready, **watching(read_only=self._read_only))
            return await launcher.connect(run, process, **watching())

        async def resume(have: Have) -> Client:
            if has_other_version(run):
                await end_other_worker(run)
            worker = launcher.launch(run, ready=self._ready)
            return await launcher.connect(run, worker, **watching(have=have))

        async def reconnect(have: Have) -> Client:
            if not run.is_locked() and run.summary().state in {"finished", "stopped", "died"}:
                raise GoneError
            return await launcher.attach(run, self._ready, **watching(read_only=self._read_only, have=have))

        is_trained = isinstance(run.description.recipe, Trained)
        can_resume = is_trained and not self._read_only
        return RunTarget(run.name, connect, resume if can_resume else None, partial(read_note, run), "", reconnect)

    async def list_runs(self) -> list[RunLine]:
        """Return a line for each run; only those that may have changed are read anew."""
        return await asyncio.to_thread(lambda: [self._line(run) for run in self._store.all_runs()])

    async def list_sweeps(self) -> list[SweepLine]:
        """Return a line for each sweep; where there is none, nothing of sweeps is loaded."""
        if not self._store.has_sweeps():
            return []

        def read() -> list[SweepLine]:
            from tui_trainer.runs.sweep_lines import read_sweep_lines

            return read_sweep_lines(self._store.root)

        return await asyncio.to_thread(read)

    def can_make(self, name: str) -> bool:  # noqa: ARG002
        """Return that new runs can be made of any."""
        return True

    async def open(self, name: str) -> RunTarget:
        """Return the target of a run of this store."""
        return self.target(await asyncio.to_thread(self._store.open, name))

    async def begin(
        self,
        spec: Spec,
        seeds: Sequence[int],
        pace: float | None,
        beside: str = "",  # noqa: ARG002 - all are here
    ) -> RunTarget:
        """Create the run; it is deleted again where its worker finds the input bad."""
        run = await asyncio.to_thread(self._store.create, spec, seeds, pace=pace)
        return self._new(run, attach_only=opens_paused(spec))

    async def branch(self, name: str, epoch: int, pace: float | None) -> RunTarget:
        """Copy the run up to its checkpoint, and return the target of the copy."""

        def make() -> Run:
            return branch(self._store, self._store.open(name), epoch, pace=pace)

        return self._new(await asyncio.to_thread(make), attach_only=True)

    async def stop(self, name: str) -> int:
        """Stop the run's worker, and return the epochs completed."""
        return (await stop(await asyncio.to_thread(self._store.open, name)))[1]

    async def resume(self, name: str) -> None:
        """Start a worker, and return once it answers."""
        run = await asyncio.to_thread(self._store.open, name)
        _ = run.description.trained
        client = await launcher.connect(run, launcher.launch(run, ready=self._ready), **watching())
        await client.close()

    async def rename(self, name: str, new_name: str) -> None:
        """Rename the run's directory, and what names it."""
        await asyncio.to_thread(self._store.rename, name, new_name)

    async def delete(self, name: str) -> None:
        """Delete the run's directory."""
        await asyncio.to_thread(self._store.delete, name)

    async def history(self, name: str) -> History:
        """Read the run's metrics from the store."""
        return await asyncio.to_thread(lambda: _history(self._store.open(name)))

    async def compare(self, names: Sequence[str]) -> list[ComparedRun]:
        """Read the runs from the store; only those that may have changed are read anew."""
        return await asyncio.to_thread(lambda: [self._compared_run(name) for name in names])

    async def make_ready(self) -> None:
        """Hold a worker's process ready, unless there is one; a read-only screen begins no runs and needs none."""
        if self._ready is not None and not self._read_only:
            await asyncio.to_thread(self._ready.prepare)

    def _line(self, run: Run) -> RunLine:
        """Return a run's line: read anew where something was written since, or a worker holds the run."""
        from tui_trainer.runs.lines import read_line

        written = run.last_active()
        age = time.time() - written / 1e9
        then, line = self._cached_lines.get(run.name, (None, None))
        if line is not None and then == written and not run.is_locked():
            return replace(line, age=age)
        line = read_line(run, age)
        if line.problem is None and not line.at_work:
            self._cached_lines[run.name] = written, line
        return line

    def _compared_run(self, name: str) -> ComparedRun:
        """Return a run as it is compared: read anew where something was written since, or a worker holds the run."""
        from tui_trainer.runs.compared import read_compared

        run = self._store.find(name)
        written = run.last_active()
        then, compared = self._cached_comparisons.get(name, (None, None))
        if compared is None or then != written or run.is_locked():
            compared = read_compared(self._store, name)
            self._cached_comparisons[name] = written, compared
        return compared

    def _new(self, run: Run, *, attach_only: bool) -> RunTarget:
        """Return the target of a new run, which is deleted again if its worker cannot begin with it."""
        target = self.target(run)

        async def connect() -> Client:
            try:
                worker = launcher.launch(run, attach_only=attach_only, ready=self._ready)
                return await launcher.connect(run, worker, **watching())
            except InputError:
                with suppress(TrainerError):
                    await self.delete(run.name)
                raise

        return replace(target, connect=connect)


def watching(*, read_only: bool = False, have: Have = Have()) -> HelloOptions:  # noqa: B008 (it cannot be changed)
    """Return what the screen says of itself to a worker: who sits at it, how long a history it takes, what it has."""
    return {"name": screen_name(), "max_points": MAX_POINTS, "read_only": read_only, "have": have}


def watcher_name() -> str:
    """Return who watches, which changes are signed with: the user, and the machine."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a uid without a name, as in containers
        user = f"uid-{os.getuid()}"
    return sanitize(f"{user}@{os.uname().nodename}".replace(" ", "_"), LONGEST_NAME)


def screen_name() -> str:
    """Return which screen watches: two of one user on one machine are told apart by their terminals."""
    try:
        terminal = os.ttyname(0).removeprefix("/dev/")[-LONGEST_TERMINAL:]
    except (OSError, AttributeError):
        return watcher_name()
    return f"{sanitize(watcher_name(), LONGEST_NAME - LONGEST_TERMINAL - 1)} {sanitize(terminal, LONGEST_TERMINAL)}"


async def stop(run: Run) -> tuple[RunState, int]:
    """Save a run, end its worker, and return how it then stands, and its epochs.

    A worker of another version is asked by a signal.

    Raises:
        WorkerError: There is no worker, or it left without a word.
    """
    if has_other_version(run):
        await end_other_worker(run)
        summary = run.summary()
        return summary.state, summary.epoch
    client = await launcher.connect(run, silence_limit=STOP_PATIENCE)
    try:
        await client.send(Stop())
        async for frame, _ in client.frames():
            if frame.state in {"finished", "stopped"}:
                return frame.state, frame.epoch
    finally:
        await client.close()
    raise WorkerError(f"run {run.name}: the worker left without a word")


def _history(run: Run) -> History:
    from tui_trainer.view_models.history import History

    run.check()
    history = History(columns=run.description.columns)
    while len(rows := run.metrics.rows(history.epochs + 1, history.epochs + EPOCHS_AT_ONCE)):
        history.add_rows(history.epochs + 1, rows)
    return history
