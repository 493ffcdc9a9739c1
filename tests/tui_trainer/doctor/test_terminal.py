from __future__ import annotations

import os
import pty
import re
import threading
from collections.abc import Mapping

import pytest

from tests.patience import PATIENCE
from tui_trainer.doctor.findings import Finding
from tui_trainer.doctor.terminal import TerminalFacts, examine_terminal
from tui_trainer.doctor.terminal_queries import TerminalAnswers, ask_terminal, read_answers

KITTY = b"\x1b[5;2R\x1b[?1006;2$y\x1bP1$r48:2:1:2:3m\x1b\\\x1b[?62;c"
XTERM = b"\x1b[5;2R\x1b[?1006;2$y\x1bP1$r0;48:2::1:2:3m\x1b\\\x1b[?64;1;2;6;9;15;18;21;22c"
OF_OLD = b"\x1b[1;4R\x1b[?1006;0$y\x1bP0$r\x1b\\\x1b[?1;2c"
GOOD = TerminalAnswers(answers=True, braille_cells=1, mouse=True, true_color=True)
USUAL = {"TERM": "xterm-256color", "LANG": "en_US.UTF-8", "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (KITTY, GOOD),
        (XTERM, GOOD),
        (OF_OLD, TerminalAnswers(answers=True, braille_cells=3, mouse=False, true_color=None)),
        (b"\x1b[1;2R\x1bP1$r48;5;16m\x1b\\\x1b[?1;2c", TerminalAnswers(True, 1, None, False)),
        (b"", TerminalAnswers()),
        (b"typed meanwhile", TerminalAnswers(answers=True)),
    ],
)
def test_what_terminals_answer_is_understood(answer: bytes, meaning: TerminalAnswers) -> None:
    assert read_answers(answer) == meaning


def test_a_terminal_is_asked_and_left_as_it_was() -> None:
    keyboard, terminal = pty.openpty()
    asked = bytearray()

    def answer() -> None:
        while not asked.endswith(b"\x1b[c"):
            asked.extend(os.read(keyboard, 1024))
        os.write(keyboard, KITTY)

    screen = threading.Thread(target=answer)
    screen.start()
    try:
        assert ask_terminal(terminal, simple=False, patience=PATIENCE) == GOOD
    finally:
        screen.join()
        os.close(keyboard)
        os.close(terminal)
    printed = re.sub(rb"\x1b(\[[\d;?]*[a-zA-Z$]p?|P[^\x1b]*\x1b\\)", b"", bytes(asked)).replace(b"\r", b"")
    assert printed.decode() == "⣿"
    assert asked.endswith(b"\x1b[m\r\x1b[K\x1b[c")  # so that nothing of it stays to be seen


def test_a_terminal_that_says_nothing_is_not_waited_for() -> None:
    keyboard, terminal = pty.openpty()
    assert ask_terminal(terminal, simple=True, patience=0.01) == TerminalAnswers()
    assert b"P$q" not in os.read(keyboard, 1024)
    os.close(keyboard)
    os.close(terminal)


def findings(
    environment: Mapping[str, str],
    answers: TerminalAnswers = GOOD,
    size: tuple[int, int] | None = (120, 40),
    *,
    locale_works: bool = True,
    tmux: Mapping[str, str] | None = None,
) -> dict[str, Finding]:
    facts = TerminalFacts(environment, size, answers, locale_works, lambda words: (tmux or {}).get(words[-1]))
    return {finding.name: finding for finding in examine_terminal(facts)}


def test_with_a_good_terminal_all_is_well() -> None:
    assert {finding.grade for finding in findings(USUAL).values()} == {"ok"}


@pytest.mark.parametrize(
    ("environment", "name", "cure"),
    [
        ({"TERM": "dumb"}, "terminal", "export TERM="),
        ({"COLORTERM": ""}, "colours", "export COLORTERM=truecolor"),
        ({"LANG": "C"}, "locale", "export LANG=C.UTF-8"),
        ({"LANG": "C"}, "braille", "UTF-8"),
        ({"LANG": "", "LC_ALL": ""}, "locale", "export LANG=C.UTF-8"),
        ({"LC_ALL": "POSIX"}, "locale", "export LC_ALL=C.UTF-8"),
    ],
)
def test_what_the_environment_gets_wrong_has_its_cure(environment: Mapping[str, str], name: str, cure: str) -> None:
    finding = findings({**USUAL, **environment})[name]
    assert finding.grade == "hint"
    assert cure in finding.advice


def test_what_the_terminal_cannot_do_has_its_cure() -> None:
    found = findings(USUAL, TerminalAnswers(answers=True, braille_cells=2, mouse=False, true_color=False), (60, 16))
    assert {name for name, finding in found.items() if finding.advice} == {"terminal", "colours", "braille", "mouse"}
    assert "80 x 24" in found["terminal"].advice
    assert "unset COLORTERM" in found["colours"].advice
    assert "blocks" in found["braille"].advice


def test_sixteen_colours_none_and_a_locale_that_is_not_installed_are_said() -> None:
    sixteen = {"TERM": "screen", "LANG": "en_US.UTF-8", "TMUX": "/tmp/tmux"}
    assert "tmux-256color" in findings(sixteen, TerminalAnswers())["colours"].advice
    assert findings({**USUAL, "NO_COLOR": "1"})["colours"].grade == "ok"
    assert "not installed" in findings(USUAL, locale_works=False)["locale"].text


def test_tmux_is_asked_for_mouse_and_escape() -> None:
    inside = {**USUAL, "TMUX": "/tmp/tmux-0/default,1,0"}
    assert "mouse on" in findings(inside, tmux={"mouse": "off\n"})["tmux"].advice
    assert "escape-time 10" in findings(inside, tmux={"mouse": "on\n", "escape-time": "500\n"})["tmux"].advice
    both = findings(inside, tmux={"mouse": "off\n", "escape-time": "500\n"})["tmux"].advice
    assert both == "in ~/.tmux.conf: set -g mouse on; set -sg escape-time 10"
    assert findings(inside, tmux={"mouse": "on\n", "escape-time": "10\n"})["tmux"].grade == "ok"


def test_over_ssh_the_pace_of_redraws_is_said() -> None:
    assert "4 redraws" in findings({**USUAL, "SSH_CONNECTION": "a b c d"})["distance"].text


def test_where_there_is_no_terminal_that_is_all_there_is_to_say() -> None:
    assert list(findings(USUAL, size=None)) == ["terminal"]
