"""Write ``docs/claims.md``: what the tutorials print beside what comes out here, by preset and lab."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from presets.check.runner import Subject
from presets.check.subjects import subjects
from presets.check.verdicts import printed, shown
from presets.claims import Figure, figures

FILE = Path(__file__).with_name("claims.md")
HEAD = """# What the tutorials print, and what comes out here

`tui-trainer check` measures all of this again. *holds*: the printed digits come out. *inside*: the figure lies in the
band that it has here. *differs*: neither; then the reason stands below. Figures that the tutorials do not print are
counted.
`python docs/claims.py` writes this page from the claims of the presets and labs.
"""
LONGEST = 60


def page() -> str:
    """Return the page."""
    everything = subjects()
    counts = Counter(figure.verdict for subject in everything for _, figure in figures(subject.claims))
    parts = f"{counts['holds']} hold, {counts['inside']} inside, {counts['differs']} differ"
    total = f"{sum(counts.values())} figures: {parts}."
    return "\n".join([HEAD, total, "", *(line for subject in everything for line in _section(subject))]) + "\n"


def _section(subject: Subject) -> list[str]:
    lines = [f"## {subject.name}", "", "| case | figure | printed | here | verdict |", "|---|---|---|---|---|"]
    reasons, unprinted = [], 0
    for claim, figure in figures(subject.claims):
        if figure.published is None:
            unprinted += 1
            continue
        cells = (claim.case, figure.key, printed(figure.published), _here(figure), figure.verdict)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
        if figure.verdict == "differs":
            reasons += ["", f"**{claim.case}, {_cell(figure.key)}** ({claim.where}): {figure.why}."]
    listed = lines if len(lines) > 4 else lines[:1]
    return [*listed, *reasons, *(["", f"Not printed there: {unprinted}."] if unprinted else []), ""]


def _here(figure: Figure) -> str:
    if figure.ours is not None:
        return shown(figure.ours)
    return "" if figure.band is None else f"{figure.band[0]:g} to {figure.band[1]:g}"


def _cell(text: str) -> str:
    short = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return short.replace("|", "\\|").replace("[", "\\[").replace("*", "\\*")


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
