"""A document, whatever it is written as: a title, and blocks one below the other."""

from __future__ import annotations

from dataclasses import dataclass

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
