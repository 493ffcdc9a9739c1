"""What the user may get wrong: one line on stderr, status 2, nothing on stdout, nothing left in the store."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import TrainerError
from engine.store.runs import RunStore
from presets import load
from tui_trainer.cli import main, program

HUGE = "[" + '{units = 100_000, activation = "relu"}, ' * 9 + '{units = 1, activation = "sigmoid"}]'


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 2) -> str:
    assert main(arguments) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert line.isprintable()
    return line.removeprefix("tui-trainer: ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["brest-cancer"], "no preset 'brest-cancer' (did you mean breast-cancer"),
        (["run", "brest-cancer"], "no preset 'brest-cancer'"),
        (["none.toml"], "none.toml: cannot be read"),
        (["\x1b[31m"], "no preset"),
        (["--nonsense"], "No such option '--nonsense'"),
        (["run", "--nonsense"], "No such option '--nonsense'"),
        (["run", "xor", "wine"], "unexpected extra argument (wine)"),
        (["xor", "--set", "training.rate=1"], "training.rate: unknown key"),
        (["xor", "--set", "training.epoch=1"], "training.epoch: unknown key; did you mean epochs?"),
        (["xor", "--set", "data.noize=1"], "data.noize: unknown key; did you mean noise?"),
        (["xor", "--set", "data.source=xorr"], "data.source: there is no source 'xorr'; expected one of xor"),
        (["xor", "--set", "training=1"], "training: expected a table (got 1)"),
        (["xor", "--set", "network.layers=3"], "network.layers: expected a list (got 3)"),
        (["xor", "--set", "training.epochs=true"], "training.epochs: expected another value than true"),
        (["xor", "--set", "training.learning_rate=-1"], "training.learning_rate: expected a number above 0"),
        (["xor", "--set", "network.dropout=1"], "network.layers.0.dropout: expected a number below 1"),
        (["xor", "--set", "\x1b[31m=1"], "unknown key"),
        (["xor", "--set", "training.epochs.x=1"], "training.epochs.x: there is no 'x'"),
        (["xor", "--set", "network.layers.9.units=1"], "network.layers.9.units: there is no '9'"),
        (["xor", "--set", "training.epochs=many"], "training.epochs: expected a whole number"),
        (
            ["xor", "--headless", "--set", f"network.layers={HUGE}"],
            "network.layers: too large: training it takes about",
        ),
        (["xor", "--set", "nonsense"], "expected path=value"),
        (["xor", "--pace", "0"], "expected max, or epochs a second above 0"),
        (["xor", "--epochs", "-1"], "'--epochs': expected a whole number from 0 on (got -1)"),
        (["xor", "--epochs", "x"], "'--epochs': expected a whole number from 0 on (got x)"),
        (["xor", "--refresh", "fast"], "'--refresh': expected a number above 0, at most 60 (got fast)"),
        (["xor", "--seed", "-1"], "'--seed'"),
        (["xor", "--seed", str(2**32)], "'--seed'"),
        (["xor", "--seeds", "0"], "'--seeds'"),
        (["xor", "--seed", str(2**32 - 1), "--seeds", "2"], "seeds end at"),
        (
            ["xor", "--name", "No Name"],
            "run name 'No Name': expected small letters, digits and dashes; no-name would do",
        ),
        (["xor", "--name", "Größe_2"], "grosse-2 would do"),
        (["xor", "--detach", "--exam"], "--exam"),
        (["breast-cancer", "--data", "none.csv"], "none.csv: cannot be read (there is no such file or folder)"),
        (["xor", "--data", __file__.removesuffix(".py")], "cannot be read (there is no such file or folder)"),
        (["zzz", "--help"], "there is no command or preset 'zzz'; tui-trainer --help lists the commands"),
        (["xr", "-h"], "there is no command or preset 'xr'; did you mean xor?"),
        (["atach"], "there is no command or preset 'atach'; did you mean the command attach?"),
        (["resum", "xor-1"], "did you mean the command resume?"),
        (["presets", "brest-cancer"], "no preset 'brest-cancer'"),
        (["attach"], "no runs yet"),
        (["attach", "none-1"], "run none-1: there is none of this name"),
        (["resume"], "Missing argument 'RUN'"),
        (["resume", "none-1"], "run none-1: there is none of this name"),
        (["stop", "none-1"], "run none-1: there is none of this name"),
        (["exam", "../none"], "run name '../none'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert expected in complaint(capsys, *arguments)
    assert RunStore().runs() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", "rows.csv: expected a header and rows, the file is empty"),
        (b"a,b,y\n1,2,0\n3,1\n", "rows.csv: row 3: expected 3 cells as in the header, got 2"),
        (b"\x1b[31ma,[b]b[/b],z\n1,2,0\n", "row 1: there is no column 'y' (there: "),
    ],
    ids=["empty", "ragged", "no target"],
)
def test_rows_that_the_worker_cannot_read_are_a_line_as_well(
    tmp_path: Path, text: bytes, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rows.csv").write_bytes(text)
    arguments = ("xor", "--headless", "--data", str(tmp_path / "rows.csv"), "--set", "data.target=y")
    assert expected in complaint(capsys, *arguments)
    assert RunStore().runs() == []


def test_a_wrong_key_in_a_file_is_named_with_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\n[data]\nsource = "xor"\n[training]\nloss = "bce"\nrate = 1\n')
    assert complaint(capsys, str(file)).startswith(f"{file}: ")


def test_data_without_a_target_say_how_one_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rows.csv").write_text("a,y\n1,0\n2,1\n")
    line = complaint(capsys, "xor", "--data", str(tmp_path / "rows.csv"))
    assert "rows.csv: data.target: this key is required, as in target = " in line


def test_a_preset_before_help_is_asked_about_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["breast-cancer", "--help"]) == 0
    assert "Usage: tui-trainer run" in capsys.readouterr().out


def test_a_taken_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    RunStore().create(load("xor"), [1], name="mine")
    assert "this name is taken; choose another one, or first: tui-trainer delete mine" in complaint(
        capsys, "xor", "--name", "mine"
    )


def test_without_a_terminal_there_is_nothing_to_attach_with(capsys: pytest.CaptureFixture[str]) -> None:
    RunStore().create(load("xor"), [1], name="mine")
    assert "expected a terminal" in complaint(capsys, "attach", "mine")


def test_a_run_that_nobody_trains_cannot_be_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    RunStore().create(load("xor"), [1], name="mine")
    assert "there is nothing to stop" in complaint(capsys, "stop", "mine")


def test_a_run_that_is_being_trained_cannot_be_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    run = RunStore().create(load("xor"), [1], name="mine")
    with run.lock():
        assert "tui-trainer attach mine" in complaint(capsys, "resume", "mine", status=1)


def test_a_store_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TUI_TRAINER_HOME", str(tmp_path / "file"))
    assert complaint(capsys, "xor").startswith(f"{tmp_path}/file/runs: cannot be written")


def test_a_damaged_run_does_not_hide_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    store = RunStore()
    store.create(load("xor"), [1], name="good")
    broken = store.create(load("xor"), [1], name="broken")
    (broken.path / "run.json").write_text("{")
    assert main(["runs"]) == 0
    captured = capsys.readouterr()
    assert "good" in captured.out
    assert captured.err.startswith("tui-trainer: run broken: run.json: not JSON")
    assert len(captured.err.splitlines()) == 1


def test_beside_a_damaged_run_nobody_is_told_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    broken = RunStore().create(load("xor"), [1])
    (broken.path / "run.json").write_text("{")
    assert main(["runs"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    assert "run.json" in line
    assert "there is no run to attach to that can be read; tui-trainer runs says" in complaint(capsys, "attach")


def test_a_broken_preset_of_ones_own_does_not_hide_the_others(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "config" / "tui-trainer" / "presets"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("x")
    assert main(["presets"]) == 0
    captured = capsys.readouterr()
    assert "breast-cancer" in captured.out
    assert captured.err.startswith(f"tui-trainer: {folder}/broken.toml: line 1")


@pytest.mark.parametrize(("error", "status"), [(TrainerError("no luck"), 1), (KeyboardInterrupt(), 130)])
def test_other_ends_have_their_status(
    error: BaseException, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr(program.program, "main", fail)
    assert main(["runs"]) == status
    assert capsys.readouterr().err.splitlines() == [f"tui-trainer: {error}"] * (status == 1)
