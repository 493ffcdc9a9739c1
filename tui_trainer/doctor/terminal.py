"""The terminal: its size, colours, signs, mouse, and what lies between it and the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from tui_trainer.doctor.findings import Finding, hint, ok
from tui_trainer.doctor.terminal_queries import TerminalAnswers, ask_terminal
from tui_trainer.themes.capabilities import TerminalCapabilities

FULL, SMALLEST = (120, 40), (80, 24)
SLOW_ESCAPE: Final = 50
"""Milliseconds for which tmux may hold the escape key back before that is felt."""

Run = Callable[[Sequence[str]], str | None]
"""Runs a command and returns what it prints; None where it fails or is not there."""


@dataclass(frozen=True)
class TerminalFacts:
    """What is known of the terminal.

    Attributes:
        environment: Of the program.
        size: Columns and rows; None where stdout is no terminal.
        answers: What it says of itself.
        locale_works: Whether the C library has the locale that the environment names.
        run: Asks tmux.
    """

    environment: Mapping[str, str]
    size: tuple[int, int] | None
    answers: TerminalAnswers
    locale_works: bool
    run: Run


def examine_terminal(facts: TerminalFacts) -> Iterator[Finding]:
    """Yield what there is to say of the terminal, or that there is no terminal."""
    if facts.size is None:
        advice = "in a terminal it has a screen; here runs are trained without one, and --json prints their epochs"
        yield hint("terminal", "this is none: stdin or stdout leads elsewhere", advice)
        return
    yield _size(facts.environment.get("TERM", ""), facts.size)
    yield _colors(facts)
    yield _locale(facts)
    yield _signs(facts)
    yield _mouse(facts.answers)
    yield from _multiplexer(facts)
    if "SSH_CONNECTION" in facts.environment:
        yield ok("distance", "inside ssh: at most 4 redraws a second, no animations; --refresh N changes that")


def _size(term: str, size: tuple[int, int]) -> Finding:
    columns, rows = size
    text = f"{term or 'TERM is not set'}, {columns} x {rows}"
    if term in ("", "dumb"):
        return hint("terminal", text, "export TERM=xterm-256color, if the terminal is one of the usual kind")
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return hint("terminal", text, f"make it at least {SMALLEST[0]} x {SMALLEST[1]}, better {FULL[0]} x {FULL[1]}")
    if columns < FULL[0] or rows < FULL[1]:
        return ok("terminal", f"{text}: panes are tabs; from {FULL[0]} x {FULL[1]} on all are side by side")
    return ok("terminal", text)


def _colors(facts: TerminalFacts) -> Finding:
    environment, answers = facts.environment, facts.answers
    colors = TerminalCapabilities.of(environment).colors
    if colors == "none":
        return ok("colours", "none, as NO_COLOR asks; what matters is told by signs as well")
    said = environment.get("COLORTERM") in {"truecolor", "24bit"}
    if answers.true_color and not said:
        return hint("colours", f"{_count(colors)}, though the terminal has 16 million", "export COLORTERM=truecolor")
    if answers.true_color is False and said:
        advice = "unset COLORTERM: it promises what the terminal does not keep"
        return hint("colours", "COLORTERM says 16 million, the terminal answers with fewer", advice)
    if colors == "16":
        advice = f"export TERM={_better_term(environment)}, if the terminal has 256 colours (most have)"
        return hint("colours", "16, says TERM", advice)
    return ok("colours", "16 million" if said else "256")


def _count(colors: str) -> str:
    return "256 are used" if colors == "all" else f"{colors} are used"


def _better_term(environment: Mapping[str, str]) -> str:
    if "TMUX" in environment:
        return "tmux-256color"
    return "screen-256color" if "STY" in environment else "xterm-256color"


def _locale(facts: TerminalFacts) -> Finding:
    names = ("LC_ALL", "LC_CTYPE", "LANG")
    name = next((name for name in names if facts.environment.get(name)), None)
    advice = "export LANG=C.UTF-8 (or another of the list that `locale -a` prints)"
    if name is None:
        return hint("locale", "none is set; UTF-8 is assumed", advice)
    value = facts.environment[name]
    text = f"{name}={value}"
    if "utf8" not in value.lower().replace("-", ""):
        return hint("locale", f"{text} is not UTF-8: only letters are drawn with", advice.replace("LANG", name))
    if not facts.locale_works:
        return hint("locale", f"{text} is not installed here", advice.replace("LANG", name))
    return ok("locale", text)


def _signs(facts: TerminalFacts) -> Finding:
    glyphs = TerminalCapabilities.of(facts.environment).glyphs
    cells = facts.answers.braille_cells
    if cells not in (None, 1):
        where = "ctrl+p, `Draw with: blocks`; in tmux or screen: start it with -u"
        return hint("braille", f"the terminal draws a sign of braille {cells} cells wide, expected 1", where)
    if glyphs == "ascii":
        return hint("braille", "not in this locale", "with a UTF-8 locale curves are drawn eight times as finely")
    if glyphs == "blocks":
        return ok("braille", "the console's font has none: curves are drawn with blocks")
    measured = "one cell wide, as it must be" if cells == 1 else "the terminal does not say how wide"
    return ok("braille", f"{measured}; if curves look broken: ctrl+p, `Draw with: blocks`")


def _mouse(answers: TerminalAnswers) -> Finding:
    if answers.mouse is False:
        return hint("mouse", "the terminal does not report it", "all that a click does a key does too: ? lists them")
    if answers.mouse is None:
        silent = "the terminal does not answer questions" if not answers.answers else "the terminal does not say"
        return ok("mouse", f"{silent}; if clicks do nothing, keys do all of it")
    return ok("mouse", "reported")


def _multiplexer(facts: TerminalFacts) -> Iterator[Finding]:
    if "STY" in facts.environment and "TMUX" not in facts.environment:
        yield ok("screen", "inside GNU screen; 256 colours need `term screen-256color` in ~/.screenrc")
    if "TMUX" not in facts.environment:
        return
    mouse = facts.run(["tmux", "show", "-gv", "mouse"])
    delay = facts.run(["tmux", "show", "-sv", "escape-time"])
    wrong = {}
    if mouse is not None and mouse.strip() == "off":
        wrong["keeps the mouse from the program"] = "set -g mouse on"
    if delay is not None and delay.strip().isdecimal() and int(delay) > SLOW_ESCAPE:
        wrong[f"holds the escape key back for {int(delay)} ms"] = "set -sg escape-time 10"
    if wrong:
        yield hint("tmux", "; ".join(wrong), f"in ~/.tmux.conf: {'; '.join(wrong.values())}")
    else:
        yield ok("tmux", "inside tmux")


def this_terminal(environment: Mapping[str, str] = os.environ) -> TerminalFacts:
    """Return what is known of the terminal that the program was given."""
    size = answers = None
    with suppress(OSError, ValueError, AttributeError):
        if sys.stdin.isatty() and sys.stdout.isatty():
            columns, rows = os.get_terminal_size(sys.stdout.fileno())
            size = columns, rows
            term = environment.get("TERM", "")
            if term not in ("", "dumb"):
                sys.stdout.flush()
                answers = ask_terminal(sys.stdin.fileno(), simple=term in ("linux", "vt100", "screen"))
    return TerminalFacts(environment, size, answers or TerminalAnswers(), _locale_works(), run_quietly)


def _locale_works() -> bool:
    import locale

    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return False
    return True


def run_quietly(command: Sequence[str]) -> str | None:
    """Run a command for two seconds at most, and return what it prints; None where it fails or is not there."""
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.decode(errors="replace")
