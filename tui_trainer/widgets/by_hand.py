"""One sample by hand: the network drawn or its layer as tables, and below all that is said of the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import numpy as np

from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import cell_width
from tui_trainer.glossary import translated
from tui_trainer.themes.inks import HEAT_EMPTY, Ink, heat
from tui_trainer.view_models.by_hand import ByHandModel
from tui_trainer.view_models.by_hand_diagram import Drawing, drawing
from tui_trainer.view_models.by_hand_layers import (
    WIDEST_TERMS,
    has_products,
    neuron_lines,
    picture_lines,
    picture_values,
    products_below,
    term_lines,
)
from tui_trainer.view_models.by_hand_names import step_title
from tui_trainer.view_models.by_hand_path import PATH_ROWS, path_drawing
from tui_trainer.view_models.by_hand_source import refusal, sample_parts
from tui_trainer.view_models.by_hand_text import step_lines
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.heat_scale import HeatScale
from tui_trainer.view_models.pixel_maps import max_abs_pool
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.view_models.typed_row import can_type
from tui_trainer.widgets.grid import BLANK, Grid
from tui_trainer.widgets.styled_text import put_styled_lines
from tui_trainer.widgets.value_field import WIDTH, FieldPane, Take

FEWEST_TEXT_ROWS: Final = 6
"""Rows that the text has at least, where a network is drawn above it."""
FEWEST_TABLE_ROWS: Final = 5
NEURONS: Final = 47
SHORT_NEURONS: Final = 27
PRODUCTS: Final = 56
"""Cells of the tables, side by side."""
NARROWEST_TABLES: Final = 76
GAP: Final = 2
SEPARATOR: Final = "   "

ABOUT: Final = (
    "One sample on its way through the network and back, step by step: forward to the answer and the loss, back from "
    "the last layer to the first, and what one step of plain gradient descent makes of each parameter. Small networks "
    "are drawn with their numbers; of larger ones one layer is listed, with the products that add up to the number "
    "under the cursor, the largest first. The cursor is a path: a neuron of the step's layer, and what it is fed. "
    "Wiggle moves the parameter under the cursor a little either way, in float64, and compares the slope so measured "
    "with the one by backpropagation. Your turn: change an input, a weight, a bias or an error, guess what becomes of "
    "the numbers, and see. Nothing here changes the run. Dropout is off, unless the sample was in the latest batch and "
    "its mask is on."
)


class ByHandPane(FieldPane):
    """The step under the cursor, of the sample that is looked at.

    Args:
        model: The run.
        by_hand: Where the learner is.
        follows: Returns whether the sample follows the training.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("by_hand")
    OWNER: ClassVar[str] = "by_hand"

    def __init__(
        self, model: DashboardModel, by_hand: ByHandModel, follows: Callable[[], bool], *, id: str, period: float
    ) -> None:
        super().__init__(model, id=id, period=period)
        self.by_hand = by_hand
        self._follows = follows
        self._scroll = 0
        self._overflow = 0
        self._scale = HeatScale()
        self._prompt = ""

    def title(self) -> str:
        """Return the title."""
        return "By hand"

    def subtitle(self, run: RunModel) -> str:  # noqa: ARG002 (Pane's)
        """Return which step is looked at."""
        if self.by_hand.workings is None:
            return ""
        steps = len(self.by_hand.known.steps)
        return f"{step_title(self.by_hand, self.by_hand.step)} · step {self.by_hand.number + 1} of {steps}"

    def help_text(self) -> str:
        """Return what is shown."""
        return translated(ABOUT, self.model.vocabulary)

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the sample's line, the network or the layer, and the text."""
        is_asking = bool(self._prompt)
        if is_asking:
            grid.put(0, grid.height - 1, self._prompt, Ink.KEY)
        if self.by_hand.workings is None:
            self._paint_why_not(grid, run)
            return
        self._paint_sample(grid)
        body = grid.window(0, 1, None, max(0, grid.height - 1 - int(is_asking)))
        text = step_lines(self.by_hand, grid.width, lambda words: translated(words, self.model.vocabulary))
        above, is_listed = self._paint_above(body, len(text))
        if not is_listed and has_products(self.by_hand):
            text += [[], *products_below(self.by_hand, grid.width)]
        self._paint_text(body.window(0, above), text)

    def can_scroll(self, step: int) -> bool:
        """Return whether there is more of the text in a direction."""
        return self._scroll > 0 if step < 0 else self._scroll < self._overflow

    def scroll_lines(self, step: int) -> None:
        """Scroll the text."""
        self._scroll = min(max(0, self._scroll + step), self._overflow)
        self.invalidate(immediate=True)

    def show_step(self) -> None:
        """Draw another step from the top of its text."""
        self._scroll = 0
        self.invalidate(immediate=True)

    async def ask(self, prompt: str, text: str, take: Take, *, is_long: bool = False) -> None:
        """Open a field in the last row, behind a prompt; ``take`` may refuse what is typed with an InputError."""
        self._prompt = f"{prompt} "
        column = min(cell_width(self._prompt), max(0, self.size.width - WIDTH))
        width = self.size.width - column if is_long else WIDTH + 5

        def taken(typed: str) -> None:
            take(typed)
            self.show_step()

        await self.open_field(text, taken, column, max(1, self.size.height - 1), width=width)
        self.invalidate(immediate=True)

    def _close_field(self) -> None:
        self._prompt = ""
        super()._close_field()
        self.invalidate(immediate=True)

    def _paint_why_not(self, grid: Grid, run: RunModel) -> None:
        """Say why there is no sample, and that one can be typed in."""
        waiting = "one moment…" if self.model.has_frame else ""
        refused = refusal(run)
        own = f" {self.model.glyph('by_hand.inputs')} takes a row that you type in." if can_type(run) else ""
        grid.put_wrapped(0, 1, f"{refused}.{own}" if refused else waiting, Ink.MUTED)

    def _paint_sample(self, grid: Grid) -> None:
        x = 0
        for part in sample_parts(self.model, self.by_hand, follows=self._follows()):
            pieces: StyledLine = [*([(SEPARATOR, Ink.TEXT)] if x else []), *part]
            if x + sum(cell_width(text) for text, _ in pieces) > grid.width:
                return
            for text, ink in pieces:
                x = grid.put(x, 0, text, ink)

    def _paint_above(self, grid: Grid, text_rows: int) -> tuple[int, bool]:
        """Draw the network, or the tables of its layer, above the text.

        Returns:
            How many rows that took, and whether the step's products are among them.
        """
        top = 1 if grid.height >= 16 else 0
        drawn = drawing(self.by_hand, grid.width, grid.height - top - FEWEST_TEXT_ROWS)
        if drawn is not None:
            _paint_drawing(grid.window(0, top), drawn)
            return top + drawn.height + 1, False
        rows = min(grid.height - top - min(text_rows, FEWEST_TEXT_ROWS) - 1, max(FEWEST_TABLE_ROWS, grid.height // 2))
        rows = max(rows, grid.height - top - text_rows - 1)
        if rows < FEWEST_TABLE_ROWS:
            path = path_drawing(self.by_hand, grid.width) if grid.height >= FEWEST_TEXT_ROWS + PATH_ROWS else None
            if path is None:
                return 0, False
            _paint_drawing(grid, path)
            return PATH_ROWS + (grid.height > FEWEST_TEXT_ROWS + PATH_ROWS), False
        return top + self._paint_tables(grid.window(0, top, None, rows)) + 1, True

    def _paint_tables(self, grid: Grid) -> int:
        """Draw the layer's neurons, the step's products, and the picture of the inputs, as far as there is room."""
        if grid.width < NARROWEST_TABLES:
            lines = term_lines(self.by_hand, grid.height, grid.width)
            put_styled_lines(grid, lines)
            return len(lines)
        values = picture_values(self.by_hand)
        is_wide = grid.width >= NEURONS + PRODUCTS + GAP and values is None
        left = NEURONS if is_wide else SHORT_NEURONS
        neurons = neuron_lines(self.by_hand, grid.height, left)
        room = grid.width - left - GAP
        products = min(room, PRODUCTS if values is not None else WIDEST_TERMS)
        terms = term_lines(self.by_hand, grid.height, products)
        put_styled_lines(grid.window(0, 0, left), neurons)
        put_styled_lines(grid.window(left + GAP, 0, products), terms)
        rows = max(len(neurons), len(terms))
        if values is not None and room - products - GAP >= 8:
            self._paint_picture(grid.window(left + GAP + products + GAP, 0), values)
        return rows

    def _paint_picture(self, grid: Grid, values: np.ndarray[Any, Any]) -> None:
        """Draw the products in the shape of the inputs: in numbers where there are few, else in colours."""
        grid.put(0, 0, "as a picture", Ink.BRIGHT)
        lines = picture_lines(values, grid.width)
        if lines:
            put_styled_lines(grid.window(0, 2), lines)
            return
        room = grid.window(0, 1)
        block = max(1, -(-values.shape[0] // (2 * room.height)), -(-values.shape[1] // room.width))
        pooled = max_abs_pool(values, block, block)
        zoom = max(1, min(room.width // pooled.shape[1], 2 * room.height // pooled.shape[0]))
        levels = self._scale.levels(pooled).astype(np.int64).repeat(zoom, axis=0).repeat(zoom, axis=1)
        if len(levels) % 2:
            levels = np.vstack([levels, np.full((1, levels.shape[1]), HEAT_EMPTY)])
        top, bottom = levels[::2][: room.height], levels[1::2][: room.height]
        rows, columns = top.shape
        room.codes[:rows, :columns] = np.where(top == bottom, BLANK, ord("▀"))
        room.inks[:rows, :columns] = heat(top, bottom)

    def _paint_text(self, grid: Grid, lines: list[StyledLine]) -> None:
        self._overflow = max(0, len(lines) - grid.height)
        self._scroll = min(self._scroll, self._overflow)
        put_styled_lines(grid, lines[self._scroll :])
        if grid.height:
            self.paint_more(grid, self._overflow - self._scroll)


def _paint_drawing(grid: Grid, drawn: Drawing) -> None:
    for dots, ink in ((drawn.dots, Ink.FAINT), (drawn.path, Ink.ACCENT)):
        codes = drawn.codes(dots)[: grid.height, : grid.width]
        rows, columns = codes.shape
        is_line = codes > 0
        grid.codes[:rows, :columns][is_line] = codes[is_line]
        grid.inks[:rows, :columns][is_line] = ink
    for label in drawn.labels:
        grid.put(label.x, label.y, label.text, label.ink)
