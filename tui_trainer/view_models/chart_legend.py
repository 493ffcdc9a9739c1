"""The legend above a chart: names and values that fit, no number cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from engine.errors import sanitize
from tui_trainer.formatting import cell_width, within
from tui_trainer.view_models.plotted_curves import PlottedCurve, of_its_parts
from tui_trainer.view_models.run import RunModel

GAP: Final = 2
"""Columns between two entries of the legend."""

VALUE: Final = 6
"""Columns of a value in the legend."""

LEGEND_REST: Final = 3 + VALUE + GAP
"""Columns of a legend's entry beside the name: its sign, its value, the gap to the next."""

OVERLAY_NAMES: Final = (24, 16, 11, 7)
"""Cells of the names of other runs, the longest that fit."""

RUNNING: Final = (" running, dropout on", " running")
"""What the values of the training part are, in as many words as there is room for; the first where there is dropout."""


class Legend(NamedTuple):
    """The line above a chart.

    Attributes:
        names: The names of the first curves, as many as fit.
        start: The column where they begin.
        note: What is said of the first one.
        left_out: Curves that have no room in it.
    """

    names: list[str]
    start: int
    note: str = ""
    left_out: int = 0


def metric_legend(run: RunModel, curves: Sequence[PlottedCurve], width: int, start: int) -> Legend:
    """Return the legend of a metric's curves: no entry for a part that the run does not have."""
    legend = fit_legend(of_its_parts(run, curves), width, start)
    if not run.has_recipe:
        return legend
    spare = width - legend.start - sum(len(name) + LEGEND_REST for name in legend.names)
    notes = RUNNING if any(layer.dropout for layer in run.spec.network.layers) else RUNNING[1:]
    return legend._replace(note=next((note for note in notes if len(note) <= spare + GAP), ""))


def fit_overlays(overlays: Sequence[tuple[str, str]], width: int) -> tuple[list[tuple[str, str]], int]:
    """Return names and parts of other runs' curves that fit into a line, and how many are left out.

    Args:
        overlays: The name of each run, and of the part of the data that its curve is of.
        width: Cells of the line.
    """

    def room(entries: Sequence[tuple[str, str]]) -> int:
        return sum(LEGEND_REST + cell_width(name) + (cell_width(part) + 1 if part else 0) for name, part in entries)

    for longest in OVERLAY_NAMES:
        names = [within(sanitize(name, 40), longest) for name, _ in overlays]
        with_parts = [(name, part) for name, (_, part) in zip(names, overlays, strict=True)]
        for entries in (with_parts, [(name, "") for name in names]):
            if room(entries) <= width + GAP:
                return entries, 0
    kept = entries
    while len(kept) > 1 and room(kept) + len("+9") > width:
        kept = kept[:-1]
    return kept, len(entries) - len(kept)


def fit_legend(curves: Sequence[PlottedCurve], width: int, start: int) -> Legend:
    """Return a legend that fits: from column ``start`` on or from the edge, with shorter names if need be."""
    for names in ([curve.name for curve in curves], [curve.short_name for curve in curves]):
        for first in (start, 0):
            if first + sum(len(name) + LEGEND_REST for name in names) <= width + GAP:
                return Legend(names, first)
    two = curves[:2]  # rather a name is cut than a number
    longest = min(5, max(1, (width + GAP - 3 * (len(curves) > 2)) // max(1, len(two)) - LEGEND_REST))
    names = [curve.short_name[:longest] for curve in curves]
    ends = np.cumsum([len(name) + LEGEND_REST for name in names])
    fitting = max(min(2, len(names)), int(np.count_nonzero(ends <= width + GAP - 3)))
    return Legend(names[:fitting], 0, left_out=len(names) - fitting)
