"""An sshd of the test's own: unprivileged, on a high port of the loopback, with keys and configuration in a folder.

Nothing of the system's or the user's ssh is read or written; what runs on "the other machine" has a store of its own.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.patience import PATIENCE

SSHD: Final = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
KEYGEN: Final = shutil.which("ssh-keygen")

PRIVATE_FOLDER: Final = Path("/run/sshd")
"""Into which an sshd that root has started shuts its network side; packages or the system's start make it."""

needs_sshd = pytest.mark.skipif(
    SSHD is None or KEYGEN is None or shutil.which("ssh") is None,
    reason="there is no sshd, or no ssh, on this machine: apt-get install openssh-server",
)
needs_private_folder = pytest.mark.skipif(
    os.getuid() == 0 and not PRIVATE_FOLDER.is_dir(), reason=f"sshd as root needs {PRIVATE_FOLDER}: mkdir it"
)


class Box:
    """A machine that is reached by ssh: this one, with another home and another store.

    Args:
        folder: Where all of it lies; short, as sockets lie below it.

    Attributes:
        home: The store of runs there.
        port: Where sshd listens.
        program: What tui-trainer is called there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "store"
        self.port = 0
        self.program = folder / "bin" / "tui-trainer"
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("host_key", "key"):
            words = [KEYGEN or "", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
        (folder / "authorized_keys").write_bytes((folder / "key.pub").read_bytes())
        (folder / "authorized_keys").chmod(0o600)
        (folder / "known_hosts").write_text(f"[127.0.0.1]:* {(folder / 'host_key.pub').read_text()}")
        self._write_program()

    def _write_program(self) -> None:
        self.program.parent.mkdir()
        self.program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m tui_trainer "$@"\n')
        self.program.chmod(0o755)

    def _write_configuration(self) -> None:
        environment = {
            "TUI_TRAINER_HOME": self.home,
            "TUI_TRAINER_CACHE": self.folder / "cache",
            "PYTHONPATH": os.pathsep.join(path for path in (str(Path.cwd()), os.environ.get("PYTHONPATH", "")) if path),
        }
        lines = [
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {self.folder / 'host_key'}",
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
            f"PidFile {self.folder / 'sshd.pid'}",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "PermitRootLogin yes",
            "AllowStreamLocalForwarding yes",
            "LogLevel VERBOSE",
            "SetEnv " + " ".join(f"{key}={value}" for key, value in environment.items()),
        ]
        (self.folder / "sshd_config").write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        """Start sshd, and wait until it listens; on another port where somebody else takes the one that was free."""
        log = self.folder / "sshd.log"
        deadline = time.monotonic() + PATIENCE
        while True:
            self.port = free_port()
            self._write_configuration()
            log.write_text("")
            words = [SSHD or "", "-D", "-f", str(self.folder / "sshd_config"), "-E", str(log)]
            self._process = subprocess.Popen(words)
            while self._process.poll() is None and "Server listening" not in log.read_text():
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.01)
            if self._process.poll() is None:
                return
            assert "Address already in use" in log.read_text(), log.read_text()

    def why_no_login(self) -> str:
        """Return why nobody can log in, as where the account is locked; empty where one can."""
        words = [*shlex.split(self.ssh()), "-o", "BatchMode=yes", "box", "true"]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"sshd lets nobody in: {done.stderr.strip()[-200:]}"

    def stop(self) -> None:
        """End sshd; connections that there are go on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def ssh(self, port: int | None = None) -> str:
        """Return the words by which ssh reaches it, for ``TUI_TRAINER_SSH``; ``port`` is that of a proxy before it."""
        options = [
            f"Port={port or self.port}",
            "HostName=127.0.0.1",
            f"IdentityFile={self.folder / 'key'}",
            "IdentitiesOnly=yes",
            f"UserKnownHostsFile={self.folder / 'known_hosts'}",
            "GlobalKnownHostsFile=/dev/null",
            "HostKeyAlias=box",
            "StrictHostKeyChecking=accept-new",
        ]
        return shlex.join(["ssh", "-F", "none", *(word for option in options for word in ("-o", option))])

    def environment(self, port: int | None = None) -> dict[str, str]:
        """Return what a watcher's environment must have to reach it."""
        return {"TUI_TRAINER_SSH": self.ssh(port), "TUI_TRAINER_REMOTE_PROGRAM": str(self.program)}


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running_box(folder: Path) -> Iterator[Box]:
    """Run a machine that is reached by ssh."""
    box = Box(folder)
    box.start()
    try:
        yield box
    finally:
        box.stop()
