"""One plot on cells: title, legend, axes, curves, points that have a name, and the crosshair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Final, NamedTuple

import numpy as np

from engine.errors import sanitize
from presets.labs.contract import Curve, Mark
from tui_trainer.formatting import cell_width, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.lab_plots import LABELS, VALUE, Panel, curve_ink, reading_text, tick_text
from tui_trainer.widgets.grid import BLANK, Cells, Grid
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_ACROSS, DOTS_DOWN
from tui_trainer.widgets.polylines import Dash, cells_of, draw_points, draw_polyline

DASH: Final[Dash] = (3, 3)
POINT: Final = "●"
MARK: Final = "◆"
CURSOR: Final = "│"

SIGN: Final = "━ "
GAP: Final = 2
"""What stands before a name in the legend, and the columns between two entries."""

ROWS_OF_LEGEND: Final = 5
ROWS_OF_NUMBERS: Final = 4
"""Of so many rows of a panel the legend may have one; the second where it tells the numbers under the crosshair."""

NAME_LENGTHS: Final = (16, 10, 8)
"""Cells of the names in a legend, the longest that fit."""


class Entry(NamedTuple):
    """Of a legend: the curve's name, what stands under the crosshair, the ink."""

    name: str
    value: str
    ink: Ink


class Drawn(NamedTuple):
    """How a plot was drawn: its axes, and how many columns its curves have."""

    panel: Panel
    columns: int


def paint_panel(grid: Grid, panel: Panel, at: float | None, *, chosen: bool) -> Drawn:
    """Draw a plot; ``at`` is where the crosshair stands on the axis to the right, if it does."""
    legend = _legend(panel, at, grid.width, grid.height)
    top = 1 + len(legend)
    field = grid.window(LABELS + 1, top, None, max(0, grid.height - top - 2))
    panel = panel.fitted(field.width * DOTS_ACROSS, field.height * DOTS_DOWN)
    if at is not None and not panel.x.low <= at <= panel.x.high:
        at = None
    _paint_head(grid, panel, at, chosen=chosen)
    for y, line in enumerate(legend, 1):
        x = 0
        for name, value, ink in line:
            x = grid.put(x, y, name if ink is Ink.FAINT else f"{SIGN}{name}", ink)
            grid.put(x + 1, y, value, Ink.BRIGHT)
            x += VALUE + 1 + GAP if value else GAP
    if field.width > 1 and field.height > 0:
        _paint_plot(grid.window(0, top), field, panel, at)
    return Drawn(panel, max(1, field.width))


def _paint_head(grid: Grid, panel: Panel, at: float | None, *, chosen: bool) -> None:
    """Write the title, and at its right where the crosshair stands."""
    place = "" if at is None else f"{sanitize(panel.plot.x_label, 30)} {reading_text(at)}"
    room = grid.width - cell_width(place) - bool(place)
    grid.put(0, 0, within(sanitize(panel.plot.title, 120), max(0, room)), Ink.ACCENT if chosen else Ink.TEXT)
    grid.put_right(grid.width, 0, place, Ink.BRIGHT)


def _paint_plot(frame: Grid, field: Grid, panel: Panel, at: float | None) -> None:
    """Draw the axes on the frame, and everything else on the field."""
    _paint_axes(frame, field, panel)
    if at is not None:
        column = panel.column(at, field.width)
        field.codes[:, column], field.inks[:, column] = ord(CURSOR), Ink.FAINT
    for number, curve in enumerate(panel.plot.curves):
        _paint_curve(field, panel, curve, curve_ink(number))
    _paint_readings(field, panel, at)
    for mark in panel.plot.marks:
        _paint_mark(field, panel, mark)
    _paint_y_label(frame, field, sanitize(panel.plot.y_label, 40))


def _legend(panel: Panel, at: float | None, width: int, height: int) -> list[list[Entry]]:
    """Return the lines of the legend, with shorter names where not all fit; a crosshair's numbers are never cut."""
    whole = [_entry(panel, number, at, width) for number in range(len(panel.plot.curves))]
    # The same lines wherever the crosshair stands, so that nothing moves with it.
    most = max(1, height // (ROWS_OF_LEGEND if at is None else ROWS_OF_NUMBERS))
    rows = min(most, len(_packed(whole, width, VALUE + 1)))
    reserved = VALUE + 1 if at is not None else 0
    lines = _packed(whole, width, reserved)
    for longest in NAME_LENGTHS:
        if len(lines) <= rows:
            break
        lines = _packed([entry._replace(name=within(entry.name, longest)) for entry in whole], width, reserved)
    legend_lines = lines[:rows]
    if lines[rows:]:
        legend_lines[-1] = _with_rest(legend_lines[-1], sum(map(len, lines[rows:])), width, reserved)
    return [*legend_lines, *([] for _ in range(rows - len(legend_lines)))]


def _with_rest(line: list[Entry], left_out: int, width: int, reserved: int) -> list[Entry]:
    """Return a line of the legend with how many have no room, itself without the last one if that needs its place."""
    for kept in (line, line[:-1]):
        cells = sum(len(SIGN) + cell_width(name) + reserved + GAP for name, *_ in kept)
        rest = f"+{left_out + len(line) - len(kept)}"
        if kept and cells + len(rest) <= width:
            return [*kept, Entry(rest, "", Ink.FAINT)]
    return line


def _packed(entries: Sequence[Entry], width: int, reserved: int) -> list[list[Entry]]:
    """Return entries in lines, each with some cells for its number."""
    lines: list[list[Entry]] = []
    room = 0
    for entry in entries:
        needed = len(SIGN) + cell_width(entry.name) + reserved
        if not lines or room < needed:
            lines.append([])
            room = width
        lines[-1].append(entry)
        room -= needed + GAP
    return lines


def _entry(panel: Panel, number: int, at: float | None, width: int) -> Entry:
    """Return a curve's entry, its name as long as a line has room."""
    curve = panel.plot.curves[number]
    reading = panel.reading(curve, at, max(2, width - LABELS - 1)) if at is not None else None
    value = "" if at is None else reading_text(reading[1]) if reading else "–"
    name = within(sanitize(curve.name, 60), max(1, width - len(SIGN) - 1 - VALUE))
    return Entry(name, value, curve_ink(number))


def _paint_axes(frame: Grid, field: Grid, panel: Panel) -> None:
    for y in range(field.height):
        frame.put(LABELS, y, "│", Ink.FAINT)
    for value in panel.y.ticks(max(3 if field.height > 3 else 2, (field.height + 1) // 3)):
        y = round((1 - panel.y.position(value)) * (field.height * DOTS_DOWN - 1)) // DOTS_DOWN
        frame.put_right(LABELS, y, tick_text(value), Ink.MUTED)
        frame.put(LABELS, y, "┤", Ink.FAINT)
    frame.put(LABELS, field.height, "└" + "─" * field.width, Ink.FAINT)
    label = within(sanitize(panel.plot.x_label, 40), field.width)
    below = frame.window(LABELS + 1, field.height + 1)
    end = below.put_right(field.width, 0, label, Ink.MUTED) - 1
    for value in panel.x.ticks(max(4, field.width // 9)):
        text = tick_text(value)
        column = panel.column(value, field.width)
        frame.put(LABELS + 1 + column, field.height, "┴", Ink.FAINT)
        start = min(max(0, column - len(text) // 2), field.width - len(text))
        if start >= 0 and start + len(text) < end and _is_blank(below, start - 1, 0, len(text) + 2):
            below.put(start, 0, text, Ink.MUTED)


def _paint_y_label(frame: Grid, field: Grid, label: str) -> None:
    """Write what the axis upwards is: below it, or where it is too long for that in the plot, where that is free."""
    cells = cell_width(label)
    if cells > LABELS:
        for start, row in product((1, field.width - cells - 1), (0, 1)):
            is_inside = start >= 1 and start + cells < field.width and row < field.height
            if is_inside and _is_blank(field, start - 1, row, cells + 2):
                field.put(start, row, label, Ink.MUTED)
                return
    frame.put(0, field.height + 1, within(label, LABELS), Ink.MUTED)


def _paint_curve(field: Grid, panel: Panel, curve: Curve, ink: Ink) -> None:
    lines = panel.lines(curve, field.width * DOTS_ACROSS)
    if curve.style != "dots":
        for line in lines:
            _lay(field, draw_polyline(field.width, field.height, line, DASH if curve.style == "dashed" else None), ink)
    if curve.style in {"dots", "both"}:
        cells = [cell for line in lines for cell in cells_of(field.width, field.height, line)]
        if sum(map(len, lines)) <= field.width:
            for x, y in cells:
                field.put(x, y, POINT, ink)
        else:
            for line in lines:
                _lay(field, draw_points(field.width, field.height, line), ink)


def _paint_readings(field: Grid, panel: Panel, at: float | None) -> None:
    """Mark the points whose numbers the legend says."""
    for number, curve in enumerate(panel.plot.curves):
        reading = panel.reading(curve, at, field.width) if at is not None else None
        if reading is not None:
            x, y = _cell_of(field, panel, *reading)
            field.put(x, y, POINT, curve_ink(number))


def _paint_mark(field: Grid, panel: Panel, mark: Mark) -> None:
    """Draw a sign where a mark is, and its text beside it where that hides nothing."""
    if not panel.drawable(np.array([mark.x]), np.array([mark.y])).all():
        return
    if not (panel.x.low <= mark.x <= panel.x.high and panel.y.low <= mark.y <= panel.y.high):
        return
    x, y = _cell_of(field, panel, mark.x, mark.y)
    field.put(x, y, MARK, Ink.BRIGHT)
    text = within(sanitize(mark.text, 40), max(1, field.width))
    for start, row in _beside(x, y, cell_width(text)):
        is_inside = start >= 0 and start + cell_width(text) <= field.width and 0 <= row < field.height
        if is_inside and _is_blank(field, start, row, cell_width(text)):
            field.put(start, row, text, Ink.TEXT)
            return


def _beside(x: int, y: int, width: int) -> Iterator[tuple[int, int]]:
    """Yield where a text beside a sign may begin: on its row, then on those around it."""
    for row, start in product((y, y - 1, y + 1, y - 2, y + 2), (x + 2, x - width - 1)):
        yield start, row


def _cell_of(field: Grid, panel: Panel, x: float, y: float) -> tuple[int, int]:
    column = int(np.floor(panel.x.position(x) * (field.width * DOTS_ACROSS - 1) + 0.5)) // DOTS_ACROSS
    row = int(np.floor((1 - panel.y.position(y)) * (field.height * DOTS_DOWN - 1) + 0.5)) // DOTS_DOWN
    return column, row


def _lay(field: Grid, cells: Cells, ink: Ink) -> None:
    """Add the dots of a curve to those that are there."""
    drawn = cells != 0
    dots = np.where(field.codes > BRAILLE_BLANK, field.codes, BRAILLE_BLANK) | cells
    field.codes[drawn] = dots[drawn]
    field.inks[drawn] = ink


def _is_blank(grid: Grid, x: int, y: int, width: int) -> bool:
    return bool((grid.codes[y : y + 1, max(0, x) : max(0, x + width)] == BLANK).all())
