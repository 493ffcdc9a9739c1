"""Compute where the panes stand on a screen of any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

PaneId = str
"""The id of a pane, or of one of the lines around them."""

Tab = Literal[1, 2, 3, 4, 5, 6]
"""Panes are reached by these keys: 1 architecture and dials, 2 charts, 3 weights, 4 neurons, 5 boundary, 6 data."""

WHOLE_SCREEN_TABS: Final[tuple[Tab, ...]] = (5, 6)
"""Tabs that take the whole screen, however large it is."""

Mode = Literal["columns", "folded", "tabs", "full", "overview"]

TABS: Final[dict[Tab, tuple[PaneId, ...]]] = {
    1: ("architecture", "dials"),
    2: ("loss", "accuracy"),
    3: ("heatmap",),
    4: ("neurons",),
    5: ("boundary",),
    6: ("sample", "ranges", "parts", "picture"),
}
GAP: Final = 2
LEFT: Final = 27
RIGHT: Final = 36
RANGES_HEAD: Final = 3
"""Rows above the ranges of the data's columns."""


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


@dataclass(frozen=True)
class PaneLayout:
    """Panes and their rectangles; what is not in it is not shown. ``mode`` says which of the five forms it is."""

    mode: Mode
    rects: dict[PaneId, Rect]


def compute_layout(
    width: int,
    height: int,
    tab: Tab,
    layers: int,
    *,
    inputs: int = 99,
    pictures: bool = False,
    full: PaneId | None = None,
) -> PaneLayout:
    """Return the rectangles for a screen of this size.

    Args:
        width: Columns of the screen.
        height: Rows of the screen.
        tab: The tab that is shown where not all have room.
        layers: Dense layers of the network: the architecture takes two rows for each.
        inputs: Columns of the data: their ranges take a row for each.
        pictures: Whether a row of the data is a picture.
        full: A pane that is to have the whole screen but for the lines around it.
    """
    if width < 60 or height < 16:
        return PaneLayout("overview", {"overview": Rect(0, 0, width, height)})
    screen = Rect(0, 0, width, height)
    rects: dict[PaneId, Rect] = {
        "header": screen.rows(0, 1),
        "notice": screen.rows(height - 2, height - 1),
        "keys": screen.rows(height - 1, height),
    }
    if full is not None:
        return PaneLayout("full", rects | {full: screen.rows(1, height - 2).columns(1, width - 1)})
    if width < 90 or height < 26 or tab in WHOLE_SCREEN_TABS:
        rects["tabs"] = screen.rows(1, 2)
        body = screen.rows(3 if height >= 20 else 2, height - 2).columns(1, width - 1)
        shown = _data(body, inputs, pictures=pictures) if tab == 6 else _tab(body, tab)
        return PaneLayout("tabs", rects | shown)
    body = screen.rows(2, height - 2).columns(1, width - 1)
    left, rest = body.columns(0, LEFT), body.columns(LEFT + GAP, body.width)
    rects |= _stack(left, "architecture", "dials", _architecture_rows(left, layers))
    if width < 112:
        tabs, rest = rest.rows(0, 1), rest.rows(2, rest.height)
        return PaneLayout("folded", rects | {"tabs": tabs} | _tab(rest, tab if tab != 1 else 2))
    right_width = RIGHT if width < 150 else RIGHT + (width - 150) // 3
    centre, right = rest.columns(0, rest.width - right_width - GAP), rest.columns(rest.width - right_width, rest.width)
    rects |= _stack(centre, "loss", "accuracy", centre.height * 5 // 9)
    rects |= _stack(right, "heatmap", "neurons", right.height * 3 // 5)
    return PaneLayout("columns", rects)


def _tab(body: Rect, tab: Tab) -> dict[PaneId, Rect]:
    if tab == 1:
        return _side_by_side(body, "architecture", "dials")
    if tab == 2 and body.height < 26:
        return _side_by_side(body, "loss", "accuracy")
    if tab == 2:
        return _stack(body, "loss", "accuracy", body.height * 5 // 9)
    return {TABS[tab][0]: body}


def _data(body: Rect, inputs: int, *, pictures: bool) -> dict[PaneId, Rect]:
    """Return rectangles: the sample over the ranges of its columns, at the right the parts and the picture of a row."""
    right_width = 40 if body.width >= 100 else 28
    left, right = body.columns(0, body.width - right_width - GAP), body.columns(body.width - right_width, body.width)
    rects = _stack(left, "sample", "ranges", max(body.height * 4 // 7, body.height - inputs - RANGES_HEAD))
    if not pictures:
        return rects | {"parts": right}
    return rects | _stack(right, "parts", "picture", max(body.height * 4 // 9, body.height - 19))


def _side_by_side(rect: Rect, left: PaneId, right: PaneId) -> dict[PaneId, Rect]:
    middle = rect.width // 2
    return {left: rect.columns(0, middle - 1), right: rect.columns(middle + 1, rect.width)}


def _stack(rect: Rect, upper: PaneId, lower: PaneId, rows: int) -> dict[PaneId, Rect]:
    return {upper: rect.rows(0, rows - 1), lower: rect.rows(rows, rect.height)}


def _architecture_rows(rect: Rect, layers: int) -> int:
    wanted = 2 * layers + 5
    return min(wanted, max(8, rect.height - 16))
