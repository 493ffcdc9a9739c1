"""What ssh has to ask its user: on the terminal while there is no screen, and never in the middle of one.

A real sshd, a key with a passphrase, and a jump host (the same machine, by another name) whose ssh is not told of
``BatchMode``.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.sshd import KEYGEN, Box, needs_private_folder, needs_sshd, running_box
from tests.terminal import Terminal

pytestmark = [needs_sshd, needs_private_folder]

PASSPHRASE = "open sesame"  # noqa: S105 - of a key that the test makes
ASK = """
import sys
from engine.errors import TrainerError
from tui_trainer.remote.ssh import Ssh
try:
    print("answer:", Ssh(sys.argv[1], "echo").ask("hello", ask_user=sys.argv[2] == "ask"), end="")
except TrainerError as error:
    print("error:", error)
"""


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with running_box(tmp_path_factory.mktemp("asking")) as box:
        if reason := box.why_no_login():
            pytest.skip(reason)
        yield box


@pytest.fixture(scope="module")
def configuration(box: Box) -> Path:
    """Return a configuration of ssh in which ``locked`` wants a passphrase, and ``far`` lies behind it."""
    locked = box.folder / "locked"
    words = [KEYGEN or "", "-q", "-t", "ed25519", "-N", PASSPHRASE, "-f", str(locked)]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    with (box.folder / "authorized_keys").open("ab") as keys:
        keys.write((box.folder / "locked.pub").read_bytes())
    path = box.folder / "config"
    path.write_text(
        f"Host locked\n  IdentityFile {locked}\n"
        f"Host near\n  IdentityFile {box.folder / 'key'}\n  ProxyJump open\n"
        f"Host open\n  IdentityFile {box.folder / 'key'}\n"
        f"Host far\n  IdentityFile {box.folder / 'key'}\n  ProxyJump locked\n"
        f"Host *\n  HostName 127.0.0.1\n  Port {box.port}\n  IdentitiesOnly yes\n  IdentityAgent none\n"
        f"  HostKeyAlias box\n  StrictHostKeyChecking accept-new\n  GlobalKnownHostsFile /dev/null\n"
        f"  UserKnownHostsFile {box.folder / 'known_hosts'}\n"
    )
    return path


def asking(configuration: Path, host: str, how: str) -> Terminal:
    program = [sys.executable, "-c", ASK, host, how]
    return Terminal(program=program, environment={"TUI_TRAINER_SSH": f"ssh -F {configuration}"})


@pytest.mark.parametrize("host", ["locked", "far"])
def test_a_passphrase_is_asked_for_on_the_terminal_also_by_the_jump_host(configuration: Path, host: str) -> None:
    with asking(configuration, host, "ask") as terminal:
        terminal.wait_for("Enter passphrase for key")
        terminal.press(PASSPHRASE, "enter")
        terminal.wait_for("answer: hello")
        assert PASSPHRASE not in terminal.text
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("host", ["locked", "far"])
def test_beside_a_screen_nobody_is_asked_not_even_by_the_jump_host(configuration: Path, host: str) -> None:
    with asking(configuration, host, "silent") as terminal:
        terminal.wait_for("error: ")
        assert terminal.wait_for_end() == 0
        assert "passphrase" not in terminal.text
        assert f"error: {host}: " in terminal.text


def test_a_jump_host_is_passed_without_a_question_where_its_key_is_open(configuration: Path) -> None:
    with asking(configuration, "near", "silent") as terminal:
        terminal.wait_for("answer: hello")
