"""A watcher's side of the conversation with a worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypedDict, Unpack

from engine.array_types import Arrays
from engine.errors import WorkerError, sanitize
from engine.protocol.codec import ACKNOWLEDGEMENT, MessageError, decode_event, encode
from engine.protocol.commands import Ask, Command, Goodbye, Have, Hello, Ping, Request, Subscribe
from engine.protocol.events import Answer, Frame, Pong, Refused, Reply, Welcome
from engine.protocol.fingerprint import fingerprint
from engine.protocol.plausible import check_frame, check_welcome
from engine.protocol.queries import AnyQuery
from engine.protocol.version import PROTOCOL, program_version
from engine.protocol.views import arrays_of, reply_prefix
from engine.worker.credit import CreditGiver, LinkPace
from engine.worker.link import GoneError, Link, LinkLostError
from engine.worker.other_version import OTHER_BUILD, OtherVersionError

_DYING, _LOOKS = 0.5, 10
"""Seconds in which a process that was killed is surely gone, and how often it is looked meanwhile."""
_LISTEN = 0.5
"""Seconds of silence after which a sign of life is asked for, and it is looked whether there is still a worker."""


class SilentError(WorkerError):
    """A worker that is there and does not answer."""


class HelloOptions(TypedDict, total=False):
    """What a watcher may say of itself; see ``Hello``."""

    name: str
    have: Have
    read_only: bool
    queries: tuple[AnyQuery, ...]
    max_points: int | None


class Client:
    """One connection to one worker, used from one asyncio loop.

    Args:
        path: The worker's socket.
        alive: Says whether there is a worker at all; asked when it has been silent.
        patience: Seconds of silence after which ``hello`` gives up; None for none.
        silence_limit: Seconds of silence after which ``frames`` gives up; None to wait
            for ever, as a screen does that shows how long it has lasted.
        pace: How much is to be said over the connection.

    Attributes:
        path: The worker's socket.
        welcome: What the run is; set by ``hello``.

    Raises:
        OSError: Nobody listens there.
        InputError: The socket may be somebody else's.
    """

    welcome: Welcome

    def __init__(
        self,
        path: Path,
        *,
        alive: Callable[[], bool],
        patience: float | None = None,
        silence_limit: float | None = None,
        pace: LinkPace | None = None,
    ) -> None:
        self.path = path
        self._pace = pace or LinkPace()
        self._alive = alive
        self._patience = patience
        self._silence_limit = silence_limit
        self._requests = 0
        self._waited = 0
        self._is_pinged = False
        self._asked: dict[int, asyncio.Future[tuple[Answer, Arrays]]] = {}
        self._link = Link(path)
        self._credit = CreditGiver(self._pace.frames_every, partial(self._link.send, [ACKNOWLEDGEMENT]))

    async def hello(self, **options: Unpack[HelloOptions]) -> Welcome:
        """Introduce this watcher and wait for the worker's welcome.

        Raises:
            OtherVersionError: It is of another build.
            WorkerError: It refused (another version), there is no worker any more, or what it says cannot be.
        """
        hello = Hello(protocol=PROTOCOL, version=program_version(), messages=fingerprint(), **options)
        await self.send(hello.model_copy(update={"views_every": self._pace.views_every}))
        while True:
            event = await self._answer_to_hello()
            if isinstance(event, Welcome):
                check_welcome(event)
                self.welcome = event
                return event

    async def _answer_to_hello(self) -> Any:
        """Return the next event; a build that cannot be understood, or does not understand, is named as what it is."""
        try:
            return (await self._receive(ping=False))[0]
        except WorkerError as error:
            if isinstance(error, MessageError) or str(error).startswith("message: "):
                raise OtherVersionError(f"the worker is {OTHER_BUILD} ({error})") from None
            if str(error).endswith(OTHER_BUILD):
                raise OtherVersionError(str(error)) from None
            raise

    async def frames(self) -> AsyncIterator[tuple[Frame, Arrays]]:
        """Yield frames until the worker leaves; taking one grants the worker another.

        Raises:
            LinkLostError: The connection is lost, and the worker may still be there.
            WorkerError: The worker is gone, does not know us any more, or says what cannot be.
        """
        try:
            while True:
                event, arrays = await self._receive(ping=True)
                if isinstance(event, Frame):
                    check_frame(event, arrays, self.welcome)
                    # Taken from the queue: the worker may send another while this one is drawn.
                    await self._credit.frame_taken()
                    self._settle(event.replies, arrays)
                    yield event, arrays
                    if event.final:
                        return
        except GoneError:
            if await self._outlives_its_socket():
                raise LinkLostError from None
            raise
        finally:
            self._give_up()

    async def _outlives_its_socket(self) -> bool:
        """Return whether the worker is there a moment after its socket went, which of a dying process goes first."""
        for _ in range(_LOOKS):
            if not self._alive():
                return False
            await asyncio.sleep(_DYING / _LOOKS)
        return True

    @property
    def seconds_since_heard(self) -> float:
        """Seconds for which nothing has come, not even an answer to a ping: a step takes long, or the worker stands.

        Those are counted in which this process listened, and not those that it spent in the background.
        """
        return self._waited * _LISTEN

    async def _receive(self, *, ping: bool) -> tuple[Any, Arrays]:
        """Return the next event that is no sign of life."""
        while True:
            message = await self._link.receive(_LISTEN)
            if message is None:
                await self._endure_silence(ping=ping)
                continue
            self._waited = 0
            event, arrays = decode_event(message)
            if isinstance(event, Refused):
                raise WorkerError(sanitize(event.reason, 300))
            if not isinstance(event, Pong):
                return event, arrays
            self._is_pinged = False

    async def _endure_silence(self, *, ping: bool) -> None:
        """Count how long nothing has come, and ask for a sign of life, once until it comes.

        Raises:
            WorkerError: There is no worker any more, or the silence has lasted too long.
        """
        self._waited += 1
        if not self._alive():
            if self._link.holds_message():  # its last word, which came while it was looked for
                return
            raise GoneError
        limit = self._silence_limit if ping else self._patience
        if limit is not None and self.seconds_since_heard >= limit:
            raise SilentError(f"it has not answered for {self.seconds_since_heard:.0f} seconds")
        if ping and not self._is_pinged and self.seconds_since_heard >= self._pace.ping_after:
            self._is_pinged = True
            await self.send(Ping())

    async def send(self, command: Command) -> int:
        """Send a command and return its number; the ``Reply`` to it comes in a later frame.

        Raises:
            WorkerError: The worker takes no more: it has not read for long.
        """
        self._requests += 1
        number = self._requests
        await self._credit.give_all()  # so that the reply need not wait
        await self._link.send(encode(Request(number=number, command=command)))  # type: ignore[arg-type]
        return number

    async def subscribe(self, queries: Sequence[AnyQuery]) -> None:
        """Have these queries answered by the frames from the next one on."""
        await self.send(Subscribe(queries=tuple(queries)))

    async def ask(self, query: AnyQuery) -> tuple[Answer, Arrays]:
        """Have one query answered once, by one of the frames that somebody is taking from ``frames`` meanwhile.

        Raises:
            WorkerError: The worker left, or does not answer this; one line says why.
        """
        waiting = self._asked[self._requests + 1] = asyncio.get_running_loop().create_future()
        try:
            await self.send(Ask(query=query))
            answered: tuple[Answer, Arrays] = await waiting
            return answered
        finally:
            self._asked = {number: future for number, future in self._asked.items() if future is not waiting}

    def _settle(self, replies: Sequence[Reply], arrays: Arrays) -> None:
        """Hand replies to those who asked."""
        for reply in replies:
            waiting = self._asked.get(reply.number)
            if waiting is None or waiting.done():
                continue
            if isinstance(reply.result, Answer):
                waiting.set_result((reply.result, arrays_of(arrays, reply_prefix(reply.number))))
            else:
                waiting.set_exception(WorkerError(sanitize(reply.error or "no answer", 300)))

    def _give_up(self) -> None:
        for waiting in self._asked.values():
            if not waiting.done():
                waiting.set_exception(WorkerError("the worker left before it had answered"))

    async def close(self) -> None:
        """Say goodbye and close; training goes on."""
        self._credit.close()
        if not self._link.is_closed:
            with suppress(WorkerError):
                await self.send(Goodbye())
            self._link.close()
