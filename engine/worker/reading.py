"""How far a worker has come with reading its data, in a file of the run's: nobody can ask it meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.data.progress import told_to
from engine.errors import sanitize
from engine.store.runs import Run

NAME = "reading"
LONGEST = 200


@contextmanager
def noted(run: Run) -> Iterator[None]:
    """Note how far the reading of data has come, as long as it lasts; a full disk is no reason not to read."""
    path = run.path / NAME

    def note(file: Path, share: float) -> None:
        with suppress(OSError):
            path.write_text(f"reading {file.name}: {share:.0%}", encoding="utf-8", errors="replace")

    try:
        with told_to(note):
            yield
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def read_note(run: Run) -> str:
    """Return what the worker of ``run`` is reading and how far it is, "" where it reads nothing that takes long."""
    try:
        with (run.path / NAME).open("rb") as file:
            return sanitize(file.read(LONGEST).decode(errors="replace"), LONGEST)
    except OSError:
        return ""
