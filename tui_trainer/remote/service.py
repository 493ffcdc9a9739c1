"""The runs of several machines as one list: those here by their names, those elsewhere as ``HOST:RUN``."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING

from engine.errors import InputError, TrainerError, sanitize
from engine.spec import Spec
from tui_trainer.remote.listing import RemoteRun, parse_runs
from tui_trainer.remote.new_run import NewRun
from tui_trainer.remote.run import RunOverSsh
from tui_trainer.remote.ssh import Ssh
from tui_trainer.runs.service import LocalRunService
from tui_trainer.view_models.link_state import LinkState, backoff
from tui_trainer.view_models.runs import RunLine

if TYPE_CHECKING:
    from tui_trainer.runs.connection import RunTarget
    from tui_trainer.view_models.compare import ComparedRun
    from tui_trainer.view_models.history import History
    from tui_trainer.view_models.sweeps import SweepLine

LIST_AGAIN = 10.0
"""Seconds between two looks at another machine's list: each is a connection of ssh, and a program started there."""
HISTORY_PATIENCE = 60.0
"""Seconds in which a run's history must have come."""


class HostRuns:
    """The runs of one other machine.

    Args:
        ssh: Reaches it.
        read_only: Only look.

    Attributes:
        problem: Why it could not be asked last; empty where it could.
    """

    def __init__(self, ssh: Ssh, *, read_only: bool = False) -> None:
        self.ssh = ssh
        self.problem = ""
        self._read_only = read_only
        self._runs: dict[str, RemoteRun] = {}
        self._asked_at = -math.inf
        self._asking: asyncio.Task[None] | None = None
        self._failures = 0

    @property
    def host(self) -> str:
        """The machine, as ssh is told it."""
        return self.ssh.host

    @property
    def listed(self) -> list[RemoteRun]:
        """Its runs as they were listed last, the last active first."""
        return list(self._runs.values())

    def ask(self, *, ask_user: bool = False) -> list[RemoteRun]:
        """Return the runs that the machine lists now, the last active first.

        Raises:
            TrainerError: It cannot be reached, or has no such program.
        """
        try:
            return self._take(self.ssh.ask("runs", "--json", ask_user=ask_user))
        finally:
            self._asked_at = -math.inf  # a list on the screen says more

    def _take(self, output: str) -> list[RemoteRun]:
        self._asked_at = monotonic()
        self._runs = {run.run: run for run in parse_runs(self.host, output)}
        return self.listed

    def lines(self) -> list[RunLine]:
        """Return a line for each run as it was listed last, and ask for the list again where it is old.

        Nobody waits for the answer. A machine that cannot be asked has a line that says why.
        """
        age = monotonic() - self._asked_at
        if age > max(LIST_AGAIN, backoff(self._failures)) and (self._asking is None or self._asking.done()):
            self._asking = asyncio.create_task(self._ask_again())
        lines = [run.line(self.named(run.run), age) for run in self._runs.values()]
        if self.problem:
            return [RunLine(f"{sanitize(self.host)}:", math.inf, problem=self.problem, is_host=True), *lines]
        return lines

    async def _ask_again(self) -> None:
        try:
            self._take(await asyncio.to_thread(self.ssh.ask, "serve", "--list"))
            self.problem, self._failures = "", 0
        except TrainerError as error:
            self._asked_at = monotonic()
            self.problem, self._failures = str(error), self._failures + 1

    def named(self, run: str) -> str:
        """Return a run's name in the list."""
        return LinkState(self.host).named(run)

    def run(self, name: str) -> RunOverSsh:
        """Return one of the runs listed.

        Raises:
            InputError: No such run.
        """
        if name not in self._runs:
            names_there = ", ".join(list(self._runs)[:8])
            hint = f"; there: {names_there}" if names_there else "; it has none"
            raise InputError(f"{sanitize(self.host)}: there is no run {sanitize(name, 60)}{hint}")
        return RunOverSsh(self.ssh, self._runs[name], read_only=self._read_only)

    async def command(self, *words: str, given: str = "") -> str:
        """Run the program there, and return what it prints; the list is asked for anew after it."""
        try:
            return await asyncio.to_thread(self.ssh.ask, *words, given=given)
        finally:
            self._asked_at = -math.inf

    async def make(self, *words: str, given: str = "") -> RunTarget:
        """Have the program there make a new run, and return its target.

        Raises:
            InputError: It makes none.
        """
        printed = parse_runs(self.host, await self.command(*words, given=given))
        if not printed:
            raise InputError(f"{sanitize(self.host)}: does not say which run it has made")
        self._runs = {printed[-1].run: printed[-1]} | self._runs
        return self.run(printed[-1].run).target


class RunsOfHosts:
    """The runs of this machine, if they are wanted, and those of others.

    Args:
        local: The runs here.
        hosts: Those of other machines.
        lists_local: Whether the runs here are listed with them.
    """

    def __init__(self, local: LocalRunService, hosts: Sequence[HostRuns], *, lists_local: bool) -> None:
        self._local = local
        self._hosts = {host.host: host for host in hosts}
        self._lists_local = lists_local

    async def list_runs(self) -> list[RunLine]:
        """Return a line for each run; those of machines out of reach as they were, with a line that says so."""
        here = await self._local.list_runs() if self._lists_local else []
        return [*here, *(line for host in self._hosts.values() for line in host.lines())]

    async def list_sweeps(self) -> list[SweepLine]:
        """Return a line for each sweep of this machine, where its runs are listed."""
        return await self._local.list_sweeps() if self._lists_local else []

    def can_make(self, name: str) -> bool:  # noqa: ARG002
        """Return that new runs can be made of any, each on its own machine."""
        return True

    async def open(self, name: str) -> RunTarget:
        """Return the target of a run."""
        host = self._host(name)
        return await self._local.open(name) if host is None else host.run(_run_of(name)).target

    async def begin(self, spec: Spec, seeds: Sequence[int], pace: float | None, beside: str = "") -> RunTarget:
        """Make a new run on the machine of the run that is shown."""
        if (host := self._host(beside)) is None:
            return await self._local.begin(spec, seeds, pace)
        new = NewRun(spec=spec, seeds=tuple(seeds), pace=pace)
        return await host.make("serve", "--begin", given=new.model_dump_json())

    async def branch(self, name: str, epoch: int, pace: float | None) -> RunTarget:
        """Make a branch of a run, on its machine."""
        if (host := self._host(name)) is None:
            return await self._local.branch(name, epoch, pace)
        at_pace = ["--pace", str(pace)] if pace is not None else []
        return await host.make("serve", _run_of(name), "--branch", str(epoch), *at_pace)

    async def stop(self, name: str) -> int:
        """Save a run, end its worker, and return the epochs completed."""
        if (host := self._host(name)) is None:
            return await self._local.stop(name)
        await host.command("stop", _run_of(name))
        return next(run.epoch for run in await asyncio.to_thread(host.ask) if run.run == _run_of(name))

    async def resume(self, name: str) -> None:
        """Let a run train on, whoever watches."""
        if (host := self._host(name)) is None:
            await self._local.resume(name)
        else:
            await host.command("serve", _run_of(name), "--resume")

    async def rename(self, name: str, new_name: str) -> None:
        """Give a run another name; on its machine."""
        if (host := self._host(name)) is None:
            await self._local.rename(name, new_name)
        else:
            await host.command("rename", _run_of(name), _run_of(new_name))

    async def delete(self, name: str) -> None:
        """Delete a run."""
        if (host := self._host(name)) is None:
            await self._local.delete(name)
        else:
            await host.command("delete", "--yes", _run_of(name))

    async def compare(self, names: Sequence[str]) -> list[ComparedRun]:
        """Return what there is to compare of runs that are here.

        Raises:
            InputError: One is elsewhere.
        """
        if away := [name for name in names if self._host(name) is not None]:
            raise InputError(f"{', '.join(away)}: runs of another machine are compared there, by tui-trainer compare")
        return await self._local.compare(names)

    async def history(self, name: str) -> History:
        """Return a run's metrics over its whole length.

        Raises:
            InputError: A host that has not answered in time.
        """
        if (host := self._host(name)) is None:
            return await self._local.history(name)
        from tui_trainer.view_models.run import RunModel

        client = await host.run(_run_of(name)).connect()
        try:
            run = RunModel(client.welcome)
            async with asyncio.timeout(HISTORY_PATIENCE):
                async for frame, arrays in client.frames():
                    run.apply(frame, arrays)
                    if run.history.epochs >= frame.epoch:
                        break
        except TimeoutError:
            raise InputError(f"{name}: its history did not come within {HISTORY_PATIENCE:.0f} seconds") from None
        finally:
            with suppress(TrainerError):
                await client.close()
        return run.history

    async def make_ready(self) -> None:
        """Make ready for the next run here, which nobody at another machine's run begins."""

    def _host(self, name: str) -> HostRuns | None:
        host, colon, _ = name.rpartition(":")
        return self._hosts.get(host) if colon else None


def _run_of(name: str) -> str:
    return name.rpartition(":")[2]
