"""The command line: a file for each group of commands, which import what is slow to import only when they run."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

__all__ = ["main"]

WITHOUT_WORKER = frozenset(
    {"check", "compare", "completion", "delete", "doctor", "exam", "explain", "export", "lab"}
    | {"predict", "presets", "prune", "rename", "runs", "serve", "stop", "sweep", "verdicts", "watch"}
)
"""The commands that start no worker; all others do, or may, and so does a recipe without a command."""

COMPLETION_VARIABLE = "_TUI_TRAINER_COMPLETE"
"""Where a shell asks for completions, by click's protocol."""


def main(arguments: list[str] | tuple[str, ...] | None = None) -> int:
    """Run the program and return its exit status; see ``program.main``."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words in (["--help"], ["-h"]) and _print_help():
        return 0
    if _may_start_worker(words):
        from tui_trainer.cli.ready import READY

        READY.prepare()
    from tui_trainer.cli.program import main as run_program

    return run_program(words)


def _may_start_worker(words: Sequence[str]) -> bool:
    if COMPLETION_VARIABLE in os.environ:  # a shell asks what may be typed
        return False
    return not words or (words[0] not in WITHOUT_WORKER and words[0] not in {"--help", "-h", "--version"})


def _print_help() -> bool:
    """Print the help as it is kept, and return whether that was possible: click takes four times as long to import."""
    if sys.stdout is None or not _has_full_width():
        return False
    from tui_trainer.cli.help_text import HELP

    try:
        sys.stdout.write(HELP)
        sys.stdout.flush()
    except (OSError, ValueError):  # ``program.main`` says what is wrong with stdout
        return False
    return True


def _has_full_width() -> bool:
    """Return whether click would wrap the help at its widest, as it is kept."""
    columns = os.environ.get("COLUMNS", "")
    if columns:
        return columns.isdecimal() and int(columns) >= 80
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns >= 80
    except (OSError, ValueError):  # no terminal; click takes 80 columns then
        return True
