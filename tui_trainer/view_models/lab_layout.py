"""Where the panes of a lab stand on a screen of any size."""

from __future__ import annotations

from typing import Final, Literal

from tui_trainer.layout import Rect, Rects

PaneName = Literal["dials", "plots", "tables", "text"]
NAMES: Final[tuple[PaneName, ...]] = ("dials", "plots", "tables", "text")

WIDE: Final = 98
HIGH: Final = 24
"""Columns and rows of the body from which on all panes stand side by side."""

LEFT: Final = 38
"""Columns of the dials, where everything stands side by side."""

LEFT_OF_TAB: Final = 28
BESIDE_FROM: Final = 74
"""Columns of the dials beside one other pane, and those of the body from which on they stand there."""

DIALS_ABOVE: Final = 4
"""Rows of the dials above one other pane, on a narrow screen."""

FOR_PLOTS: Final = 0.6
MORE_FOR_PLOTS: Final = 0.7
MANY: Final = 4
"""Shares of the rows that plots have above the tables, the second where there are more than so many."""


def lab_rects(body: Rect, *, tab: PaneName, full: PaneName | None, dial_rows: int, plots: int) -> Rects:
    """Return where the panes stand; those that have no place are not shown.

    Args:
        body: The screen but for the lines around the panes.
        tab: The pane beside the dials, or below them, where not all have room.
        full: A pane that has the whole body, if one has.
        dial_rows: Rows that the dials want.
        plots: How many plots there are.
    """
    if full is not None:
        return {full: body}
    if body.width >= WIDE and body.height >= HIGH:
        return _side_by_side(body, dial_rows, plots)
    if body.width >= BESIDE_FROM:
        return {"dials": body.columns(0, LEFT_OF_TAB), tab: body.columns(LEFT_OF_TAB + 2, body.width)}
    rows = min(DIALS_ABOVE, dial_rows, body.height // 2)
    return {"dials": body.rows(0, rows), tab: body.rows(rows, body.height)}


def _side_by_side(body: Rect, dial_rows: int, plots: int) -> Rects:
    """Return the dials and what is said on the left, plots and tables on the right."""
    left, right = body.columns(0, LEFT), body.columns(LEFT + 2, body.width)
    dials = min(dial_rows, body.height * 3 // 5)
    rects = {"dials": left.rows(0, dials), "text": left.rows(dials + 1, body.height)}
    if not plots:
        return rects | {"tables": right}
    rows = int(body.height * (MORE_FOR_PLOTS if plots > MANY else FOR_PLOTS))
    return rects | {"plots": right.rows(0, rows), "tables": right.rows(rows + 1, body.height)}
