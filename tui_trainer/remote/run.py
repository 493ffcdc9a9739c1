"""One run on another machine: reached, lost, and reached again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Unpack

from engine.errors import InputError, WorkerError, sanitize
from engine.protocol.commands import Have
from engine.protocol.version import PROTOCOL
from engine.worker.client import Client, HelloOptions
from engine.worker.credit import OVER_NETWORK
from engine.worker.link import GoneError, LinkLostError
from engine.worker.other_version import OtherVersionError
from engine.worker.reach import BEGINNING_PATIENCE
from tui_trainer.remote.listing import RemoteRun, check_remote_socket, parse_runs
from tui_trainer.remote.ssh import Ssh
from tui_trainer.remote.tunnel import Tunnel
from tui_trainer.runs.connection import RunTarget
from tui_trainer.runs.service import watching

UNLESS_DIED = "--unless-died"
"""Option of ``serve``: whoever knew a run with a worker is to hear that it died."""
MOST_MOVES = 3
"""Times that a worker may turn out to listen elsewhere than it was said to."""


class TunnelClient(Client):
    """A client whose socket is forwarded for it, and ends with it."""

    def __init__(self, tunnel: Tunnel) -> None:
        self._tunnel = tunnel
        super().__init__(tunnel.path, alive=lambda: tunnel.is_open, patience=BEGINNING_PATIENCE, pace=OVER_NETWORK)

    async def close(self) -> None:
        """Say goodbye and close, and end the link; training goes on."""
        try:
            await super().close()
        finally:
            await asyncio.to_thread(self._tunnel.close)


class RunOverSsh:
    """A run on another machine.

    Args:
        ssh: Reaches the machine.
        run: What its list says of the run.
        read_only: Only look.
    """

    def __init__(self, ssh: Ssh, run: RemoteRun, *, read_only: bool = False) -> None:
        self._ssh = ssh
        self._run = run
        self._read_only = read_only
        self._path = run.socket
        self._ready: Tunnel | None = None
        self._attempt: Tunnel | None = None

    @property
    def target(self) -> RunTarget:
        """How the screen reaches it."""
        resume = None if self._read_only else self.resume
        return RunTarget(self._run.run, self.connect, resume, host=self._ssh.host, reconnect=self.reconnect)

    def open(self, say: Callable[[str], object], *, ask_user: bool) -> None:
        """Make the link, before there is a screen.

        Args:
            say: Takes what is being done.
            ask_user: Whether ssh may ask its user what it needs to know.

        Raises:
            TrainerError: The machine cannot be reached, its worker is of another version, or there is no such run.
        """
        host, name = sanitize(self._ssh.host), self._run.run
        is_served = self._path is not None and self._run.protocol == PROTOCOL
        if not is_served:
            other = "none of our version" if self._path else "none"
            say(f"{host}: asking for a worker that shows {name}, which has {other}…")
            self._path = self._shown_at(ask_user=ask_user)
        say(f"{host}: forwarding the socket of {name}…")
        # A worker that dies before the program there has started is to be told as dead, not to be given a successor.
        how = (UNLESS_DIED,) if is_served else ()
        self._ready = self._tunnel(self._path or "", ask_user=ask_user, is_served=is_served, how=how)

    def _shown_at(self, *, ask_user: bool) -> str:
        """Return where a run listens that has no worker, or one of another version."""
        try:
            return self._where(ask_user=ask_user)
        except InputError:
            self._check_version()  # which may be why: an older program does not know what it is asked
            raise

    def close(self) -> None:
        """End the link that was made, unless a client has it."""
        if self._ready is not None:
            self._ready.close()

    async def connect(self) -> Client:
        """Open a client, over the link that was made if it was."""
        return await self._client(Have())

    async def reconnect(self, have: Have) -> Client:
        """Open a client anew where the link was lost."""
        return await self._client(have, how=(UNLESS_DIED,))

    async def resume(self, have: Have) -> Client:
        """Have the run train on, and open a client."""
        return await self._client(have, how=("--resume",))

    async def _client(self, have: Have, *, how: Sequence[str] = ()) -> Client:
        opening = asyncio.create_task(asyncio.to_thread(self._take_tunnel, how))
        try:
            tunnel = await asyncio.shield(opening)
        except asyncio.CancelledError:  # the thread would go on until ssh has an answer
            opening.add_done_callback(_close_result)
            if (attempt := self._attempt) is not None:
                attempt.close()
            raise
        options = watching(read_only=self._read_only, have=have)
        try:
            return await _greeted(tunnel, self._ssh.host, **options)
        except OtherVersionError:  # of another build: then the program there shows the run from its store
            tunnel = await asyncio.to_thread(self._take_tunnel, how)
            return await _greeted(tunnel, self._ssh.host, **options)

    def _take_tunnel(self, how: Sequence[str]) -> Tunnel:
        """Return a link to the run's worker that nobody uses; ``how`` are options of ``serve``."""
        ready, self._ready = self._ready, None
        if ready is not None and ready.is_open:
            return ready
        if self._path is None:
            self._path = self._where(ask_user=False)
        return self._tunnel(self._path, how=how)

    def _tunnel(self, path: str, *, ask_user: bool = False, is_served: bool = False, how: Sequence[str] = ()) -> Tunnel:
        """Return a link over which the run's worker answers; it may have moved, and then is followed.

        ``is_served`` says that it was just heard to listen there: then nobody need be asked again.
        """
        for _ in range(MOST_MOVES):
            tunnel = self._attempt = Tunnel(self._ssh, self._run.run, path, ask_user=ask_user, how=how)
            try:
                tunnel.wait_forwarded()
                if is_served:
                    return tunnel
                self._run = tunnel.wait_served()
                self._check_version()
            except BaseException:
                tunnel.close()
                raise
            finally:
                self._attempt = None
            if self._run.socket in {None, path}:
                self._path = path
                return tunnel
            tunnel.close()
            path = self._run.socket or path
        raise LinkLostError(f"{sanitize(self._ssh.host)}: the worker of {self._run.run} does not stay where it is")

    def _where(self, *, ask_user: bool) -> str:
        """Return where the run's worker listens, or will."""
        listed = parse_runs(self._ssh.host, self._ssh.ask("serve", self._run.run, "--where", ask_user=ask_user))
        if not listed or listed[-1].socket is None:
            raise InputError(f"{sanitize(self._ssh.host)}: does not say where the worker of {self._run.run} listens")
        check_remote_socket(self._ssh.host, listed[-1].socket)
        return listed[-1].socket

    def _check_version(self) -> None:
        """See that the worker speaks our protocol, where there is one.

        Raises:
            WorkerError: It is another version's.
        """
        run = self._run
        if run.socket is not None and run.protocol != PROTOCOL:
            theirs = f"tui-trainer {sanitize(run.version, 40)} (protocol {run.protocol})"
            host = sanitize(self._ssh.host)
            raise WorkerError(
                f"{host}: run {run.run} is served by {theirs}, this is protocol {PROTOCOL}: use the same version on "
                f"both sides; ssh {host} and then tui-trainer attach {run.run} shows it meanwhile"
            )


async def _greeted(tunnel: Tunnel, host: str, **options: Unpack[HelloOptions]) -> Client:
    """Return a client that has been welcomed."""
    client = None
    try:
        client = TunnelClient(tunnel)
        await client.hello(**options)
    except BaseException as error:
        if client is None:
            await asyncio.to_thread(tunnel.close)
        else:
            await client.close()
        if isinstance(error, GoneError | OSError):
            why = f" ({tunnel.complaint})" if tunnel.complaint else ""
            raise LinkLostError(f"{sanitize(host)}: its worker cannot be reached through ssh{why}") from None
        raise
    return client


def _close_result(opening: asyncio.Task[Tunnel]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
