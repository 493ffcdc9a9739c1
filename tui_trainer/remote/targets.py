"""The runs that ``watch`` is told to look at, here and on other machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.errors import InputError, TrainerError, sanitize
from engine.store.runs import RunStore
from tui_trainer.remote.run import RunOverSsh
from tui_trainer.remote.service import HostRuns, RunsOfHosts
from tui_trainer.remote.ssh import Ssh
from tui_trainer.remote.target import WatchTarget, parse_target
from tui_trainer.runs.service import LocalRunService

if TYPE_CHECKING:
    from tui_trainer.remote.listing import RemoteRun
    from tui_trainer.runs.connection import RunTarget

Say = Callable[[str], object]

AT_WORK = frozenset({"running", "paused"})


class TargetRuns:
    """The runs of several targets.

    Args:
        targets: As the user wrote them.
        program: How tui-trainer is called on other machines; None for what the environment says.
        read_only: Only look.

    Attributes:
        service: All their runs, as one list.
        lists_first: Whether there are several to choose from.

    Raises:
        InputError: Not a valid target.
    """

    def __init__(self, targets: Sequence[str], *, program: str | None = None, read_only: bool = False) -> None:
        self._store = RunStore()
        self._targets = [parse_target(text, self._is_run) for text in dict.fromkeys(targets)]
        hosts = dict.fromkeys(target.host for target in self._targets if target.host)
        self._hosts = {host: HostRuns(Ssh(host, program), read_only=read_only) for host in hosts}
        self._local = LocalRunService(self._store, read_only=read_only)
        lists_local = any(not target.host for target in self._targets)
        self.service = RunsOfHosts(self._local, list(self._hosts.values()), lists_local=lists_local)
        self.lists_first = len(self._targets) > 1
        self._opened: list[RunOverSsh] = []

    def _is_run(self, name: str) -> bool:
        return any(run.name == name for run in self._store.all_runs())

    def ask(self, say: Say, *, ask_user: bool) -> None:
        """Ask every machine for its runs.

        One of several that cannot be asked is told of, and listed with what it complained; its runs may come later.

        Raises:
            TrainerError: None can be asked.
        """
        for host in self._hosts.values():
            say(f"{host.host}: connecting…")
            try:
                host.ask(ask_user=ask_user)
            except TrainerError as error:
                if len(self._targets) == 1:
                    raise
                host.problem = str(error)
                say(str(error))

    def first(self, say: Say, *, ask_user: bool) -> RunTarget:
        """Return what is shown first: the run that was named, else the last active one that is at work, else that.

        Raises:
            TrainerError: No such run, or it cannot be reached.
        """
        named = [target for target in self._targets if target.run]
        problem: TrainerError = InputError("watch: there are no runs yet to watch")
        for target in (*named, *(each for each in self._targets if not each.run)):
            try:
                return self._open(target, say, ask_user=ask_user)
            except TrainerError as error:
                if len(self._targets) == 1:
                    raise
                problem = error
        raise problem

    def each(self, say: Say, *, ask_user: bool) -> list[RunTarget]:
        """Return all of them; of a machine without a run's name the one that ``first`` would show.

        Raises:
            TrainerError: One cannot be reached, or is not there.
        """
        return [self._open(target, say, ask_user=ask_user) for target in self._targets]

    def _open(self, target: WatchTarget, say: Say, *, ask_user: bool) -> RunTarget:
        if not target.host:
            return self._local.target(self._store.open(target.run))
        host = self._hosts[target.host]
        if host.problem:
            raise InputError(host.problem)
        over_ssh = host.run(target.run or self._chosen(host))
        self._opened.append(over_ssh)
        over_ssh.open(say, ask_user=ask_user)
        return over_ssh.target

    def _chosen(self, host: HostRuns) -> str:
        """Return the run of a machine that is shown first; where it is one of several, they are listed, too."""
        runs: list[RemoteRun] = host.listed
        if not runs:
            raise InputError(f"{sanitize(host.host)}: there are no runs yet to watch")
        at_work = [run for run in runs if run.state in AT_WORK]
        self.lists_first |= len(at_work) != 1 and len(runs) > 1
        return (at_work or runs)[0].run

    def close(self) -> None:
        """End the links that nobody took."""
        for over_ssh in self._opened:
            over_ssh.close()
