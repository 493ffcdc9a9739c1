"""The command line: a file for each group of commands, which import what is slow to import only when they run."""

from __future__ import annotations

from tui_trainer.cli.program import main

__all__ = ["main"]
