"""Decide when each watcher gets which frame.

A frame is made once and sent to all who lack the same and want to see the same. While the run trains, what watchers
see may take a fixed share of the time: frames one, the answers to queries in them another, so that nobody's costly
question keeps the others from their frames.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import NamedTuple

from engine.protocol.codec import encode, numbered
from engine.protocol.commands import Have
from engine.protocol.events import RunLeft, Welcome
from engine.protocol.version import PROTOCOL, program_version
from engine.run.description import Reported
from engine.worker.allowance import Allowance
from engine.worker.answers import Answers
from engine.worker.frames import MOST_CHANGES, defers, draft_frame
from engine.worker.server import Server
from engine.worker.source import LiveRun
from engine.worker.subscription import Draft, Subscription

VIEWS_EVERY = 10
"""Times as long as views took to make, from them to the next of the same watcher."""
FRAMES_SHARE, FRAMES_BURST = 0.04, 0.05
"""Share of the time that frames may take while the run trains, and seconds of it that can be saved up."""
ANSWERS_SHARE, ANSWERS_BURST = 0.025, 0.1
"""The same for the answers to queries in them."""

Clock = Callable[[], float]


class Made(NamedTuple):
    """A frame, and the message that it is, but for its number."""

    draft: Draft
    message: Sequence[bytes]


class Publisher:
    """Sends each watcher what is new for it, as soon as it may have another frame.

    Args:
        server: The socket and its watchers.
        run: What they watch.
        clock: Seconds, steady.
        left: How the run was found, where it is only shown.
    """

    def __init__(self, server: Server, run: LiveRun, clock: Clock, left: RunLeft | None = None) -> None:
        self._left = left
        self._server = server
        self._run = run
        self._clock = clock
        self._frames = Allowance(FRAMES_SHARE, FRAMES_BURST)
        self._answers = Allowance(ANSWERS_SHARE, ANSWERS_BURST)

    def welcome(self, watcher: Subscription) -> None:
        """Tell a watcher that has said hello what this run is; it takes of the time that frames have."""
        begun = self._server.work_clock()
        self._send_welcome(watcher)
        self._frames.spend(self._server.work_clock() - begun)

    def _send_welcome(self, watcher: Subscription) -> None:
        run, data = self._run, self._run.data
        description, reported = run.description, run.description.recipe
        welcome = Welcome(
            protocol=PROTOCOL,
            version=program_version(),
            run=description.run,
            created=description.created,
            left=self._left,
            spec=run.shown_spec,
            reported=reported if isinstance(reported, Reported) else None,
            metrics=description.columns.metrics,
            series=tuple(run.series_names) if isinstance(reported, Reported) else (),
            seeds=description.seeds,
            inputs=data.inputs,
            feature_names=data.feature_names,
            classes=data.classes,
            rows=data.rows,
            read_only=watcher.hello.read_only,
            image_shape=data.image_shape,
            notes=data.notes,
            refusals=dict(run.refusals),
            verdicts=run.status.verdicts.all,
            other_worker=run.other_worker,
            inherited_openings=run.status.inherited_openings,
            known=(known := self._known(watcher.hello.have)),
        )
        if self._server.send(watcher, welcome):
            watcher.advance(
                spec=run.status.spec_version,
                refusals=tuple(welcome.refusals.items()),
                data=run.data_version,
                verdicts=run.status.verdicts.version,
                epoch=known.epoch,
                changes=known.change,
            )

    def _known(self, have: Have) -> Have:
        """Return what a watcher need not be sent again.

        That is nothing where it knows more of a run that was set back, or has it of another run of this name.
        """
        if have.created not in {None, self._run.description.created}:
            return Have()
        if have.epoch > len(self._run.history) or have.change > len(self._run.changes):
            return Have()
        return have

    def publish(self) -> None:
        """Send the frames that are due, as far as the training leaves time for them."""
        now, answers = self._clock(), self._new_answers()
        if self._wait() > 0:  # looked at once for all: they go on together, or none of their frames would be the same
            return
        due = [watcher for watcher in self._server.watchers.values() if self._due(watcher, now, answers) <= 0]
        made: dict[Hashable, Made] = {}
        clock = self._server.work_clock
        for watcher in sorted(due, key=lambda watcher: -watcher.connection.sending.saved):  # who has cost least
            begun, spent = clock(), answers.spent
            self._send_frame(watcher, self._made_once(watcher, answers, now, made), now)
            seconds = clock() - begun
            self._frames.spend(seconds - (answers.spent - spent))
            watcher.connection.sending.wait(clock())
            watcher.connection.sending.spend(seconds)

    def publish_final(self) -> None:
        """Send everyone a last frame, with all that is left to tell."""
        now, answers = self._clock(), self._new_answers()
        for watcher in list(self._server.watchers.values()):
            there_is_more = True
            while there_is_more and watcher.cursor.changes + MOST_CHANGES < len(self._run.changes):
                there_is_more = self._send_frame(watcher, self._make(watcher, answers, now), now)
            self._send_frame(watcher, self._make(watcher, answers, now, final=True), now)

    def wait(self) -> float:
        """Return in how many seconds the next frame is due; infinity where none is."""
        now, answers = self._clock(), self._new_answers()
        return min((self._due(watcher, now, answers) for watcher in self._server.watchers.values()), default=math.inf)

    def _due(self, watcher: Subscription, now: float, answers: Answers) -> float:
        return watcher.due(self._run.status.revision, len(self._run.history), now, answers.wait)

    def _wait(self) -> float:
        """Return the seconds until there is time for frames; who does not train has all the time."""
        waits = self._frames.wait(self._server.work_clock())
        return waits if self._run.status.state == "running" else 0.0

    def _new_answers(self) -> Answers:
        return Answers(self._run, self._answers, self._server.work_clock)

    def _made_once(self, watcher: Subscription, answers: Answers, now: float, made: dict[Hashable, Made]) -> Made:
        """Return the watcher's frame: one that another one has been sent just now, where that is the same."""
        if watcher.waits:  # what it asked for itself
            return self._make(watcher, answers, now)
        cursor = replace(watcher.cursor, revision=0)
        deferred = defers(watcher, self._run, answers, now)
        alike = (cursor, watcher.queries, watcher.first_query, watcher.hello.max_points, deferred)
        if alike not in made:
            made[alike] = self._make(watcher, answers, now)
        return made[alike]

    def _make(self, watcher: Subscription, answers: Answers, now: float, *, final: bool = False) -> Made:
        begun = self._clock()
        draft = draft_frame(watcher, self._run, answers, now, final=final)
        if draft.arrays:
            paid_off = now + VIEWS_EVERY * (self._clock() - begun)
            draft = replace(draft, next_snapshot=max(draft.next_snapshot, paid_off))
        return Made(draft, encode(draft.frame, draft.arrays))

    def _send_frame(self, watcher: Subscription, made: Made, now: float) -> bool:
        if not self._server.send_encoded(watcher, numbered(made.message, watcher.frames)):
            return False
        watcher.sent(made.draft, now)
        return True
