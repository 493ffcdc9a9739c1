"""The command line: a file for each group of commands, which import what is slow to import only when they run."""

from __future__ import annotations

import os
import sys

from engine.allocator import gc_frozen_imports

__all__ = ["main"]


def main(arguments: list[str] | tuple[str, ...] | None = None) -> int:
    """Run the program and return its exit status; see ``program.main``."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words in (["--help"], ["-h"]) and _print_help():
        return 0
    with gc_frozen_imports():
        from tui_trainer.cli.worker_need import may_start_worker

        if may_start_worker(words):
            from tui_trainer.cli.ready import READY

            READY.prepare()
        from tui_trainer.cli.program import main as run_program

    return run_program(words)


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
