"""A worker that is another's program, or damaged: see ``tests.faults.hostile`` for as many frames as one likes."""

from __future__ import annotations

import asyncio
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import WorkerError
from engine.protocol.framing import MAGIC
from engine.worker.client import Client
from engine.worker.link import MAX_EVENT_BYTES
from tests.faults.hostile import harm
from tests.patience import PATIENCE
from tests.tui_trainer.conftest import exact_pauses

__all__ = ["exact_pauses"]

TIMES = 10


def test_whatever_a_hostile_worker_says_the_screen_stands_and_no_control_character_reaches_it() -> None:
    counts, problems = harm(TIMES, seed=2)
    assert problems == []
    assert counts["shown"]
    assert counts["refused"]


@contextmanager
def saying(data: bytes) -> Iterator[Path]:
    """Give the socket of a worker that says this to whoever connects, again and again, until it is hung up on."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        path = Path(folder) / "worker.sock"
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()

        def say() -> None:
            peer, _ = listener.accept()
            with peer:
                try:
                    while True:
                        peer.sendall(data)
                except OSError:
                    return

        speaker = threading.Thread(target=say, daemon=True)
        speaker.start()
        yield path
        speaker.join(PATIENCE)
        assert not speaker.is_alive(), "it is listened to for ever"


def _framed(*parts: bytes) -> bytes:
    return MAGIC + struct.pack(f">I{len(parts)}Q", len(parts), *map(len, parts)) + b"".join(parts)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (bytes(range(255, 0, -1)) * 20, "not of this protocol"),
        (MAGIC + struct.pack(">IQ", 1, MAX_EVENT_BYTES + 1) + bytes(1_000), "expected at most"),
        (MAGIC + struct.pack(">I", 2**31) + bytes(1_000), "parts"),
        (_framed(b"[" * 50_000), "message"),
        (_framed(b'{"body":{"kind":"refused","reason":"\\u001b[2J\\u009b31m\\u202eowned"}}'), "owned"),
        (_framed(b'{"body":{"kind":"welcome","protocol":5}}'), "required"),
    ],
    ids=["noise", "too large", "too many parts", "nested", "control characters", "half a welcome"],
)
def test_a_watcher_leaves_a_worker_that_speaks_rubbish_with_one_harmless_line(data: bytes, complaint: str) -> None:
    async def greet(path: Path) -> None:
        client = Client(path, alive=lambda: True)
        try:
            await client.hello()
        finally:
            await client.close()

    with saying(data) as path, pytest.raises(WorkerError) as refused:
        asyncio.run(greet(path))
    assert complaint in str(refused.value)
    assert str(refused.value).isprintable()
