"""Fuzz at a worker's socket: ``python -m tests.soak.fuzz --minutes 10``.

A run trains at full speed, an honest watcher watches it, and strangers of the same user send it what no client of ours
would: bytes that are no messages, messages that never end, floods of requests that are valid, half valid or huge,
queries that cost much, hundreds of connections, and nobody who reads. Then they stop for a while, and so on in turns:
training beside them is compared with training alone, by the neighbouring stretches of the same worker.

It says how fast the run trained beside the strangers and alone, what memory and log came to, and how many frames the
watcher was sent, each minute on stderr; its status is 1 where the worker died or did not end when it was told to, its
memory or its log grew beyond bounds, or the watcher was not served.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import numpy as np

import presets
from engine.protocol.commands import Resume, Stop
from engine.protocol.framing import MAGIC
from engine.protocol.version import PROTOCOL
from engine.store.runs import Run, RunStore
from engine.worker.launcher import launch
from tests.engine.worker.peers import Peer, peer
from tests.patience import PATIENCE, SOAK_PATIENCE
from tests.processes import memory_of, thread_seconds
from tests.soak.__main__ import store_of_its_own
from tests.soak.answers import report

FOREVER = 10**9
MOST_GROWTH = 1.5
MOST_LOG_BYTES = 100_000
STRANGERS = 4
SHARE_KEPT = 0.9


@dataclass
class Fuzzed:
    """What came of it.

    Attributes:
        beside: Epochs a second of the worker's processor time, of each stretch beside strangers.
        alone: Those of each stretch without.
        memory: Megabytes of the worker: at the beginning, and at most.
        log_bytes: Size of its log.
        fewest_frames: Frames that the honest watcher was sent in its poorest stretch beside strangers.
        sent: Messages and pieces that the strangers sent.
        problem: What ended it before its time.
    """

    beside: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    memory: tuple[float, float] = (0.0, 0.0)
    log_bytes: int = 0
    fewest_frames: int = 10**9
    sent: int = 0
    problem: str = ""

    @property
    def share_kept(self) -> float:
        """Median speed beside strangers, as a share of the mean of the stretches before and after each."""
        pairs = zip(self.beside, self.alone, self.alone[1:], strict=False)
        return float(np.median([2 * beside / (before + after) for beside, before, after in pairs] or [np.nan]))

    def __str__(self) -> str:
        before, most = self.memory
        return (
            f"{self.sent} messages and pieces; training at {self.share_kept:.0%} of its speed beside them; "
            f"memory {before:.0f} MB, at most {most:.0f}; log {self.log_bytes} bytes; "
            f"at least {self.fewest_frames} frames a stretch for an honest watcher"
        )

    def check(self) -> None:
        """Raise AssertionError where a bound did not hold; speed is for benchmarks to judge."""
        before, most = self.memory
        assert not self.problem, self.problem
        assert most <= MOST_GROWTH * before, f"memory grew from {before:.0f} to {most:.0f} MB"
        assert self.log_bytes <= MOST_LOG_BYTES, f"the log has {self.log_bytes} bytes"
        assert self.fewest_frames > 0, "an honest watcher was not served"


# What strangers send


def _request(command: object, number: int = 1) -> bytes:
    body = json.dumps({"body": {"number": number, "command": command}}).encode()
    return _framed(body)


def _framed(body: bytes) -> bytes:
    return MAGIC + struct.pack(">IQ", 1, len(body)) + body


HELLO = _request({"kind": "hello", "protocol": PROTOCOL, "version": "fuzz"})
PLANE = {"kind": "boundary", "width": 400, "height": 100}


def _noise(dice: random.Random) -> Iterator[bytes]:
    while True:
        yield dice.randbytes(dice.randrange(1, 5_000))


def _endless(dice: random.Random) -> Iterator[bytes]:
    yield HELLO + MAGIC + struct.pack(">IQ", 1, 2**15)
    while True:
        yield b" " * dice.randrange(1, 60_000)


def _huge(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    while True:
        yield _framed(b"x" * dice.choice([2**14, 2**15, 2**20]))


def _mangled(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    while True:
        message = bytearray(_request({"kind": "set-dial", "path": "network.edit", "value": {"kind": 2**70}}))
        message[dice.randrange(16, len(message))] = dice.randrange(256)
        yield bytes(message)


def _rubbish_values(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    paths = ("weights.0.0.0", "training.l2", "training.learning_rate", "network.edit", "pace", "x" * 200, "data.source")
    values: tuple[object, ...] = (2**64 + 5, -(10**300), 1e300, None, [[]] * 500, {"a": {}}, "x" * 9_000, True)
    while True:
        # Not what is right, or the run is another one than before.
        yield _request({"kind": "set-dial", "path": dice.choice(paths[3:]), "value": dice.choice(values)})
        yield _request({"kind": "view-checkpoint", "epoch": -1}, dice.randrange(-5, 2**60))


def _views(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    while True:
        planes = [{**PLANE, "id": f"q{n}", "columns": [dice.randrange(30), n]} for n in range(16)]
        yield _request({"kind": "subscribe", "queries": planes})
        yield _request({"kind": "acknowledge", "number": 0})


def _asks(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    while True:
        columns = [dice.randrange(30), dice.randrange(30)]
        yield _request({"kind": "ask", "query": {**PLANE, "columns": columns}}, dice.randrange(1, 2**50))


def _too_many_views(_: random.Random) -> Iterator[bytes]:
    while True:
        yield HELLO
        yield _request({"kind": "subscribe", "queries": [{"kind": "data"}] * 1_500})


def _commands(dice: random.Random) -> Iterator[bytes]:
    yield HELLO
    while True:
        yield _request({"kind": dice.choice(["resume", "ping", "acknowledge", "open-exam", "hello"]), "number": 0})


KINDS: tuple[Callable[[random.Random], Iterator[bytes]], ...] = (
    _noise,
    _endless,
    _huge,
    _mangled,
    _rubbish_values,
    _views,
    _asks,
    _too_many_views,
    _commands,
)


class Stranger(threading.Thread):
    """Connects again and again, and sends one kind of thing each time; now and then it reads."""

    def __init__(self, path: Path, seed: int, quiet: threading.Event) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._dice = random.Random(seed)  # noqa: S311 - what it draws is to be drawn again
        self._quiet = quiet
        self.sent = 0

    def run(self) -> None:
        while not self._quiet.is_set():
            with suppress(OSError), socket.socket(socket.AF_UNIX) as one:
                one.settimeout(0.2)
                one.connect(str(self._path))
                self._talk(one, self._dice.choice(KINDS)(self._dice), reads=self._dice.random() < 0.5)

    def _talk(self, one: socket.socket, pieces: Iterator[bytes], *, reads: bool) -> None:
        until = time.monotonic() + self._dice.uniform(0.05, 2.0)
        while time.monotonic() < until and not self._quiet.is_set():
            one.sendall(next(pieces))
            self.sent += 1
            if reads:
                with suppress(BlockingIOError):
                    one.recv(2**16, socket.MSG_DONTWAIT)


# The run and its honest watcher


class Honest(threading.Thread):
    """Watches as the screen does, until it is told to leave."""

    def __init__(self, watcher: Peer) -> None:
        super().__init__(daemon=True)
        self._watcher = watcher
        self._leaves = threading.Event()
        self.frames = 0
        self.epoch = 0

    def run(self) -> None:
        while not self._leaves.is_set():
            if self._watcher.has_mail(0.2):
                frame, _ = self._watcher.frame()
                self._watcher.frames.clear()
                self.frames += 1
                self.epoch = frame.epoch

    def wait(self) -> int:
        """Return the epoch of the next frame."""
        frames, deadline = self.frames, time.monotonic() + SOAK_PATIENCE
        while self.frames == frames:
            assert self.is_alive(), "an honest watcher was hung up on"
            assert time.monotonic() < deadline, "an honest watcher is not served"
            time.sleep(0.001)
        return self.epoch

    def leave(self) -> None:
        self._leaves.set()
        self.join(PATIENCE)


def fuzz(run: Run, *, seconds: float, stretch: float = 2.0, seed: int = 1, tell: bool = False) -> Fuzzed:
    """Train a run for so long, every other stretch of it beside strangers.

    Args:
        run: The run.
        seconds: How long.
        stretch: Seconds of each stretch.
        seed: Of what the strangers draw.
        tell: Whether to say each minute on stderr how it stands.
    """
    found = Fuzzed()
    worker = launch(run, attach_only=True)
    try:
        with peer(run.socket_path) as watcher:
            watcher.greet(views=("weights", "neurons"), max_points=2_000)
            watcher.do(Resume())
            honest = Honest(watcher)
            honest.start()
            turns = _turns(run, worker, honest, found, stretch=stretch, first_seed=seed + 1)
            _take_turns(turns, found, seconds=seconds, tell=tell)
            honest.leave()
            watcher.send(Stop())
            worker.wait(SOAK_PATIENCE)
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
        found.problem = f"{type(problem).__name__}: {problem}"
    finally:
        worker.kill()
        worker.wait()
    found.log_bytes = run.log_path.stat().st_size
    return found


def _take_turns(turns: Iterator[None], found: Fuzzed, *, seconds: float, tell: bool) -> None:
    begun = told = time.monotonic()
    for _ in turns:
        now = time.monotonic()
        if tell and now - told >= 60:
            told = now
            print(f"{(now - begun) / 60:.0f} minutes: {found}", file=sys.stderr, flush=True)  # noqa: T201
        if now - begun >= seconds:
            return


def _turns(
    run: Run, worker: subprocess.Popen[bytes], honest: Honest, found: Fuzzed, *, stretch: float, first_seed: int
) -> Iterator[None]:
    """Measure a stretch beside strangers and one alone, each time anew.

    Raises:
        AssertionError: The worker died, or the honest watcher was not served.
    """
    _stretch(honest, worker.pid, stretch)  # to warm up
    found.memory = (memory := memory_of(worker.pid)), memory
    found.alone.append(_stretch(honest, worker.pid, stretch))
    for seed in count(first_seed):
        with _strangers(run.socket_path, seed, found):
            frames = honest.frames
            found.beside.append(_stretch(honest, worker.pid, stretch))
            found.fewest_frames = min(found.fewest_frames, honest.frames - frames)
            found.memory = found.memory[0], max(found.memory[1], memory_of(worker.pid))
        assert worker.poll() is None, run.log_path.read_text()[-2_000:]
        found.alone.append(_stretch(honest, worker.pid, stretch))
        yield


@contextmanager
def _strangers(path: Path, seed: int, found: Fuzzed) -> Iterator[None]:
    quiet = threading.Event()
    strangers = [Stranger(path, 1_000 * seed + number, quiet) for number in range(STRANGERS)]
    for one in strangers:
        one.start()
    try:
        yield
    finally:
        quiet.set()
        for one in strangers:
            one.join(PATIENCE)
            found.sent += one.sent


def _stretch(honest: Honest, pid: int, seconds: float) -> float:
    """Return the epochs a second of the worker's processor time over so long, by what the watcher is told."""
    epoch, begun = honest.wait(), thread_seconds(pid)
    time.sleep(seconds)
    return (honest.wait() - epoch) / (thread_seconds(pid) - begun)


def make_run(store: RunStore) -> Run:
    """Return the run that is fuzzed at."""
    return store.create(presets.load("breast-cancer", set={"training.epochs": FOREVER}), [42])


def main() -> int:
    """Fuzz as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with store_of_its_own():
        return report(fuzz(make_run(RunStore()), seconds=60 * options.minutes, seed=options.seed, tell=True))


if __name__ == "__main__":
    sys.exit(main())
