"""FollowOptions a run: what is printed, what is asked of the worker, and how it ends. The worker is scripted."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import InputError, TrainerError, WorkerError
from engine.protocol.commands import AnyCommand, OpenExam, Stop
from engine.protocol.events import Frame, Reply, Welcome
from engine.run.exam import ExamResult
from engine.run.verdicts import Verdict, VerdictName
from engine.worker.link import GoneError
from tests.exams import exam_of
from tests.tui_trainer.welcomes import make_welcome
from tui_trainer.headless.training import FollowOptions, follow

Arrays = Mapping[str, NDArray[Any]]
EXAM = exam_of(epoch=3, loss=0.1, accuracy=0.9, confusion=[[1, 0], [0, 1]])


def frame(epoch: int, state: str = "running", **more: Any) -> Frame:
    situation = {"number": 0, "step": 0, "steps": 11, "epochs": 5, "pace": None, "epochs_per_second": None}
    return Frame.model_validate(
        {**situation, "epoch": epoch, "state": state, "learning_rate": 0.001, "best_epoch": None, **more}
    )


def rows(first: int, last: int) -> Arrays:
    """Return metrics that all equal their epoch."""
    return {"rows": np.arange(first, last + 1.0)[:, None, None] * np.ones((last + 1 - first, 1, 5))}


def told(first: int, last: int, state: str = "running", **more: Any) -> tuple[Frame, Arrays]:
    return frame(more.pop("epoch", last), state, first_epoch=first, **more), rows(first, last)


class ScriptedClient:
    """Plays a script: frames, and things to do between them; then answers what it is asked."""

    def __init__(self, *script: tuple[Frame, Arrays] | Callable[[], object], welcome: Welcome | None = None) -> None:
        self.welcome = welcome or make_welcome(epochs=5)
        self.sent: list[AnyCommand] = []
        self.closed = False
        self._script = list(script)
        self._frames: asyncio.Queue[tuple[Frame, Arrays]] = asyncio.Queue()

    async def frames(self) -> AsyncIterator[tuple[Frame, Arrays]]:
        for act in self._script:
            if callable(act):
                act()
                await asyncio.sleep(0)
            else:
                yield act
                if act[0].state == "stopped":
                    return
        while True:
            answer = await self._frames.get()
            yield answer
            if answer[0].state == "stopped":
                return

    async def send(self, command: AnyCommand) -> int:
        self.sent.append(command)
        if isinstance(command, OpenExam):
            self.answer(Reply(number=len(self.sent)), exam=EXAM)
        if isinstance(command, Stop):
            self._frames.put_nowait((frame(3, "stopped", reason="stopped"), {}))
        return len(self.sent)

    def answer(self, reply: Reply, exam: ExamResult | None) -> None:
        self._frames.put_nowait((frame(3, "finished", replies=[reply], exam=exam), {}))

    async def close(self) -> None:
        self.closed = True


class RefusingClient(ScriptedClient):
    """Has no exam to open."""

    def answer(self, reply: Reply, exam: ExamResult | None) -> None:
        super().answer(reply.model_copy(update={"error": "split.test: no exam"}), None)


def run(client: ScriptedClient, *, kill: Callable[[], object] = list, **options: Any) -> int:
    async def connect() -> ScriptedClient:
        return client

    try:
        return follow(FollowOptions(name="breast-cancer-1", connect=connect, kill=kill, json=True, **options))
    finally:
        assert client.closed


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def epochs(lines: Sequence[Mapping[str, Any]]) -> list[int]:
    return [line["epoch"] for line in lines if line["kind"] == "epoch"]


def test_a_run_is_told_from_its_start_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(told(1, 2), (frame(2), {}), told(3, 5, "finished", reason="epochs"))
    assert run(client) == 0
    printed = lines(capsys)
    assert [line["kind"] for line in printed] == ["started", *["epoch"] * 5, "finished"]
    assert [line["train"]["loss"] for line in printed[1:-1]] == [1, 2, 3, 4, 5]
    assert printed[-1] == {"kind": "finished", "reason": "epochs", "epochs": 5, "exam": None}
    assert client.sent == []


def verdict(number: int, name: VerdictName, since: int, told: int) -> Verdict:
    return Verdict(number=number, name=name, since=since, told=told, evidence="numbers", advice="something else")


LEAKY, PLATEAU, OVERFITTING = (
    verdict(1, "leaky-scaler", 0, 0),
    verdict(2, "plateau", 1, 2),
    verdict(3, "overfitting", 2, 4),
)


@pytest.mark.parametrize("looks", [(0, 5), (2, 3, 4, 5), (1, 2, 4)])
def test_a_verdict_follows_the_epoch_that_told_it_whenever_the_run_was_judged(
    looks: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    welcome = make_welcome(epochs=5).model_copy(update={"verdicts": (LEAKY,)})
    frames: list[tuple[Frame, Arrays]] = []
    for judged in looks:
        found = [each for each in (PLATEAU, OVERFITTING) if each.told <= judged]
        frames.append((frame(5, judged=judged, verdicts=found), {}))
    client = ScriptedClient(told(1, 5), *frames, told(6, 5, "finished", reason="epochs"), welcome=welcome)
    assert run(client) == 0
    printed = lines(capsys)
    told_lines = [line.get("epoch", line.get("name", line["kind"])) for line in printed]
    assert told_lines == ["started", "leaky-scaler", 1, 2, "plateau", 3, 4, "overfitting", 5, "finished"]
    assert printed[1] == {
        "kind": "verdict",
        "name": "leaky-scaler",
        "since": 0,
        "until": None,
        "evidence": "numbers",
        "try": "something else",
    }


def test_a_run_taken_up_again_tells_only_the_verdicts_of_its_later_epochs(capsys: pytest.CaptureFixture[str]) -> None:
    welcome = make_welcome(epochs=5).model_copy(update={"verdicts": (LEAKY, PLATEAU)})
    last = told(1, 5, "finished", reason="epochs", judged=5, verdicts=(OVERFITTING,))
    assert run(ScriptedClient(last, welcome=welcome), after=3) == 0
    assert [line.get("epoch", line.get("name")) for line in lines(capsys)] == [4, "overfitting", 5, None]


def test_what_is_to_be_known_of_the_data_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    welcome = make_welcome(epochs=1).model_copy(update={"notes": ("classes: 0 = [red]low[/red], 1 = high",)})
    assert run(ScriptedClient(told(1, 1, "finished", reason="epochs"), welcome=welcome)) == 0
    captured = capsys.readouterr()
    assert "classes: 0 = [red]low[/red], 1 = high" in captured.err.splitlines()
    assert "classes" not in captured.out


def test_of_a_run_that_cannot_begin_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    async def refuse() -> ScriptedClient:
        raise InputError("rows.csv: expected a header and rows, the file is empty")

    with pytest.raises(InputError):
        follow(FollowOptions(name="mine-1", connect=refuse, kill=list))
    assert capsys.readouterr() == ("", "")


def test_a_finished_run_is_followed_until_all_its_epochs_have_come(capsys: pytest.CaptureFixture[str]) -> None:
    end: dict[str, Any] = {"state": "finished", "reason": "epochs", "epoch": 5}
    assert run(ScriptedClient(told(1, 2, **end), told(3, 4, **end), told(5, 5, **end))) == 0
    assert epochs(lines(capsys)) == [1, 2, 3, 4, 5]


def test_a_resumed_run_tells_only_what_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ScriptedClient(told(1, 4), told(5, 5, "finished", reason="epochs")), after=3) == 0
    printed = lines(capsys)
    assert printed[0]["kind"] == "epoch"
    assert epochs(printed) == [4, 5]


def test_the_exam_is_opened_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(told(1, 5, "finished", reason="early_stopping"))
    assert run(client, exam=True) == 0
    assert client.sent == [OpenExam()]
    assert lines(capsys)[-1]["exam"] == {"loss": 0.1, "accuracy": 0.9, "confusion": [[1, 0], [0, 1]]}


def test_an_exam_that_was_opened_before_is_opened_anew() -> None:
    client = ScriptedClient(told(1, 5, "finished", reason="epochs", exam=EXAM))
    assert run(client, exam=True) == 0
    assert client.sent == [OpenExam()]


@pytest.mark.parametrize(
    ("client", "status"),
    [
        (ScriptedClient(told(1, 5, "stopped", reason="stopped")), 0),
        (ScriptedClient(told(1, 5, "finished", reason="non_finite")), 1),
        (
            ScriptedClient(told(1, 5, "finished", reason="epochs"), welcome=make_welcome(rows=(455, 114, 0), epochs=5)),
            0,
        ),
    ],
    ids=["stopped", "failed", "no test part"],
)
def test_the_exam_stays_sealed_where_nothing_has_earned_it(
    client: ScriptedClient, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(client, exam=True) == status
    assert client.sent == []
    assert lines(capsys)[-1]["exam"] is None


def test_a_refused_exam_is_an_error() -> None:
    with pytest.raises(TrainerError, match="no exam"):
        run(RefusingClient(told(1, 5, "finished", reason="epochs")), exam=True)


def test_a_run_that_had_to_pause_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    full: dict[str, Any] = {"state": "paused", "message": "paused: metrics.sqlite: disk is full"}
    client = ScriptedClient(
        told(1, 2), told(3, 3, **full), (frame(3, **full), {}), (frame(3, "paused"), {}), told(4, 5, "finished")
    )
    assert run(client) == 0
    captured = capsys.readouterr()
    (line,) = [line for line in captured.err.splitlines() if "paused" in line]
    assert line.startswith("run breast-cancer-1: paused: metrics.sqlite: disk is full; ")
    assert "tui-trainer attach breast-cancer-1 goes on" in line
    assert [json.loads(line)["epoch"] for line in captured.out.splitlines()[1:-1]] == [1, 2, 3, 4, 5]


def test_a_failed_run_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    nan = {"rows": np.full((1, 1, 5), np.nan)}
    end = frame(1, "finished", reason="non_finite", message="the loss is no finite number any more")
    assert run(ScriptedClient((end, nan))) == 1
    captured = capsys.readouterr()
    assert '"train":{"loss":null,"accuracy":null}' in captured.out
    assert '"reason":"non_finite"' in captured.out
    assert "the loss is no finite number any more" in captured.err


def test_a_run_stopped_by_someone_else_tells_the_way_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(ScriptedClient(told(1, 3, "stopped", reason="stopped"))) == 0
    assert "tui-trainer resume breast-cancer-1" in capsys.readouterr().err


def test_a_worker_that_leaves_is_an_error_that_tells_the_way_back() -> None:
    def die() -> None:
        raise GoneError

    with pytest.raises(
        WorkerError, match=r"run breast-cancer-1: the worker is gone; tui-trainer resume breast-cancer-1 "
    ):
        run(ScriptedClient(told(1, 2), die))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_stops_the_run(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    client = ScriptedClient(told(1, 3), lambda: os.kill(os.getpid(), number))
    assert run(client) == 0
    assert client.sent == [Stop()]
    captured = capsys.readouterr()
    assert captured.out.splitlines()[-1] == '{"kind":"finished","reason":"stopped","epochs":3,"exam":null}'
    assert "tui-trainer resume breast-cancer-1" in captured.err


def test_the_second_interrupt_forces(capsys: pytest.CaptureFixture[str]) -> None:
    killed: list[str] = []
    interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)  # noqa: E731
    # Between two interrupts the loop must have seen the first: a process has one of each pending at most.
    client = ScriptedClient(told(1, 3), interrupt, told(4, 4), interrupt, told(5, 5))
    assert run(client, kill=lambda: killed.append("worker")) == 130
    assert killed == ["worker"]
    captured = capsys.readouterr()
    assert '"kind":"finished"' not in captured.out
    assert "tui-trainer resume breast-cancer-1" in captured.err


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_closed_terminal_gets_its_cursor_back_and_the_run_trains_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr("sys.stderr", terminal := Screen())
    client = ScriptedClient(told(1, 2), lambda: os.kill(os.getpid(), signal.SIGHUP), told(3, 3), told(4, 4))
    assert run(client) == 129
    assert client.sent == []
    assert client.closed
    hidden, shown = terminal.getvalue().rindex("\x1b[?25l"), terminal.getvalue().rindex("\x1b[?25h")
    assert hidden < shown
    assert "trains on; tui-trainer attach breast-cancer-1 shows it" in terminal.getvalue()


def test_one_that_ignores_the_closing_of_the_terminal_goes_on() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup has it
    try:
        hang_up = lambda: os.kill(os.getpid(), signal.SIGHUP)  # noqa: E731
        assert run(ScriptedClient(told(1, 2), hang_up, told(3, 5, "finished", reason="epochs"))) == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_interrupts_are_given_back() -> None:
    numbers = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    before = [signal.getsignal(number) for number in numbers]
    run(ScriptedClient(told(1, 5, "finished", reason="epochs")))
    assert [signal.getsignal(number) for number in numbers] == before


class Unread(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, _: str) -> int:
        raise BrokenPipeError


def test_a_run_that_nobody_reads_any_more_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    client = ScriptedClient(told(1, 3))
    monkeypatch.setattr("sys.stdout", Unread())
    with pytest.raises(BrokenPipeError):
        run(client)
    assert client.sent == [Stop()]
