"""The conversation with a run's worker: frames in, folded into the model; commands out; what to do when it ends.

Everything happens on the event loop of the app, in one task; the panes learn of it by messages alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from textual.message import Message

from engine.errors import TrainerError, WorkerError, sanitize
from engine.protocol.commands import BoundaryQuery, Command, SetDial, View, ViewCheckpoint
from engine.protocol.events import Frame, Reply, Welcome
from engine.run.edits import EDIT_PATH
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import VISIT, DashboardModel, Notice
from tui_trainer.view_models.dials import Dial, Value
from tui_trainer.view_models.run import RunModel

if TYPE_CHECKING:
    from engine.run.edits import AnyEdit


class Feed(Protocol):
    """What the dashboard needs of a worker's client."""

    @property
    def welcome(self) -> Welcome:
        """What the run is."""

    @property
    def silence(self) -> float:
        """Seconds for which the worker has given no sign of life."""

    def frames(self) -> AsyncIterator[tuple[Frame, Mapping[str, NDArray[Any]]]]:
        """Yield frames as they come, until the worker leaves; raise ``WorkerError`` where it died."""

    async def send(self, command: Command) -> int:
        """Send a command and return its number; the reply comes with a later frame."""

    async def watch(self, views: Sequence[View], plane: BoundaryQuery | None = None) -> None:
        """Say which arrays frames should carry from now on; ``plane`` is that of the boundary view."""

    async def close(self) -> None:
        """Leave; the worker goes on."""


OpenFeed = Callable[[], Awaitable[Feed]]

PATIENCE = 3.0
"""Seconds without a sign of life, which a worker gives twice a second, after which it is called silent."""


@dataclass(frozen=True)
class Opening:
    """A run, and how its worker is reached.

    Attributes:
        run: Its name.
        open_feed: Opens a feed to its worker; starts that where need be.
        resume: Takes the run up again once its worker is gone, and opens a feed to the new one; None for those who may
            only look.
    """

    run: str
    open_feed: OpenFeed
    resume: OpenFeed | None


@dataclass(frozen=True)
class Arrival:
    """Another run to be shown from now on: its feed is open. ``word`` is what to say of how it came to be."""

    opening: Opening
    feed: Feed
    word: str


class Updated(Message):
    """The model has changed. ``immediate``: by something the one at the keys has just done, so draw it at once."""

    def __init__(self, *, immediate: bool) -> None:
        self.immediate = immediate
        super().__init__()


class LinkChanged(Message):
    """The link to the worker is another than before: see ``DashboardModel.link``."""


class Session:
    """Keeps a model up to date from a feed, and sends commands.

    Args:
        open_feed: Opens the feed; called once ``run`` is awaited.
        resume: Takes up a run whose worker is gone, and opens a feed to the new one; None where that is impossible.
        model: The model to keep.
        post: Where messages go.
        greeting: What to say once the run has told something.
        look_every: Seconds between two looks at whether the worker still answers.
        clock: Seconds, steady.
    """

    def __init__(
        self,
        open_feed: OpenFeed,
        resume: OpenFeed | None,
        model: DashboardModel,
        post: Callable[[Message], object],
        greeting: str = "",
        look_every: float = 1.0,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.model = model
        model.can_resume = resume is not None
        self._open_feed = open_feed
        self._resume = resume
        self._post = post
        self._greeting = greeting
        self._look_every = look_every
        self._clock = clock
        self._feed: Feed | None = None
        self._views: tuple[View, ...] = ()
        self._plane = BoundaryQuery()
        self._dials_asked: dict[int, str | None] = {}

    async def run(self) -> None:
        """Open the feed and follow it to its end."""
        await self._follow(self._open_feed, self._greeting)

    async def resume(self) -> None:
        """Take up the run again after its worker is gone, and follow it to its end."""
        if self._resume is not None:
            await self._follow(self._resume)

    async def send(self, command: Command, path: str | None = None) -> None:
        """Send a command; ``path`` is that of the dial it turns, if any. A refusal shows up in the notice."""
        if self._feed is None:
            return
        try:
            number = await self._feed.send(command)
        except WorkerError as error:
            self._notify(str(error), Ink.ERROR)
            return
        self._dials_asked[number] = path

    async def set_dial(self, dial: Dial, value: Value) -> None:
        """Ask for another value of a dial; the panes show it at once, as asked for."""
        self.model.requested[dial.path] = value
        self._post(Updated(immediate=True))
        await self.send(dial.command(value), dial.path)

    async def edit(self, edit: AnyEdit) -> None:
        """Ask for an edit of the architecture; the panes show it at once, as asked for."""
        self.model.requested[EDIT_PATH] = (*self.model.requested.get(EDIT_PATH, ()), edit)
        self._post(Updated(immediate=True))
        await self.send(SetDial(path=EDIT_PATH, value=edit.model_dump()), EDIT_PATH)

    async def set_weight(self, path: str, value: float) -> None:
        """Ask for another value of a weight, shown at once as asked for."""
        self.model.requested[path] = value
        self._post(Updated(immediate=True))
        await self.send(SetDial(path=path, value=value), path)

    async def visit(self, epoch: int | None) -> None:
        """Ask to be shown the checkpoint of an epoch, None for the present; the header says at once where we look."""
        self.model.requested[VISIT] = epoch
        self._post(Updated(immediate=True))
        await self.send(ViewCheckpoint(epoch=epoch), VISIT)

    async def take_over(self, arrival: Arrival) -> None:
        """Follow another run instead, to its end.

        Whoever calls this has ended the task that followed the one before; that task still closes its own feed.
        """
        self._open_feed, self._resume = arrival.opening.open_feed, arrival.opening.resume
        self.model.can_resume = self._resume is not None
        self._set_link("opening", Notice(arrival.word))
        await self._attend(arrival.feed, arrival.word)

    async def watch(self, views: tuple[View, ...]) -> None:
        """Ask for the arrays that are on the screen now."""
        if views != self._views:
            self._views = views
            if self._feed is not None:
                await self._feed.watch(views, self._plane)

    async def look_over(self, plane: BoundaryQuery) -> None:
        """Ask for another plane through the inputs."""
        if plane != self._plane:
            self._plane = plane
            if self._feed is not None and "boundary" in self._views:
                await self._feed.watch(self._views, plane)

    async def _follow(self, opener: OpenFeed, word: str = "") -> None:
        self._set_link("opening", Notice("starting the worker…"))
        began = self._clock()
        looking = asyncio.create_task(self._tell_of_silence(lambda: self._clock() - began))
        try:
            feed = await opener()
        except TrainerError as error:
            self._set_link("died", Notice(sanitize(error), Ink.ERROR))
            return
        finally:
            looking.cancel()
        await self._attend(feed, word)

    async def _attend(self, feed: Feed, word: str = "") -> None:
        """Follow a feed to its end; ``word`` is what to say once it has told something."""
        self._feed = feed
        looking = asyncio.create_task(self._tell_of_silence(lambda: feed.silence))
        try:
            await self._read(feed, word)
        except WorkerError as error:
            self._set_link("ended" if self._has_ended() else "died", Notice(sanitize(error), Ink.ERROR))
        else:
            self._set_link("ended", Notice(""))
        finally:
            looking.cancel()
            if self._feed is feed:  # else another one has taken its place
                self._feed = None
            await feed.close()

    async def _tell_of_silence(self, seconds: Callable[[], float]) -> None:
        """Say for how long a worker has been silent that is being started, or does not answer."""
        while True:
            await asyncio.sleep(self._look_every)
            silence = int(seconds()) if seconds() >= PATIENCE else 0
            if silence != self.model.silence:
                self.model.silence = silence
                self._post(Updated(immediate=True))

    async def _read(self, feed: Feed, word: str) -> None:
        run = RunModel(feed.welcome)
        if self.model.run is None:
            self.model.run = run
        self._set_link("live", Notice(word or "waiting for the first numbers…"))
        await feed.watch(self._views, self._plane)
        async for frame, arrays in feed.frames():
            if self.model.run is not run or run.frame is None:
                self.model.notice = Notice(word)
            run.apply(frame, arrays)
            self.model.show(run)
            self._post(Updated(immediate=self._take_replies(frame.replies)))

    def _has_ended(self) -> bool:
        """Return whether the worker had nothing left to do: then its leaving is no accident."""
        frame = self.model.run.frame if self.model.run else None
        return frame is not None and frame.state in {"finished", "stopped"}

    def _take_replies(self, replies: tuple[Reply, ...]) -> bool:
        """Settle what was asked for; return whether any answer was waited for."""
        waited_for = any(reply.number in self._dials_asked for reply in replies)
        for reply in replies:
            path = self._dials_asked.pop(reply.number, None)
            if path is not None:
                last = path not in self._dials_asked.values()
                self.model.settle(path, last=last, refused=reply.error is not None)
            if reply.error is not None:
                self._notify(reply.error, Ink.WARNING)
        return waited_for

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
            self.model.requested.clear()
            self._dials_asked.clear()
        self._post(LinkChanged())
