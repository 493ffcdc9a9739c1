"""The connection to a run's worker: frames in, folded into the model; commands out; what to do when it ends.

A worker on another machine that hangs up may only be out of reach: it is reached again, and tells what was missed.

Everything happens on the event loop of the app, in one task; the panes learn of it by messages alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from textual.message import Message

from engine.errors import TrainerError, WorkerError, sanitize
from engine.protocol.commands import Command, Have, SetDial
from engine.protocol.events import Frame, Reply, Welcome
from engine.protocol.queries import AnyQuery
from engine.run.edits import EDIT_PATH
from engine.worker.link import GoneError, LinkLostError
from tui_trainer.runs.absence import AbsenceWatch
from tui_trainer.runs.reconnector import Reconnector
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.authors import words_of_others
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.link_state import LinkState, another_run, back, backoff
from tui_trainer.view_models.run import RunModel

if TYPE_CHECKING:
    from engine.run.edits import AnyEdit


class RunClient(Protocol):
    """What the dashboard needs of a worker's client."""

    @property
    def welcome(self) -> Welcome:
        """What the run is."""

    @property
    def seconds_since_heard(self) -> float:
        """Seconds for which the worker has given no sign of life."""

    def frames(self) -> AsyncIterator[tuple[Frame, Mapping[str, NDArray[Any]]]]:
        """Yield frames as they come, until the worker leaves; raise ``WorkerError`` where it died."""

    async def send(self, command: Command) -> int:
        """Send a command and return its number; the reply comes with a later frame."""

    async def subscribe(self, queries: Sequence[AnyQuery]) -> None:
        """Say which queries frames should answer from now on."""

    async def close(self) -> None:
        """Leave; the worker goes on."""


Connect = Callable[[], Awaitable[RunClient]]
Resume = Callable[[Have], Awaitable[RunClient]]
"""Opens a client again that need not be sent what is had already."""

SILENT_AFTER = 3.0
"""Seconds without a sign of life, which a worker gives twice a second, after which it is called silent."""


@dataclass(frozen=True)
class RunTarget:
    """A run, and how its worker is reached.

    Attributes:
        run: Its name.
        connect: Opens a client to its worker; starts that where need be.
        resume: Takes the run up again once its worker is gone, and opens a client to the new one, or to the one there
            is; None where the run may only be looked at.
        reading: Says what its worker reads and how far it is, "" where it reads nothing that takes long.
        host: The machine on which its worker is, "" for this one.
        reconnect: Opens a client again where the last one has lost its worker from sight, and raises ``LinkLostError``
            while that is out of reach; None where a worker that hangs up is gone.
    """

    run: str
    connect: Connect
    resume: Resume | None
    reading: Callable[[], str] = str
    host: str = ""
    reconnect: Resume | None = None


@dataclass
class ConnectedRun:
    """Another run to be shown from now on.

    Attributes:
        target: The run.
        client: Its client, which is open.
        message: What to say of how it came to be; more of it may become known while the run is already shown.
        replaced: The name of the run in whose place it is, which is to be stopped once this one is shown.
    """

    target: RunTarget
    client: RunClient
    message: str
    replaced: str | None = None


class Updated(Message):
    """The model has changed. ``immediate``: by something the user has just done, so draw it at once."""

    def __init__(self, *, immediate: bool) -> None:
        self.immediate = immediate
        super().__init__()


class LinkChanged(Message):
    """Connection state changed: see ``DashboardModel.link``."""


class RunConnection:
    """Keeps a model up to date from a client, and sends commands.

    Args:
        connect: Opens the client; called once ``run`` is awaited.
        resume: Takes up a run whose worker is gone, and opens a client to the new one; None where that is impossible.
        model: The model to keep.
        post: Where messages go.
        greeting: What to say once the run has told something.
        check_every: Seconds between two checks whether the worker still answers.
        clock: Seconds, steady.
        backoff: See ``Reconnector``.

    Attributes:
        reading: See ``RunTarget``.
        reconnect: See ``RunTarget``.
        reconnector: Reaches a worker again whose link was lost.
        absence: Notices when the watcher comes back.
    """

    def __init__(
        self,
        connect: Connect,
        resume: Resume | None,
        model: DashboardModel,
        post: Callable[[Message], object],
        greeting: str = "",
        check_every: float = 1.0,
        clock: Callable[[], float] = monotonic,
        backoff: Callable[[int], float] = backoff,
    ) -> None:
        self.reading: Callable[[], str] | None = None
        self.reconnect: Resume | None = None
        self.model = model
        model.can_resume = resume is not None
        self._connect = connect
        self._resume = resume
        self._post = post
        self._greeting = greeting
        self._check_every = check_every
        self._clock = clock
        self._client: RunClient | None = None
        self._wanted: dict[str, tuple[AnyQuery, ...]] = {}
        self._queries: tuple[AnyQuery, ...] = ()
        self._run: RunModel | None = None
        self.absence = AbsenceWatch(model)
        self.reconnector = Reconnector(self._show_outage, clock, check_every, backoff)

    async def run(self) -> None:
        """Open the client and follow it to its end."""
        await self._follow(self._connect, self._greeting)

    async def resume(self) -> None:
        """Take up the run again after its worker is gone, and follow it to its end; what is known of it is kept."""
        resume, have = self._resume, self._have()
        if resume is not None:
            await self._follow(lambda: resume(have))

    async def send(self, command: Command, path: str | None = None) -> None:
        """Send a command; ``path`` is that of what it changes, if any. A refusal shows up in the notice."""
        if self._client is None:
            return
        try:
            number = await self._client.send(command)
        except WorkerError as error:
            self._notify(str(error), Ink.ERROR)
            return
        self.model.pending.sent(number, path)

    async def ask(self, path: str, value: Any, command: Command) -> None:
        """Ask for another value; the panes show it at once, as asked for."""
        self.model.pending.ask(path, value)
        self._post(Updated(immediate=True))
        await self.send(command, path)

    async def edit(self, edit: AnyEdit) -> None:
        """Ask for an edit of the architecture."""
        await self.ask(EDIT_PATH, edit, SetDial(path=EDIT_PATH, value=edit.model_dump()))

    def adopt(self, target: RunTarget) -> None:
        """Take the ways to another run for those that lead to the one that is shown."""
        self._connect, self._resume, self.reconnect = target.connect, target.resume, target.reconnect
        self.reading = target.reading
        self.model.can_resume = self._resume is not None
        self.model.link_state = LinkState(target.host)

    async def switch_to(self, connected: ConnectedRun) -> None:
        """Follow another run instead, to its end.

        Whoever calls this has ended the task that followed the one before; that task still closes its own client.
        """
        self.adopt(connected.target)
        self._run = None
        self._set_link("opening", Notice(connected.message))
        await self._follow_client(connected.client, lambda: connected.message)

    async def watch(self, queries: tuple[AnyQuery, ...], of: str = "dashboard") -> None:
        """Ask for what is on the screen now.

        Args:
            queries: What frames should answer from now on.
            of: Whose queries these are; those of other screens are asked for as before.
        """
        self._wanted[of] = queries
        queries = tuple({query.id: query for wanted in self._wanted.values() for query in wanted}.values())
        if queries != self._queries:
            self._queries = queries
            self.model.run.watch(frozenset(query.kind for query in queries))
            if self._client is not None:
                await self._client.subscribe(queries)

    async def _follow(self, connect: Connect, message: str = "") -> None:
        self._set_link("opening", Notice(self.model.link_state.opening))
        started_at = self._clock()
        silence_watch = asyncio.create_task(self._watch_silence(lambda: self._clock() - started_at))
        reading_watch = asyncio.create_task(self._watch_reading())
        client: RunClient | None = None
        lost: LinkLostError | None = None
        try:
            client = await connect()
        except LinkLostError as error:
            lost = error
        except TrainerError as error:
            self._set_link("died", Notice(sanitize(error), Ink.ERROR))
        finally:
            silence_watch.cancel()
            reading_watch.cancel()
            self.model.reading = ""
        if lost is not None:
            client = await self._reach_again(started_at, lost)
        if client is not None:
            await self._follow_client(client, lambda: message)

    async def _follow_client(self, client: RunClient, message: Callable[[], str]) -> None:
        """Follow a client to its end, and those that take its place where the link to the worker is lost.

        ``message`` is what to say once it has told something.
        """
        following: RunClient | None = client
        while following is not None:
            try:
                await self._follow_one(following, message)
            except (GoneError, LinkLostError) as error:
                lost_at = self._clock() - following.seconds_since_heard
                message = _words_of_return(self.model, lost_at, self._clock)
                following = await self._reach_again(lost_at, error)
            except WorkerError as error:
                self._lose(error)
                return
            else:
                self._set_link("ended", Notice(""))
                return

    async def _follow_one(self, client: RunClient, message: Callable[[], str]) -> None:
        """Follow a client until its worker leaves, or is lost."""
        self._client = client
        silence_watch = asyncio.create_task(self._watch_silence(lambda: client.seconds_since_heard))
        try:
            await self._read(client, message)
        finally:
            silence_watch.cancel()
            self.absence.remember()
            if self._client is client:  # else another one has taken its place
                self._client = None
            await client.close()

    async def _reach_again(self, lost_at: float, error: WorkerError) -> RunClient | None:
        """Return a client that takes the place of one whose link was lost; None where its worker is gone.

        Args:
            lost_at: When the worker was heard last, by the clock.
            error: How the link was lost.
        """
        if self.reconnect is None:
            self._lose(error)
            return None
        try:
            return await self.reconnector.reach(
                self.reconnect, lambda: Have() if self._run is None else self._run.have, lost_at
            )
        except TrainerError as why:
            self._lose(why)
            return None

    def _have(self) -> Have:
        """Return what of the run need not be told again."""
        return Have() if self._run is None else self._run.have

    def _show_outage(self, state: LinkState) -> None:
        self.model.link_state = replace(state, host=self.model.link_state.host)
        if self.model.link != "reconnecting":
            self._set_link("reconnecting", Notice(""))
        self._post(Updated(immediate=True))

    def _lose(self, error: TrainerError) -> None:
        """Say that there is no worker any more."""
        self._set_link("ended" if self._is_over() else "died", Notice(sanitize(error), Ink.ERROR))

    async def _watch_silence(self, seconds: Callable[[], float]) -> None:
        """Say for how long a worker has been silent that is being started, or does not answer."""
        while True:
            await asyncio.sleep(self._check_every)
            self.absence.tick()
            if self.absence.is_due:
                await asyncio.to_thread(self.absence.remember)
            silence = int(seconds()) if seconds() >= SILENT_AFTER else 0
            if silence != self.model.silence:
                self.model.silence = silence
                self._post(Updated(immediate=True))

    async def _watch_reading(self) -> None:
        """Say how far a worker that is being started has come with reading its data."""
        while self.reading is not None:
            await asyncio.sleep(self._check_every)
            if (reading := await asyncio.to_thread(self.reading)) != self.model.reading:
                self.model.reading = reading
                self._post(Updated(immediate=True))

    async def _read(self, client: RunClient, message: Callable[[], str]) -> None:
        before, run = self._run, self._run_of(client.welcome)
        self._run = run
        if before is not None and before.welcome.created != run.welcome.created:
            message = partial(another_run, run.welcome.created)
        is_told = False
        if not self.model.run.is_known:
            self.model.run = run
        self.model.link_state = LinkState(self.model.link_state.host)
        self._set_link("live", Notice("" if run.has_frame else "waiting for the first numbers…"))
        await client.subscribe(self._queries)
        async for frame, arrays in client.frames():
            said = words_of_others(self.model, run, frame)
            _apply(run, frame, arrays)
            self.model.show(run)
            self.absence.came(run)
            if not is_told:
                self.model.notice = Notice(message())
                is_told = True
            elif said:
                self._notify(said, Ink.MUTED)
            self._post(Updated(immediate=self._settle_replies(frame.replies)))

    def _run_of(self, welcome: Welcome) -> RunModel:
        """Return the model that frames go on with: the one there is where its worker knows all of that."""
        run = self._run
        if run is None or not run.has_frame or welcome.known != run.have:
            return RunModel(welcome)
        run.greet_again(welcome)
        return run

    def _is_over(self) -> bool:
        """Return whether the worker had nothing left to do: then its leaving is no accident."""
        return self.model.run.frame.state in {"finished", "stopped"}

    def _settle_replies(self, replies: tuple[Reply, ...]) -> bool:
        """Settle what was asked for; return whether any answer was waited for."""
        is_awaited = False
        for reply in replies:
            is_awaited |= self.model.pending.settle(reply)
            if reply.error is not None:
                self._notify(reply.error, Ink.WARNING)
        return is_awaited

    def _notify(self, text: str, ink: Ink) -> None:
        self.model.notice = Notice(sanitize(text), ink)
        self._post(Updated(immediate=True))

    def _set_link(self, link: Any, notice: Notice) -> None:
        self.model.link = link
        self.model.silence = 0
        self.model.notice = notice
        if link == "died":
            self.model.why = notice.text
        if link != "live":
            self.model.pending.forget_requests()
        self._post(LinkChanged())


def _words_of_return(model: DashboardModel, lost_at: float, clock: Callable[[], float]) -> Callable[[], str]:
    """Return what says, once a worker that was lost at ``lost_at`` tells something again, what was missed."""
    epochs_held = model.run.history.epochs
    return lambda: back(model.run.frame.epoch - epochs_held, clock() - lost_at, model.word("epochs"))


def _apply(run: RunModel, frame: Frame, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Take in a frame.

    Raises:
        WorkerError: It cannot be: the worker may be another's program, and say more than was thought of.
    """
    try:
        run.apply(frame, arrays)
    except Exception as error:
        cause = f"{type(error).__name__}: {sanitize(error)}"
        raise WorkerError(f"the worker sent what cannot be shown ({cause})") from error
