"""The system's ssh: how it is called for one machine, and what its failures mean.

Keys, agent, jump hosts and known hosts are those of the user's ssh configuration. Each call is a connection of its own
(``ControlPath=none``): a forwarded socket must end with the watcher that wanted it, not with somebody's master.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, cast

from engine.errors import InputError, TrainerError, sanitize
from engine.worker.link import LinkLostError

PROGRAM: Final = "tui-trainer"
PROGRAM_VARIABLE, SSH_VARIABLE = "TUI_TRAINER_REMOTE_PROGRAM", "TUI_TRAINER_SSH"

ALIVE_EVERY, ALIVE_TIMES = 5, 3
"""Seconds between two signs of life that ssh asks for, and how many may be missed before it gives up."""
CONNECT_TIMEOUT: Final = 15
"""Seconds in which a machine must answer at all."""
MOST_OUTPUT: Final = 4 * 2**20
"""Bytes that are read of what a machine answers."""
_TAIL = 4096
_FAILED, _NOT_FOUND, _NOT_EXECUTABLE = 255, 127, 126
_DENIED: Final = "Permission denied"
_NOBODY_ASKED: Final = "beside the screen no password is asked for: ssh-add a key, or leave and watch again"

_ALWAYS: Final = (
    "ControlPath=none",
    "ExitOnForwardFailure=yes",
    "StreamLocalBindUnlink=yes",
    f"ServerAliveInterval={ALIVE_EVERY}",
    f"ServerAliveCountMax={ALIVE_TIMES}",
    f"ConnectTimeout={CONNECT_TIMEOUT}",
    "Compression=yes",  # of frames, whose words are alike, less than half is left
    "ForwardX11=no",
    "RemoteCommand=none",
    "RequestTTY=no",
)
"""Options of every call; what forwarding or command the user's configuration has for the host is not ours."""


class SshProcess:
    """One process of ssh; what it complains about is kept off the screen.

    Args:
        command: Its words.
        ask_user: Whether it may ask for what it needs to know. Else it has no terminal to ask on: ``BatchMode`` is not
            handed on to the ssh that reaches a jump host, which would ask in the middle of the screen.

    Attributes:
        output: What the program on the other machine prints.

    Raises:
        InputError: There is no such command here.
    """

    def __init__(self, command: Sequence[str], *, ask_user: bool = False) -> None:
        pipe = subprocess.PIPE
        asking = {} if ask_user else {"SSH_ASKPASS_REQUIRE": "never"}
        try:
            self._process = subprocess.Popen(
                command,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=not ask_user,
                env=os.environ | asking,
            )
        except OSError as error:
            raise InputError(f"{sanitize(command[0])}: cannot be run ({error.strerror})") from None
        streams = self._process.stdin, self._process.stdout, self._process.stderr
        self._input, self.output, self._errors = (cast("IO[bytes]", stream) for stream in streams)
        self._tail = b""
        self._reader = threading.Thread(target=self._read_errors, daemon=True)
        self._reader.start()

    def _read_errors(self) -> None:
        """Read complaints as they come, so that they never wait for a reader, and keep the last of them."""
        with self._errors as stream:
            while data := os.read(stream.fileno(), _TAIL):
                self._tail = (self._tail + data)[-_TAIL:]

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def close_input(self, last: bytes = b"") -> None:
        """Let the program there find the end of what it reads, after some last bytes."""
        with suppress(OSError):  # it has ended, and says why
            if last:
                self._input.write(last)
        with suppress(OSError):
            self._input.close()

    def wait(self) -> int:
        """Wait for its end, and return its status."""
        return self._process.wait()

    def last_words(self) -> str:
        """Return the last line that it complained, harmless to print; empty where there is none."""
        if not self.is_running:
            self._reader.join(1.0)
        lines = [line.strip() for line in self._tail.decode(errors="replace").splitlines()]
        return sanitize(next((line for line in reversed(lines) if line and "Permanently added" not in line), ""), 300)

    def end(self) -> None:
        """End it, and with it what it runs on the other machine."""
        self.close_input()
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.output.close()  # only now: whoever reads it holds it until there is nothing to come


class Ssh:
    """Calls ssh for one machine.

    Args:
        host: The machine, as ssh is told it; see ``remote.target``.
        program: How tui-trainer is called there; None for what the environment says.
        environment: In which the words for ssh are looked up.
    """

    def __init__(self, host: str, program: str | None = None, environment: Mapping[str, str] = os.environ) -> None:
        self.host = host
        self.program = program or environment.get(PROGRAM_VARIABLE) or PROGRAM
        try:
            self._words = shlex.split(environment.get(SSH_VARIABLE, "")) or ["ssh"]
        except ValueError as error:
            raise InputError(f"{SSH_VARIABLE}: expected the words of a command ({error})") from None

    def command(self, *words: str, ask_user: bool, forward: tuple[Path, str] | None = None) -> list[str]:
        """Return the command that runs the program there with these words.

        Args:
            words: Arguments; each arrives as it is, whatever the shell there makes of such characters.
            ask_user: Whether ssh may ask for a password or about a host's key.
            forward: A socket to be made here, and the one there to which it leads.
        """
        options = [
            *_ALWAYS,
            *([] if ask_user else ["BatchMode=yes"]),
            *([] if forward else ["ClearAllForwardings=yes"]),
        ]
        forwarding = ["-L", f"{forward[0]}:{forward[1]}"] if forward else []
        flags = ["-T", *(part for option in options for part in ("-o", option)), *forwarding]
        return [*self._words, *flags, self.host, " ".join([_quoted_program(self.program), *map(shlex.quote, words)])]

    def ask(self, *words: str, ask_user: bool = False, given: str = "", accepted: Collection[int] = (0,)) -> str:
        """Run the program there with these words, and return what it prints.

        Args:
            words: Arguments; see ``command``.
            ask_user: See ``command``.
            given: What it finds on its stdin.
            accepted: Statuses with which it has done what it was asked.

        Raises:
            LinkLostError: The machine cannot be reached.
            TrainerError: See ``failure``; or it prints without end.
        """
        process = SshProcess(self.command(*words, ask_user=ask_user), ask_user=ask_user)
        try:
            process.close_input(given.encode())
            output = process.output.read(MOST_OUTPUT + 1)
            if len(output) > MOST_OUTPUT:
                raise TrainerError(f"{sanitize(self.host)}: answered with more than {MOST_OUTPUT} bytes")
            status = process.wait()
        finally:
            process.end()
        if status not in accepted:
            raise self.failure(status, process.last_words(), ask_user=ask_user)
        return output.decode(errors="replace")

    def failure(self, status: int, line: str, *, ask_user: bool = False) -> TrainerError:
        """Return what an exit status other than 0 means.

        Args:
            status: Of ssh, which passes that of the program on.
            line: The last line of what was complained.
            ask_user: Whether ssh could ask for a password.
        """
        host = sanitize(self.host)
        said = line.removeprefix(f"{PROGRAM}: ")
        if status == _FAILED or status < 0:
            hint = f"; {_NOBODY_ASKED}" if _DENIED in said and not ask_user else ""
            return LinkLostError(f"{host}: {said or 'cannot be reached'}{hint}")
        if status in {_NOT_FOUND, _NOT_EXECUTABLE}:
            return InputError(
                f"{host}: there is no {sanitize(self.program)} that can be run; install tui-trainer there, or name it "
                f"by --remote-program PATH or {PROGRAM_VARIABLE} (ssh runs commands without what a login would set up)"
            )
        return InputError(f"{host}: {said or f'{sanitize(self.program)} ended with status {status}'}")


def _quoted_program(program: str) -> str:
    """Return the program as a word for the shell there, which may be one of its user's home."""
    home, slash, rest = program.partition("/")
    return f"~/{shlex.quote(rest)}" if home == "~" and slash and rest else shlex.quote(program)
