"""What a watcher may ask of a worker, as one tagged union.

Commands travel in a ``Request`` that numbers them; the answer to each comes as a ``Reply`` with that number in one of
the following frames. ``Acknowledge``, ``Ping`` and ``Goodbye`` are part of the conversation itself and get no reply.
What is to be seen in frames is asked for by the queries of ``engine.protocol.queries``.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from engine.protocol.queries import AnyQuery, Index, Queries
from engine.run.frozen import Frozen

LONGEST_VALUE = 10_000
"""Characters of JSON that the value of a change may have."""


class Command(Frozen):
    """Base of all commands."""


class Have(Frozen):
    """What a watcher that comes back already has of a run."""

    epoch: Index = 0
    """The latest epoch whose metrics it has."""
    change: Index = 0
    """How many changes it has."""
    created: datetime | None = None
    """When the run was made that it has this of: of another one of its name it has nothing."""


class Hello(Command):
    """The first word of a watcher. The worker answers ``Welcome`` or ``Refused``."""

    kind: Literal["hello"] = "hello"
    protocol: Index
    version: str = Field(max_length=40)
    messages: Annotated[str, Field(max_length=40)] = ""
    """``engine.protocol.fingerprint`` of its build; empty where it does not say."""
    name: Annotated[str, Field(min_length=1, max_length=40)] = "user"
    """Who watches; the changes that it makes are signed with it."""
    have: Have = Have()
    """Metrics and changes that need not be sent again; the welcome says how much of it the worker knows."""
    read_only: bool = False
    queries: Queries = ()
    max_points: Annotated[int, Field(ge=16, le=2**53)] | None = None
    """Histories longer than this come binned to at most this many points; None asks for every epoch, always."""
    views_every: Annotated[float, Field(ge=0, le=60)] = 0.0
    """Seconds between two frames with answers to what is subscribed to, at least, while the run trains."""


class Subscribe(Command):
    """Let these queries be answered by the frames from the next one on, in place of those before."""

    kind: Literal["subscribe"] = "subscribe"
    queries: Queries


class Ask(Command):
    """Have one query answered once, by the result of its reply; its arrays are named ``@NUMBER.name``."""

    kind: Literal["ask"] = "ask"
    query: AnyQuery


class ViewCheckpoint(Command):
    """Pause and show the run as it was at a checkpoint's epoch; None comes back to the present."""

    kind: Literal["view-checkpoint"] = "view-checkpoint"
    epoch: Index | None


class Acknowledge(Command):
    """Grant the worker one more frame: frame ``number`` has been read."""

    kind: Literal["acknowledge"] = "acknowledge"
    number: Index


class Ping(Command):
    """A sign of life from a watcher that has nothing to say; answered with ``Pong``."""

    kind: Literal["ping"] = "ping"


class Goodbye(Command):
    """The watcher leaves; training goes on."""

    kind: Literal["goodbye"] = "goodbye"


def _bounded(value: Any) -> Any:
    if len(json.dumps(value)) > LONGEST_VALUE:
        raise ValueError(f"expected at most {LONGEST_VALUE} characters of JSON")
    return value


class Pause(Command):
    """Stop after the running step."""

    kind: Literal["pause"] = "pause"


class Resume(Command):
    """Go on training."""

    kind: Literal["resume"] = "resume"
    unless_asked: bool = False
    """Only where nobody has asked this worker to train yet: who has paused it since then wants it paused."""


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
    value: Annotated[Any, AfterValidator(_bounded)]


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
    | Ask
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

    number: Annotated[int, Field(ge=1, le=2**53)]
    command: AnyCommand
