"""A lock on a directory of the store: whoever works on it holds it, and the system lets go of it when he dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from engine.errors import TrainerError, sanitize
from engine.store.files import FILE_MODE

LOCK_PATIENCE = 0.2
"""Seconds to wait for a lock that is held: its holder may just be releasing it."""
LOOK_PATIENCE = 30.0
"""Seconds to wait for those who only look whether it is held: an instant, unless the machine stops them in it."""


class HeldError(Exception):
    """Somebody else holds the lock."""


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock whose file is ``path``, in a directory that is there.

    Raises:
        HeldError: Somebody else does.
        TrainerError: The file cannot be written.
    """
    lock = FileLock(path, timeout=LOCK_PATIENCE, mode=FILE_MODE)
    try:
        _acquire(lock, path)
    except OSError as error:
        raise TrainerError(f"{sanitize(path)}: cannot be locked ({error.strerror})") from None
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, path: Path) -> None:
    deadline = time.monotonic() + LOOK_PATIENCE
    while True:
        try:
            lock.acquire(poll_interval=0.01)
        except Timeout:
            if is_held(path) or time.monotonic() > deadline:
                raise HeldError from None
        else:
            return


def is_held(path: Path) -> bool:
    """Say whether somebody holds the lock whose file is ``path``."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # shared: two who look do not see each other
    except FileNotFoundError:
        return False
    except OSError:  # held; or a file system without flock, where the file's existence is the lock
        return True
    return False
