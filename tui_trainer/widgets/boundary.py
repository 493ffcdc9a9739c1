"""What the network answers over two columns of the data: the field, the rows on it, and a point of one's own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual import events

from engine.protocol.commands import AnyQuery, BoundaryQuery
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count, plain
from tui_trainer.themes.inks import BRIGHT_PEN, DARK_PEN, EMPTY, LINE, SPOT, Ink
from tui_trainer.view_models.boundary import (
    LABELS,
    BoundarySnapshot,
    FieldColorizer,
    Neuron,
    PlaneProjection,
    Tints,
    drawing_order,
    first_columns,
    layout,
    neurons,
    next_neuron,
    pens,
    read_point,
    resized,
    signs,
    snapshot_of,
    still_there,
)
from tui_trainer.view_models.boundary_notes import (
    answer_words,
    column_name,
    doubtful_lines,
    field_lines,
    point_lines,
    sign_lines,
)
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.field import paint_axes, paint_pixels, paint_signs
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines
from tui_trainer.widgets.value_field import FieldPane

CELL = (1, 2)
"""Pixels of a cell, across and down."""

OWN_SIGN = "✚"
POINT_WIDTH = 27
"""Columns of the field for a point."""
CELLS_A_REDRAW = 60
"""Changed cells that one redraw of the dashboard allows for: at ten a second 6 to 9 kB on the wire, measured."""

FEWEST_MARKED = 3


class BoundaryPane(FieldPane):
    """The field on the left, with its axes; on the right what it means."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("boundary")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._chosen_columns: tuple[int, int] | None = None
        self._neuron: Neuron | None = None
        self._point: tuple[float, float] | None = None
        self._asked: BoundaryQuery | None = None
        self._drawn: BoundaryQuery | None = None
        self._colorizer = FieldColorizer()
        self._shortest_period = self.period

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return which plane frames must show."""
        return (self._plane(),)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("boundary").capitalize()

    def subtitle(self, run: RunModel) -> str:
        """Return which columns are shown, and where the others rest."""
        if run.welcome.inputs < 2:
            return ""
        x, y = (column_name(run, column, 24) for column in self._columns)
        return f"{run.seed_shown}→ {x}  ↑ {y}{self._rest(run)}"

    def _rest(self, run: RunModel) -> str:
        """Return what else belongs to the columns: the others' place; without room for notes, the point's answer."""
        snapshot, plane = snapshot_of(run), self._plane()
        if (
            snapshot is not None
            and plane.point is not None
            and layout(self.size.width, self.size.height - 1).notes is None
        ):
            return " · " + "".join(text for text, _ in answer_words(run, snapshot, plane, 20)).rstrip()
        others = run.welcome.inputs - 2
        if others == 1:
            return " · the other at its mean"
        return f" · {count(others)} others at their mean" if others else ""

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "What the network answers over two columns of the data, the others at their mean over the training rows. "
            "Blue is the first class, orange the second, dark is undecided; the light line is p = .5, or the border "
            "between the likeliest classes. Filled signs are training rows, hollow ones validation rows; the rows of "
            "the sealed exam are never shown. Marked in yellow are the rows nearest to .5. A point of your own: click, "
            "or move it with the arrows, or type it. The field of any single neuron can be shown instead."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run = self.model.run
        has_plane = run.plane is not None
        if action in {"move", "edit"}:
            return has_plane
        if action == "clear":
            return self._point is not None
        if action == "choose_column":
            return run.welcome.inputs > 2 and self.model.link == "live"
        if action in {"choose_neuron", "next_neuron"}:
            return len(run.spec.network.layers) > 1 and self.model.link == "live"
        return super().check_action(action, parameters)

    def invalidate(self, *, immediate: bool = False) -> None:
        """Paint again, see ``Canvas.invalidate``; a plane that was asked for is waited for."""
        run = self.model.run
        super().invalidate(immediate=immediate or run.plane != self._drawn)

    def paint(self, grid: Grid) -> None:
        """Draw everything; the more of it has changed, the longer until the next time that nobody waits for."""
        super().paint(grid)
        self._drawn = self.model.run.plane
        self._ask_for_what_is_wanted()
        self.period = self._shortest_period * max(1, _changed_cells(self._shown, grid) / CELLS_A_REDRAW)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the field, its axes, the rows, and the notes."""
        snapshot = snapshot_of(run)
        if run.welcome.inputs < 2 or snapshot is None:
            grid.put(0, 1, self._why_empty(run), Ink.MUTED)
            return
        boxes = layout(grid.width, grid.height)
        field = grid.window(*boxes.field)
        if field.width and field.height:
            projection = PlaneProjection(snapshot.box, field.width, 2 * field.height)
            tints, line = self._colorizer.tints(snapshot, run.spec)
            tints, line = (
                resized(tints, projection.height, projection.width),
                resized(line, projection.height, projection.width),
            )
            marked = snapshot.doubtful[: self._marks(boxes.notes.height if boxes.notes else 0)]
            paint_pixels(field, np.where(line, LINE, tints))
            self._paint_rows(field, tints, projection, snapshot, run, marked)
            self._paint_own(field, tints, projection)
            paint_axes(grid, boxes.field, snapshot.box)
        if boxes.notes is not None:
            self._paint_notes(grid.window(*boxes.notes), snapshot, run)

    def action_move(self, across: int, down: int) -> None:
        """Move the own point by cells; the first press puts it into the middle."""
        projection = self._projection()
        if projection is not None:
            self._point = projection.moved(self._point, across * CELL[0], down * CELL[1])
            self.invalidate(immediate=True)

    async def action_edit(self) -> None:
        """Open a field for the point's coordinates."""
        notes = layout(self.size.width, self.size.height - 1).notes
        x, y = self._point or (None, None)
        point = "" if x is None or y is None else f"{plain(x)} {plain(y)}"
        await self.open_field(
            point, self._take_point, notes.x if notes else LABELS, 1, width=POINT_WIDTH, placeholder="two numbers"
        )

    def action_clear(self) -> None:
        """Take the own point away."""
        self._point = None
        self.invalidate(immediate=True)

    def action_choose_column(self, axis: int) -> None:
        """Ask for the column of an axis, 0 for the horizontal one."""
        run = self.model.run

        def take(column: int | None) -> None:
            if column is not None:
                self._take_column(axis, column)

        names = [column_name(run, column) for column in range(run.welcome.inputs)]
        title = "Column across" if axis == 0 else "Column upwards"
        self.post_message(self.ChoiceRequested(title, names, self._columns[axis], take))

    def action_choose_neuron(self) -> None:
        """Ask whose field to show."""
        run = self.model.run
        choices = [None, *neurons(run.spec)]

        def take(number: int | None) -> None:
            if number is not None:
                self._neuron = choices[number]
                self.invalidate(immediate=True)

        names = [self._neuron_name(neuron) for neuron in choices]
        chosen = choices.index(self._neuron) if self._neuron in choices else 0
        self.post_message(self.ChoiceRequested("The field of", names, chosen, take))

    def action_next_neuron(self, step: int) -> None:
        """Show the field of the next neuron."""
        self._neuron = next_neuron(self.model.run.spec, self._neuron, step)
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Put the own point where the click was."""
        projection, field = self._projection(), layout(self.size.width, self.size.height - 1).field
        column, row = event.x - field.x, event.y - 1 - field.y
        if projection is not None and 0 <= column < field.width and 0 <= row < field.height:
            self._point = projection.point(column * CELL[0], row * CELL[1])
            self.invalidate(immediate=True)

    def _take_point(self, text: str) -> None:
        self._point = read_point(text)
        self.invalidate(immediate=True)

    def _take_column(self, axis: int, column: int) -> None:
        """Show a column on an axis; where the other axis has it, the two change places."""
        other = self._columns[1 - axis]
        other = self._columns[axis] if other == column else other
        self._chosen_columns = (column, other) if axis == 0 else (other, column)
        self._point = None
        self.invalidate(immediate=True)

    def _ask_for_what_is_wanted(self) -> None:
        """Ask for another plane where choices, the size of the pane or the network have changed."""
        plane = self._plane()
        if self.model.run.is_known and plane != self._asked:
            self._asked = plane
            self.post_message(self.ViewChanged())

    @property
    def _columns(self) -> tuple[int, int]:
        if self._chosen_columns is not None or not self.model.run.is_known:
            return self._chosen_columns or (0, 1)
        return first_columns(self.model.run.welcome)

    def _plane(self) -> BoundaryQuery:
        field = layout(self.size.width, self.size.height - 1).field
        return BoundaryQuery(
            columns=self._columns,
            width=max(2, field.width * CELL[0]),
            height=max(2, field.height * CELL[1]),
            neuron=still_there(self.model.run.spec, self._neuron),
            point=self._point,
        )

    def _projection(self) -> PlaneProjection | None:
        """Return the field as it stands on the screen."""
        snapshot = snapshot_of(self.model.run)
        field = layout(self.size.width, self.size.height - 1).field
        if snapshot is None or not field.width or not field.height:
            return None
        return PlaneProjection(snapshot.box, field.width * CELL[0], field.height * CELL[1])

    def _why_empty(self, run: RunModel) -> str:
        if run.welcome.inputs < 2:
            return "the data has a single column: there is no plane to look at"
        return "the field comes with the next frame…" if self.model.has_frame else ""

    def _marks(self, rows: int) -> int:
        """Return how many doubtful rows are marked: as many as can be listed."""
        return max(FEWEST_MARKED, rows - 14)

    def _neuron_name(self, neuron: Neuron | None) -> str:
        if neuron is None:
            return "the network's answer"
        return f"{self.model.word('layer')} {neuron[0] + 1}, {self.model.word('neuron')} {neuron[1] + 1}"

    def _paint_rows(
        self,
        field: Grid,
        tints: Tints,
        projection: PlaneProjection,
        snapshot: BoundarySnapshot,
        run: RunModel,
        marked: Tints,
    ) -> None:
        places, codes, colours = (
            projection.pixels(snapshot.points),
            signs(snapshot, len(run.welcome.classes)),
            pens(snapshot),
        )
        order = drawing_order(snapshot)
        paint_signs(field, tints, places[order], codes[order], colours[order])
        paint_signs(field, tints, places[marked], codes[marked], np.full(len(marked), DARK_PEN), SPOT)

    def _paint_own(self, field: Grid, tints: Tints, projection: PlaneProjection) -> None:
        if self._point is not None:
            place = projection.pixels(np.array([self._point]))
            paint_signs(field, tints, place, np.array([ord(OWN_SIGN)], np.uint32), np.array([BRIGHT_PEN]), EMPTY)

    def _paint_notes(self, grid: Grid, snapshot: BoundarySnapshot, run: RunModel) -> None:
        plane, word = self._plane(), self.model.word
        lines: list[StyledLine] = [
            *point_lines(run, snapshot, plane, grid.width),
            [],
            *field_lines(run, snapshot, self._colorizer.ends, word),
            [],
            *sign_lines(run, grid.width, word),
            [],
        ]
        lines += doubtful_lines(run, snapshot, grid.height - len(lines))
        put_styled_lines(grid, lines)


def _changed_cells(before: Grid, after: Grid) -> int:
    """Return how many cells differ; none where the size does, since then a whole screen is drawn once."""
    if before.codes.shape != after.codes.shape:
        return 0
    return int(np.count_nonzero((before.codes != after.codes) | (before.inks != after.inks)))
