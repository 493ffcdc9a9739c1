"""The connection to a run's worker: frames in, folded into the model; commands out; what to do when it ends.

Everything happens on the event loop of the app, in one task; the panes learn of it by messages alone.
"""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from textual.message import Message

from engine.errors import TrainerError, WorkerError, sanitize
from engine.protocol.commands import AnyQuery, Command, Have, SetDial
from engine.protocol.events import Frame, Reply, Welcome
from engine.run.edits import EDIT_PATH
from engine.worker.link import GoneError, LinkLostError
from tui_trainer.formatting import count
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.link_state import LIVE, LinkState, backoff
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
Reconnect = Resume
"""The same, without any change of the run; raises ``LinkLostError`` where it is worth another try."""

SILENT_AFTER = 3.0
"""Seconds without a sign of life, which a worker gives twice a second, after which it is called silent."""


@dataclass(frozen=True)
class RunTarget:
    """A run, and how its worker is reached.

    Attributes:
        run: Its name.
        connect: Opens a client to its worker; starts that where need be.
        resume: Takes the run up again once its worker is gone, and opens a client to the new one, or to the one there
            is; None for who may only look.
        reading: Says what its worker reads and how far it is, "" where it reads nothing that takes long.
        reconnect: Reaches the worker again once the connection is lost; None where that is the end.
    """

    run: str
    connect: Connect
    resume: Resume | None
    reading: Callable[[], str] = str
    reconnect: Reconnect | None = None


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
        backoff: Seconds before the attempt of a number, from 0, to connect again.

    Attributes:
        reading: See ``RunTarget``.
        reconnect: See ``RunTarget``.
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
        self.reconnect: Reconnect | None = None
        self.model = model
        model.can_resume = resume is not None
        self._connect = connect
        self._resume = resume
        self._post = post
        self._greeting = greeting
        self._check_every = check_every
        self._clock = clock
        self._backoff = backoff
        self._client: RunClient | None = None
        self._wanted: dict[str, tuple[AnyQuery, ...]] = {}
        self._queries: tuple[AnyQuery, ...] = ()
        self._run: RunModel | None = None

    async def run(self) -> None:
        """Open the client and follow it to its end."""
        await self._follow(self._connect, self._greeting)

    async def resume(self) -> None:
        """Take up the run again after its worker is gone, and follow it to its end; what is known of it is kept."""
        resume, have = self._resume, Have() if self._run is None else self._run.have
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

    async def switch_to(self, connected: ConnectedRun) -> None:
        """Follow another run instead, to its end.

        Whoever calls this has ended the task that followed the one before; that task still closes its own client.
        """
        self._connect, self._resume = connected.target.connect, connected.target.resume
        self.reconnect = connected.target.reconnect
        self.model.can_resume = self._resume is not None
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
        self._set_link("opening", Notice("starting the worker…"))
        started_at = self._clock()
        silence_watch = asyncio.create_task(self._watch_silence(lambda: self._clock() - started_at))
        reading_watch = asyncio.create_task(self._watch_reading())
        try:
            client = await connect()
        except TrainerError as error:
            self._set_link("died", Notice(sanitize(error), Ink.ERROR))
            return
        finally:
            silence_watch.cancel()
            reading_watch.cancel()
            self.model.reading = ""
        await self._follow_client(client, lambda: message)

    async def _follow_client(self, client: RunClient, message: Callable[[], str]) -> None:
        """Follow a client to its end; ``message`` is what to say once it has told something.

        Where its connection is lost another one goes on in its place, as often as that takes.
        """
        following: RunClient | None = client
        while following is not None:
            error = await self._listen(following, message)
            following = await self._reconnected(error) if isinstance(error, LinkLostError | GoneError) else None
            if following is None:
                self._end(error)
            message = self._words_of_return(self.model.run.history.epochs)

    def _words_of_return(self, epochs: int) -> Callable[[], str]:
        """Return what says how many epochs were trained since there were so many, while the link was lost."""

        def words() -> str:
            trained = self.model.run.frame.epoch - epochs
            self.model.link_state = LinkState("back", epochs=max(0, trained))
            return f"back: +{count(trained)} {self.model.word('epochs')} meanwhile" if trained > 0 else "back"

        return words

    async def _listen(self, client: RunClient, message: Callable[[], str]) -> WorkerError | None:
        """Take what a client says until it ends; return what it died of, None where it has left."""
        self._client = client
        silence_watch = asyncio.create_task(self._watch_silence(lambda: client.seconds_since_heard))
        try:
            await self._read(client, message)
        except WorkerError as error:
            return error
        else:
            return None
        finally:
            silence_watch.cancel()
            if self._client is client:  # else another one has taken its place
                self._client = None
            await client.close()

    async def _reconnected(self, error: WorkerError) -> RunClient | None:
        """Return a client in place of one whose connection is lost; None where nothing comes of it."""
        reconnect, run = self.reconnect, self._run
        if reconnect is None or run is None or self._is_over():
            return None
        self._set_link("lost", Notice(sanitize(error), Ink.WARNING))
        for attempt in itertools.count():
            await self._wait_for_attempt(attempt)
            try:
                return await reconnect(run.have)
            except LinkLostError:
                continue
            except TrainerError as last:
                self.model.notice = Notice(sanitize(last), Ink.ERROR)
                return None
        return None

    async def _wait_for_attempt(self, attempt: int) -> None:
        """Wait before an attempt to connect again, and show how long it is until then."""
        until = self._clock() + self._backoff(attempt)
        while (left := until - self._clock()) > 0:
            self._show_link(LinkState("reconnecting", math.ceil(left), attempt))
            await asyncio.sleep(min(left, self._check_every))
        self._show_link(LinkState("reconnecting", 0, attempt + 1))

    def _show_link(self, state: LinkState) -> None:
        if state != self.model.link_state:
            self.model.link_state = state
            self._post(Updated(immediate=True))

    def _end(self, error: WorkerError | None) -> None:
        """Show that the worker has left, or what it died of."""
        if error is None:
            self._set_link("ended", Notice(""))
        else:
            why = self.model.notice if self.model.link == "lost" else Notice(sanitize(error), Ink.ERROR)
            self._set_link("ended" if self._is_over() else "died", why)

    async def _watch_silence(self, seconds: Callable[[], float]) -> None:
        """Say for how long a worker has been silent that is being started, or does not answer."""
        while True:
            await asyncio.sleep(self._check_every)
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
        run = self._run = self._run_of(client.welcome)
        is_told = False
        if not self.model.run.is_known:
            self.model.run = run
        self._set_link("live", Notice("" if run.has_frame else message() or "waiting for the first numbers…"))
        await client.subscribe(self._queries)
        async for frame, arrays in client.frames():
            run.apply(frame, arrays)
            self.model.show(run)
            if not is_told:
                self.model.notice = Notice(message())
                is_told = True
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
        if link == "live":
            self.model.link_state = LIVE
        self.model.silence = 0
        self.model.notice = notice
        if link == "died":
            self.model.why = notice.text
        if link != "live":
            self.model.pending.forget_requests()
        self._post(LinkChanged())
