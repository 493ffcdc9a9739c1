"""Where a worker's socket lies: in a private folder of the system's temporary directory, under a short name.

Not in the run's directory, whose path may be longer than a Unix socket's may be; not in ``XDG_RUNTIME_DIR``, which
vanishes at the last logout and differs between ssh, cron and the desktop.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
from pathlib import Path

from engine.errors import InputError, sanitize


def longest_path(platform: str) -> int:
    """Return the bytes that a Unix socket's path may have; its address has one more, which is a NUL."""
    return 107 if platform == "linux" else 103  # macOS and the BSDs: sun_path has 104


MAX_PATH_BYTES = longest_path(sys.platform)
SOCKET, LOCK, LOG = ".sock", ".lock", ".log"
"""How the names of a worker's files end, of which the latter two are those of one that only shows a run."""


def socket_path(store_root: Path, run_name: str) -> Path:
    """Return the path of the socket on which the worker of a run listens; the folder it lies in is made.

    Raises:
        InputError: The folder is not a private one of this user's, or the path is too long for a socket.
    """
    folder = Path(tempfile.gettempdir()) / f"tui-trainer-{os.getuid()}"
    make_private(folder)
    identity = os.fsencode(store_root.resolve()) + b"\0" + run_name.encode()
    path = folder / f"{hashlib.sha256(identity).hexdigest()[:16]}{SOCKET}"
    _check_length(path)
    return path


def make_private(folder: Path) -> None:
    """Make the folder for sockets unless it exists, and check it.

    Raises:
        InputError: It cannot be made, or is not a private one of this user's.
    """
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise InputError(f"{sanitize(folder)}: cannot be made a folder for sockets ({error.strerror})") from None
    _check_private(folder)


def check_socket(path: Path) -> None:
    """Check the socket that a run's directory names, before it is connected to.

    Raises:
        InputError: Somebody else may have put it there: what answers need not be the run's worker.
        OSError: There is none.
    """
    _check_length(path)
    path.parent.lstat()
    _check_private(path.parent)
    status = path.lstat()
    if not stat.S_ISSOCK(status.st_mode):
        raise InputError(f"{sanitize(path)}: expected a worker's socket, found something else; remove it")
    if status.st_uid != os.getuid():
        raise InputError(f"{sanitize(path)}: belongs to another user (uid {status.st_uid}), expected {os.getuid()}")


def _check_length(path: Path) -> None:
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        limit = f"the {MAX_PATH_BYTES} bytes that a socket's path may have"
        raise InputError(f"{sanitize(path)}: longer than {limit}; set TMPDIR to a shorter path")


def _check_private(folder: Path) -> None:
    try:
        status = folder.lstat()
    except OSError as error:
        raise InputError(f"{sanitize(folder)}: cannot be made a folder for sockets ({error.strerror})") from None
    if not stat.S_ISDIR(status.st_mode):
        raise InputError(f"{sanitize(folder)}: expected a folder, found a symbolic link; remove it")
    if status.st_uid != os.getuid():
        raise InputError(f"{sanitize(folder)}: belongs to another user (uid {status.st_uid}), expected {os.getuid()}")
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise InputError(
            f"{sanitize(folder)}: is open to other users (mode {mode:03o}), expected 700; chmod or remove it"
        )
