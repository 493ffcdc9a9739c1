"""What killed workers leave in the folder of sockets is cleared away; what is alive, or new, is not."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

from engine.store import locks
from engine.worker.stale_sockets import STALE_AFTER, remove_stale


def aged(path: Path) -> Path:
    before = time.time() - 2 * STALE_AFTER
    os.utime(path, (before, before))
    return path


def bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(0)
    return listener


def test_the_dead_go_and_the_living_the_new_and_the_strange_stay(tmp_path: Path) -> None:
    folder = Path(os.path.relpath(tmp_path))
    with bound(folder / "alive.sock"), bound(folder / "busy.sock") as busy, socket.socket(socket.AF_UNIX) as waiting:
        waiting.connect(str(folder / "busy.sock"))  # as many as are let in wait there
        for name in ("dead", "new"):
            bound(folder / f"{name}.sock").close()
        for name in (
            "dead.log",
            "gone.log",
            "gone.lock",
            "alive.log",
            "held.lock",
            "held.log",
            "notes.txt",
            "file.sock",
        ):
            (folder / name).touch()
        for path in folder.iterdir():
            if path.name != "new.sock":
                aged(path)
        with locks.hold(folder / "held.lock"):
            aged(folder / "held.lock")
            remove_stale(folder)
            left = {path.name for path in folder.iterdir()}
        assert busy.fileno() >= 0
    assert {
        "alive.sock",
        "busy.sock",
        "new.sock",
        "alive.log",
        "held.lock",
        "held.log",
        "notes.txt",
        "file.sock",
    } <= left
    assert not left & {"dead.sock", "gone.log", "gone.lock"}
    remove_stale(folder / "nowhere")
