"""What a sweep was asked to try: the contents of its ``sweep.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import Field

from engine.errors import InputError
from engine.run.frozen import Frozen
from engine.spec import Spec, override
from engine.sweep.axes import MOST_TRIALS, Plan, Values, identity_of, make_plan, parse_axis

FORMAT = 1
INCOMPARABLE = frozenset(
    {"training.loss", "training.class_weight", "training.label_smoothing", "scaler.targets", "data.source"}
)
"""Keys that decide what a loss is a loss of: where trials differ in one, their losses cannot be compared."""
OTHER_ROWS = ("data.", "split.")
"""Beginnings of keys that decide which rows are validated on."""


class SweepDescription(Frozen):
    """What a sweep was asked to try."""

    format_version: int = FORMAT
    sweep: str
    """Its name."""
    created: datetime
    version: str
    """Of the tui-trainer that made it."""
    spec: Spec
    """The recipe that each trial changes."""
    seeds: tuple[int, ...] = Field(min_length=1)
    """Each trial is trained with all of them."""
    plans: tuple[Plan, ...] = Field(min_length=1)
    """In the order in which they were asked for; the later ones extend the sweep."""

    def trials(self) -> list[Values]:
        """Return what each trial changes in the recipe; trial n is entry n − 1, also when more have been asked for."""
        trials: dict[str, Values] = {}
        for plan in self.plans:
            for values in plan.trials():
                trials.setdefault(identity_of(values), values)
        return list(trials.values())

    @property
    def paths(self) -> tuple[str, ...]:
        """The keys that trials differ in."""
        return tuple(dict.fromkeys(axis.path for plan in self.plans for axis in plan.axes))

    def spec_of(self, values: Mapping[str, Any]) -> Spec:
        """Return the recipe of a trial.

        Raises:
            InputError: The recipe does not take these values.
        """
        return override(self.spec, values)

    def extended(self, plan: Plan) -> SweepDescription:
        """Return the sweep with more trials.

        Raises:
            InputError: There would be too many.
        """
        longer = self.model_copy(update={"plans": (*self.plans, plan)})
        if len(longer.trials()) > MOST_TRIALS:
            raise InputError(f"sweep {self.sweep}: expected at most {MOST_TRIALS} trials in all")
        return longer

    @property
    def losses_compare(self) -> bool:
        """Whether the losses of all trials are of one kind."""
        return INCOMPARABLE.isdisjoint(self.paths)

    @property
    def rows_differ(self) -> bool:
        """Whether trials may be validated on different rows."""
        return any(path.startswith(OTHER_ROWS) for path in self.paths)


def check_trials(description: SweepDescription) -> None:
    """See that each trial is a recipe, before the first one is trained.

    Raises:
        InputError: A variant is not a valid recipe (the line names its values), or there is nothing to train.
    """
    for values in description.trials():
        if description.spec_of(values).training.epochs == 0:
            raise InputError("training.epochs: expected at least 1, as a sweep trains (got 0)")


def further_plan(description: SweepDescription, axes: Sequence[str], draws: int | None) -> Plan:
    """Return a plan of more trials: the last one with other values of some of its keys, or with more draws.

    Args:
        description: The sweep.
        axes: As ``PATH=VALUES``.
        draws: How many in all; None for as many as there were asked for.

    Raises:
        InputError: They are no trials of the sweep's recipe, or it has them all.
    """
    last = description.plans[-1]
    given = {axis.path: axis for axis in (parse_axis(text, description.spec) for text in axes)}
    kept = [given.pop(axis.path, axis) for axis in last.axes]
    plan = make_plan([*kept, *given.values()], draws or last.draws, last.seed)
    longer = description.extended(plan)
    check_trials(longer)
    if len(longer.trials()) == len(description.trials()):
        raise InputError(f"sweep {description.sweep}: has these trials already, {len(description.trials())} in all")
    return plan
