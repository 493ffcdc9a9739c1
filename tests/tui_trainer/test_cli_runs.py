"""The command line with real workers: a run's whole life, without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pexpect
import pytest
from filelock import FileLock

from engine.store.runs import RunStore
from tests.patience import PATIENCE
from tui_trainer.cli import main

PROGRAM = [sys.executable, "-m", "tui_trainer"]
ENDLESS = ("xor", "--epochs", "1000000000")  # a million are over in half a minute
SLOW = (*ENDLESS, "--pace", "50")


def call(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(arguments) == status
    return capsys.readouterr().out


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def state(name: str) -> str:
    return RunStore().open(name).summary().state


def spawn(*arguments: str) -> subprocess.Popen[str]:
    """Start the program in a session of its own, and wait until it has told an epoch."""
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    kind = ""
    while kind != "epoch":
        line = process.stdout.readline()
        assert line, process.stderr.read()
        kind = json.loads(line)["kind"]
    return process


def test_the_same_command_twice_gives_the_same_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    command = ("run", "breast-cancer", "--headless", "--json", "--exam", "--seed", "42")
    first, second = call(capsys, *command), call(capsys, *command)
    assert first.replace("breast-cancer-1", "breast-cancer-2") == second
    told = lines(first)
    assert [line["kind"] for line in told] == ["started", *["epoch"] * 50, "finished"]
    assert [line["epoch"] for line in told[1:-1]] == list(range(1, 51))
    assert told[-1]["exam"]["accuracy"] > 0.9
    assert sum(map(sum, told[-1]["exam"]["confusion"])) == 114


def test_flags_reach_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--name", "mine", "--seed", "7", "--epochs", "3", "--pace", "500", "--set", "network.units=[5]")
    told = lines(call(capsys, "xor", "--json", *flags))
    assert told[0] == {**told[0], "run": "mine", "seed": 7, "layers": [[2, 5], [5, 1]]}
    assert told[-1] == {"kind": "finished", "reason": "epochs", "epochs": 3, "exam": None}
    description = RunStore().open("mine").description
    assert (description.pace, description.seeds, description.trained.spec.training.epochs) == (500, (7,), 3)


def test_seeds_train_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    told = lines(call(capsys, "xor", "--json", "--epochs", "2", "--seed", "5", "--seeds", "3"))
    assert told[0]["seed"] == [5, 6, 7]
    assert [len(line["train"]["loss"]) for line in told[1:-1]] == [3, 3]


def test_without_a_terminal_a_run_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    table = call(capsys, "xor", "--epochs", "2")
    assert table.startswith("xor   seed 42   ")
    assert "finished after epoch 2" in table


def test_data_that_is_not_there_is_bad_input_and_leaves_no_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["xor", "--data", str(tmp_path)]) == 2
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"tui-trainer: {tmp_path}")
    assert RunStore().runs() == []


def test_a_run_that_fails_has_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    out = call(capsys, "xor", "--json", "--set", "training.learning_rate=3e38", "--epochs", "50", status=1)
    assert lines(out)[-1]["reason"] == "non_finite"
    assert "NaN" not in out


def test_a_forward_only_run_has_no_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    assert [line["kind"] for line in lines(call(capsys, "loan-neuron", "--json"))] == ["started", "finished"]


def test_detach_stop_and_resume_end_as_the_undisturbed_run(capsys: pytest.CaptureFixture[str]) -> None:
    undisturbed = lines(call(capsys, "xor", "--json", "--epochs", "200"))
    assert call(capsys, "xor", "--detach", "--epochs", "200", "--pace", "100", "--name", "mine") == "mine\n"
    (listed,) = [run for run in lines(call(capsys, "runs", "--json")) if run["run"] == "mine"]
    assert (listed["preset"], listed["state"], listed["epochs"]) == ("xor", "running", 200)
    assert Path(listed["socket"]).is_socket()
    assert "tui-trainer resume mine" in call(capsys, "stop", "mine")
    stopped = RunStore().open("mine").summary()
    assert (stopped.state, stopped.socket) == ("stopped", None)
    resumed = lines(call(capsys, "resume", "mine", "--json"))
    assert resumed == undisturbed[1 + stopped.epoch :]
    assert state("mine") == "finished"


def test_the_exam_of_a_finished_run(capsys: pytest.CaptureFixture[str]) -> None:
    exam = lines(
        call(capsys, "plants-blobs", "--json", "--epochs", "2", "--set", "split.test=.2", "--exam", "--name", "mine")
    )[-1]["exam"]
    later = json.loads(call(capsys, "exam", "mine", "--json"))
    assert {key: later[key] for key in exam} == exam
    assert "accuracy" in call(capsys, "exam", "mine")
    assert len(RunStore().open("mine").metrics.exams()) == 3


def test_a_run_without_a_test_part_has_no_exam_to_open(capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "xor", "--epochs", "1", "--set", "split.test=0", "--name", "mine")
    assert call(capsys, "exam", "mine", status=2) == ""
    assert main(["exam", "mine", "--json"]) == 2
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told.pop("epoch"), set(told.values())) == (1, {None})
    *_, complaint = captured.err.splitlines()
    assert complaint.startswith("tui-trainer: run mine: split.test: this run has no exam")
    assert RunStore().open("mine").metrics.exams() == []


def test_the_exam_says_which_class_is_looked_for_and_lets_it_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "breast-cancer", "--epochs", "2", "--name", "mine")
    usual = call(capsys, "exam", "mine", "--json")
    assert usual.startswith('{"epoch":2,')
    (told,) = lines(usual)
    (true_negative, false_positive), (false_negative, true_positive) = told["confusion"]
    assert told["positive"] == "malignant"
    assert told["recall"] == pytest.approx(true_positive / (true_positive + false_negative))
    (other,) = lines(call(capsys, "exam", "mine", "--json", "--positive", "benign"))
    assert other["positive"] == "benign"
    assert other["recall"] == pytest.approx(true_negative / (true_negative + false_positive))
    assert other["roc_auc"] == told["roc_auc"]
    assert told["balanced_accuracy"] == pytest.approx((told["recall"] + other["recall"]) / 2)
    assert main(["exam", "mine", "--json", "--positive", "malignan"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there is no class 'malignan'; did you mean malignant?" in captured.err
    assert len(RunStore().open("mine").metrics.exams()) == 2


def test_runs_of_ones_own_files_are_named_after_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "My Flowers.csv").write_text("a,b,kind\n1,2,0\n2,1,1\n3,5,0\n4,2,1\n")
    (tmp_path / "Mine_2.toml").write_text(call(capsys, "presets", "xor"))
    (tmp_path / "other.toml").write_text(call(capsys, "presets", "xor").replace('"xor"', '"spike"', 1))
    flags = ("--detach", "--epochs", "1", "--json")
    (told,) = lines(call(capsys, "xor", "--data", f"{tmp_path}/My Flowers.csv", "--set", "data.target=kind", *flags))
    assert (told["run"], told["preset"]) == ("my-flowers-1", "xor")
    assert lines(call(capsys, f"{tmp_path}/Mine_2.toml", *flags))[0]["run"] == "mine-2-1"
    assert lines(call(capsys, f"{tmp_path}/other.toml", *flags))[0]["run"] == "spike-1"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_stops_the_run_and_tells_the_way_back(number: int) -> None:
    process = spawn(*SLOW, "--json", "--name", "mine")
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert lines(out)[-1]["reason"] == "stopped"
    assert "tui-trainer resume mine" in err
    assert state("mine") == "stopped"


def test_a_killed_client_does_not_disturb_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    process = spawn(*SLOW, "--json", "--name", "mine")
    process.kill()
    process.communicate()
    assert state("mine") == "running"
    assert "stopped after epoch" in call(capsys, "stop", "mine")


def test_a_killed_worker_is_told_and_can_be_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    process = spawn(*SLOW, "--json", "--name", "mine")
    pid = RunStore().open("mine").metrics.state().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert err.splitlines()[-1] == (
        "tui-trainer: run mine: the worker is gone; tui-trainer resume mine goes on from its last checkpoint"
    )
    assert "Traceback" not in err
    assert state("mine") == "died"


def test_a_pipeline_that_ends_early_ends_the_run_quietly() -> None:
    command = " ".join([*PROGRAM, *ENDLESS, "--json --name mine | head -n 3"])
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=True)
    assert len(done.stdout.splitlines()) == 3
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    # The worker has been asked to stop; it lets go of the run when it has.
    with FileLock(RunStore().open("mine").path / "worker.lock", timeout=PATIENCE):
        pass
    assert state("mine") == "stopped"


def terminal(arguments: Sequence[str], size: tuple[int, int]) -> pexpect.spawn:
    environment = {**os.environ, "TERM": "xterm-256color"}
    return pexpect.spawn(PROGRAM[0], [*PROGRAM[1:], *arguments], dimensions=size, timeout=PATIENCE, env=environment)


def test_ctrl_c_on_a_terminal_stops_a_headless_run() -> None:
    child = terminal([*SLOW, "--headless", "--name", "mine"], (24, 80))
    child.expect("epoch .*1000000")
    child.sendintr()
    child.expect("stopped after epoch")
    child.expect("tui-trainer resume mine")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.parametrize("size", [(5, 20), (40, 120)])
def test_on_a_terminal_of_any_size_the_screen_opens_and_a_signal_detaches(size: tuple[int, int]) -> None:
    child = terminal([*ENDLESS, "--name", "mine"], size)
    child.expect("\x1b\\[\\?1049h")  # the alternate screen
    child.expect("mine")
    child.kill(signal.SIGTERM)
    child.expect("tui-trainer attach mine")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert RunStore().open("mine").description.pace == 20


def test_resume_waits_for_a_stopped_worker_to_leave() -> None:
    process = spawn(*SLOW, "--json", "--name", "mine")
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    while json.loads(process.stdout.readline())["kind"] != "finished":
        pass
    resumed = spawn("resume", "mine", "--json")
    resumed.terminate()
    for each in (process, resumed):
        each.communicate(timeout=PATIENCE)
        assert each.returncode == 0


def test_an_exam_is_opened_only_where_its_handout_can_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call(capsys, "plants-blobs", "--epochs", "2", "--set", "split.test=.2", "--name", "mine")
    for path in ("exam.txt", "nowhere/exam.md"):
        assert call(capsys, "exam", "mine", "--output", str(tmp_path / path), status=2) == ""
    assert RunStore().open("mine").metrics.exams() == []
    told = call(capsys, "exam", "mine", "--output", str(tmp_path / "exam.html"))
    assert "right; 95 %" in told
    assert "Exam of mine" in (tmp_path / "exam.html").read_text()
