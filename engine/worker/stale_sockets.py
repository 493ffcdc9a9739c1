"""Clear away the sockets of workers that were killed, and what lies beside them."""

from __future__ import annotations

import socket
import stat
import time
from contextlib import suppress
from pathlib import Path

from engine.store import locks
from engine.store.sockets import LOCK, LOG, SOCKET

STALE_AFTER = 60.0
"""Seconds for which a file is left alone: whoever has just made it may not listen yet."""


def remove_stale(folder: Path) -> None:
    """Remove what dead workers have left in a private folder of sockets; that it cannot be is no failure."""
    with suppress(OSError):
        for path in folder.iterdir():
            if path.suffix in {SOCKET, LOCK, LOG} and time.time() - path.lstat().st_mtime > STALE_AFTER:
                _remove_if_stale(path)


def _remove_if_stale(path: Path) -> None:
    with suppress(OSError):
        if path.suffix == SOCKET:
            if stat.S_ISSOCK(path.lstat().st_mode) and _is_deserted(path):
                path.unlink()
        elif not path.with_suffix(SOCKET).exists() and not locks.is_held(path.with_suffix(LOCK)):
            path.unlink()


def _is_deserted(path: Path) -> bool:
    """Say whether nobody listens at a socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knocking:
        knocking.setblocking(False)
        try:
            knocking.connect(str(path))
        except ConnectionRefusedError:
            return True
        except OSError:  # so many wait that no more are let in
            return False
    return False
