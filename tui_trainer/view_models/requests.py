"""What a pane may ask for: changes of the run that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tui_trainer.view_models.dial_scales import Value
from tui_trainer.view_models.dials import Dial

if TYPE_CHECKING:
    from engine.run.edits import AnyEdit


@dataclass(frozen=True)
class TurnDial:
    """A dial is to have another value."""

    dial: Dial
    value: Value


@dataclass(frozen=True)
class StepDial:
    """A dial is to be turned by a step of its scale, from what it is last set to when this request is taken up.

    Keys that come fast find the value of the one before only then.
    """

    dial: Dial
    direction: int


class Switch(Protocol):
    """Several dials that are turned as one."""

    def switch(self) -> list[TurnDial]:
        """Return how its dials are to be turned, from what they are last set to."""


@dataclass(frozen=True)
class FlipSwitch:
    """A switch is to be flipped, from what its dials are last set to when this request is taken up."""

    switch: Switch


@dataclass(frozen=True)
class EditNetwork:
    """The network is to be another."""

    edit: AnyEdit


@dataclass(frozen=True)
class SetWeight:
    """A weight is to have another value; ``before`` is the one it has, or was last given."""

    path: str
    name: str
    value: float
    before: float


ChangeRequest = TurnDial | StepDial | FlipSwitch | EditNetwork | SetWeight
