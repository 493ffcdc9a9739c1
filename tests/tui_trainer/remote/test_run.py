"""Runs of another machine whose program is another version, or none of ours, with a script in ssh's place."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path

import pytest

from engine.errors import InputError, TrainerError, WorkerError
from engine.protocol.version import PROTOCOL
from tui_trainer.cli.program import main
from tui_trainer.remote.targets import TargetRuns

SCRIPT = """
import sys
words = sys.argv[-1]
answers = {answers!r}
for command, (text, status) in answers.items():
    if words.startswith("tui-trainer " + command):
        print(text, file=sys.stderr if status else sys.stdout)
        sys.exit(status)
sys.exit("no answer to " + words)
"""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the script that stands in for ssh."""
    script = tmp_path / "ssh.py"
    monkeypatch.setenv("TUI_TRAINER_SSH", shlex.join([sys.executable, str(script)]))
    return script


def answer(script: Path, **answers: tuple[str, int]) -> None:
    script.write_text(SCRIPT.format(answers=answers))


def listed(**changed: object) -> str:
    run = {"run": "wine-1", "preset": "wine", "state": "running", "epoch": 3, "epochs": 50, "version": "0.0.9"}
    return json.dumps({**run, "protocol": PROTOCOL, "socket": "/tmp/tui-trainer-0/x.sock", **changed})


def opened(target: str) -> TrainerError:
    """Return what is complained when a target is opened."""
    runs = TargetRuns([target])
    runs.ask(str, ask_user=False)
    with pytest.raises(TrainerError) as error:
        runs.first(str, ask_user=False)
    return error.value


def test_another_version_on_the_other_side_is_named_with_both_protocols(box: Path) -> None:
    answer(box, runs=(listed(protocol=4), 0), serve=("tui-trainer: there is no command or preset 'serve'", 2))
    error = opened("box:wine-1")
    assert isinstance(error, WorkerError)
    assert str(error).startswith("box: run wine-1 is served by tui-trainer 0.0.9 (protocol 4), this is protocol ")
    assert "use the same version on both sides" in str(error)


def test_a_path_that_the_other_side_names_is_checked_before_ssh_is_told(box: Path) -> None:
    answer(box, runs=(listed(socket="-oProxyCommand=reboot"), 0))
    with pytest.raises(InputError, match="expected a plain path"):
        TargetRuns(["box"]).ask(str, ask_user=False)
    answer(box, runs=(listed(socket=None), 0), serve=(listed(socket="/tmp/%h.sock"), 0))
    assert "expected a plain path" in str(opened("box:wine-1"))


def test_a_machine_without_runs_has_none_to_watch(box: Path) -> None:
    answer(box, runs=("", 0))
    assert str(opened("box")) == "box: there are no runs yet to watch"


def test_of_several_machines_one_that_does_not_answer_is_told_of_and_the_others_are_shown(box: Path) -> None:
    box.write_text("import sys\nsys.exit(255 if 'lab2' in sys.argv else print('" + listed() + "'))")
    said: list[str] = []
    runs = TargetRuns(["lab2", "box"])
    runs.ask(said.append, ask_user=False)
    assert said == ["lab2: connecting…", "lab2: cannot be reached", "box: connecting…"]
    assert runs.lists_first


async def test_lists_of_several_machines_are_one_and_nobody_waits_for_them(box: Path) -> None:
    box.write_text("import sys\nsys.exit(255 if 'lab2' in sys.argv else print('" + listed() + "'))")
    runs = TargetRuns(["lab2", "box"])
    runs.ask(str, ask_user=False)
    lines = await runs.service.list_runs()
    assert [(line.name, line.state, line.is_host) for line in lines] == [
        ("lab2:", None, True),
        ("box:wine-1", "running", False),
    ]
    assert runs.service.can_make("box:wine-1")
    with pytest.raises(InputError, match="box: there is no run wine-2; there: wine-1"):
        await runs.service.open("box:wine-2")


def test_scripts_get_one_line_and_status_1_where_nothing_can_be_watched(
    box: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    answer(box, runs=("sh: tui-trainer: not found", 127))
    assert main(["watch", "box:wine-1", "--until", "finished"]) == 1
    assert "box: there is no tui-trainer that can be run" in capfd.readouterr().err


@pytest.mark.parametrize("target", ["-oProxyCommand=x", "a b", "x.csv/"])
def test_a_bad_target_is_bad_input(target: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "--until", "finished", "--", target]) == 2
    assert len(capfd.readouterr().err.splitlines()) == 1
