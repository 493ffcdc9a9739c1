"""Answers to a watcher's queries: those that it subscribed to, and those that it asked once."""

from __future__ import annotations

from engine.array_types import Arrays
from engine.errors import InputError
from engine.protocol.commands import AnyQuery
from engine.protocol.events import Answer, Reply
from engine.protocol.views import named, reply_prefix
from engine.worker.source import LiveRun
from engine.worker.subscription import Subscription

MAX_REPLY_BYTES = 16 * 2**20
"""Bytes that the replies of one frame may come to; the rest waits for the next."""


def answer_subscribed(watcher: Subscription, run: LiveRun) -> tuple[tuple[Answer, ...], Arrays]:
    """Return the answers to what a watcher subscribed to; what does not change is answered once."""
    answers, arrays = list[Answer](), Arrays()
    given = dict[AnyQuery, tuple[Answer, Arrays]]()
    for query in watcher.queries:
        if query.id in watcher.cursor.unchanging:
            continue
        answer, of_query = _answer(run, query, given)
        answers.append(answer)
        arrays |= named(query.id, of_query)
    return tuple(answers), arrays


def answer_asked(watcher: Subscription, run: LiveRun) -> tuple[tuple[Reply, ...], Arrays]:
    """Return replies to what a watcher asked once, as far as they go into one frame."""
    replies, arrays = list[Reply](), Arrays()
    given = dict[AnyQuery, tuple[Answer, Arrays]]()
    for number, ask in watcher.asked:
        answer, of_query = _answer(run, ask.query, given)
        if (bytes_needed := size(of_query)) > MAX_REPLY_BYTES:
            error = f"{ask.query.kind}: {bytes_needed} bytes are more than the {MAX_REPLY_BYTES} of a reply"
            replies.append(Reply(number=number, error=error))
        elif answer.refusal is not None:
            replies.append(Reply(number=number, error=answer.refusal))
        elif size(arrays) + bytes_needed > MAX_REPLY_BYTES:
            break
        else:
            replies.append(Reply(number=number, result=answer))
            arrays |= named(reply_prefix(number), of_query)
    return tuple(replies), arrays


def size(arrays: Arrays) -> int:
    """Return how many bytes arrays come to."""
    return sum(array.nbytes for array in arrays.values())


def _answer(run: LiveRun, query: AnyQuery, given: dict[AnyQuery, tuple[Answer, Arrays]]) -> tuple[Answer, Arrays]:
    """Return an answer, the same for queries that differ in their ids alone; ``given`` are those of this frame."""
    alike = query.model_copy(update={"id": query.kind})
    if alike not in given:
        try:
            given[alike] = run.answer(query)
        except InputError as error:
            given[alike] = Answer(query=query, refusal=str(error)), {}
    answer, arrays = given[alike]
    return answer.model_copy(update={"query": query}), arrays
