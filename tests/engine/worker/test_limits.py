"""The limits of the protocol, from outside: raw sockets that send what no client of ours would."""

from __future__ import annotations

import json
import struct

import pytest

from engine.protocol.commands import Ask, NextStep, Pause, Resume, SetDial, Subscribe
from engine.protocol.events import Refused
from engine.protocol.framing import MAGIC
from engine.protocol.queries import MOST_QUERIES, BoundaryQuery, WeightsQuery
from engine.protocol.version import PROTOCOL
from engine.run.changes import MOST_PENDING, AnyChange
from engine.worker import answers as answers_module
from engine.worker.connection import MAX_REQUEST_BYTES
from engine.worker.connections import MOST_CONNECTIONS
from engine.worker.frames import MOST_CHANGES
from engine.worker.subscription import MOST_WAITING
from tests.engine.worker.conftest import MakeRun, Serve, Served

FOREVER = 10**6
HELLO = {"kind": "hello", "protocol": PROTOCOL, "version": "test"}


@pytest.fixture
def served(make_run: MakeRun, serve: Serve) -> Served:
    return serve(make_run(training__epochs=FOREVER))


def request(command: object, number: object = 1) -> bytes:
    """Return a request as JSON, of whatever it is given."""
    return json.dumps({"body": {"number": number, "command": command}}).encode()


def prefix(*lengths: int, magic: bytes = MAGIC) -> bytes:
    """Return what a message of parts of these lengths begins with."""
    return magic + struct.pack(f">I{len(lengths)}Q", len(lengths), *lengths)


# What is no message costs its sender the connection, and nobody else anything


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (prefix(MAX_REQUEST_BYTES + 1), f"at most {MAX_REQUEST_BYTES} bytes"),
        (prefix(2**63), f"at most {MAX_REQUEST_BYTES} bytes"),
        (prefix(1, 1), "1 to 1 parts (got 2)"),
        (struct.pack(">4sI", MAGIC, 0), "1 to 1 parts (got 0)"),
        (struct.pack(">4sI", MAGIC, 2**32 - 1), "1 to 1 parts"),
        (prefix(5, magic=b"tui9") + b"hello", "not of this protocol"),
        (b"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f", "not of this protocol"),
        (b"GET / HTTP/1.1\r\n\r\n", "not of this protocol"),
    ],
    ids=["too large", "endless", "two parts", "no part", "parts without end", "another", "ZeroMQ", "HTTP"],
)
def test_what_is_no_message_is_refused_and_hung_up_on(served: Served, sent: bytes, reason: str) -> None:
    watcher, stranger = served.watch(), served.connect()
    stranger.send_bytes(sent)
    refused, _ = stranger.receive()
    assert isinstance(refused, Refused)
    assert reason in refused.reason
    assert stranger.is_hung_up_on()
    watcher.ping()


def test_a_message_that_never_ends_is_kept_for_no_more_than_its_largest_size(served: Served) -> None:
    watcher, stranger = served.watch(), served.connect()
    stranger.send_bytes(prefix(MAX_REQUEST_BYTES) + b" " * (MAX_REQUEST_BYTES - 1))
    watcher.ping()
    assert served.server._connections.open
    assert all(len(one._inbox._bytes) <= 2 * MAX_REQUEST_BYTES for one in served.server._connections.open.values())


def test_the_largest_request_is_heard(served: Served) -> None:
    watcher = served.watch()
    names = [f"{'x' * 195}.{number}" for number in range(8)]
    queries = [{"kind": "series", "id": f"q{number}", "names": names} for number in range(MOST_QUERIES)]
    body = request({"kind": "subscribe", "queries": queries}, 2)
    assert MAX_REQUEST_BYTES * 0.75 < len(body) <= MAX_REQUEST_BYTES
    watcher.send_raw([body])
    watcher.ping()
    [known] = served.server.watchers.values()
    assert len(known.queries) == MOST_QUERIES


def test_a_whole_message_of_rubbish_is_refused_and_the_next_one_heard(served: Served) -> None:
    stranger = served.connect()
    for rubbish in (b"{", b"[" * 30_000, b"\xff\xfe", b'{"body":' * 1000, request(None), request([1], 2**70)):
        stranger.send_raw([rubbish])
        refused, _ = stranger.receive()
        assert isinstance(refused, Refused)
        assert refused.reason.isprintable()
    stranger.greet()


# More than there is room for


def test_more_views_than_sixteen_are_refused(served: Served) -> None:
    watcher = served.watch()
    for queries in ([{"kind": "data"}] * 1_500, [{"kind": "weights", "id": f"w{n}"} for n in range(800)]):
        watcher.send_raw([request({"kind": "subscribe", "queries": queries})])
        refused, _ = watcher.receive()
        while not isinstance(refused, Refused):
            refused, _ = watcher.receive()
        assert "queries" in refused.reason
    watcher.ping()


def test_one_watcher_more_than_there_is_room_for_is_told_so(served: Served) -> None:
    watchers = [served.watch() for _ in range(MOST_CONNECTIONS)]
    late = served.connect()
    refused, _ = late.receive()
    assert isinstance(refused, Refused)
    assert str(MOST_CONNECTIONS) in refused.reason
    watchers[0].close()
    served.go_round()
    served.watch()


def test_who_never_says_hello_makes_room_for_who_does(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker.connections.UNKNOWN_FOR", 0.0)
    silent = [served.connect() for _ in range(MOST_CONNECTIONS)]
    served.watch()
    assert silent[0].is_hung_up_on()


def test_who_greets_and_greets_and_reads_nothing_is_hung_up_on(served: Served) -> None:
    stranger = served.connect()
    for _ in range(1_000):
        stranger.send_raw([request(HELLO)])
    served.watch().ping()
    while stranger.has_mail(20):
        if stranger._inbox.take() is None:
            return
    raise AssertionError("it was served to the end")


def test_pings_without_end_are_answered_with_no_more_than_is_read(served: Served) -> None:
    watcher, stranger = served.watch(), served.watch()
    for _ in range(20_000):
        stranger.send_raw([request({"kind": "ping"})])
    watcher.ping()
    assert sum(one.queued for one in served.server._connections.open.values()) < 2**16


def test_commands_whose_answers_nobody_takes_cost_their_sender_its_place(served: Served) -> None:
    watcher, stranger = served.watch(), served.watch()
    for _ in range(3 * MOST_WAITING):
        stranger.send(Pause())
    served.go_round()
    watcher.ping()
    assert all(len(one.replies) <= MOST_WAITING + 1 for one in served.server.watchers.values())


def test_changes_that_wait_are_no_more_than_a_frame_can_name(served: Served) -> None:
    watcher = served.watch()
    watcher.do(NextStep())
    for number in range(MOST_PENDING):
        watcher.do(SetDial(path="training.batch_size", value=1 + number))
    assert str(MOST_PENDING) in watcher.refusal(SetDial(path="training.batch_size", value=7))


def test_a_long_log_comes_in_frames_of_a_bounded_size(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.worker.frames.MOST_CHANGES", 3)
    first = served.watch()
    for number in range(1, 11):
        first.do(SetDial(path="training.learning_rate", value=number / 100))
    late, changes = served.watch(), list[AnyChange]()
    while len(changes) < 10:
        frame, _ = late.frame()
        assert len(frame.changes) <= 3 < MOST_CHANGES
        changes += frame.changes
    assert [change.number for change in changes] == list(range(1, 11))


def test_answers_that_are_more_than_a_frame_carries_are_refused_one_by_one(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers_module, "MAX_SNAPSHOT_BYTES", 300)
    watcher = served.watch()
    watcher.send(Subscribe(queries=tuple(WeightsQuery(id=f"w{number}") for number in range(3))))
    while not (frame := watcher.frame()[0]).answers:
        pass
    assert [answer.refusal is None for answer in frame.answers] == [True, False, False]


# Numbers that are none, or too large


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e400", "1" + "0" * 400, "-1" + "0" * 4_000])
def test_a_point_that_is_no_number_is_refused(served: Served, number: str) -> None:
    watcher = served.watch()
    query = f'{{"kind":"boundary","point":[{number},0]}}'
    watcher.send_raw([f'{{"body":{{"number":9,"command":{{"kind":"ask","query":{query}}}}}}}'.encode()])
    refused, _ = watcher.receive()
    while not isinstance(refused, Refused):
        refused, _ = watcher.receive()
    assert "point" in refused.reason


@pytest.mark.parametrize("value", [10**400, -(10**4_000), 1e300, True, "1", None])
def test_a_weight_beyond_the_runs_numbers_is_refused_with_a_line(served: Served, value: object) -> None:
    watcher = served.watch()
    watcher.frame()
    watcher.send_raw([request({"kind": "set-dial", "path": "weights.0.0.0", "value": value}, 2)])
    [reply] = watcher.frame()[0].replies
    assert reply.error is not None
    assert reply.error.startswith("weights.0.0.0: expected a")
    assert len(reply.error) < 200


def test_an_integer_of_more_than_64_bits_is_a_number_as_any_other(served: Served) -> None:
    watcher = served.watch()
    frame = watcher.do(SetDial(path="weights.0.0.0", value=2**64 + 5))
    assert [change.value for change in frame.changes] == [float(2**64)]
    watcher.do(Resume())
    watcher.do(Pause())


def test_numbers_of_requests_are_bounded_as_their_answers_names_are(served: Served) -> None:
    watcher = served.watch()
    ask = Ask(query=BoundaryQuery()).model_dump(mode="json")
    for number, is_heard in ((2**53, True), (2**53 + 1, False)):
        watcher.send_raw([request(ask, number)])
        event, _ = watcher.receive()
        while not isinstance(event, Refused) and not getattr(event, "replies", ()):
            watcher.send_raw([request({"kind": "acknowledge", "number": 0})])
            event, _ = watcher.receive()
        assert isinstance(event, Refused) != is_heard
