"""A worker's socket on another machine, brought here by one process of ssh."""

from __future__ import annotations

import itertools
import os
import re
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from engine.errors import TrainerError, sanitize
from engine.store.sockets import make_private
from engine.worker.link import LinkLostError
from tui_trainer.remote.listing import LONGEST_LINE, RemoteRun, parse_run
from tui_trainer.remote.ssh import Ssh, SshProcess

LOOK_EVERY: Final = 0.02
MOST_NOISE: Final = 200
"""Lines that the shell there may print before the program has its say."""
_numbers = itertools.count(1)
_OURS = re.compile(r"watch-(\d+)-\d+\.sock")


class Tunnel:
    """Leads from a socket here to one there; ends with this process, and with what it started there.

    Args:
        ssh: Reaches the machine.
        run: The run.
        remote_path: Where its worker listens there, or will.
        ask_user: Whether ssh may ask for a password or about a host's key.
        how: Options of ``serve``: whether the run is to train on, or is not wanted any more where its worker died.

    Attributes:
        path: The socket here.
        remote_path: The socket there.

    Raises:
        InputError: There is no ssh here, or no private folder for sockets.
    """

    def __init__(
        self, ssh: Ssh, run: str, remote_path: str, *, ask_user: bool = False, how: Sequence[str] = ()
    ) -> None:
        self.path = _local_path()
        self.remote_path = remote_path
        self._ssh = ssh
        command = ssh.command("serve", run, *how, ask_user=ask_user, forward=(self.path, remote_path))
        self._process = SshProcess(command, ask_user=ask_user)
        self._ask_user = ask_user

    @property
    def is_open(self) -> bool:
        """Whether ssh is still there."""
        return self._process.is_running

    def wait_forwarded(self) -> None:
        """Wait until the socket is there, for as long as ssh may talk to its user.

        Raises:
            TrainerError: ssh gave up; see ``Ssh.failure``.
        """
        while not self.path.is_socket():
            if not self.is_open:
                raise self._failure()
            time.sleep(LOOK_EVERY)

    def wait_served(self) -> RemoteRun:
        """Wait until the machine says that a worker serves the run, and where.

        Raises:
            TrainerError: It says that there is none, or cannot be reached.
        """
        for _ in range(MOST_NOISE):
            line = self._process.output.readline(LONGEST_LINE)
            if not line:
                raise self._failure()
            if line.lstrip().startswith(b"{"):
                return parse_run(self._ssh.host, line.decode(errors="replace"))
        raise TrainerError(f"{sanitize(self._ssh.host)}: its shell prints without end")

    @property
    def complaint(self) -> str:
        """What ssh complained of last, as of a socket that it may not be asked to connect to; or nothing."""
        return self._process.last_words()

    def _failure(self) -> TrainerError:
        if status := self._process.wait():
            return self._ssh.failure(status, self._process.last_words(), ask_user=self._ask_user)
        return LinkLostError(f"{sanitize(self._ssh.host)}: the link was closed")

    def close(self) -> None:
        """End ssh, and what it runs on the other machine."""
        self._process.end()
        self.path.unlink(missing_ok=True)


def _local_path() -> Path:
    """Return a path for a socket of this process; those of processes that were killed are removed.

    Raises:
        InputError: There is no private folder for it.
    """
    folder = Path(tempfile.gettempdir()) / f"tui-trainer-{os.getuid()}"
    make_private(folder)
    for path in folder.glob("watch-*.sock"):
        owner = _OURS.fullmatch(path.name)
        if owner and _is_gone(int(owner[1])):
            with suppress(OSError):
                path.unlink()
    return folder / f"watch-{os.getpid()}-{next(_numbers)}.sock"


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
