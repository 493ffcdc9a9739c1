"""Narration on terminals and elsewhere; terminals are emulated, and what counts is what stands on their screen."""

from __future__ import annotations

import io

import pyte
import pytest

from tui_trainer.headless.narrators import BarNarrator, Narrator, TextNarrator, narrator


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and knows what it shows."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed(self.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display if line.strip()]


def narrate(voice: Narrator) -> None:
    voice.say("it begins")
    voice.output("one\n")
    for epoch in range(1, 4):
        voice.progress(epoch, 50)
        voice.output(f"line {epoch}\n")
    voice.say("a word [bold]in[/bold] between")
    voice.progress(50, 50)


@pytest.fixture(autouse=True)
def terminal_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def test_on_one_terminal_nothing_is_printed_over_the_bar() -> None:
    terminal = Terminal()
    voice = narrator(terminal, terminal, "x-1", json=True)
    narrate(voice)
    *printed, bar = terminal.screen()
    assert printed == ["it begins", "one", "line 1", "line 2", "line 3", "a word [bold]in[/bold] between"]
    assert "x-1" in bar
    assert "50/50" in bar
    voice.close()
    assert terminal.screen() == printed


def test_piped_output_stays_clean_beside_a_bar() -> None:
    stdout, stderr = io.StringIO(), Terminal()
    voice = narrator(stdout, stderr, "x-1", json=True)
    narrate(voice)
    assert stdout.getvalue() == "one\nline 1\nline 2\nline 3\n"
    assert "50/50" in stderr.screen()[-1]
    voice.close()
    assert stderr.screen() == ["it begins", "a word [bold]in[/bold] between"]


def test_there_is_no_bar_before_the_first_epoch() -> None:
    terminal = Terminal()
    voice = narrator(terminal, terminal, "x-1", json=False)
    voice.say("it begins")
    voice.close()
    assert terminal.screen() == ["it begins"]


def test_without_a_terminal_progress_is_sparse_and_goes_to_stderr() -> None:
    stdout, stderr = io.StringIO(), io.StringIO()
    voice = narrator(stdout, stderr, "x-1", json=True)
    for epoch in range(1, 1001):
        voice.progress(epoch, 1000)
    assert stderr.getvalue().splitlines() == [f"epoch {epoch} of 1000" for epoch in range(100, 1001, 100)]
    assert stdout.getvalue() == ""


def test_beside_a_table_progress_is_not_told_twice() -> None:
    stderr = io.StringIO()
    narrator(io.StringIO(), stderr, "x-1", json=False).progress(50, 50)
    assert stderr.getvalue() == ""


def test_a_dumb_terminal_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(narrator(Terminal(), Terminal(), "x-1", json=True), TextNarrator)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(narrator(Terminal(), Terminal(), "x-1", json=True), BarNarrator)
