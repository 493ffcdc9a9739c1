from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.protocol.version import PROTOCOL
from tests.faults.sshd import needs_sshd, running_box
from tui_trainer.cli import main
from tui_trainer.doctor.findings import Examination, Finding

FAR = Examination(
    version="9.9",
    protocol=PROTOCOL,
    findings=(Finding(name="store", grade="hint", text="a\x1b[2Jb\u202e", advice="make room"),),
)


def ssh_that_runs(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a command in the place of ssh that answers as a shell on another machine would."""
    (folder / "ssh").write_text(f'#!/bin/sh\nfor last; do :; done\ncase "$last" in\n{script}\nesac\n')
    (folder / "ssh").chmod(0o700)
    monkeypatch.setenv("TUI_TRAINER_SSH", str(folder / "ssh"))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[str]]:
    status = main(["doctor", *words])
    captured = capsys.readouterr()
    return status, [*captured.out.splitlines(), *captured.err.splitlines()]


def test_every_line_says_how_it_stands_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = printed(capsys)
    assert status == int(any(line.startswith("fault") for line in lines))
    names = {line[6:].split()[0] for line in lines[1:] if not line.startswith(" ")}
    assert names >= {"terminal", "processors", "BLAS", "store", "settings", "sockets", "logout", "ssh"}
    for line, following in zip(lines[1:], [*lines[2:], ""], strict=True):
        if line.startswith(("hint", "fault")):
            assert following.strip().startswith("-> ")


def test_json_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    _, (line,) = printed(capsys, "--json")
    found = json.loads(line)
    assert (found["kind"], found["protocol"], found["remote"]) == ("doctor", PROTOCOL, None)
    assert all(finding.keys() == {"name", "grade", "text", "advice"} for finding in found["findings"])


def test_another_machine_tells_of_itself_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answer").write_text(f"Welcome!\n{FAR.model_dump_json()}\n")
    ssh_that_runs(tmp_path, f'*"doctor --json") cat {tmp_path / "answer"};;', monkeypatch)
    status, lines = printed(capsys, "user@box")
    assert status == 0
    assert any(line.startswith("ok    program      version 9.9 there") for line in lines)
    assert lines[-2:] == ["hint  store        a�[2Jb�", "                   -> make room"]
    _, (line,) = printed(capsys, "user@box", "--json")
    assert json.loads(line)["remote"]["version"] == "9.9"


@pytest.mark.parametrize(
    ("script", "name", "words", "status"),
    [
        ("*) echo 'ssh: no route to host' >&2; exit 255;;", "link", "no route to host", 1),
        ("*) echo 'sh: not found' >&2; exit 127;;", "program", "install tui-trainer there", 1),
        ('*--version) echo "tui-trainer, 0.0.1";; *) exit 2;;', "program", "pip install --upgrade", 0),
        ("*--version) echo nonsense;; *) echo '{\"kind\":1}';;", "program", "has no doctor", 0),
    ],
)
def test_what_is_wrong_with_another_machine_is_a_line_with_its_cure(
    script: str,
    name: str,
    words: str,
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ssh_that_runs(tmp_path, script, monkeypatch)
    found, lines = printed(capsys, "box")
    assert found == status
    position = next(n for n, line in enumerate(lines) if line[6:].startswith(name) and not line.startswith("ok"))
    assert words in " ".join(lines[position : position + 2])


def test_an_older_protocol_there_is_said_with_who_is_to_upgrade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for protocol, place in ((PROTOCOL - 1, "there"), (PROTOCOL + 1, "here")):
        (tmp_path / "answer").write_text(FAR.model_copy(update={"protocol": protocol}).model_dump_json())
        ssh_that_runs(tmp_path, f"*) cat {tmp_path / 'answer'};;", monkeypatch)
        _, lines = printed(capsys, "box")
        assert any(line.endswith(f"pip install --upgrade tui-trainer, {place}") for line in lines)


def test_another_build_of_the_same_protocol_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "answer").write_text(FAR.model_copy(update={"messages": "0badcafe"}).model_dump_json())
    ssh_that_runs(tmp_path, f"*) cat {tmp_path / 'answer'};;", monkeypatch)
    _, lines = printed(capsys, "box")
    assert any(line.endswith("-> install the same build on both sides") for line in lines)


@pytest.mark.parametrize("host", ["-oProxyCommand=x", "box:run", "a b", "box;ls"])
def test_what_is_no_host_is_refused(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, (line,) = printed(capsys, "--", host)
    assert status == 2
    assert "host" in line.lower()


@needs_sshd
def test_a_machine_is_examined_over_ssh(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="d") as folder, running_box(Path(folder)) as box:
        for name, value in box.environment().items():
            monkeypatch.setenv(name, value)
        _, lines = printed(capsys, "box")
    assert any("they understand each other" in line for line in lines)
    assert any("BLAS" in line for line in lines)
