"""Metrics by name: the columns of a run's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from engine.run.frozen import Frozen


class Metric(Frozen):
    """One number an epoch and seed."""

    name: Annotated[str, Field(pattern=r"^[^\x00-\x1f\"]+$", max_length=80)]
    part: Literal["train", "validation"] | None = None
    """The part of the data that it is measured on; None where it is measured on none."""
    better: Literal["lower", "higher"] | None = None

    @property
    def direction(self) -> Literal["lower", "higher"] | None:
        """Which way is better; where that is not said, what the name leads one to expect."""
        if self.better is not None:
            return self.better
        if _LOSS_NAMES.search(self.name):
            return "lower"
        return "higher" if _SCORE_NAMES.search(self.name) else None


_LOSS_NAMES = re.compile(r"(?i)loss|error|perplexity|(?<![a-z])(mse|rmse|mae|nll)(?![a-z])")
_SCORE_NAMES = re.compile(r"(?i)accuracy|score|precision|recall|(?<![a-z])(acc|auc|f1|r2|reward|bleu)(?![a-z])")

CHECKSUM = "row_checksum"
"""What tables of metrics call the checksum of a row."""
RESERVED = frozenset({"epoch", "seed", CHECKSUM})
"""Columns of tables of metrics that are no metric."""


class MetricSet:
    """Metrics in the order of their columns; iterating gives their names.

    Raises:
        ValueError: Two of one name; upper and lower case, which SQLite does not tell apart, make no other name.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.metrics = tuple(metrics)
        self.names = tuple(metric.name for metric in self.metrics)
        if len({name.lower() for name in self.names} - RESERVED) != len(self.names):
            raise ValueError(f"expected metrics of different names, got {self.names}")

    def __len__(self) -> int:
        return len(self.metrics)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MetricSet) and self.metrics == other.metrics

    def __hash__(self) -> int:
        return hash(self.metrics)

    def __repr__(self) -> str:
        return f"MetricSet({', '.join(self.names)})"

    @cached_property
    def losses(self) -> tuple[int, ...]:
        """The columns of which lower is better; without any, those whose direction is not known."""
        return self._columns("lower") or self._columns(None)

    @cached_property
    def scores(self) -> tuple[int, ...]:
        """The columns of which higher is better."""
        return self._columns("higher")

    def _columns(self, direction: Literal["lower", "higher"] | None) -> tuple[int, ...]:
        return tuple(column for column, metric in enumerate(self.metrics) if metric.direction == direction)

    def index(self, name: str) -> int:
        """Return the column of the metric ``name``.

        Raises:
            ValueError: No such column.
        """
        return self.names.index(name)


METRICS = MetricSet(
    [
        Metric(name="train_loss", part="train", better="lower"),
        Metric(name="train_score", part="train", better="higher"),
        Metric(name="validation_loss", part="validation", better="lower"),
        Metric(name="validation_score", part="validation", better="higher"),
        Metric(name="learning_rate"),
    ]
)
"""The columns of a run that we train; the score is accuracy, or for regression r²."""

GRADIENT_NORM, UPDATE_RATIO = "gradient_norm", "update_ratio"
"""Sparse series of a run that we train, one of each layer: ``gradient_norm.LAYER``, layers from 0."""

TRAINING_SECONDS = "training_seconds"
"""Sparse series of a run that we train: seconds that its steps have taken, without pauses and waits for the pace.

It is the one number of a run that another training of the same recipe has not.
"""
