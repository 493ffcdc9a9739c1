"""Decide when each watcher gets which frame.

A frame is made once and sent to all who lack the same and want to see the same. While the run trains, what watchers
see may take a fixed share of the time: frames one, the answers to queries in them another, so that nobody's costly
question keeps the others from their frames.
"""

from __future__ import annotations

import math
import os
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
from engine.worker.subscription import Draft, Subscription, next_tick

VIEWS_EVERY = 10
"""Times as long as views took to make, from them to the next of the same watcher."""
FRAMES_SHARE, EACH_MORE, MOST_FRAMES_SHARE = 0.003, 0.0004, 0.01
"""Share of the time that the frames of one watcher may take while the run trains, what each more adds, and the most."""
FRAMES_BURST, FRAMES_OWED, FRAMES_WAIT = 0.001, 0.01, 1.0
"""Seconds of it that can be saved up, and owed; seconds for which they wait at most, however busy the machine is."""
ANSWERS_SHARE, ANSWERS_BURST, ANSWERS_OWED, ANSWERS_WAIT = 0.002, 0.001, 0.02, 2.0
"""The same for the answers to queries in them, however many watch: equal ones are made once."""
AWAITED_SHARE, AWAITED_BURST, AWAITED_OWED, AWAITED_WAIT = 0.015, 0.02, 0.02, 0.25
"""The same for welcomes, first frames and replies: who only watches costs nothing of it, and who waits is not kept."""

Clock = Callable[[], float]


class EncodedFrame(NamedTuple):
    """A frame and its bytes, which lack only its number: one message serves several watchers."""

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
        self._frames = Allowance(FRAMES_SHARE, FRAMES_BURST, owed=FRAMES_OWED, longest_wait=FRAMES_WAIT, clock=clock)
        self._answers = Allowance(
            ANSWERS_SHARE, ANSWERS_BURST, owed=ANSWERS_OWED, longest_wait=ANSWERS_WAIT, clock=clock
        )
        self._awaited = Allowance(
            AWAITED_SHARE, AWAITED_BURST, owed=AWAITED_OWED, longest_wait=AWAITED_WAIT, clock=clock
        )
        self._next_look = -math.inf

    def welcome(self, watcher: Subscription) -> None:
        """Tell a watcher that has said hello what this run is."""
        begun = self._server.work_clock()
        self._send_welcome(watcher)
        self._awaited.spend(self._server.work_clock() - begun)

    def _send_welcome(self, watcher: Subscription) -> None:
        run, data = self._run, self._run.data
        description, reported = run.description, run.description.recipe
        welcome = Welcome(
            protocol=PROTOCOL,
            version=program_version(),
            run=description.run,
            pid=os.getpid(),
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

    def publish(self, *, heard: bool = True) -> None:
        """Send the frames that are due, as far as the training leaves time for them.

        Args:
            heard: Whether any watcher has said something since the last time, so that it may wait for an answer.
        """
        if not self._server.watchers or not (heard or self._is_time_to_look()):
            return
        clock, now, answers = self._server.work_clock, self._clock(), self._new_answers()
        self._next_look, begun = next_tick(now), clock()
        due = [watcher for watcher in self._watchers_in_time() if self._due(watcher, now, answers) <= 0]
        encoded: dict[Hashable, EncodedFrame] = {}
        for watcher in sorted(due, key=lambda watcher: -watcher.connection.sending.saved):  # the cheapest first
            spent, allowance = answers.spent, self._allowance_of(watcher)
            self._send_frame(watcher, self._encode_once(watcher, answers, now, encoded), now)
            begun, seconds = (ended := clock()), ended - begun
            allowance.spend(seconds - (answers.spent - spent))
            watcher.connection.sending.wait(ended)
            watcher.connection.sending.spend(seconds)

    def _watchers_in_time(self) -> list[Subscription]:
        """Return the watchers for whose frames there is time; all of them while the run does not train.

        Decided at once for all: watchers that get their frames together can share one encoded message.
        """
        watchers, now = self._server.watchers.values(), self._server.work_clock()
        if self._run.status.state != "running":
            return list(watchers)
        self._frames.share = min(MOST_FRAMES_SHARE, FRAMES_SHARE + EACH_MORE * (len(watchers) - 1))
        waits = {allowance: allowance.wait(now) for allowance in (self._frames, self._awaited)}
        self._next_look = max(self._next_look, self._clock() + min(waits[self._allowance_of(one)] for one in watchers))
        return [watcher for watcher in watchers if waits[self._allowance_of(watcher)] <= 0]

    def _allowance_of(self, watcher: Subscription) -> Allowance:
        return self._frames if watcher.frames and not watcher.waits else self._awaited

    def _is_time_to_look(self) -> bool:
        """Return whether to look for due frames: at full speed once a tick, as looking costs time too."""
        status = self._run.status
        is_at_full_speed = status.state == "running" and status.pace is None
        return not is_at_full_speed or self._clock() >= self._next_look

    def publish_final(self) -> None:
        """Send every watcher, silent ones too, a last frame with everything that it lacks."""
        now, answers = self._clock(), self._new_answers()
        for watcher in [*self._server.watchers.values(), *self._server.silent.values()]:
            there_is_more = True
            while there_is_more and watcher.cursor.changes + MOST_CHANGES < len(self._run.changes):
                there_is_more = self._send_frame(watcher, self._encode(watcher, answers, now), now)
            self._send_frame(watcher, self._encode(watcher, answers, now, final=True), now)

    def wait(self) -> float:
        """Return in how many seconds the next frame is due; infinity where none is."""
        now, answers = self._clock(), self._new_answers()
        return min((self._due(watcher, now, answers) for watcher in self._server.watchers.values()), default=math.inf)

    def _due(self, watcher: Subscription, now: float, answers: Answers) -> float:
        return watcher.due(self._run.status.revision, len(self._run.history), now, answers.wait)

    def _new_answers(self) -> Answers:
        return Answers(self._run, self._answers, self._server.work_clock)

    def _encode_once(
        self, watcher: Subscription, answers: Answers, now: float, encoded: dict[Hashable, EncodedFrame]
    ) -> EncodedFrame:
        """Return the watcher's frame: the one just encoded for another watcher, where that is the same."""
        if watcher.waits:  # what it asked for itself
            return self._encode(watcher, answers, now)
        deferred = defers(watcher, self._run, answers, now)
        rest = (watcher.first_query, watcher.hello.max_points, watcher.hello.views_every, deferred)
        same = (id(watcher.cursor), id(watcher.queries), *rest)  # who was sent one frame has one cursor
        if same not in encoded:
            alike = (replace(watcher.cursor, revision=0), watcher.queries, *rest)
            if alike not in encoded:
                encoded[alike] = self._encode(watcher, answers, now)
            encoded[same] = encoded[alike]
        return encoded[same]

    def _encode(self, watcher: Subscription, answers: Answers, now: float, *, final: bool = False) -> EncodedFrame:
        begun = self._clock()
        draft = draft_frame(watcher, self._run, answers, now, final=final)
        if draft.arrays:
            paid_off = now + VIEWS_EVERY * (self._clock() - begun)
            draft = replace(draft, next_snapshot=max(draft.next_snapshot, paid_off))
        return EncodedFrame(draft, encode(draft.frame, draft.arrays))

    def _send_frame(self, watcher: Subscription, frame: EncodedFrame, now: float) -> bool:
        if not self._server.send_encoded(watcher, numbered(frame.message, watcher.frames)):
            return False
        watcher.sent(frame.draft, now)
        return True
