"""The worker's socket: who is known, who is served, who is forgotten."""

from __future__ import annotations

import json
import math
import shutil
import socket
import stat
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.protocol.commands import Acknowledge, Command, Goodbye, Hello, OpenExam, Pause, Ping, Request, Subscribe
from engine.protocol.events import STARTING_CREDIT, Pong, Refused
from engine.protocol.fingerprint import fingerprint
from engine.protocol.queries import BoundaryQuery, WeightsQuery
from engine.protocol.version import PROTOCOL
from engine.worker import connections
from engine.worker.other_version import OTHER_BUILD
from engine.worker.server import FORGET_AFTER, MOST_AT_A_LOOK, SILENT_AFTER, Server
from engine.worker.subscription import Subscription
from tests.engine.worker.peers import Peer, peer
from tests.patience import PATIENCE
from tests.properties import examples

Connect = Any
HELLO = Hello(protocol=PROTOCOL, version="test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    return folder / "w.sock"


@pytest.fixture
def server(path: Path) -> Iterator[Server]:
    server = Server(path)
    yield server
    server.close()


@pytest.fixture
def connect(path: Path) -> Iterator[Connect]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(peer(path))


def hear(server: Server, now: float = 0.0, *, count: int = 1) -> list[tuple[Subscription, Request]]:
    """Return the next ``count`` requests that need the worker."""
    found: list[tuple[Subscription, Request]] = []
    deadline = time.monotonic() + PATIENCE
    while len(found) < count:
        assert time.monotonic() < deadline, "nothing came"
        server.wait(0.05)
        found += server.requests(now)
    assert len(found) == count
    return found


def answer(server: Server, one: Peer, now: float = 0.0) -> Any:
    """Let the server deal with what it is sent until the peer gets an answer; return that."""
    deadline = time.monotonic() + PATIENCE
    while not one.has_mail():
        assert time.monotonic() < deadline, "nothing came"
        server.wait(0.01)
        assert list(server.requests(now)) == []
    return one.receive()[0]


def known(server: Server, one: Peer, now: float = 0.0) -> Subscription:
    """Let a peer say hello; return what the server knows of it."""
    one.send(HELLO)
    [(watcher, request)] = hear(server, now)
    assert request.command == HELLO
    return watcher


def settle(server: Server, one: Peer, *commands: Command, now: float = 0.0) -> None:
    """Send commands that the server deals with itself, and let it."""
    for command in commands:
        one.send(command)
    one.send(Ping())
    assert isinstance(answer(server, one, now), Pong)


# Conversation


def test_hello_makes_a_watcher_with_credit_for_the_first_frames(server: Server, connect: Connect) -> None:
    one = connect()
    one.send(Hello(protocol=PROTOCOL, version="test", queries=(WeightsQuery(),), read_only=True))
    [(watcher, request)] = hear(server, now=5.0)
    assert (watcher.credit, watcher.queries, watcher.heard) == (STARTING_CREDIT, (WeightsQuery(),), 5.0)
    assert watcher.hello == request.command
    assert list(server.watchers.values()) == [watcher]


def test_commands_come_with_the_watcher_that_sent_them(server: Server, connect: Connect) -> None:
    peers = [connect(), connect()]
    watchers = [known(server, one) for one in peers]
    peers[1].send(Pause())
    assert hear(server) == [(watchers[1], Request(number=2, command=Pause()))]
    peers[0].send(OpenExam())
    assert hear(server) == [(watchers[0], Request(number=2, command=OpenExam()))]


def test_what_is_sent_reaches_the_one_it_is_meant_for(server: Server, connect: Connect) -> None:
    peers = [connect(), connect()]
    watchers = [known(server, one) for one in peers]
    server.send(watchers[1], Refused(reason="for the second"))
    server.send(watchers[0], Refused(reason="for the first"))
    assert [one.receive()[0].reason for one in peers] == ["for the first", "for the second"]


def test_acknowledging_grants_frames_but_never_more_than_at_the_start(server: Server, connect: Connect) -> None:
    one = connect()
    watcher = known(server, one)
    watcher.credit = 0
    settle(server, one, Acknowledge(number=0))
    assert watcher.credit == 1
    settle(server, one, *[Acknowledge(number=0)] * 5)
    assert watcher.credit == STARTING_CREDIT


def test_watching_something_else_makes_a_frame_due(server: Server, connect: Connect) -> None:
    one = connect()
    watcher = known(server, one)
    watcher.advance(revision=7, unchanging=frozenset({"data"}))
    watcher.next_snapshot = 1e9
    queries = (BoundaryQuery(id="first"), BoundaryQuery(id="second", columns=(1, 3)))
    settle(server, one, Subscribe(queries=queries))
    assert watcher.queries == queries
    assert watcher.due(revision=7, epochs=0, now=0.0) <= 0
    assert watcher.next_snapshot < 0
    assert not watcher.cursor.unchanging


def test_pings_that_pile_up_while_the_worker_is_busy_are_answered_together(server: Server, connect: Connect) -> None:
    one = connect()
    watcher = known(server, one)
    for _ in range(2 * MOST_AT_A_LOOK):
        one.send(Ping())
    settle(server, one, Acknowledge(number=0))
    assert list(server.watchers.values()) == [watcher]
    pongs = 0
    while one.has_mail(0.2):
        assert isinstance(one.receive()[0], Pong)
        pongs += 1
    assert pongs < MOST_AT_A_LOOK


def test_after_goodbye_a_watcher_is_not_known(server: Server, connect: Connect) -> None:
    one = connect()
    known(server, one)
    one.send(Goodbye())
    one.send(Ping())
    assert "say hello" in answer(server, one).reason
    assert server.watchers == {}


@pytest.mark.parametrize("command", [Ping(), Acknowledge(number=0), Subscribe(queries=()), Pause(), Goodbye()])
def test_who_never_said_hello_is_told_to(server: Server, connect: Connect, command: Command) -> None:
    one = connect()
    one.send(command)
    refused = answer(server, one)
    assert isinstance(refused, Refused)
    assert "say hello" in refused.reason
    assert server.watchers == {}


def test_saying_hello_again_starts_from_the_beginning(server: Server, connect: Connect) -> None:
    one = connect()
    watcher = known(server, one)
    watcher.advance(epoch=50)
    watcher.credit = 0
    again = known(server, one)
    assert (again.cursor.epoch, again.credit) == (0, STARTING_CREDIT)
    assert list(server.watchers.values()) == [again]


# Strangers


@pytest.mark.parametrize("more", [{}, {"views": ["hologram"], "codec": {"kind": "cbor"}}], ids=["known", "unknown"])
def test_another_protocol_is_refused_with_a_line_that_names_both_versions(
    server: Server, connect: Connect, more: dict[str, Any]
) -> None:
    one = connect()
    command = {"kind": "hello", "protocol": PROTOCOL + 1, "version": "9.8.7\x1b[2J", **more}
    one.send_raw([json.dumps({"body": {"number": 1, "command": command}}).encode()])
    refused = answer(server, one)
    assert isinstance(refused, Refused)
    assert refused.reason.isprintable()
    ours, theirs = f"{version('tui-trainer')} (protocol {PROTOCOL})", f"9.8.7\ufffd[2J (protocol {PROTOCOL + 1})"
    assert ours in refused.reason
    assert theirs in refused.reason
    assert server.watchers == {}


@pytest.mark.parametrize("more", [{}, {"mood": "good"}], ids=["known", "unknown"])
def test_another_build_of_this_protocol_is_refused_with_a_line_that_says_so(
    server: Server, connect: Connect, more: dict[str, Any]
) -> None:
    one = connect()
    command = {"kind": "hello", "protocol": PROTOCOL, "version": "9.8.7", "messages": "0badcafe", **more}
    one.send_raw([json.dumps({"body": {"number": 1, "command": command}}).encode()])
    refused = answer(server, one)
    assert isinstance(refused, Refused)
    assert refused.reason.endswith(f"you are 9.8.7 (protocol {PROTOCOL}) {OTHER_BUILD}")
    assert server.watchers == {}


@pytest.mark.parametrize("messages", ["", fingerprint()])
def test_who_has_the_same_messages_or_does_not_say_is_served(server: Server, connect: Connect, messages: str) -> None:
    one = connect()
    one.send(HELLO.model_copy(update={"messages": messages}))
    assert [watcher.hello.messages for watcher, _ in hear(server)] == [messages]


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=60))
def test_rubbish_is_refused_and_disturbs_nobody(server: Server, path: Path, rubbish: bytes) -> None:
    with peer(path) as stranger, peer(path) as one:
        watcher = known(server, one)
        stranger.send_raw([rubbish])
        refused = answer(server, stranger)
        assert isinstance(refused, Refused)
        assert refused.reason.startswith("message: ")
        assert refused.reason.isprintable()
        settle(server, one)
        assert server.watchers[watcher.connection.number] is watcher


def test_a_flood_leaves_the_worker_time_for_its_work(server: Server, connect: Connect) -> None:
    one = connect()
    known(server, one)
    for _ in range(1_000):
        one.send(Pause())
    looks = 0
    heard = 0
    while heard < 1_000:
        server.wait(PATIENCE)
        found = len(list(server.requests(0.0)))
        assert found <= 64
        heard, looks = heard + found, looks + 1
    assert looks >= 1_000 / 64


def test_while_the_run_trains_who_knocks_waits_until_there_is_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "ACCEPTING_SHARE", 1e-12)
    monkeypatch.setattr(connections, "ACCEPTING_BURST", 1e-9)
    monkeypatch.setattr(connections, "ACCEPTING_WAIT", math.inf)
    server, at_a_look = Server(path), 4
    with closing(server), ExitStack() as stack:
        for _ in range(2 * at_a_look):
            stack.enter_context(peer(path))

        def look(*, training: bool) -> int:
            server.wait(0.0)
            assert list(server.requests(0.0, training=training)) == []
            return len(server._connections.open)

        assert [look(training=True) for _ in range(3)] == [at_a_look] * 3
        assert look(training=False) == 2 * at_a_look


def test_who_has_said_hello_keeps_its_place_though_the_worker_had_no_time_to_hear_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 2)
    monkeypatch.setattr(connections, "UNKNOWN_FOR", 0.0)
    for share in ("HEARING_SHARE", "RESERVED_SHARE"):
        monkeypatch.setattr(connections, share, 1e-12)
    server = Server(path)

    def look() -> list[int]:
        server.wait(0.0)
        server._connections._next_look = -math.inf
        assert list(server.requests(0.0, training=True)) == []
        return list(server._connections.open)

    with closing(server), peer(path) as waiting, peer(path):
        for allowance in (server._connections._hearing, server._connections._reserve):
            allowance.wait(server.work_clock())
            allowance.spend(1.0)
        server._connections._reserve.wait(time.monotonic())
        assert look() == [1, 2]
        waiting.send(HELLO)
        look()
        with peer(path):
            assert look() == [1, 3]


@pytest.mark.parametrize(("seconds", "is_heard"), [(60.0, True), (0.0, False)])
def test_who_talks_little_is_heard_by_the_clock_where_the_machine_hardly_lets_the_worker_work(
    seconds: float, *, is_heard: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(connections, "monotonic", lambda: now)
    monkeypatch.setattr(connections, "HEARING_SHARE", 1e-12)
    server = Server(path)
    with closing(server), peer(path) as one:
        watcher = known(server, one)
        watcher.connection.allowance.spend(-1.0)
        server._connections._hearing.wait(server.work_clock())
        server._connections._reserve.wait(now)
        for allowance in (server._connections._hearing, server._connections._reserve):
            allowance.spend(1.0)
        now += seconds
        one.send(Pause())
        server.wait(PATIENCE)
        assert len(list(server.requests(0.0, training=True))) == is_heard


# Silence


def test_who_is_silent_for_ten_seconds_is_put_aside_until_it_is_heard_again(server: Server, connect: Connect) -> None:
    silent, alive = connect(), connect()
    sleeper = known(server, silent, now=100.0)
    sleeper.advance(epoch=50)
    watcher = known(server, alive, now=100.0)
    settle(server, alive, now=100.0 + SILENT_AFTER - 1)
    server.look_after(100.0 + SILENT_AFTER)
    assert len(server.watchers) == 2
    server.look_after(100.5 + SILENT_AFTER)
    assert list(server.watchers.values()) == [watcher]
    silent.send(Pause())
    [(heard, _)] = hear(server, now=200.0)
    assert heard is sleeper
    assert heard.cursor.epoch == 50
    assert len(server.watchers) == 2
    assert server.silent == {}


def test_who_is_silent_for_half_an_hour_is_hung_up_on(server: Server, connect: Connect) -> None:
    silent = connect()
    known(server, silent, now=100.0)
    for now in np.arange(100.0, 100.0 + FORGET_AFTER, SILENT_AFTER / 2):
        server.look_after(now)
    assert len(server.silent) == 1
    server.look_after(100.0 + FORGET_AFTER + SILENT_AFTER + 1)
    assert server.silent == {}
    assert silent.is_hung_up_on()
    known(server, connect(), now=3000.0)


def test_who_has_hung_up_is_forgotten_at_once(server: Server, connect: Connect) -> None:
    gone, there = connect(), connect()
    watchers = [known(server, one) for one in (gone, there)]
    gone.close()
    settle(server, there)
    server.wait(0)
    assert list(server.requests(0.0)) == []
    assert list(server.watchers.values()) == [watchers[1]]


def test_what_was_said_before_hanging_up_is_heard(server: Server, connect: Connect) -> None:
    one = connect()
    watcher = known(server, one)
    one.send(Pause())
    one.close()
    server.send(watcher, Pong())  # goes nowhere
    assert [request.command for _, request in hear(server)] == [Pause()]


# The socket's file


def test_the_socket_is_for_its_owner_alone_and_goes_with_the_server(path: Path) -> None:
    path.write_text("left by a worker that was killed")
    server = Server(path)
    assert stat.S_ISSOCK(path.lstat().st_mode)
    assert stat.S_IMODE(path.lstat().st_mode) == 0o600
    server.close()
    assert not path.exists()


@pytest.mark.parametrize("with_folder", [False, True], ids=["the file", "the folder too"])
def test_a_vanished_file_is_bound_again_and_who_is_connected_notices_nothing(
    server: Server, connect: Connect, path: Path, with_folder: bool
) -> None:
    one = connect()
    watcher = known(server, one)
    for _ in range(3):
        if with_folder:
            shutil.rmtree(path.parent)
        else:
            path.unlink()
        server.rebind_if_lost()
        settle(server, one)
        assert server.watchers[watcher.connection.number] is watcher
        known(server, connect())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) & 0o077 == 0 or not with_folder


def test_a_file_that_is_there_is_left_alone(server: Server, path: Path) -> None:
    before = path.stat().st_ino
    server.rebind_if_lost()
    assert path.stat().st_ino == before


def test_where_the_file_cannot_be_made_again_it_is_tried_at_the_next_look(
    server: Server, connect: Connect, path: Path
) -> None:
    one = connect()
    known(server, one)
    shutil.rmtree(path.parent)
    path.parent.write_text("in the way")
    server.rebind_if_lost()
    settle(server, one)
    path.parent.unlink()
    server.rebind_if_lost()
    known(server, connect())


@pytest.mark.parametrize("way", ["a link to an open folder", "an open folder"])
def test_a_folder_that_is_not_private_any_more_is_refused_as_at_the_start(
    server: Server, connect: Connect, path: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    one = connect()
    known(server, one)
    shutil.rmtree(path.parent)
    shared = tmp_path / "shared" if way == "a link to an open folder" else path.parent
    shared.mkdir()
    shared.chmod(0o777)
    if shared != path.parent:
        path.parent.symlink_to(shared)
    for _ in range(3):
        server.rebind_if_lost()
    assert list(shared.iterdir()) == []
    assert len(caplog.records) == 1
    assert "nobody can attach" in caplog.text
    settle(server, one)
    path.parent.unlink() if shared != path.parent else path.parent.rmdir()
    server.rebind_if_lost()
    known(server, connect())


def test_a_folder_in_the_sockets_place_is_refused_with_a_line(path: Path) -> None:
    path.mkdir()
    with pytest.raises(InputError, match="expected a socket, found a folder; remove it"):
        Server(path)


def test_another_socket_in_its_place_is_taken_away(server: Server, connect: Connect, path: Path) -> None:
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        server.rebind_if_lost()
        known(server, connect())
