"""Claims as lines of text: what is printed, what comes out here, and why where the two differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from presets.claims import Claim, Figure, Verdict, figures
from tui_trainer.formatting import cell_text
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.table import Cell

SIGNS: Final[dict[Verdict, Cell]] = {
    "holds": Cell("✓", Ink.GOOD),
    "inside": Cell("○", Ink.GOOD),
    "differs": Cell("✕", Ink.WARNING),
}
LEGEND: Final = "printed · here   ✓ agrees  ○ in the band  ✕ differs"
WIDEST_KEY = 12
LONGEST_VALUE = 60
"""Characters of a value; a matrix has more."""
DIGITS = 6
LOOKS_LIKE_A_NUMBER = re.compile(r"[-\d.,e+]+\Z")


def claim_lines(claims: Sequence[Claim], name: str) -> list[list[Cell]]:
    """Return the claims of a preset or a lab case by case, not yet broken into lines of a width.

    Figures that the tutorials do not print are counted, not listed: ``tui-trainer check`` lists them.
    """
    if not claims:
        return [[Cell("No figures are claimed of it.", Ink.MUTED)]]
    lines = [[Cell(LEGEND, Ink.MUTED)]]
    for claim in claims:
        lines += [[], [Cell(f"{claim.case}", Ink.ACCENT)], [Cell(claim.where, Ink.MUTED)], *_figure_lines(claim)]
    differing = sum(figure.verdict == "differs" for _, figure in figures(tuple(claims)))
    count = sum(len(claim.figures) for claim in claims)
    differ = {0: "none differs", 1: "one differs"}.get(differing, f"{differing} differ")
    said = f"{count} figures, of which {differ}"
    return [*lines, [], [Cell(f"{said}. tui-trainer check {name} measures them again.", Ink.MUTED)]]


def _figure_lines(claim: Claim) -> Iterator[list[Cell]]:
    listed = [figure for figure in claim.figures if figure.published is not None]
    width = max((len(figure.key) for figure in listed if len(figure.key) <= WIDEST_KEY), default=0)
    for figure in listed:
        sign = SIGNS[figure.verdict]
        here = _here(figure)
        yield [
            sign,
            Cell(f" {figure.key.ljust(width)}  ", Ink.MUTED),
            Cell(_printed(figure)),
            Cell(f" · {here}" if here else ""),
        ]
        if figure.why:
            yield [Cell(f"  {figure.why}", Ink.MUTED)]
    if unprinted := len(claim.figures) - len(listed):
        what = "a figure" if unprinted == 1 else f"{unprinted} figures"
        yield [Cell(f"  and {what} that the tutorial does not print", Ink.MUTED)]


def _printed(figure: Figure) -> str:
    return _short(_listed(figure.published).replace("-", "−") if _is_number(figure) else _listed(figure.published))


def _here(figure: Figure) -> str:
    """Return what comes out here, as the claim says; nothing where it only says on which side."""
    if figure.ours is not None:
        return _short(_listed(figure.ours))
    return "" if figure.band is None else f"{figure.band[0]:g} to {figure.band[1]:g}"


def _is_number(figure: Figure) -> bool:
    return isinstance(figure.published, str) and LOOKS_LIKE_A_NUMBER.match(figure.published) is not None


def _listed(value: object) -> str:
    if isinstance(value, tuple | list):
        return f"[{', '.join(map(_listed, value))}]"
    return ("yes" if value else "no") if isinstance(value, bool) else cell_text(value, DIGITS)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
