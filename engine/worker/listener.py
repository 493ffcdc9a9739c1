"""The file of the worker's socket, and who knocks there."""

from __future__ import annotations

import socket
import stat
from contextlib import suppress
from pathlib import Path

from engine.errors import InputError, sanitize
from engine.store.sockets import make_private

_BACKLOG = 64


class Listener:
    """Listens on a Unix socket.

    Args:
        path: The socket's file, in a private folder. Whoever holds the run's lock owns it.

    Raises:
        InputError: The folder is not private, or something is in the socket's place.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket = _listen(path)
        self._file = _identity(path)

    def fileno(self) -> int:
        """Return its descriptor, by which selectors know it."""
        return self._socket.fileno()

    def accept(self) -> socket.socket | None:
        """Return the next peer; None where nobody waits."""
        try:
            return self._socket.accept()[0]
        except OSError:  # nobody, or one that hung up before it was heard, or no descriptors left
            return None

    def is_lost(self) -> bool:
        """Say whether the socket's file vanished, or is another one's."""
        try:
            return self._path.parent.is_symlink() or _identity(self._path) != self._file
        except OSError:
            return True

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def remove(self) -> None:
        """Take the file away, if it is still this one's."""
        if not self.is_lost():
            self._path.unlink(missing_ok=True)


def _listen(path: Path) -> socket.socket:
    make_private(path.parent)
    _clear(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise InputError(f"{sanitize(path)}: cannot be listened on ({sanitize(error.strerror or error)})") from None
    return listener


def _identity(path: Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_dev, status.st_ino


def _clear(path: Path) -> None:
    """Take away what lies in the socket's place: a dead worker's, for whoever holds the run's lock owns it.

    Raises:
        InputError: It is a folder.
    """
    with suppress(FileNotFoundError):
        if stat.S_ISDIR(path.lstat().st_mode):
            raise InputError(f"{sanitize(path)}: expected a socket, found a folder; remove it")
        path.unlink()
