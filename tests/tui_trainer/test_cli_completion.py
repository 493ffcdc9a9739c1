"""What a shell is told while a command is typed: by click's protocol, and by a real bash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import presets
from engine.store.runs import RunStore
from tests.patience import PATIENCE
from tui_trainer.cli import main
from tui_trainer.cli.worker_need import COMPLETION_VARIABLE


def offered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """Return what is offered for the last of these words."""
    monkeypatch.setenv(COMPLETION_VARIABLE, "bash_complete")
    monkeypatch.setenv("COMP_WORDS", " ".join(["tui-trainer", *words]))
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    return [line.removeprefix("plain,") for line in capsys.readouterr().out.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("att",), ["attach"]),
        (("xo",), ["xor"]),
        (("mine.to",), ["file,mine.to"]),
        (("run", "breast-cancer-"), ["breast-cancer-more-dropout"]),
        (("presets", "win"), ["wine"]),
        (("xor", "--see"), ["--seed", "--seeds"]),
        (("xor", "--set", "training.epo"), ["training.epochs="]),
        (("xor", "--set", "network.layers.1."), [f"network.layers.1.{k}=" for k in ("units", "activation", "dropout")]),
        (("breast-cancer", "--set", "network.layers.9."), []),
        (("xor", "--set", "network."), None),
        (("xor", "--set", "training.loss="), [f"training.loss={loss}" for loss in ("bce", "cce", "mse", "mae")]),
        (("xor", "--set", "training.shuffle=f"), ["training.shuffle=false"]),
        (("xor", "--set", "none.such="), []),
        (("none-such", "--set", "split.va"), ["split.validation="]),
    ],
)
def test_what_is_offered(
    words: tuple[str, ...],
    expected: list[str] | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words_offered = offered(monkeypatch, capsys, *words)
    if expected is None:
        assert {"network.units=", "network.dropout=", "network.initializer="} <= set(words_offered)
    else:
        assert words_offered == expected


def test_the_first_word_is_a_command_or_a_preset(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = offered(monkeypatch, capsys, "")
    assert {"attach", "prune", "run"} < set(words)
    assert set(presets.names()) < set(words)


@pytest.mark.parametrize("command", ["attach", "resume", "stop", "exam", "rename", "delete"])
def test_commands_for_runs_offer_runs(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    RunStore().create(presets.load("xor"), [1], name="mine")
    assert offered(monkeypatch, capsys, command, "m") == ["mine"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"{COMPLETION_VARIABLE}={shell}_complete" in script
    assert "tui-trainer" in script


def test_another_shell_is_refused_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "'tcsh' is not one of 'bash', 'zsh', 'fish'" in line


def test_a_real_bash_completes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "bash"]) == 0
    (tmp_path / "completion").write_text(capsys.readouterr().out)
    program = tmp_path / "tui-trainer"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m tui_trainer "$@"\n')
    program.chmod(0o755)
    typed = f"""
        source {tmp_path}/completion
        compopt() {{ printf "compopt %s %s\\n" "$@"; }}
        COMP_WORDS=(tui-trainer xor --set training.epo)
        COMP_CWORD=3
        _tui_trainer_completion {program}
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", typed],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
        timeout=PATIENCE,
    )
    assert done.stdout.splitlines() == ["compopt -o nospace", "training.epochs="]


def test_in_zsh_no_space_follows_a_path_whose_value_comes_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "zsh"]) == 0
    script = capsys.readouterr().out
    assert "compadd -U -V unsorted -S '' -- ${(M)completions:#*=}" in script
    assert "unsorted -a completions" not in script
