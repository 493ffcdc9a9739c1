"""Compute where the panes stand on a screen of any size, from the table of panes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from tui_trainer.panes import LESSON, PaneSpec, RunShape, Slot, Tab, TabSpec, panes_for, tabs_for

Mode = Literal["columns", "folded", "tabs", "full", "overview"]

GAP: Final = 2
LEFT: Final = 27
RIGHT: Final = 36
CARD: Final = 38
LEAST_BESIDE: Final = 62
"""Columns that a lesson's card leaves the other panes at least."""


class Rect(NamedTuple):
    """A rectangle of cells."""

    x: int
    y: int
    width: int
    height: int

    def rows(self, start: int, stop: int) -> Rect:
        """Return the rows from ``start`` up to ``stop`` of this rectangle, as far as it has them."""
        start, stop = (min(max(0, row), self.height) for row in (start, stop))
        return Rect(self.x, self.y + start, self.width, max(0, stop - start))

    def columns(self, start: int, stop: int) -> Rect:
        """Return the columns from ``start`` up to ``stop`` of this rectangle, as far as it has them."""
        start, stop = (min(max(0, column), self.width) for column in (start, stop))
        return Rect(self.x + start, self.y, max(0, stop - start), self.height)


Rects = dict[str, Rect]
"""Rectangles by the ids of panes, and of the lines around them."""


@dataclass(frozen=True)
class PaneLayout:
    """Where everything stands.

    Attributes:
        mode: Which of the five forms it is.
        rects: Of all that is shown.
        tabs: The tabs that the line of tabs offers, where it is shown.
        tab: The one that is shown.
    """

    mode: Mode
    rects: Rects
    tabs: tuple[TabSpec, ...] = ()
    tab: Tab = 0


def last_lines(screen: Rect) -> Rects:
    """Return where every screen has its notice and its keys: in its last two rows."""
    height = screen.height
    return {"notice": screen.rows(height - 2, height - 1), "keys": screen.rows(height - 1, height)}


def compute_layout(width: int, height: int, tab: Tab, shape: RunShape, *, full: str | None = None) -> PaneLayout:
    """Return the rectangles for a screen of this size.

    Args:
        width: Columns of the screen.
        height: Rows of the screen.
        tab: The tab that is shown where not all panes have room; another one where it has nothing to show of this run.
        shape: What there is to show.
        full: A pane that is to have the whole screen but for the lines around it.
    """
    screen = Rect(0, 0, width, height)
    if width < 60 or height < 16:
        return PaneLayout("overview", {"overview": screen})
    lines = {
        "header": screen.rows(0, 1),
        **last_lines(screen),
    }
    if shape.lesson and full is None and (beside := _beside_card(screen, lines, tab, shape)) is not None:
        return beside
    if full in {pane.id for pane in panes_for(shape)}:
        return PaneLayout("full", lines | {str(full): screen.rows(1, height - 2).columns(1, width - 1)})
    tabs = tabs_for(shape)
    tab_shown = next((each for each in tabs if each.key == tab), tabs[0])
    if width < 90 or height < 26 or takes_the_screen(tab_shown.key):
        lines["tabs"] = screen.rows(1, 2)
        body = screen.rows(3 if height >= 20 else 2, height - 2).columns(1, width - 1)
        return PaneLayout("tabs", lines | _tab(body, tab_shown, shape), tuple(tabs), tab_shown.key)
    layout = _folded if width < 112 else _columns
    return layout(screen.rows(2, height - 2).columns(1, width - 1), lines, tab_shown, tabs, shape)


def _beside_card(screen: Rect, lines: Rects, tab: Tab, shape: RunShape) -> PaneLayout | None:
    """Return the layout with a lesson's card at the right of all panes, None where there is no room for it."""
    width = screen.width - CARD - GAP
    if width < LEAST_BESIDE:
        return None
    inner = compute_layout(width, screen.height, tab, replace(shape, lesson=False))
    card = {LESSON: screen.rows(2, screen.height - 2).columns(width + 1, screen.width - 1)}
    return replace(inner, rects=inner.rects | lines | card)


def takes_the_screen(tab: Tab) -> bool:
    """Return whether a tab has the whole screen to itself, however large that is."""
    return not any(pane.tab == tab and pane.slot in {"left", "centre", "right"} for pane in panes_for(RunShape()))


def _folded(body: Rect, lines: Rects, shown: TabSpec, tabs: Sequence[TabSpec], shape: RunShape) -> PaneLayout:
    """Return the left column as it is on a wide screen, and at its right one tab of the others."""
    left = _in_slot("left", shape)
    tabs_beside = [tab for tab in tabs if any(pane.slot != "left" for pane in panes_for(shape, tab.key))]
    shown = shown if shown in tabs_beside else tabs_beside[0]
    rest = body.columns(LEFT + GAP, body.width) if left else body
    lines["tabs"] = rest.rows(0, 1)
    rects = _stack(body.columns(0, LEFT), left, shape) | _tab(rest.rows(2, rest.height), shown, shape)
    return PaneLayout("folded", lines | rects, tuple(tabs_beside), shown.key)


def _columns(body: Rect, lines: Rects, shown: TabSpec, tabs: Sequence[TabSpec], shape: RunShape) -> PaneLayout:
    """Return the three columns; what one has nothing to show in, the centre takes, else the right one."""
    left, centre, right = (_in_slot(slot, shape) for slot in ("left", "centre", "right"))
    rest = body.columns(LEFT + GAP, body.width) if left else body
    screen_width = body.width + 2
    right_width = RIGHT if screen_width < 150 else RIGHT + (screen_width - 150) // 3
    middle, edge = rest.columns(0, rest.width - right_width - GAP), rest.columns(rest.width - right_width, rest.width)
    rects = _stack(body.columns(0, LEFT), left, shape)
    rects |= _stack(middle if right else rest, centre, shape) | _stack(edge if centre else rest, right, shape)
    return PaneLayout("columns", lines | rects, tuple(tabs), shown.key)


def _tab(body: Rect, tab: TabSpec, shape: RunShape) -> Rects:
    panes = panes_for(shape, tab.key)
    side = [pane for pane in panes if pane.slot == "side"]
    if not takes_the_screen(tab.key):
        return _stack(body, panes, shape) if body.height >= tab.stack_from else _side_by_side(body, panes)
    main = [pane for pane in panes if pane.slot != "side"]
    if not (main and side):
        return _stack(body, panes, shape)
    side_width = 40 if body.width >= 100 else 28
    left, right = body.columns(0, body.width - side_width - GAP), body.columns(body.width - side_width, body.width)
    return _stack(left, main, shape) | _stack(right, side, shape)


def _in_slot(slot: Slot, shape: RunShape) -> list[PaneSpec]:
    return [pane for pane in panes_for(shape) if pane.slot == slot]


def _stack(column: Rect, panes: Sequence[PaneSpec], shape: RunShape) -> Rects:
    """Return rectangles one above the other, with a row between them."""
    rects: Rects = {}
    for place, pane in enumerate(panes):
        below = len(panes) - place - 1
        if not below:
            rects[pane.id] = column
            break
        rows = pane.rows(column.height, shape) if pane.rows else column.height // (below + 1)
        rects[pane.id], column = column.rows(0, rows - 1), column.rows(rows, column.height)
    return rects


def _side_by_side(body: Rect, panes: Sequence[PaneSpec]) -> Rects:
    """Return rectangles side by side, with two columns between them."""
    edges = [body.width * place // len(panes) for place in range(len(panes) + 1)]
    return {
        pane.id: body.columns(start + (place > 0), end - (place < len(panes) - 1))
        for place, (pane, start, end) in enumerate(zip(panes, edges, edges[1:], strict=False))
    }
