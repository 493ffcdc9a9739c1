"""The neurons of the hidden layers in the latest forward pass: at work, dropped, dead."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from tui_trainer.bindings import bindings_of
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.clerks import DEAD, DROPPED, WORKING, Room, batch_rows, rooms
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.figures import count
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane

COUNT_AT = 11
"""Column of the head count."""

CAPTION_WIDTH = 14
SIGN_INKS = {WORKING: Ink.TEXT, DROPPED: Ink.MUTED, DEAD: Ink.ERROR}


class ClerksPane(Pane):
    """Each hidden layer as a row of signs, with a bar below each neuron: for how many rows it was dropped."""

    KEY: ClassVar[str] = "4"
    SLOWNESS: ClassVar[float] = 4.0
    BINDINGS: ClassVar[list[Any]] = bindings_of("clerks")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:  # noqa: A002 (Textual's name)
        super().__init__(model, id=id, period=period)
        self._row = 0
        self._scroll = 0
        self._overflow = 0

    def title(self) -> str:
        """Return the title."""
        return self.model.word("neurons").capitalize()

    def aside(self, run: RunModel) -> str:
        """Return which forward pass is shown."""
        place = run.place
        if place is None:
            return ""
        return f"{self.model.word('epoch')} {count(place.epoch)} · {self.model.word('step')} {place.step}/{place.steps}"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The hidden neurons in the latest training step, for one row of its batch: at work, dropped, or dead "
            "(firing for no row of the training set). The bar below a neuron says for how many rows of the batch it "
            "was dropped. Those at work are scaled by 1/(1−p). During evaluation nobody is dropped. ← → choose the row."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "row":
            return self.model.run is not None and batch_rows(self.model.run) > 1
        if action == "scroll_rooms":
            return self._overflow > 0
        return super().check_action(action, parameters)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw which row is shown, the layers, and what the signs mean."""
        layers = rooms(run, self._row)
        if not layers:
            grid.put(0, 0, f"no hidden {self.model.word('layer')}", Ink.MUTED)
            return
        self._paint_row_name(grid, run)
        field = grid.window(0, 2, None, max(0, grid.height - 4))
        tall = [self._rows_of(layer, field.width) for layer in layers]
        self._overflow = max(0, sum(tall) - 1 - field.height)
        self._scroll = min(self._scroll, self._overflow)
        page = Grid(field.width, sum(tall))
        captions_at = min(max(COUNT_AT + 10, max(room.units for room in layers) + 3), grid.width - CAPTION_WIDTH)
        for y, layer in zip(np.cumsum([0, *tall]).tolist(), layers, strict=False):
            self._paint_room(page.window(0, y), layer, captions_at)
        shown = page.window(0, self._scroll, None, field.height)
        field.codes[: shown.height], field.inks[: shown.height] = shown.codes, shown.inks
        if grid.height > 4:
            self._paint_legend(grid, min(grid.height - 1, 2 + sum(tall)))

    def action_row(self, step: int) -> None:
        """Show another row of the batch."""
        if self.model.run is not None:
            self._row = (self._row + step) % max(1, batch_rows(self.model.run))
            self.touch(urgent=True)

    def action_scroll_rooms(self, step: int) -> None:
        """Scroll through layers that do not fit."""
        self._scroll = min(max(0, self._scroll + step), self._overflow)
        self.touch(urgent=True)

    def _paint_row_name(self, grid: Grid, run: RunModel) -> None:
        rows = batch_rows(run)
        if not rows:
            grid.put(0, 0, "no step taken yet", Ink.MUTED)
            return
        row = min(self._row, rows - 1)
        case = f" · case {count(int(run.clerk_rows[row]))}" if row < len(run.clerk_rows) else ""
        grid.put(0, 0, f"row {row + 1:>{len(str(rows))}} of {rows}{case}", Ink.MUTED)

    def _rows_of(self, room: Room, width: int) -> int:
        chunks = -(-room.units // max(1, width))
        return 1 + chunks * (2 if room.rows_out is not None else 1) + 1

    def _paint_room(self, grid: Grid, room: Room, captions_at: int) -> None:
        self._paint_head_count(grid, room, captions_at)
        if room.rate and captions_at > min(room.units, grid.width) + 1:
            self._paint_captions(grid.window(captions_at, 0), room)
        bars, y = room.bars(), 1
        for start in range(0, room.units, max(1, grid.width)):
            signs = room.states[start : start + grid.width]
            grid.put(0, y, signs)
            grid.inks[y, : len(signs)] = [SIGN_INKS[sign] for sign in signs]
            if bars:
                grid.put(0, y + 1, bars[start : start + grid.width], Ink.MUTED)
            y += 2 if bars else 1

    def _paint_head_count(self, grid: Grid, room: Room, captions_at: int) -> None:
        grid.put(0, 0, f"{self.model.word('layer')} {room.index + 1}", Ink.TEXT)
        if not room.rate:
            grid.put(COUNT_AT, 0, f"all {room.units}, no {self.model.word('dropout')}", Ink.MUTED)
            return
        grid.put(COUNT_AT, 0, f"{room.at_work:>{len(str(room.units))}} of {room.units}", Ink.BRIGHT)
        grid.put(captions_at, 0, f"expected {room.expected:.1f}", Ink.MUTED)

    def _paint_captions(self, grid: Grid, room: Room) -> None:
        """Say beside the signs and the bars what goes with them."""
        grid.put(0, 1, f"scaled ×{room.scale:.2f}", Ink.MUTED)
        if room.rows_out is not None:
            grid.put(0, 2, "rows out", Ink.MUTED)

    def _paint_legend(self, grid: Grid, y: int) -> None:
        x = 0
        for sign, key in ((WORKING, "working"), (DROPPED, "dropped"), (DEAD, "dead")):
            x = grid.put(x, y, sign, SIGN_INKS[sign])
            x = grid.put(x, y, f" {self.model.word(key)}  ", Ink.MUTED)
