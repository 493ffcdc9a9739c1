"""Narration on terminals and elsewhere; terminals are emulated, and what counts is what stands on their screen."""

from __future__ import annotations

import io

import pyte
import pytest

from tui_trainer.headless.progress import BarProgress, ProgressReporter, TextProgress, progress_reporter


class Terminal(io.StringIO):
    """A stream that says it is a terminal, and knows what it shows."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed(self.getvalue().replace("\n", "\r\n"))
        return [line.rstrip() for line in screen.display if line.strip()]


def narrate(reporter: ProgressReporter) -> None:
    reporter.say("it begins")
    reporter.output("one\n")
    for epoch in range(1, 4):
        reporter.progress(epoch, 50)
        reporter.output(f"line {epoch}\n")
    reporter.say("a word [bold]in[/bold] between")
    reporter.progress(50, 50)


@pytest.fixture(autouse=True)
def terminal_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")


def test_on_one_terminal_nothing_is_printed_over_the_bar() -> None:
    terminal = Terminal()
    reporter = progress_reporter(terminal, terminal, "x-1", tells_progress=True)
    narrate(reporter)
    *printed, bar = terminal.screen()
    assert printed == ["it begins", "one", "line 1", "line 2", "line 3", "a word [bold]in[/bold] between"]
    assert "x-1" in bar
    assert "50/50" in bar
    reporter.close()
    assert terminal.screen() == printed


def test_piped_output_stays_clean_beside_a_bar() -> None:
    stdout, stderr = io.StringIO(), Terminal()
    reporter = progress_reporter(stdout, stderr, "x-1", tells_progress=True)
    narrate(reporter)
    assert stdout.getvalue() == "one\nline 1\nline 2\nline 3\n"
    assert "50/50" in stderr.screen()[-1]
    reporter.close()
    assert stderr.screen() == ["it begins", "a word [bold]in[/bold] between"]


def test_there_is_no_bar_before_the_first_epoch() -> None:
    terminal = Terminal()
    reporter = progress_reporter(terminal, terminal, "x-1", tells_progress=False)
    reporter.say("it begins")
    reporter.close()
    assert terminal.screen() == ["it begins"]


def test_without_a_terminal_progress_is_sparse_and_goes_to_stderr() -> None:
    stdout, stderr = io.StringIO(), io.StringIO()
    reporter = progress_reporter(stdout, stderr, "x-1", tells_progress=True)
    for epoch in range(1, 1001):
        reporter.progress(epoch, 1000)
    assert stderr.getvalue().splitlines() == [f"epoch {epoch} of 1000" for epoch in range(100, 1001, 100)]
    assert stdout.getvalue() == ""


def test_beside_a_table_progress_is_not_told_twice() -> None:
    stderr = io.StringIO()
    progress_reporter(io.StringIO(), stderr, "x-1", tells_progress=False).progress(50, 50)
    assert stderr.getvalue() == ""


def test_a_dumb_terminal_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress_reporter(Terminal(), Terminal(), "x-1", tells_progress=True), TextProgress)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(progress_reporter(Terminal(), Terminal(), "x-1", tells_progress=True), BarProgress)
