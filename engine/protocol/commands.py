"""What a watcher may ask of a worker, as one tagged union.

Commands travel in a ``Request`` that numbers them; the answer to each comes as a ``Reply`` with that number in one of
the following frames. ``Acknowledge``, ``Ping`` and ``Goodbye`` are part of the conversation itself and get no reply.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.run.frozen import Frozen

View = Literal["weights", "gradients", "updates", "moments", "neurons", "coadaptation", "data", "boundary"]
"""What a frame may carry besides metrics; ``events.Frame`` says which arrays each one means."""


class Command(Frozen):
    """Base of all commands."""


class Hello(Command):
    """The first word of a watcher. The worker answers ``Welcome`` or ``Refused``."""

    kind: Literal["hello"] = "hello"
    protocol: int
    version: str = Field(max_length=40)
    read_only: bool = False
    views: tuple[View, ...] = ()
    max_points: Annotated[int, Field(ge=16)] | None = None
    """Histories longer than this come binned to at most this many points; None asks for every epoch, always."""


class BoundaryQuery(Frozen):
    """A plane through the inputs: two columns vary, the others rest at their mean over the training rows."""

    columns: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] = (0, 1)
    width: Annotated[int, Field(ge=2, le=400)] = 80
    height: Annotated[int, Field(ge=2, le=200)] = 40
    neuron: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    """(hidden layer, neuron) whose activation to show instead of the network's answer."""
    point: tuple[float, float] | None = None
    """A point of the watcher's own, in raw units of the two columns."""


class Subscribe(Command):
    """Ask for other views from the next frame on; ``plane`` is that of the boundary view."""

    kind: Literal["subscribe"] = "subscribe"
    views: tuple[View, ...]
    plane: BoundaryQuery = BoundaryQuery()


class ViewCheckpoint(Command):
    """Pause and show the run as it was at a checkpoint's epoch; None comes back to the present."""

    kind: Literal["view-checkpoint"] = "view-checkpoint"
    epoch: Annotated[int, Field(ge=0)] | None


class Acknowledge(Command):
    """Grant the worker one more frame: frame ``number`` has been read."""

    kind: Literal["acknowledge"] = "acknowledge"
    number: Annotated[int, Field(ge=0)]


class Ping(Command):
    """A sign of life from a watcher that has nothing to say; answered with ``Pong``."""

    kind: Literal["ping"] = "ping"


class Goodbye(Command):
    """The watcher leaves; training goes on."""

    kind: Literal["goodbye"] = "goodbye"


class Pause(Command):
    """Stop after the running step."""

    kind: Literal["pause"] = "pause"


class Resume(Command):
    """Go on training."""

    kind: Literal["resume"] = "resume"


class NextStep(Command):
    """Do one mini-batch, then pause."""

    kind: Literal["next-step"] = "next-step"


class NextEpoch(Command):
    """Train to the end of the epoch (a whole one where none has begun), then pause."""

    kind: Literal["next-epoch"] = "next-epoch"


class SetDial(Command):
    """Change a value of the spec by its dotted path, as ``training.learning_rate``; see ``engine.run.changes``."""

    kind: Literal["set-dial"] = "set-dial"
    path: str = Field(max_length=200)
    value: Any


class SetPace(Command):
    """Train at most this many epochs a second; None is full speed."""

    kind: Literal["set-pace"] = "set-pace"
    pace: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None


class MoreEpochs(Command):
    """Move the end of the run; a finished run goes on."""

    kind: Literal["more-epochs"] = "more-epochs"
    epochs: Annotated[int, Field(ge=1, le=10**9)]


class Stop(Command):
    """Save, end the run, and leave."""

    kind: Literal["stop"] = "stop"


class OpenExam(Command):
    """Break the seal: evaluate on the test part. Every opening is recorded."""

    kind: Literal["open-exam"] = "open-exam"


AnyCommand = Annotated[
    Hello
    | Subscribe
    | ViewCheckpoint
    | Acknowledge
    | Ping
    | Goodbye
    | Pause
    | Resume
    | NextStep
    | NextEpoch
    | SetDial
    | SetPace
    | MoreEpochs
    | Stop
    | OpenExam,
    Field(discriminator="kind"),
]


class Request(Frozen):
    """A command and its number; a watcher counts its own requests from 1."""

    number: Annotated[int, Field(ge=1)]
    command: AnyCommand
