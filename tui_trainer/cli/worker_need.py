"""Which commands may start a worker, told from the words alone: before anything that is slow to import."""

from __future__ import annotations

import os
from collections.abc import Sequence

WITHOUT_WORKER = frozenset(
    {"check", "compare", "completion", "delete", "doctor", "exam", "explain", "export", "lab"}
    | {"predict", "presets", "prune", "rename", "runs", "serve", "stop", "sweep", "verdicts", "watch"}
)
"""The commands that start no worker; all others do, or may, and so does a recipe without a command."""
COMPLETION_VARIABLE = "_TUI_TRAINER_COMPLETE"
"""Where a shell asks for completions, by click's protocol."""


def may_start_worker(words: Sequence[str]) -> bool:
    """Return whether a command line may need a worker: it can be started before the program itself is imported."""
    if COMPLETION_VARIABLE in os.environ:  # a shell asks what may be typed
        return False
    return not words or (words[0] not in WITHOUT_WORKER and words[0] not in {"--help", "-h", "--version"})
