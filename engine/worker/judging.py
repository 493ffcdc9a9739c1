"""Judge the run that a worker trains, now and then, and pass the verdicts on to its store and its watchers."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from typing import ClassVar

from engine.array_types import Rows
from engine.errors import TrainerError
from engine.run.series import EpochSeries
from engine.run.verdicts import Verdict
from engine.store.metrics import MetricsLog
from engine.training.layer_norms import LayerNorms
from engine.training.trainer import Trainer
from engine.worker.allowance import Allowance
from engine.worker.judge import Judge
from engine.worker.status import RunStatus

SHARE, BURST = 0.002, 0.006
"""Share of the processor's time that judging may take at full speed, and seconds of it that can be saved up."""
IDLE_ENOUGH = 0.01
"""Seconds without a step to do in which the run can be judged for nothing."""
CHECK_EVERY = 0.1
"""Seconds between two looks at what may be spent, at full speed: to ask for the thread's time takes up to 20 µs."""
NEVER = 2**62
"""The epoch at which a run is stopped that is judged no more."""
OVERDUE = 5.0
"""Seconds after which it is judged whatever it costs: where others are at work, the thread's own time stands still."""


class Judging:
    """Judges a run where that costs its training next to nothing, and before whatever changes it.

    Args:
        log: The run's, which takes the verdicts down.
        trainer: What trains.
        status: How the run stands, where watchers hear of them.
        history: Its metrics so far.
        clock: Seconds, steady.

    Raises:
        InputError: The store is damaged.
    """

    SURVIVES: ClassVar[bool] = True
    """Whether a rule that fails ends the judging alone: the error goes to the run's log, and the run trains on."""

    def __init__(
        self, log: MetricsLog, trainer: Trainer, status: RunStatus, history: EpochSeries, clock: Callable[[], float]
    ) -> None:
        self._log = log
        self._status = status
        self._clock = clock
        self._judge = Judge(trainer, history, log)
        self._allowance = Allowance(SHARE, BURST)
        self._next_check = clock()
        self._overdue_at = clock() + OVERDUE
        self._unrecorded: dict[int, Verdict] = {}
        self._has_failed = False
        recorded = log.state()
        self._is_recorded = recorded.judged is not None and recorded.judged >= trainer.epoch
        status.verdicts.take(
            self._judge.record.verdicts, min(recorded.judged or 0, trainer.epoch), recorded.convergence
        )

    def judge_at_rest(self) -> None:
        """Judge a run that is only shown, and of which nobody has recorded a judgement; nothing is written."""
        if not self._is_recorded:
            self._is_recorded = True
            self.judge(record=False)

    @property
    def next_epoch_to_stop_at(self) -> int:
        """The epoch at whose end the neurons are to be looked at."""
        return NEVER if self._has_failed else self._judge.next_epoch_to_stop_at

    def take(self, rows: Rows, norms: Sequence[LayerNorms]) -> None:
        """Take in the metrics (k, S, C) of the next epochs, and what was measured in them."""
        if changed := self._ask(lambda: self._judge.take(rows, norms)):
            self._note(changed, record=True)

    def judge_if_due(self, idle: float) -> None:
        """Judge the run out of a share of the time, or while it has nothing to do for ``idle`` seconds."""
        now = self._clock()
        if (now < self._next_check and idle < IDLE_ENOUGH) or not self._judge.has_news:
            return
        self._next_check = now + CHECK_EVERY
        if idle >= IDLE_ENOUGH or now >= self._overdue_at:
            self.judge(record=True)
        elif self._allowance.wait(begun := time.thread_time()) <= 0:
            self.judge(record=True)
            self._allowance.spend(time.thread_time() - begun)

    def judge(self, *, record: bool, conclude: bool = False) -> None:
        """Judge the run as far as it has come.

        Args:
            record: Whether to write to the store; what is only looked at stays as it is.
            conclude: Whether to wait for what is still being worked out.
        """
        if conclude:
            self._note(self._ask(self._judge.conclude), record=record)
        elif self._judge.has_news:
            self._note(self._ask(self._judge.look), record=record)
        self._overdue_at = self._clock() + OVERDUE

    def close(self) -> None:
        """Judge no more."""
        self._judge.close()

    def _ask(self, look: Callable[[], Sequence[Verdict]]) -> Sequence[Verdict]:
        """Return the verdicts that have begun or passed; none any more once a rule has failed."""
        if self._has_failed:
            return ()
        try:
            return look()
        except TrainerError:
            raise
        except Exception:
            if not self.SURVIVES:
                raise
            self._has_failed = True
            traceback.print_exc()
            return ()

    def _note(self, changed: Sequence[Verdict], *, record: bool) -> None:
        self._unrecorded.update({verdict.number: verdict for verdict in changed})
        if record and self._unrecorded:
            self._log.record_verdicts(list(self._unrecorded.values()))
            self._unrecorded.clear()
        judge = self._judge
        if self._status.verdicts.take(judge.record.verdicts, judge.judged, judge.convergence):
            self._status.touch()
