"""What a store says when it is given garbage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import TrainerError


def complaint_of(use: Callable[[], object]) -> str | None:
    """Return the line of the ``TrainerError`` that ``use`` raises, or None where it raises none."""
    try:
        use()
    except TrainerError as error:
        return str(error)
    return None


def is_none_or_names(path: Path, complaint: str | None) -> bool:
    """Say whether garbage was either read or complained of in one harmless line that begins with the file's path."""
    return complaint is None or (complaint.startswith(f"{path}: ") and complaint.isprintable())
