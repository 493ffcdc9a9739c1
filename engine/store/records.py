"""What a run's log gives back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.run.data_facts import DataFacts
from engine.run.exam import ExamResult
from engine.run.frozen import Frozen
from engine.run.status import EndReason, RunState
from engine.run.verdicts import Convergence


class RecordedState(Frozen):
    """What the worker last said about its run; None where it has said nothing yet."""

    state: RunState | None = None
    reason: EndReason | None = None
    message: str | None = None
    epoch: int = 0
    """Epochs completed."""
    epochs: int | None = None
    """The epoch at which the run ends."""
    pace: float | None = None
    socket: str | None = None
    """Where the worker listens; None while it has not begun to, as it reads its data first."""
    version: str | None = None
    protocol: int | None = None
    messages: str | None = None
    """Fingerprint of its messages: builds of one protocol may have different ones."""
    pid: int | None = None
    host: str | None = None
    """The machine on which the worker runs: a store may be shared, a socket cannot."""
    judged: int | None = None
    """The epoch up to which its verdicts were recorded; None where nobody has judged it."""
    convergence: Convergence | None = None
    """Where its training loss was going."""
    data: DataFacts | None = None
    """What its data are, so that the run can be shown where they have gone."""


class OpenedExam(Frozen):
    """One opening of the sealed exam."""

    at: datetime
    result: ExamResult


class RunEvent(Frozen):
    """Something that happened in the run and was not asked for, such as a value that is no longer finite."""

    at: datetime
    kind: str
    epoch: int
    details: dict[str, Any]


class Points(NamedTuple):
    """A sparse series: k points, by rising step.

    Attributes:
        steps: (k,) the step of each point, counted over the whole run.
        epochs: (k,) the epoch of each.
        values: (k, S), NaN where a seed has none.
    """

    steps: NDArray[np.int64]
    epochs: NDArray[np.int64]
    values: NDArray[np.float64]
