"""A run that somebody else writes, shown from its store as that grows: another program's, or another version's.

Nothing is written to the run's directory, and its lock is left to whoever writes. What can be told of the run is what
``RecordedRun`` tells, looked at again twice a second where the files have changed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from engine.errors import InputError
from engine.protocol.commands import Command, Stop
from engine.protocol.events import OtherWorker
from engine.protocol.version import PROTOCOL
from engine.run.description import Reported, Trained
from engine.run.exam import ExamResult
from engine.run.metrics import METRICS
from engine.store.records import RecordedState
from engine.store.runs import Run
from engine.worker.checkpoint_network import CheckpointNetwork
from engine.worker.other_version import is_other_version
from engine.worker.recorded import RecordedRun
from engine.worker.recorded_history import read_rows
from engine.worker.source import Progress

LOOK_EVERY = 0.5
"""Seconds between two looks at the store."""

Clock = Callable[[], float]


class FollowedRun(RecordedRun):
    """A ``RecordedRun`` whose store grows.

    Args:
        run: The run's directory; its lock is somebody else's, if it is held at all.
        clock: Seconds, steady.

    Raises:
        InputError: The store is damaged, or of a format that this version does not know.
    """

    def __init__(self, run: Run, clock: Clock = time.monotonic) -> None:
        recorded = run.metrics.state()
        self._writer = _other_worker(run, recorded)
        super().__init__(run, _reason(run, self._writer))
        self._clock = clock
        self._next_look = clock() + LOOK_EVERY
        self._seen = run.last_active()
        self._is_set_back = False
        self._names = tuple(super().series_names)
        self._speed = _Speed(len(self._history), clock())
        self._take_in_state()

    @property
    def other_worker(self) -> OtherWorker | None:
        """The worker of another version that trains it; None where another program does, or it has ended."""
        return self._writer if self._run.is_locked() else None

    @property
    def series_names(self) -> Sequence[str]:
        """Its sparse series so far."""
        return self._names

    def progress(self) -> Progress:
        """Return where it stands, as far as is on disk."""
        progress, epochs = super().progress(), len(self._history)
        if not epochs or self.description.columns != METRICS:
            return progress
        rate = self._history.rows(epochs)[0, 0, METRICS.index("learning_rate")]
        return progress._replace(learning_rate=float(rate))

    def open(self) -> None:
        """Leave the store as it is."""

    def wait(self) -> float:
        """Return the seconds until the next look."""
        return max(0.0, self._next_look - self._clock())

    def handle(self, command: Command, author: str) -> ExamResult | None:
        """Carry out a command, as ``RecordedRun`` does; whoever writes the run is not stopped from here.

        Raises:
            InputError: It is no way of looking.
        """
        if isinstance(command, Stop):
            raise InputError(f"stop: {self._reason}")
        return super().handle(command, author)

    def check_place(self) -> None:
        """See that the run is still where it was, and goes on from what was shown of it.

        Raises:
            InputError: It was deleted, or set back: who watches it begins anew.
        """
        super().check_place()
        if self._is_set_back:
            raise InputError(f"run {self.description.run}: it was set back to epoch {self._recorded.epoch}")

    def advance(self, until: float) -> None:
        """Look at the store again, where it is time."""
        del until  # a look takes milliseconds
        now = self._clock()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_EVERY
        written = self._run.last_active()
        if written != self._seen:
            self._seen = written
            self._take_in()
        self._take_in_state()
        if self._status.state == "running":
            self._status.measure(self._speed.measured(len(self._history), now))

    def _take_in(self) -> None:
        """Take in what was written since the last look."""
        self._recorded = self._run.metrics.state()
        epochs = self._recorded.epoch
        self._is_set_back |= epochs < len(self._history)
        for rows in read_rows(self._run, len(self._history) + 1, epochs):
            self._history.extend(rows)
        known_numbers = {change.number for change in self._changes}
        self._changes += [change for change in self._run.metrics.changes() if change.number not in known_numbers]
        self._status.verdicts.take(self._run.metrics.verdicts(), epochs, self._recorded.convergence)
        self._names = tuple(self._run.metrics.series_names())
        self._take_in_checkpoint()
        self._status.touch()

    def _take_in_checkpoint(self) -> None:
        checkpoints = tuple(self._run.checkpoints.epochs())
        if checkpoints == self._status.checkpoints:
            return
        self._status.list_checkpoints(checkpoints)
        with suppress(InputError):  # it has been thinned out meanwhile
            if (latest := self._run.checkpoints.latest()) is not None:
                is_shown = self._shown is self._latest
                self._latest = CheckpointNetwork(latest)
                if is_shown:
                    self._shown = self._latest
                    self._status.change_spec()

    def _take_in_state(self) -> None:
        """Stand as the run truly does: one that is written has somebody who holds its lock."""
        state = self._run.summary().state
        if state != self._status.state:
            self._status.enter(state, self._recorded.reason)
        if self._recorded.pace != self._status.pace:
            self._status.set_pace(self._recorded.pace)
        if state != "running":
            self._status.measure(None)
        self._status.explain(self._recorded.message or self._words())

    def _words(self) -> str:
        is_reported = isinstance(self.description.recipe, Reported)
        is_free = self._writer is not None and not self._run.is_locked()
        return "" if is_reported or is_free else f"only to look at: {self._reason}"


class _Speed:
    """Epochs a second, between looks at which there were more of them."""

    def __init__(self, epochs: int, now: float) -> None:
        self._epochs, self._since = epochs, now
        self._speed: float | None = None

    def measured(self, epochs: int, now: float) -> float | None:
        """Return the speed; None before it is known."""
        if epochs > self._epochs and now > self._since:
            self._speed = (epochs - self._epochs) / (now - self._since)
            self._epochs, self._since = epochs, now
        return self._speed


def _other_worker(run: Run, recorded: RecordedState) -> OtherWorker | None:
    """Return the worker of another version that trains a run of ours, if one does."""
    if not isinstance(run.description.recipe, Trained) or not is_other_version(recorded):
        return None
    return OtherWorker(
        version=recorded.version or run.description.version,
        protocol=recorded.protocol or PROTOCOL,
        pid=recorded.pid,
        host=recorded.host,
    )


def _reason(run: Run, writer: OtherWorker | None) -> str:
    recipe = run.description.recipe
    if isinstance(recipe, Reported):
        return f"run {run.name}: {recipe.source} trains it and reports it here"
    if writer is None:
        return f"run {run.name}: it is shown from its store, and not ours to write to"
    return f"run {run.name}: its worker is {writer.words}; tui-trainer stop {run.name} ends it, saved"
