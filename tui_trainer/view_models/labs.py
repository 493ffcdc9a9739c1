"""Labs as lines of a list, and what is said of one beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from presets import courses, labs
from presets.cards import Card
from presets.labs.contract import Lab
from tui_trainer.formatting import cell_text
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.table import Cell, Column

COLUMNS: Final = (Column("lab"), Column("what"))


@cache
def lab_card(name: str) -> Card:
    """Return the card of a lab; its file is read once, and not with every letter of a filter."""
    return courses.lab_card(name)


@dataclass(frozen=True)
class LabLine:
    """What a list says of a lab."""

    lab: Lab

    @property
    def name(self) -> str:
        """What it is known by."""
        return self.lab.name

    @property
    def text(self) -> str:
        """What a filter looks at."""
        dials = " ".join(dial.label for dial in self.lab.dials)
        return f"{self.lab.name} {self.lab.title} {dials} {lab_card(self.lab.name).summary}"

    def cells(self) -> list[Cell]:
        """Return the cells of its line, one for each of ``COLUMNS``."""
        return [Cell(self.lab.name), Cell(self.lab.title, Ink.MUTED)]


def lab_lines() -> list[LabLine]:
    """Return a line for each lab."""
    return [LabLine(lab) for lab in labs.LABS.values()]


def said_of(lab: Lab) -> list[list[Cell]]:
    """Return what a lab is about, and its dials, each with what it stands at."""
    card = lab_card(lab.name)
    lines = [[Cell(lab.title, Ink.BRIGHT)]]
    lines += [[], [Cell(card.what)]] if card.what else []
    lines += [line for text in card.watch for line in ([], [Cell("watch: ", Ink.MUTED), Cell(text)])]
    lines += [[], [Cell("Dials", Ink.BRIGHT)]] if lab.dials else []
    for dial in lab.dials:
        lines.append([Cell(f"{dial.label} ", Ink.TEXT), Cell(cell_text(dial.default), Ink.ACCENT)])
        lines.append([Cell(f"  {dial.help}", Ink.MUTED)])
    return lines
