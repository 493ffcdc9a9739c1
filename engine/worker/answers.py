"""Answers to watchers' queries: those that they subscribed to, and those that they asked once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from engine.array_types import Arrays
from engine.errors import InputError
from engine.protocol.events import Answer, Reply
from engine.protocol.queries import AnyQuery
from engine.protocol.views import named, reply_prefix
from engine.worker.allowance import Allowance
from engine.worker.source import LiveRun
from engine.worker.subscription import Subscription

MAX_REPLY_BYTES = 2**24
"""Bytes that a reply may come to."""
MAX_REPLIES_BYTES = 2**21
"""Bytes that the replies of one frame may come to, where they are several; the rest waits for the next."""
MAX_SNAPSHOT_BYTES = 2**27
"""Bytes that the answers to what a watcher subscribed to may come to; what goes beyond is refused."""
MAX_REPEATED_BYTES = 2**21
"""Bytes of them that answers of a kind which is answered already may come to: one plane is as large as a network."""


class Answers:
    """The answers of one round of frames: each question is answered once, whoever asks it, within the time for it.

    Args:
        run: What is asked about.
        allowance: The time that answers may take while the run trains.
        clock: Seconds, by which that is measured.

    Attributes:
        spent: Seconds that the answers took.
    """

    def __init__(self, run: LiveRun, allowance: Allowance, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._run = run
        self._allowance = allowance
        self._given: dict[AnyQuery, tuple[Answer, Arrays]] = {}
        self.spent = 0.0

    @property
    def wait(self) -> float:
        """Seconds until there is time for answers; who does not train has all the time."""
        waits = self._allowance.wait(self._clock())
        return waits if self._run.status.state == "running" else 0.0

    def subscribed(self, watcher: Subscription) -> tuple[tuple[Answer, ...], Arrays, int | None]:
        """Return the answers to what a watcher subscribed to, for which there is time; what does not change comes once.

        It is gone on with where the last frame had to stop, and from the end back to the first: those that were
        answered then are of another state of the run. The last value is the place of the query with which the next
        frame goes on; None where all are answered.
        """
        answers, arrays, repeated = list[Answer](), Arrays(), 0
        unchanging = watcher.cursor.unchanging if watcher.cursor.data == self._run.data_version else frozenset[str]()
        places = range(len(watcher.queries))
        for place in (*places[watcher.first_query :], *places[: watcher.first_query]):
            query = watcher.queries[place]
            if query.id in unchanging:
                continue
            if answers and self.wait > 0:
                return tuple(answers), arrays, place
            kinds = {answer.query.kind for answer in answers}
            answer, of_query = self._answer(query)
            repeated += size(of_query) if query.kind in kinds else 0
            if size(arrays) + size(of_query) > MAX_SNAPSHOT_BYTES or repeated > MAX_REPEATED_BYTES:
                refusal = f"{query.kind}: the answers are more bytes than a frame carries"
                answer, of_query = Answer(query=query, refusal=refusal), {}
            answers.append(answer)
            arrays |= named(query.id, of_query)
        return tuple(answers), arrays, None

    def asked(self, watcher: Subscription) -> tuple[tuple[Reply, ...], Arrays]:
        """Return replies to what a watcher asked once, as far as they go into one frame, and there is time."""
        replies, arrays = list[Reply](), Arrays()
        for number, ask in watcher.asked:
            if self.wait > 0:
                break
            answer, of_query = self._answer(ask.query)
            if (bytes_needed := size(of_query)) > MAX_REPLY_BYTES:
                error = f"{ask.query.kind}: {bytes_needed} bytes are more than the {MAX_REPLY_BYTES} of a reply"
                replies.append(Reply(number=number, error=error))
            elif answer.refusal is not None:
                replies.append(Reply(number=number, error=answer.refusal))
            elif arrays and size(arrays) + bytes_needed > MAX_REPLIES_BYTES:
                break
            else:
                replies.append(Reply(number=number, result=answer))
                arrays |= named(reply_prefix(number), of_query)
        return tuple(replies), arrays

    def _answer(self, query: AnyQuery) -> tuple[Answer, Arrays]:
        """Return an answer, the same for queries that differ in their ids alone."""
        alike = _without_id(query)
        if alike not in self._given:
            begun = self._clock()
            try:
                self._given[alike] = self._run.answer(query)
            except InputError as error:
                self._given[alike] = Answer(query=query, refusal=str(error)), {}
            seconds = self._clock() - begun
            self.spent += seconds
            self._allowance.spend(seconds)
        answer, arrays = self._given[alike]
        return answer if answer.query is query else answer.model_copy(update={"query": query}), arrays


@lru_cache(maxsize=1024)
def _without_id(query: AnyQuery) -> AnyQuery:
    """Return a query that is the same for all that ask the same."""
    return query.model_copy(update={"id": query.kind})


def size(arrays: Arrays) -> int:
    """Return how many bytes arrays come to."""
    return sum(array.nbytes for array in arrays.values())
