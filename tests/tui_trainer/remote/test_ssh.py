"""How ssh is called and understood, with a program in its place that is none."""

from __future__ import annotations

import os
import shlex
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from engine.errors import InputError, TrainerError
from engine.worker.link import LinkLostError
from tui_trainer.remote import ssh as ssh_module
from tui_trainer.remote.ssh import Ssh


def fake(body: str, program: str | None = None) -> Ssh:
    """Return an ssh that is a line of Python, with what it is told in ``sys.argv``."""
    words = shlex.join([sys.executable, "-c", f"import sys; {body}"])
    return Ssh("box", program, {"TUI_TRAINER_SSH": words})


def options(command: list[str]) -> set[str]:
    return {value for flag, value in pairwise(command) if flag == "-o"}


def test_each_call_is_a_connection_of_its_own_that_ends_where_it_cannot_forward() -> None:
    ssh = Ssh("ada@box", None, {})
    forward = (Path("/tmp/here.sock"), "/tmp/there.sock")
    command = ssh.command("serve", "wine-1", ask_user=True, forward=forward)
    assert command[0] == "ssh"
    assert command[-2:] == ["ada@box", "tui-trainer serve wine-1"]
    assert command[command.index("-L") + 1] == "/tmp/here.sock:/tmp/there.sock"
    assert {"ControlPath=none", "ExitOnForwardFailure=yes", "StreamLocalBindUnlink=yes"} <= options(command)
    assert any(option.startswith("ServerAliveInterval=") for option in options(command))
    assert "BatchMode=yes" not in options(command)
    assert "BatchMode=yes" in options(ssh.command("runs", "--json", ask_user=False))
    assert "ClearAllForwardings=yes" in options(ssh.command("runs", "--json", ask_user=False))


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("/opt/my venv/bin/tui-trainer", "'/opt/my venv/bin/tui-trainer'"),
        ("~/venv/bin/tui-trainer", "~/venv/bin/tui-trainer"),
        ("~/my venv/x; reboot", "~/'my venv/x; reboot'"),
        ("$(reboot)", "'$(reboot)'"),
    ],
)
def test_words_reach_the_other_shell_as_they_are(program: str, word: str) -> None:
    command = Ssh("box", program, {}).command("rename", "a; b", "$c", ask_user=False)
    assert command[-1] == f"{word} rename 'a; b' '$c'"


def test_the_environment_names_ssh_and_the_program() -> None:
    ssh = Ssh("box", None, {"TUI_TRAINER_SSH": "my-ssh -p '2 2'", "TUI_TRAINER_REMOTE_PROGRAM": "/x/tui"})
    command = ssh.command("runs", ask_user=False)
    assert command[:3] == ["my-ssh", "-p", "2 2"]
    assert command[-1] == "/x/tui runs"
    with pytest.raises(InputError, match="TUI_TRAINER_SSH: expected the words of a command"):
        Ssh("box", None, {"TUI_TRAINER_SSH": "ssh 'x"})


def test_what_the_other_machine_prints_is_returned() -> None:
    assert fake("print(sys.argv[-1])").ask("runs", "--json") == "tui-trainer runs --json\n"


@pytest.mark.parametrize(
    ("status", "said", "kind", "line"),
    [
        (255, "ssh: connect to host box port 22: No route to host", LinkLostError, "box: ssh: connect to host box"),
        (255, "", LinkLostError, "box: cannot be reached"),
        (127, "sh: tui-trainer: not found", InputError, "box: there is no tui-trainer that can be run; install"),
        (126, "", InputError, "--remote-program PATH or TUI_TRAINER_REMOTE_PROGRAM"),
        (2, "tui-trainer: run x: there is none", InputError, "box: run x: there is none"),
        (1, "\x1b[2Jbad", InputError, "box: �\\[2Jbad"),
        (3, "", InputError, "box: tui-trainer ended with status 3"),
    ],
)
def test_failures_are_told_in_a_line(status: int, said: str, kind: type[TrainerError], line: str) -> None:
    noise = "Warning: Permanently added box to the list of known hosts."
    ssh = fake(f"print({said!r}, {noise!r}, sep=chr(10), file=sys.stderr); sys.exit({status})")
    with pytest.raises(kind, match=line):
        ssh.ask("runs")


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(InputError, match="no-such-ssh: cannot be run"):
        Ssh("box", None, {"TUI_TRAINER_SSH": "no-such-ssh"}).ask("runs")


def test_a_machine_that_prints_without_end_is_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssh_module, "MOST_OUTPUT", 10_000)
    with pytest.raises(TrainerError, match="box: answered with more than 10000 bytes"):
        fake("[print('x' * 1000) for _ in iter(int, 1)]").ask("runs")


def test_complaints_without_end_keep_nobody_waiting() -> None:
    ssh = fake("[sys.stderr.write('y' * 999 + chr(10)) for _ in range(2000)]; print('done')")
    assert ssh.ask("runs") == "done\n"


@pytest.mark.parametrize(("ask_user", "has_terminal"), [(True, True), (False, False)])
def test_only_who_may_ask_shares_the_terminal_of_the_screen(ask_user: bool, has_terminal: bool) -> None:
    told = fake("import os; print(os.getsid(0), os.environ.get('SSH_ASKPASS_REQUIRE'))").ask("runs", ask_user=ask_user)
    session, askpass = told.split()
    assert (int(session) == os.getsid(0)) is has_terminal
    assert (askpass == "never") is not has_terminal


def test_what_is_given_is_found_on_stdin() -> None:
    assert fake("print(sys.stdin.read()[::-1])").ask("serve", given="word") == "drow\n"


def test_a_password_that_nobody_could_be_asked_for_is_told_with_what_to_do() -> None:
    denied = "ada@box: Permission denied (publickey,password)."
    body = f"sys.stderr.write({denied!r}); sys.exit(255)"
    with pytest.raises(LinkLostError, match=r"password\)\.; beside the screen no password is asked for: ssh-add"):
        fake(body).ask("runs")
    with pytest.raises(LinkLostError) as error:
        fake(body).ask("runs", ask_user=True)
    assert str(error.value) == f"box: {denied}"
