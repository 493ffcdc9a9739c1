"""A document, whatever it is written as: a title, and blocks one below the other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import InputError, sanitize
from presets.labs.contract import Plot, Table


@dataclass(frozen=True)
class Heading:
    """The title of what follows, up to the next of its level: 2 for a chapter, 3 for a section."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """Sentences."""

    text: str


@dataclass(frozen=True)
class Formula:
    """Formulas in Unicode, one a line, to be set as they are."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    """A drawing.

    Attributes:
        title: What it shows.
        svg: The whole ``<svg>`` element, without a blank line.
    """

    title: str
    svg: str


Block = Heading | Paragraph | Formula | Table | Plot | Picture


@dataclass(frozen=True)
class Document:
    """A handout.

    Attributes:
        title: Its title.
        blocks: What it says, from top to bottom.
    """

    title: str
    blocks: tuple[Block, ...]


def writer(path: Path) -> Callable[[Document], str]:
    """Return what writes a document as the ending of a file says.

    Raises:
        InputError: Neither ``.md`` nor ``.html``.
    """
    from tui_trainer.handouts import html, markdown

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
