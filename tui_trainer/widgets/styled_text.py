"""Lines of words on a grid."""

from __future__ import annotations

from collections.abc import Sequence

from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.grid import Grid


def put_styled_lines(grid: Grid, lines: Sequence[StyledLine]) -> None:
    """Write lines from the top on; what has no room is cut off."""
    for y, words in enumerate(lines[: grid.height]):
        x = 0
        for text, ink in words:
            x = grid.put(x, y, text, ink)
