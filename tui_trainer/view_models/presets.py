"""Presets as lines of a list, and a recipe's text in colours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Final, Literal

from engine.errors import sanitize
from engine.spec import Spec
from presets.cards import Card
from presets.claims import Claim
from presets.schema import BESIDE_THE_RECIPE
from tui_trainer.formatting import count
from tui_trainer.glossary import Vocabulary
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.cards import card_lines
from tui_trainer.view_models.claims import claim_lines
from tui_trainer.view_models.table import Cell, Column

Shown = Literal["recipe", "card", "claims"]
"""What stands beside the list."""

COLUMNS: Final = (
    Column("preset"),
    Column("kind", spare=2),
    Column("data", spare=4),
    Column("network", spare=1),
    Column("epochs", right=True, spare=3),
)
MOST_LAYERS = 4
UNBROKEN: Final = 10_000
"""A width in which a line is not broken: the pane does that."""
TABLE_HEADER = re.compile(r"\s*\[\[?\s*(?P<name>[A-Za-z_][\w-]*)[^=,]*\]\s*(#.*)?\Z")


@dataclass(frozen=True)
class PresetLine:
    """What a list says of a preset.

    Attributes:
        name: The preset's name.
        own: Whether it is one of the user's own.
        recipe: The text of its file.
        card: What it is for.
        spec: What the file means; None where it is no preset.
        problem: What is wrong with it, in one line.
        claims: The figures that were published of it.
    """

    name: str
    own: bool
    recipe: str
    card: Card = field(default_factory=Card)
    spec: Spec | None = None
    problem: str | None = None
    claims: tuple[Claim, ...] = ()

    @property
    def text(self) -> str:
        """What a filter looks at."""
        source = self.spec.data.source if self.spec else "damaged"
        return f"{self.name} {source} {self.card.kind} {self.card.summary} {'own' if self.own else ''}"

    def cells(self) -> list[Cell]:
        """Return the cells of its line, one for each of ``COLUMNS``; an unreadable file has its complaint instead."""
        if self.spec is None:
            return [Cell(self.name), Cell(sanitize(self.problem or ""), Ink.ERROR)]
        return [
            Cell(self.name, Ink.ACCENT if self.own else Ink.TEXT),
            Cell(self.card.kind, Ink.MUTED),
            Cell(sanitize(PurePath(self.spec.data.source).name, 16), Ink.MUTED),
            Cell(units_text(self.spec)),
            Cell(count(self.spec.training.epochs), Ink.MUTED),
        ]


def units_text(spec: Spec) -> str:
    """Return the widths of the layers; of a deep network the first and the last, and how many there are."""
    widths = [str(layer.units) for layer in spec.network.layers]
    if len(widths) > MOST_LAYERS:
        return f"{widths[0]}→{widths[1]}→…→{widths[-1]} ({len(widths)})"
    return "→".join(widths)


def beside_lines(line: PresetLine, shown: Shown, vocabulary: Vocabulary) -> list[list[Cell]]:
    """Return what stands beside the list of presets, not yet broken into lines of a width."""
    if shown == "claims":
        return claim_lines(line.claims, line.name)
    if shown == "card":
        said = card_lines(line.card, UNBROKEN, vocabulary)
        return [
            [Cell(line.card.summary, Ink.ACCENT)],
            [],
            *([Cell(text, Ink(ink)) for text, ink in each] for each in said),
        ]
    return recipe_lines(line.recipe)


def views_of(line: PresetLine) -> list[Shown]:
    """Return what there is to show beside a preset."""
    views: list[Shown] = ["recipe"]
    if line.card.summary or line.card.what or line.card.watch or line.card.try_:
        views.append("card")
    if line.claims:
        views.append("claims")
    return views


def recipe_lines(text: str) -> list[list[Cell]]:
    """Return a recipe line by line: headings, keys, values, and comments each in their ink; no card and no claims."""
    lines = ["".join(c if c.isprintable() else " " for c in line) for line in text.splitlines()]
    return [_recipe_line(line) for line in _without_tables_beside(lines)]


def _without_tables_beside(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a preset's file that are the recipe: what stands beside it has views of its own."""
    is_beside = False
    for line in lines:
        if header := TABLE_HEADER.match(line):
            is_beside = header["name"] in BESIDE_THE_RECIPE
        if not is_beside:
            yield line


def _recipe_line(line: str) -> list[Cell]:
    code, hash_sign, comment = _split_comment(line)
    if code.lstrip().startswith("[") and code.rstrip().endswith("]") and "=" not in code:
        parts = [Cell(code, Ink.ACCENT)]
    elif "=" in code and not code.lstrip().startswith("{"):
        key, value = code.split("=", 1)
        parts = [Cell(f"{key}=", Ink.MUTED), Cell(value)]
    else:
        parts = [Cell(code)]
    return [*parts, Cell(hash_sign + comment, Ink.MUTED)] if hash_sign else parts


def _split_comment(line: str) -> tuple[str, str, str]:
    """Split at the first ``#`` that is in no string."""
    quote = ""
    for index, char in enumerate(line):
        if char == quote:
            quote = ""
        elif not quote and char in "\"'":
            quote = char
        elif not quote and char == "#":
            return line[:index], "#", line[index + 1 :]
    return line, "", ""
