"""Where a worker's socket lies: in a private folder of the system's temporary directory, under a short name.

Not in the run's directory, whose path may be longer than a Unix socket's may be; not in ``XDG_RUNTIME_DIR``, which
vanishes at the last logout and differs between ssh, cron and the desktop.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from engine.errors import InputError, sanitize

MAX_PATH_BYTES = 107
"""A Unix socket's address has 108 bytes, the last of which is a NUL."""


def socket_path(store_root: Path, run_name: str) -> Path:
    """Return the path of the socket on which the worker of a run listens; the folder it lies in is made.

    Raises:
        InputError: The folder is not a private one of this user's, or the path is too long for a socket.
    """
    folder = Path(tempfile.gettempdir()) / f"tui-trainer-{os.getuid()}"
    _make_private(folder)
    identity = os.fsencode(store_root.resolve()) + b"\0" + run_name.encode()
    path = folder / f"{hashlib.sha256(identity).hexdigest()[:16]}.sock"
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        limit = f"the {MAX_PATH_BYTES} bytes that a socket's path may have"
        raise InputError(f"{sanitize(path)}: longer than {limit}; set TMPDIR to a shorter path")
    return path


def _make_private(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
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
