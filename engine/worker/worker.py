"""The worker: trains one run, listens to its watchers, and keeps its store.

One thread, one loop: hear commands, train a little, tell the watchers, keep the store. Commands are looked for by the
clock, because asking the socket costs a fifth of a small network's step.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import singledispatchmethod
from importlib.metadata import version
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import InputError, TrainerError
from engine.protocol import commands
from engine.protocol.events import METRICS, Reply, RunState, Welcome
from engine.protocol.version import PROTOCOL
from engine.spec import override
from engine.store.metrics import RunEvent
from engine.store.runs import Run
from engine.training.crew import Crew
from engine.training.history import History
from engine.training.results import NonFinite
from engine.training.trainer import Trainer
from engine.worker.frames import Situation, exam_result, make_frame
from engine.worker.pacing import Pacemaker
from engine.worker.server import Server, Watcher

LISTEN_EVERY = 0.002
"""Seconds of training between two looks at the socket."""
FRAME_EVERY = 0.05
"""Seconds between two frames to one watcher, unless it waits for an answer."""
LINGER = 10.0
"""Seconds that a worker with nothing left to train waits for a first watcher."""
IDLE_WAIT = 0.25
BLOCK = 0.1
"""Seconds of a large band's training between two looks at the socket."""
CHECKPOINT_SHARE = 50
"""Periodic checkpoints are so far apart that they cost at most 1/50 of the time."""
CHECKPOINT_EVERY = 0.5

LOOKED_AT: Mapping[RunState | None, RunState] = {"running": "paused", None: "stopped"}
"""What to record of a run that is only looked at, where its last worker died while it trained, or before it did."""
VALIDATION_LOSS = METRICS.index("validation_loss")
EPOCHS = "training.epochs"

Clock = Callable[[], float]


class Worker:
    """Serves one run from an open store, whose lock the caller holds.

    Args:
        run: The run's directory.
        trainer: Its trainer, at the epoch where it is to go on.
        server: The bound socket.
        pace: Epochs a second; None is full speed.
        hold: Do not train before a watcher asks for it.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        run: Run,
        trainer: Trainer,
        server: Server,
        *,
        pace: float | None = None,
        hold: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self._run = run
        self._trainer = trainer
        self._server = server
        self._clock = clock
        self._crew = Crew(trainer)
        self._pacemaker = Pacemaker(pace)
        self._history = History(len(trainer.seeds))
        if trainer.epoch:
            self._history.extend(_recorded(run, trainer.epoch))
        exams = [opened.result for opened in run.metrics.exams()]
        self._situation = Situation("paused" if hold else "running", pace, exams=exams)
        self._pause_at: tuple[int, int] | None = None
        self._leaving = False
        self._had_watchers = False
        self._began = clock()
        self._next_look_around = clock()
        self._next_checkpoint = clock()
        self._changed = False
        self._touched = not hold
        self._best_saved = self._loss_of_best()

    def stop(self) -> None:
        """End the run after the running step: saved, and free to be resumed. Safe to call from a signal handler."""
        self._leaving = True

    def serve(self) -> None:
        """Train and serve until the run is stopped, or has ended and nobody watches."""
        self._open()
        while not self._leaving:
            try:
                self._hear()
                if self._situation.state == "running":
                    self._train(self._clock() + LISTEN_EVERY)
                self._look_around()
            except TrainerError as trouble:
                self._pause_for(trouble)
            self._tell()
            if self._nobody_left():
                return
        self._leave()

    def _open(self) -> None:
        if not self._trainer.total_steps:
            self._checkpoint()
        self._note_checkpoints()
        if self._trainer.ended is not None:
            self._situation.state, self._situation.reason = "finished", self._trainer.ended
        left_in = self._run.metrics.state().state
        if not self._touched and left_in in LOOKED_AT:
            self._run.metrics.record_state(state=LOOKED_AT[left_in])
        self._record_state(
            socket=str(self._run.socket_path), version=version("tui-trainer"), protocol=PROTOCOL, pid=os.getpid()
        )

    def _leave(self) -> None:
        """Save what is not saved yet, and say farewell even where that fails."""
        self._crew.close()
        try:
            if self._situation.state != "finished":
                self._end("stopped")
        except TrainerError as trouble:
            self._pause_for(trouble)
            raise
        finally:
            self._tell(farewell=True)

    def _pause_for(self, trouble: TrainerError) -> None:
        """Pause because the store refused something (a full disk): nothing is trained that could not be kept."""
        self._pacemaker.rest()
        self._situation.state = "paused"
        self._situation.message = f"paused: {trouble}"
        self._situation.news += 1
        with suppress(TrainerError):
            self._record_state()

    # Hearing

    def _hear(self) -> None:
        self._server.wait(self._patience())
        for watcher, request in self._server.requests(self._clock()):
            self._had_watchers = True
            if isinstance(request.command, commands.Hello):
                self._welcome(watcher)
            else:
                self._answer(watcher, request)

    def _patience(self) -> float:
        """Return how long the socket may be waited for: not at all while there is training to do."""
        now = self._clock()
        if self._situation.state == "running":
            due = self._pacemaker.wait(now) if self._trainer.step_in_epoch == 0 else 0.0
            return min(due, FRAME_EVERY)
        return min([IDLE_WAIT, *(self._frame_due(watcher, now) for watcher in self._server.watchers.values())])

    def _welcome(self, watcher: Watcher) -> None:
        trainer, data = self._trainer, self._trainer.data
        rows = (len(data.train), len(data.validation or ()), len(data.test or ()))
        welcome = Welcome(
            protocol=PROTOCOL,
            version=version("tui-trainer"),
            run=self._run.name,
            spec=trainer.spec,
            seeds=trainer.seeds,
            inputs=data.train.X.shape[1],
            feature_names=data.table.feature_names,
            classes=data.table.classes,
            rows=rows,
            read_only=watcher.hello.read_only,
            image_shape=data.table.image_shape,
            notes=data.notes,
        )
        if self._situation.visited is None:
            watcher.told_spec = self._situation.spec_version
        self._server.send(watcher, welcome)

    def _answer(self, watcher: Watcher, request: commands.Request) -> None:
        error = None
        try:
            if watcher.hello.read_only:
                raise InputError("this watcher is read-only: attach without --read-only to act")
            self._do(request.command)
        except TrainerError as refusal:
            error = str(refusal)
        watcher.replies.append(Reply(number=request.number, error=error))
        self._situation.news += 1

    @singledispatchmethod
    def _do(self, command: commands.Command) -> None:
        """Carry out a command; a ``TrainerError`` becomes its answer."""
        raise InputError(f"{type(command).__name__}: not something this worker does")

    @_do.register
    def _(self, _: commands.Pause) -> None:
        self._require_training()
        self._rest()

    @_do.register
    def _(self, _: commands.Resume) -> None:
        self._require_training()
        self._go()

    @_do.register
    def _(self, _: commands.NextStep) -> None:
        self._require_training()
        place = self._trainer.epoch, self._trainer.step_in_epoch + 1
        self._go(pause_at=place if place[1] < self._trainer.steps else (place[0] + 1, 0))

    @_do.register
    def _(self, _: commands.NextEpoch) -> None:
        self._require_training()
        self._go(pause_at=(self._trainer.epoch + 1, 0))

    @_do.register
    def _(self, command: commands.SetDial) -> None:
        self._turn(command.path, command.value)

    @_do.register
    def _(self, command: commands.MoreEpochs) -> None:
        self._turn(EPOCHS, command.epochs)

    @_do.register
    def _(self, command: commands.SetPace) -> None:
        self._pacemaker.pace = command.pace
        self._situation.pace = command.pace
        self._record_state()

    @_do.register
    def _(self, _: commands.Stop) -> None:
        self.stop()

    @_do.register
    def _(self, _: commands.OpenExam) -> None:
        result = exam_result(self._trainer.exam())
        self._run.metrics.record_exam(result, at=datetime.now(UTC))
        self._situation.exams.append(result)

    @_do.register
    def _(self, command: commands.Visit) -> None:
        if self._situation.state == "running":
            self._rest()
        self._situation.visited = None
        if command.epoch is not None and command.epoch != self._trainer.epoch:
            checkpoint = self._run.checkpoints.load(command.epoch)
            self._situation.visited = Trainer.from_checkpoint(checkpoint, data=self._trainer.data)
        self._note_spec()

    def _require_training(self) -> None:
        if self._situation.state == "finished":
            raise InputError("this run has ended; raise its epochs to go on")

    def _go(self, pause_at: tuple[int, int] | None = None) -> None:
        self._pause_at = pause_at
        if self._situation.visited is not None:
            self._situation.visited = None
            self._note_spec()
        try:
            self._set_state("running")
        except TrainerError as trouble:
            self._pause_for(trouble)
            raise

    def _rest(self) -> None:
        self._pause_at = None
        self._pacemaker.rest()
        self._set_state("paused")

    def _turn(self, path: str, value: object) -> None:
        """Log the change durably, then let it act."""
        change = self._trainer.plan_change(path, value)
        if path == EPOCHS:
            self._check_end(override(self._trainer.spec, {path: value}).training.epochs)
        self._run.metrics.record_change(change)
        self._trainer.timeline.add([change])
        self._trainer.apply(())
        self._note_spec()
        self._changed = True
        if path == EPOCHS:
            self._record_state()
        if self._situation.state == "finished" and self._trainer.ended is None:
            self._go()

    def _check_end(self, epochs: int) -> None:
        """Refuse an end that is past: an epoch that has begun is trained to its end."""
        least = self._trainer.epoch + (self._trainer.step_in_epoch > 0)
        if epochs < least:
            raise InputError(f"{EPOCHS}: expected at least {least}, which are done or under way (got {epochs})")

    def _note_spec(self) -> None:
        self._crew.forget()
        self._situation.spec_version += 1
        self._situation.news += 1

    # Training

    def _train(self, until: float) -> None:
        """Train up to the time ``until``, the next epoch's beat, or the place where to pause."""
        while self._may_train(until):
            if epochs := self._block():
                self._train_block(epochs)
            else:
                self._train_step()

    def _may_train(self, until: float) -> bool:
        """Return whether the next step is to be done now; a run with nothing left to train ends here."""
        now = self._clock()
        if now >= until or self._leaving or self._situation.state != "running":
            return False
        if self._trainer.step_in_epoch:
            return True
        if self._has_ended():
            self._end("finished")
            return False
        return self._pause_at is not None or not self._pacemaker.wait(now)

    def _train_step(self) -> None:
        trainer = self._trainer
        if trainer.step_in_epoch == 0:
            self._pacemaker.begin_epoch(self._clock())
        waiting = len(trainer.timeline.pending)
        result = trainer.step()
        self._situation.news += 1
        if len(trainer.timeline.pending) != waiting:
            self._note_spec()
        if result is not None:
            self._note_epochs(result.epoch, result.row()[None])
        reached = self._pause_at is not None and (trainer.epoch, trainer.step_in_epoch) >= self._pause_at
        if reached and self._situation.state == "running":
            self._rest()

    def _note_epochs(self, first: int, rows: NDArray[np.float64]) -> None:
        """Take up the metrics (k, S, 5) of epochs that are completed."""
        self._history.extend(rows)
        self._run.metrics.append(first, rows)
        self._pacemaker.end_epoch(self._clock(), self._trainer.epoch)
        self._settle()

    def _block(self) -> int:
        """Return how many epochs of a large band may be trained at a stretch, by several processes; 0 for none."""
        trainer, steered = self._trainer, self._situation.pace is not None or self._pause_at is not None
        if steered or trainer.step_in_epoch or not self._crew.useful:
            return 0
        places = [change.epoch for change in trainer.timeline.pending]
        return min([self._crew.epochs_within(BLOCK), *(place - 1 - trainer.epoch for place in places)])

    def _train_block(self, epochs: int) -> None:
        first = self._trainer.epoch + 1
        rows = self._crew.advance(epochs)
        self._situation.news += 1
        self._note_epochs(first, rows)

    def _settle(self) -> None:
        """At an epoch's end: end the run where there is nothing left to train, else save what is due."""
        if self._has_ended():
            self._end("finished")
        elif self._changed or self._clock() >= self._next_checkpoint:
            self._checkpoint()

    def _has_ended(self) -> bool:
        """Return whether nothing is left to train; in a replay, more epochs may be logged for this place."""
        if self._trainer.ended in {"epochs", "early_stopping"} and self._trainer.timeline.pending:
            self._trainer.apply(())
            self._note_spec()
        return self._trainer.ended is not None

    def _end(self, state: Literal["finished", "stopped"]) -> None:
        trainer = self._trainer
        self._pacemaker.rest()
        if trainer.non_finite is not None:
            self._record_non_finite(trainer.non_finite)
        self._situation.reason = "stopped" if state == "stopped" else trainer.ended
        self._checkpoint()
        self._set_state(state)

    def _record_non_finite(self, found: NonFinite) -> None:
        self._situation.message = found.cause
        details = {"layer": found.layer, "seeds": list(found.seeds), "cause": found.cause}
        now = datetime.now(UTC)
        self._run.metrics.record_event(RunEvent(at=now, kind="non-finite", epoch=found.epoch, details=details))

    # Telling

    def _tell(self, *, farewell: bool = False) -> None:
        now = self._clock()
        self._situation.epochs_per_second = self._pacemaker.epochs_per_second
        for watcher in list(self._server.watchers.values()):
            if farewell or self._frame_due(watcher, now) <= 0:
                self._send_frame(watcher, now, farewell=farewell)

    def _frame_due(self, watcher: Watcher, now: float) -> float:
        """Return in how many seconds a watcher is to have its next frame; infinity without news, or without credit."""
        if not watcher.credit:
            return math.inf
        if watcher.told_news == self._situation.news and watcher.told_epoch == len(self._history):
            return watcher.next_snapshot - now if watcher.owed_views else math.inf
        return 0.0 if watcher.replies else watcher.last_frame + FRAME_EVERY - now

    def _send_frame(self, watcher: Watcher, now: float, *, farewell: bool) -> None:
        news = self._situation.news
        frame, arrays = make_frame(watcher, self._trainer, self._history, self._situation, now, farewell=farewell)
        watcher.told_news = news
        watcher.last_frame = now
        watcher.credit -= 1
        self._server.send(watcher, frame, arrays)

    def _nobody_left(self) -> bool:
        """Say whether there is nothing to train and nobody to show it to."""
        idle = self._situation.state == "finished" or (self._situation.state == "paused" and not self._touched)
        if not idle or self._server.watchers:
            return False
        return self._had_watchers or self._clock() - self._began > LINGER

    # Keeping

    def _look_around(self) -> None:
        """Do what only needs doing now and then."""
        now = self._clock()
        self._run.metrics.flush_if_due(now)
        if now >= self._next_look_around:
            self._next_look_around = now + 1
            self._server.forget_silent(now)
            self._server.rebind_if_lost()

    def _checkpoint(self) -> None:
        start = self._clock()
        self._run.metrics.flush(durable=True)  # a checkpoint is worth nothing without the metrics up to it
        self._run.checkpoints.save(self._trainer.checkpoint(), keep=self._why_keep())
        self._changed = False
        self._note_checkpoints()
        cost = self._clock() - start
        self._next_checkpoint = self._clock() + max(CHECKPOINT_EVERY, CHECKPOINT_SHARE * cost)

    def _note_checkpoints(self) -> None:
        self._situation.checkpoints = tuple(self._run.checkpoints.epochs())
        self._situation.news += 1

    def _why_keep(self) -> Literal["change", "best"] | None:
        """Say why the checkpoint of this moment is to outlive the thinning, if it is."""
        if self._changed:
            return "change"
        if not self._trainer.epoch or self._trainer.step_in_epoch:
            return None
        loss = self._validation_loss(self._trainer.epoch)
        if not loss < self._best_saved:
            return None
        self._best_saved = loss
        return "best"

    def _loss_of_best(self) -> float:
        """Return the validation loss of the best checkpoint that was kept as such; infinity where there is none."""
        with suppress(InputError):
            best = self._run.checkpoints.best()
            if best is not None and 0 < best.epoch <= len(self._history):
                return self._validation_loss(best.epoch)
        return math.inf

    def _validation_loss(self, epoch: int) -> float:
        """Return the median over the seeds that were still learning; NaN where there is no validation part."""
        losses = self._history.rows(epoch)[0, :, VALIDATION_LOSS]
        known = losses[~np.isnan(losses)]
        return float(np.median(known)) if len(known) else math.nan

    def _set_state(self, state: RunState) -> None:
        self._situation.state = state
        self._touched = True
        if state == "running":
            self._situation.reason = self._situation.message = None
        self._situation.news += 1
        self._record_state()

    def _record_state(self, **more: object) -> None:
        """Record how the run stands; one that is only looked at keeps the state in which it was left."""
        situation = self._situation
        if self._touched or situation.state != "paused":
            more |= {"state": situation.state, "reason": situation.reason, "message": situation.message}
            more |= {"epoch": self._trainer.epoch}
        epochs = self._trainer.spec.training.epochs
        self._run.metrics.record_state(epochs=epochs, pace=situation.pace, **more)


def _recorded(run: Run, epochs: int) -> NDArray[np.float64]:
    """Return (epochs, S, 5), the metrics of the epochs so far; NaN for those that were lost at the end."""
    found = run.metrics.rows(last=epochs)
    return np.concatenate([found, np.full((epochs - len(found), *found.shape[1:]), np.nan)])
