"""What the network answers over two columns of the data: the field, the rows on it, and a point of one's own."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from textual import events

from engine.protocol.queries import AnyQuery, BoundaryQuery
from tui_trainer.bindings import bindings_of
from tui_trainer.layout import Rect
from tui_trainer.themes.inks import BRIGHT_PEN, DARK_PEN, EMPTY, LINE, SPOT, Ink
from tui_trainer.view_models.boundary import (
    LABELS,
    BoundarySnapshot,
    FieldColorizer,
    PlaneProjection,
    Tints,
    layout,
    resized,
    snapshot_of,
)
from tui_trainer.view_models.boundary_notes import (
    column_name,
    doubtful_lines,
    field_lines,
    point_lines,
    sign_lines,
)
from tui_trainer.view_models.class_signs import drawing_order, point_signs
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.derived_columns import choice_names, offered, switched
from tui_trainer.view_models.dials import derived_dial
from tui_trainer.view_models.plane_choices import PlaneChoices
from tui_trainer.view_models.requests import TurnDial
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.field import paint_axes, paint_pixels, paint_signs
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.styled_text import put_styled_lines
from tui_trainer.widgets.value_field import FieldPane

OWN_SIGN = "✚"
POINT_WIDTH = 27
"""Columns of the field for a point."""
FORMULAS_WIDTH = 44
"""Columns of the field for derived columns."""
CELLS_A_REDRAW = 60
"""Changed cells that one redraw of the dashboard allows for: at ten a second 6 to 9 kB on the wire, measured."""

FEWEST_MARKED = 3


class BoundaryPane(FieldPane):
    """The field on the left, with its axes; on the right what it means."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("boundary")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self.choices = PlaneChoices(model.word)
        self._asked: BoundaryQuery | None = None
        self._drawn: BoundaryQuery | None = None
        self._colorizer = FieldColorizer()
        self._shortest_period = self.period

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return which plane frames must show."""
        return (self.choices.plane(self.model.run, self._field),)

    def title(self) -> str:
        """Return the title."""
        return self.model.word("boundary").capitalize()

    def subtitle(self, run: RunModel) -> str:
        """Return which columns are shown, and where the others rest."""
        return self.choices.subtitle(run, self.size.width, self.size.height - 1)

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "What the network answers over two columns of the data, the others at their mean over the training rows. "
            "Blue is the first class, orange the second, dark is undecided; the light line is p = .5, or the border "
            "between the likeliest classes. Filled signs are training rows, hollow ones validation rows; the rows of "
            "the sealed exam are never shown. Marked in yellow are the rows nearest to .5. A point of your own: click, "
            "or move it with the arrows, or type it. The field of any single neuron can be shown instead. "
            "Derived columns (x1^2, x1*x2, sin(x1)) are inputs made of the others: with them a border that is straight "
            "over all columns bends here."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        run = self.model.run
        has_plane = run.plane is not None
        if action in {"move", "edit"}:
            return has_plane
        if action == "clear":
            return self.choices.point is not None
        if action == "choose_column":
            return run.welcome.inputs > 2 and self.model.link == "live"
        if action == "derive":
            return has_plane and self.model.may_steer and run.has_recipe
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
        plane = self.choices.plane(self.model.run, self._field)
        if self.model.run.is_known and plane != self._asked:  # choices, the pane's size or the network have changed
            self._asked = plane
            self.post_message(self.ViewChanged())
        self.period = self._shortest_period * max(1, _changed_cells(self._shown, grid) / CELLS_A_REDRAW)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the field, its axes, the rows, and the notes."""
        snapshot = snapshot_of(run)
        if run.welcome.inputs < 2 or snapshot is None:
            grid.put_wrapped(0, 1, self._why_empty(run), Ink.MUTED)
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
        self.choices.move_point(self.model.run, self._field, across, down)
        self.invalidate(immediate=True)

    async def action_edit(self) -> None:
        """Open a field for the point's coordinates."""
        notes = layout(self.size.width, self.size.height - 1).notes

        def take(text: str) -> None:
            self.choices.type_point(text)
            self.invalidate(immediate=True)

        x, text = notes.x if notes else LABELS, self.choices.point_text
        await self.open_field(text, take, x, 1, width=POINT_WIDTH, placeholder="two numbers")

    def action_clear(self) -> None:
        """Take the own point away."""
        self.choices.point = None
        self.invalidate(immediate=True)

    def action_choose_column(self, axis: int) -> None:
        """Ask for the column of an axis, 0 for the horizontal one."""
        run = self.model.run

        def take(column: int | None) -> None:
            if column is not None:
                self.choices.show_column(run, axis, column)
                self.invalidate(immediate=True)

        names = [column_name(run, column) for column in range(run.welcome.inputs)]
        title = "Column across" if axis == 0 else "Column upwards"
        self.post_message(self.ChoiceRequested(title, names, self.choices.columns(run)[axis], take))

    def action_derive(self) -> None:
        """Ask which derived columns are to come or go: other inputs, made of those across and upwards."""
        run, dial = self.model.run, derived_dial()
        derived = tuple(self.model.value(dial, run))
        formulas = offered(self.choices.base_columns(run), derived)

        def take(number: int | None) -> None:
            if number is None:
                return
            if number == len(formulas):
                self.call_next(self.action_type_derived)
            else:
                self.post_message(self.ChangeRequested(TurnDial(dial, switched(derived, formulas[number]))))

        self.post_message(self.ChoiceRequested("Derived columns", choice_names(formulas, derived), 0, take))

    async def action_type_derived(self) -> None:
        """Open a field for all derived columns."""
        run, dial = self.model.run, derived_dial()
        notes = layout(self.size.width, self.size.height - 1).notes

        def take(text: str) -> None:
            self.post_message(self.ChangeRequested(TurnDial(dial, dial.read(text, self.model.run))))

        derived = self.model.value(dial, run)
        text = dial.show(derived) if derived else ""
        x, width = (notes.x if notes else LABELS), min(FORMULAS_WIDTH, self.size.width - LABELS - 2)
        x = max(LABELS, min(x, self.size.width - width))
        await self.open_field(text, take, x, 1, width=width, placeholder="x1^2, x1*x2, sin(x1)")

    def action_choose_neuron(self) -> None:
        """Ask whose field to show."""
        run = self.model.run
        choices, names = self.choices.neuron_names(run)

        def take(number: int | None) -> None:
            if number is not None:
                self.choices.neuron = choices[number]
                self.invalidate(immediate=True)

        chosen = choices.index(self.choices.neuron) if self.choices.neuron in choices else 0
        self.post_message(self.ChoiceRequested("The field of", names, chosen, take))

    def action_next_neuron(self, step: int) -> None:
        """Show the field of the next neuron."""
        self.choices.next_neuron(self.model.run, step)
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Put the own point where the click was."""
        field = self._field
        self.choices.put_point(self.model.run, field, event.x - field.x, event.y - 1 - field.y)
        self.invalidate(immediate=True)

    @property
    def _field(self) -> Rect:
        """The field's cells, below the title."""
        return layout(self.size.width, self.size.height - 1).field

    def _why_empty(self, run: RunModel) -> str:
        if run.welcome.inputs < 2:
            return "the data has a single column: there is no plane to look at"
        return "the field comes with the next frame…" if self.model.has_frame else ""

    def _marks(self, rows: int) -> int:
        """Return how many doubtful rows are marked: as many as can be listed."""
        return max(FEWEST_MARKED, rows - 14)

    def _paint_rows(
        self,
        field: Grid,
        tints: Tints,
        projection: PlaneProjection,
        snapshot: BoundarySnapshot,
        run: RunModel,
        marked: Tints,
    ) -> None:
        places, every = projection.pixels(snapshot.points), point_signs(snapshot, run.welcome.classes)
        order = drawing_order(snapshot)
        signs = every.at(order)
        paint_signs(field, tints, places[order], signs.codes, signs.pens, signs.tiles)
        paint_signs(field, tints, places[marked], every.codes[marked], np.full(len(marked), DARK_PEN), SPOT)

    def _paint_own(self, field: Grid, tints: Tints, projection: PlaneProjection) -> None:
        if self.choices.point is not None:
            place = projection.pixels(np.array([self.choices.point]))
            paint_signs(field, tints, place, np.array([ord(OWN_SIGN)], np.uint32), np.array([BRIGHT_PEN]), EMPTY)

    def _paint_notes(self, grid: Grid, snapshot: BoundarySnapshot, run: RunModel) -> None:
        plane, word = self.choices.plane(run, self._field), self.model.word
        lines: list[StyledLine] = [
            *point_lines(run, snapshot, plane, grid.width),
            [],
            *field_lines(run, snapshot, self._colorizer.ends, grid.width, word),
            [],
            *sign_lines(run, grid.width, word),
            [],
        ]
        lines += doubtful_lines(run, snapshot, grid.height - len(lines), grid.width)
        put_styled_lines(grid, lines)


def _changed_cells(before: Grid, after: Grid) -> int:
    """Return how many cells differ; none where the size does, since then a whole screen is drawn once."""
    if before.codes.shape != after.codes.shape:
        return 0
    return int(np.count_nonzero((before.codes != after.codes) | (before.inks != after.inks)))
