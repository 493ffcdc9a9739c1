"""What a run was started as. Reading it needs neither its data nor NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, model_validator

from engine.errors import InputError, sanitize
from engine.run.frozen import Frozen
from engine.run.metrics import METRICS, Metric, MetricSet
from engine.run.status import RunState
from engine.spec import Spec

FORMAT = 2
"""Format 1 knew runs with the five ``METRICS`` that we train, their preset, spec and seeds beside the run's name."""


class Trained(Frozen):
    """The recipe of a run that is trained here."""

    kind: Literal["trained"] = "trained"
    preset: str
    spec: Spec
    """As started; the log of changes says what became of it."""
    seeds: tuple[int, ...] = Field(min_length=1)


class Reported(Frozen):
    """What another program says of a run that it trains and reports here."""

    kind: Literal["reported"] = "reported"
    source: Annotated[str, Field(max_length=80)]
    """The program's name."""
    config: dict[str, JsonValue] = Field(default_factory=dict)
    """Its options, whatever they are."""
    seeds: tuple[int, ...] = Field((0,), min_length=1)


class RunDescription(Frozen):
    """What a run was started as: the contents of its ``run.json``."""

    format_version: int = FORMAT
    run: str
    recipe: Annotated[Trained | Reported, Field(discriminator="kind")]
    metrics: tuple[Metric, ...] = METRICS.metrics
    """The columns of its rows."""
    pace: float | None
    """Epochs a second; None is full speed."""
    created: datetime
    version: str
    """Of the tui-trainer that made it."""
    parent: str | None = None
    """The run it was branched from, and the epoch, as ``breast-cancer-1@30``."""
    group: str | None = None
    """The name of the experiment that it is a part of, if it is."""

    @model_validator(mode="after")
    def _has_columns(self) -> RunDescription:
        MetricSet(self.metrics)
        return self

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds."""
        return self.recipe.seeds

    @property
    def title(self) -> str:
        """The preset that it is a run of, or the program that reports it."""
        return self.recipe.preset if isinstance(self.recipe, Trained) else self.recipe.source

    @property
    def columns(self) -> MetricSet:
        """The columns of its rows; of a run that is trained here those that this version measures."""
        return METRICS if isinstance(self.recipe, Trained) else MetricSet(self.metrics)

    @property
    def trained(self) -> Trained:
        """The recipe of a run that is trained here.

        Raises:
            InputError: Another program trains it.
        """
        if isinstance(self.recipe, Trained):
            return self.recipe
        raise InputError(f"run {self.run}: {sanitize(self.recipe.source)} trains it and reports it here")


class RunSummary(Frozen):
    """A run's line in a listing."""

    run: str
    preset: str
    """Its title where it is a run of none; see ``RunDescription.title``."""
    state: RunState
    epoch: int
    """Epochs completed."""
    epochs: int
    """The epoch at which it ends; 0 where that is not known."""
    socket: str | None
    """Where its worker listens, while there is one."""
    version: str
    protocol: int


def parse_description(document: Mapping[str, Any]) -> RunDescription:
    """Return the description that the JSON of any format up to ``FORMAT`` holds.

    Raises:
        ValidationError: It describes no run.
    """
    if document.get("format_version") != 1:
        return RunDescription.model_validate(document)
    fields = {key: value for key, value in document.items() if key != "format_version"}
    recipe = {"kind": "trained"} | {key: fields.pop(key) for key in ("preset", "spec", "seeds") if key in fields}
    return RunDescription.model_validate({**fields, "recipe": recipe})
