from __future__ import annotations

import json
from typing import Any

import pytest

from engine.errors import InputError
from tui_trainer.remote.listing import parse_run, parse_runs

RUN: dict[str, Any] = {
    "run": "wine-1",
    "preset": "wine",
    "state": "running",
    "epoch": 3,
    "epochs": 50,
    "socket": "/tmp/tui-trainer-1000/0123456789abcdef.sock",
    "version": "0.1.0",
    "protocol": 5,
}


def line(**changed: Any) -> str:
    return json.dumps({**RUN, **changed})


def test_what_a_shell_prints_besides_and_what_newer_versions_say_is_passed_over() -> None:
    output = f"Welcome to box!\n{line(colour='blue')}\n  {line(run='wine-2', socket=None)}\nbye\n"
    runs = parse_runs("box", output)
    assert [run.run for run in runs] == ["wine-1", "wine-2"]
    assert runs[0].socket == RUN["socket"]


@pytest.mark.parametrize(
    "socket",
    [
        "-oProxyCommand=x",
        "relative/path.sock",
        "/tmp/%h.sock",
        "/tmp/${HOME}.sock",
        "/tmp/a:b.sock",
        "/tmp/a b.sock",
        "/tmp/../etc/shadow",
        "/tmp/a\x1b[2J.sock",
        "/tmp/a\n.sock",
        "/" + "a" * 107,
        "",
    ],
)
def test_a_socket_that_ssh_would_read_as_something_else_is_refused(socket: str) -> None:
    with pytest.raises(InputError, match=r"box: names a socket .*, expected a plain path") as error:
        parse_run("box", line(socket=socket))
    assert str(error.value).isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{",
        line(state="asleep"),
        line(epoch=-1),
        line(epoch=10**40),
        line(socket=5),
        line(version="x" * 5000),
        "{" * 100_000,
    ],
    ids=["empty", "cut", "state", "negative", "large", "socket", "long", "deep"],
)
def test_what_is_no_run_is_said_to_be_none(text: str) -> None:
    with pytest.raises(InputError, match=r"^box: expected a line about a run"):
        parse_run("box", text)


def test_a_name_that_could_be_a_path_is_refused() -> None:
    with pytest.raises(InputError, match="can be no run's name"):
        parse_run("box", line(run="../x"))


def test_a_line_of_the_list_has_nothing_that_writes_on_the_screen() -> None:
    run = parse_run("box", line(preset="\x1b[2Jx", settings="a\u202eb", age=60.0, train=0.5, seeds=[1, 2]))
    shown = run.line("box:wine-1", 30.0)
    assert (shown.name, shown.preset, shown.settings) == ("box:wine-1", "�[2Jx", "a�b")
    assert (shown.age, shown.train, shown.seeds) == (90.0, 0.5, (1, 2))
    assert all(cell.text.isprintable() for cell in shown.cells())
    assert parse_run("box", line()).line("box:wine-1", 1.0).cells(), "a list that says less is shown, too"
