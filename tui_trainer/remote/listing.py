"""What another machine says of its runs, checked before it is used: it may not be ours."""

from __future__ import annotations

import math
import re
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.errors import InputError, sanitize
from engine.names import is_name
from engine.run.status import RunState
from tui_trainer.view_models.runs import RunLine

MOST_RUNS: Final = 5_000
LONGEST_LINE: Final = 2**16
Text = Annotated[str, Field(max_length=4_000)]
Natural = Annotated[int, Field(ge=0, lt=2**63)]
_SOCKET = re.compile(r"/[A-Za-z0-9._/@+=,-]{1,106}")
"""No character that ssh, or a shell, would read as anything but itself."""


class RemoteRun(BaseModel):
    """A run's line in the list of another machine, which may be of a newer version and say more.

    What stands below ``protocol`` is only in lists that were asked for by ``serve --list``; see ``RunLine``.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    run: str
    preset: Text = ""
    state: RunState
    epoch: Natural = 0
    epochs: Natural = 0
    socket: str | None = None
    version: Text = ""
    protocol: int = 0
    age: Annotated[float, Field(ge=0)] | None = None
    seeds: Annotated[tuple[Natural, ...], Field(max_length=10_000)] = ()
    train: float | None = None
    validation: float | None = None
    score: float | None = None
    size: Natural = 0
    data: Text = ""
    settings: Text = ""
    parent: Text = ""
    problem: Text | None = None

    def line(self, name: str, since: float) -> RunLine:
        """Return it as a line of a list.

        Args:
            name: Its name there, which says on which machine it is.
            since: Seconds since it was listed.
        """
        return RunLine(
            name=name,
            age=math.inf if self.age is None else self.age + since,
            problem=None if self.problem is None else sanitize(self.problem),
            preset=sanitize(self.preset),
            state=self.state,
            epoch=self.epoch,
            epochs=self.epochs or None,
            seeds=self.seeds,
            train=self.train,
            validation=self.validation,
            score=self.score,
            size=self.size,
            data=sanitize(self.data),
            settings=sanitize(self.settings),
            parent=sanitize(self.parent),
        )


def parse_runs(host: str, output: str) -> list[RemoteRun]:
    """Return the runs that ``runs --json`` has listed; what the shell there printed besides is passed over.

    Raises:
        InputError: A line is not what a list of runs has.
    """
    lines = [line for line in output.splitlines() if line.lstrip().startswith("{")]
    return [parse_run(host, line) for line in lines[:MOST_RUNS]]


def parse_run(host: str, line: str) -> RemoteRun:
    """Return what one line of JSON says of a run.

    Raises:
        InputError: It says nothing of the kind, or names what cannot be a run or a worker's socket.
    """
    try:
        run = RemoteRun.model_validate_json(line[:LONGEST_LINE])
    except ValidationError:
        got = sanitize(repr(line[:200]), 80)
        raise InputError(f"{sanitize(host)}: expected a line about a run (got {got}); is that tui-trainer?") from None
    if not is_name(run.run):
        raise InputError(f"{sanitize(host)}: names a run {sanitize(repr(run.run), 60)}, which can be no run's name")
    if run.socket is not None:
        check_remote_socket(host, run.socket)
    return run


def check_remote_socket(host: str, path: str) -> None:
    """Check a path that another machine names, before ssh is told to connect to it.

    Raises:
        InputError: It is not one of a worker's socket.
    """
    if not _SOCKET.fullmatch(path) or ".." in path.split("/"):
        raise InputError(f"{sanitize(host)}: names a socket {sanitize(repr(path), 120)}, expected a plain path")
