"""Working on a sweep: its trials are trained, several at once, and written down as they end."""

from __future__ import annotations

import os
import queue
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from engine.errors import InputError, TrainerError
from engine.store.files import make_folder
from engine.sweep.pool import Pool, PoolBrokenError
from engine.sweep.results import TrialResult
from engine.sweep.store import Sweep, outstanding
from engine.sweep.trial import Task, run_task
from engine.sweep.trials import Ended

SHORT_SECONDS = 1.5
"""A sweep that is over within this time is done by this process alone: to start others takes about as long."""
LOOK_EVERY = 0.1
"""Seconds between two looks at the requests."""
LEAVING_PATIENCE = 5.0
"""Seconds that trials are given to end where all work is to stop; those of another machine may not hear of it."""
MOST_DEATHS = 3
"""Of the process that trains a trial, alone, before the trial counts as failed."""
_DONE: Final = None

Came = Ended | int | BaseException | None


class Runner:
    """Works on a sweep whose lock is held, until all is done or its end is asked for.

    Args:
        sweep: The sweep.
        pool: Where its trials are trained; made when it is needed, None for this process alone.
    """

    def __init__(self, sweep: Sweep, pool: Pool | None) -> None:
        self._sweep = sweep
        self._pool = pool
        self._description = sweep.description()
        self._trials = self._description.trials()
        self._ended: dict[int, TrialResult] = {}
        self._queue: list[int] = []
        self._running: set[int] = set()
        self._deaths: dict[int, int] = {}
        self._begun = time.monotonic()
        self._worked_before = 0.0
        self._guard = threading.Lock()
        """Of queue and running: joblib takes the next trial from a thread of its own."""

    def run(self) -> None:
        """Train all that has not been; what broke down the last time once more.

        Raises:
            InputError: The sweep is damaged.
            TrainerError: The disk is full or read-only.
        """
        log = self._sweep.trials
        log.open_writer()
        try:
            make_folder(self._sweep.progress_folder)
            self._worked_before = log.state().seconds
            self._ended, _ = log.ended()
            broken = [trial for trial, result in self._ended.items() if result.state == "failed"]
            log.forget(broken)
            for trial in broken:
                del self._ended[trial]
            self._record_state("running", message=None)
            self._work()
            is_whole = not outstanding(len(self._trials), self._ended)
            self._record_state("finished" if is_whole else "stopped")
        finally:
            with suppress(TrainerError):  # it may be what is raised already
                log.close()

    def _work(self) -> None:
        self._take_requests()
        if self._pool is None or not self._pool.is_remote:
            self._work_here()
        while self._pool is not None and self._has_work():
            self._work_in_pool(self._pool)

    def _has_work(self) -> bool:
        self._take_requests()
        self._queue = outstanding(len(self._trials), self._ended)
        return bool(self._queue) and not self._sweep.requests.is_stopped()

    def _work_here(self) -> None:
        """Train in this process; where there is a pool, only as long as that is quicker."""
        deadline = None if self._pool is None else time.monotonic() + SHORT_SECONDS
        while self._has_work() and (deadline is None or time.monotonic() < deadline):
            trial = self._queue[0]
            self._running = {trial}
            self._record_running()
            came = run_task(self._task(trial, None if deadline is None else deadline - time.monotonic()))
            self._running = set()
            if isinstance(came, int) and not self._sweep.requests.is_stopped():
                break
            self._take(came)
        self._record_running()

    def _work_in_pool(self, pool: Pool) -> None:
        """Train what is outstanding; after a process died, those whose process it may have been one by one."""
        suspects = [trial for trial in self._queue if trial in self._deaths]
        for trial in suspects:
            if self._sweep.requests.is_stopped():
                return
            self._follow(pool, [trial], alone=True)
        if not suspects:
            self._follow(pool, None, alone=False)

    def _follow(self, pool: Pool, only: list[int] | None, *, alone: bool) -> None:
        """Let a pool work, and write down what comes; return when nothing more does."""
        if only is not None:
            self._queue = only
        came: queue.SimpleQueue[Came] = queue.SimpleQueue()
        threading.Thread(target=self._fetch, args=(pool, came), name="pool", daemon=True).start()
        give_up_at: float | None = None
        while True:
            with suppress(queue.Empty):
                first = came.get(timeout=LOOK_EVERY)
                if not self._take_all([first, *_rest_of(came)], alone=alone):
                    return
            self._take_requests()
            self._record_running()
            if self._sweep.requests.is_stopped():
                give_up_at = give_up_at or time.monotonic() + LEAVING_PATIENCE
                if time.monotonic() > give_up_at:
                    return

    def _fetch(self, pool: Pool, came: queue.SimpleQueue[Came]) -> None:
        """In a thread of its own: wait for what the pool yields."""
        try:
            for each in pool.run(self._tasks()):
                came.put(each)
        except BaseException as error:
            came.put(error)
        else:
            came.put(_DONE)

    def _take_all(self, found: list[Came], *, alone: bool) -> bool:
        """Write down what has come; return whether more will."""
        ended = [each for each in found if isinstance(each, Ended | int)]
        self._take(*ended)
        for each in found:
            if isinstance(each, PoolBrokenError):
                self._note_deaths(str(each), alone=alone)
            elif isinstance(each, BaseException):
                raise each
        return all(isinstance(each, Ended | int) for each in found)

    def _note_deaths(self, reason: str, *, alone: bool) -> None:
        """Note the trials whose process may have died; one that dies again and again, alone, has failed."""
        for trial in sorted(self._running):
            self._deaths[trial] = self._deaths.get(trial, 0) + (1 if alone else 0)
            if self._deaths[trial] >= MOST_DEATHS:
                message = f"its process died {MOST_DEATHS} times, for want of memory perhaps ({reason})"
                self._take(Ended(trial, TrialResult(state="failed", seconds=0.0, message=message)))
        self._running = set()

    def _tasks(self) -> Iterator[Task]:
        """Yield the next trial whenever one can begin."""
        while not self._sweep.requests.is_stopped():
            with self._guard:
                if not self._queue:
                    return
                trial = self._queue.pop(0)
                self._running.add(trial)
            yield self._task(trial)

    def _task(self, trial: int, give_up: float | None = None) -> Task:
        spec = self._description.spec_of(self._trials[trial - 1])
        return Task(
            trial,
            spec.model_dump(mode="json"),
            self._description.seeds,
            str(self._sweep.requests.folder),
            str(self._sweep.progress_folder),
            give_up,
        )

    def _take(self, *found: Ended | int) -> None:
        """Write down what has come of trials."""
        ended = [each for each in found if isinstance(each, Ended) and each.trial not in self._ended]
        for each in found:
            number = each.trial if isinstance(each, Ended) else each
            self._running.discard(number)
        if not ended:
            return
        self._sweep.trials.record(ended)
        for each in ended:
            self._ended[each.trial] = each.result
            self._deaths.pop(each.trial, None)
            self._sweep.requests.take_away_stop(each.trial)

    def _take_requests(self) -> None:
        """Do what was asked for: more trials; the end of those not yet begun. The others hear of it themselves."""
        for name, plan in self._sweep.requests.plans():
            if plan is not None:
                with suppress(InputError):  # who asked has been told
                    self._description = self._description.extended(plan)
                    self._sweep.describe(self._description)
                    self._trials = self._description.trials()
                    with self._guard:
                        numbers_taken = {*self._queue, *self._running, *self._ended}
                        self._queue += [t for t in range(1, len(self._trials) + 1) if t not in numbers_taken]
            self._sweep.requests.take_away(name)
        waiting = self._sweep.requests.stopped_trials() & {*range(1, len(self._trials) + 1)} - self._ended.keys()
        with self._guard:
            waiting -= self._running
            self._queue = [trial for trial in self._queue if trial not in waiting]
        self._take(*(Ended(trial, TrialResult(state="stopped", seconds=0.0)) for trial in sorted(waiting)))

    def _record_running(self) -> None:
        with self._guard:
            running = tuple(sorted(self._running))
        self._sweep.trials.record_state(running=running, seconds=self._seconds())

    def _record_state(self, state: str, **fields: object) -> None:
        self._sweep.trials.record_state(
            state=state,
            pid=os.getpid(),
            host=socket.gethostname(),
            running=(),
            jobs=1 if self._pool is None else self._pool.jobs,
            cluster=getattr(self._pool, "address", None),
            seconds=self._seconds(),
            **fields,
        )

    def _seconds(self) -> float:
        return self._worked_before + time.monotonic() - self._begun


def _rest_of(came: queue.SimpleQueue[Came]) -> Iterable[Came]:
    while True:
        try:
            yield came.get_nowait()
        except queue.Empty:
            return
