"""Documents as files: the ending says how they are written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import InputError, sanitize
from tui_trainer.handouts import html, markdown
from tui_trainer.handouts.document import Document


def writer(path: Path) -> Callable[[Document], str]:
    """Return what writes a document as the ending of a file says.

    Raises:
        InputError: Neither ``.md`` nor ``.html``.
    """
    writers = {".md": markdown.written, ".html": html.written}
    if path.suffix.lower() not in writers:
        raise InputError(f"--output: expected a file that ends in .md or .html (got {sanitize(path.name, 80)})")
    return writers[path.suffix.lower()]


def save(document: Document, path: Path) -> None:
    """Write a document to a file, as its ending says.

    Raises:
        InputError: Another ending, or the file cannot be written.
    """
    text = writer(path)(document)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--output: {sanitize(path)}: cannot be written ({error.strerror})") from None
