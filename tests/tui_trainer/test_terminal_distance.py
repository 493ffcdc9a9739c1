from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from textual import constants

from tests.tui_trainer.driving import make_app
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.terminal_distance import is_far
from tui_trainer.textual_patches import KeySelector

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


@pytest.mark.parametrize(
    ("environment", "told", "far"),
    [
        ({}, None, False),
        (SSH, None, True),
        ({"SSH_TTY": "/dev/pts/3"}, None, True),
        ({"TMUX": "/tmp/tmux,1,0", **SSH}, "", False),
        ({"TMUX": "/tmp/tmux,1,0"}, "192.0.2.1 50000 192.0.2.2 22", True),
        ({"TMUX": "/tmp/tmux,1,0", **SSH}, None, True),
        ({"STY": "1234.pts-0.box"}, None, True),
    ],
    ids=["at home", "by ssh", "by ssh alone", "tmux come home", "tmux gone out", "tmux does not say", "screen"],
)
def test_who_looks_from_where(environment: dict[str, str], told: str | None, far: bool) -> None:
    assert is_far(environment, lambda _: told) is far


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux on this machine")
def test_tmux_says_from_where_its_session_is_looked_at_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmux = ["tmux", "-S", str(tmp_path / "s"), "-f", "/dev/null"]

    def do(*words: str) -> str:
        return subprocess.run([*tmux, *words], check=True, capture_output=True, text=True).stdout.strip()

    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    do("new-session", "-d", "-s", "it", "sleep 600")
    try:
        pid, session = do("display-message", "-p", "-t", "it", "#{pid},#{s/\\$//:session_id}").split(",")
        monkeypatch.setenv("TMUX", f"{tmp_path / 's'},{pid},{session}")
        assert not is_far(os.environ)
        do("set-environment", "-t", "it", "SSH_CONNECTION", SSH["SSH_CONNECTION"])
        assert is_far(os.environ)
        do("set-environment", "-t", "it", "-r", "SSH_CONNECTION")
        assert not is_far(os.environ | SSH)
    finally:
        do("kill-server")


@pytest.mark.parametrize(("environment", "milliseconds"), [({}, 25), (SSH, 100)], ids=["at home", "by ssh"])
def test_an_escape_is_waited_for_longer_where_a_network_may_cut_a_key_in_two(
    environment: dict[str, str], milliseconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMUX", "STY", "ESCDELAY", *SSH):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.1)
    make_app(FakeClient())
    assert round(1000 * constants.ESCAPE_DELAY) == milliseconds


def test_once_something_was_read_it_is_soon_looked_whether_an_escape_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 0.001)
    waits: list[float | None] = []
    events = iter([[("a key", 1)], [], []])

    def select(_: KeySelector, timeout: float | None = None) -> Any:
        waits.append(timeout)
        return next(events)

    monkeypatch.setattr("selectors.SelectSelector.select", select)
    with KeySelector() as selector:
        for _ in range(3):
            selector.select(0.1)
    assert waits == [0.1, 0.001, 0.1]
