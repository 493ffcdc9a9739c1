"""Keep the help as it is printed: ``python docs/help_text.py`` writes ``tui_trainer/cli/help_text.py``."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner

from tui_trainer.cli.program import NAME, program

FILE = Path(__file__).parent.parent / "tui_trainer/cli/help_text.py"
HEAD = '''"""The help of the program as click prints it, kept because click takes long to import.

Written by ``docs/help_text.py``; a test holds the two to each other.
"""

from __future__ import annotations

HELP = """\\
'''


def current_help() -> str:
    """Return the help as click prints it where there is room."""
    os.environ.pop("COLUMNS", None)
    return CliRunner().invoke(program, ["--help"], prog_name=NAME).output


def written(text: str) -> str:
    """Return the module that holds a text."""
    return HEAD + text.replace("\\", "\\\\").replace('"""', '\\"""') + '"""\n'


if __name__ == "__main__":
    FILE.write_text(written(current_help()), encoding="utf-8")
