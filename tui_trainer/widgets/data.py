"""The data pane by pane: rows, the ranges of columns, the parts, the picture of a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual import events

from engine.errors import sanitize
from tui_trainer.bindings import bindings_of
from tui_trainer.formatting import count
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.boundary_notes import column_name
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.data import (
    PARTS,
    Contents,
    Floats,
    column_width,
    contents_of,
    grey_ends,
    grey_pixels,
    range_texts,
    target_text,
    value_texts,
)
from tui_trainer.view_models.data_notes import parts_lines
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.field import paint_pixels
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.styled_text import put_styled_lines

PART_AT, CLASS_AT, FIRST_COLUMN_AT = 7, 18, 31
"""Where the table's columns begin: part, class, the first column of the data."""

NUMBER = 8
"""Cells of a number in the table of ranges."""

BLOCK_GAP, ROOMY = 2, 60
"""Cells between the figures as they are and those that are scaled, on a pane of at least so many columns."""

FIGURES = ("low", "high", "mean", "std")
SHORTEST_NAME = 20
HEADINGS = 2
"""Rows above the first column: the blocks, the figures."""


class DataPane(Pane):
    """A pane that has nothing to draw before the worker has told of the data."""

    PERIOD_FACTOR: ClassVar[float] = 5.0

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw the contents, or what is waited for."""
        contents = contents_of(run)
        if contents is not None:
            self.paint_contents(grid, run, contents)
        elif self.model.has_frame:
            grid.put(0, 0, "the rows come with the next frame…", Ink.MUTED)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw below the title."""
        raise NotImplementedError

    @property
    def contents(self) -> Contents | None:
        """What the worker has told of the data."""
        return contents_of(self.model.run)


class SamplePane(DataPane):
    """A table of some rows, one of them marked."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("sample")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._selection = model.selection
        self._first_row = 0
        self._first_column = 0

    def title(self) -> str:
        """Return the title."""
        return "Rows"

    def subtitle(self, run: RunModel) -> str:
        """Return how many rows there are, and which columns are shown."""
        contents = contents_of(run)
        if contents is None:
            return ""
        return f"{len(contents.rows)} of {count(sum(run.welcome.rows))} · {count(run.welcome.inputs)} columns"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "Rows of the data as the source has them, before scaling: some of those to learn from, then some of those "
            "to practise on. The rows of the sealed exam are not shown. ↑ ↓ choose a row, ← → look at other columns."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        contents = self.contents
        if action == "choose":
            return contents is not None and len(contents.rows) > 1
        if action == "page":
            step = parameters[0]
            at_end = contents is not None and self._selection.row == (0 if step == -1 else len(contents.rows) - 1)
            return contents is not None and not at_end
        if action == "sidle":
            return contents is not None and 0 <= self._first_column + int(str(parameters[0])) < contents.values.shape[1]
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw the names of the columns, and the rows below them."""
        rows = max(1, grid.height - 1)
        chosen = self._selection.row = min(self._selection.row, len(contents.rows) - 1)
        self._first_row = min(max(self._first_row, chosen - rows + 1), chosen)
        self._first_column = min(self._first_column, contents.values.shape[1] - 1)
        shown = range(self._first_row, min(self._first_row + rows, len(contents.rows)))
        if self.has_focus:
            grid.put(0, 1 + chosen - self._first_row, " " * grid.width, Ink.SELECTED)
        self._paint_origins(grid, run, contents, shown)
        self._paint_columns(grid.window(FIRST_COLUMN_AT, 0), run, contents, shown)

    def action_choose(self, step: int) -> None:
        """Mark the row ``step`` lines further down; after the last comes the first."""
        if self.contents is not None:
            self._mark((self._selection.row + step) % len(self.contents.rows))

    def action_page(self, step: int) -> None:
        """Mark the row a page further down, up to the last."""
        if self.contents is not None:
            rows = max(1, self.size.height - 3)
            self._mark(min(max(0, self._selection.row + step * rows), len(self.contents.rows) - 1))

    def action_sidle(self, step: int) -> None:
        """Show the columns from another one on."""
        self._first_column = max(0, self._first_column + step)
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Mark the row clicked on."""
        row = self._first_row + event.y - 2
        if self.contents is not None and event.y >= 2 and row < len(self.contents.rows):
            self._mark(row)

    def _mark(self, row: int) -> None:
        self._selection.row = row
        self.invalidate(immediate=True)
        for pane in self.screen.query(PicturePane):
            pane.invalidate(immediate=True)

    def _ink(self, row: int, ink: Ink) -> Ink:
        return Ink.SELECTED if self.has_focus and row == self._selection.row else ink

    def _paint_origins(self, grid: Grid, run: RunModel, contents: Contents, shown: range) -> None:
        """Draw case, part and class of the rows."""
        classes = run.welcome.classes
        target = grid.window(CLASS_AT, 0, FIRST_COLUMN_AT - CLASS_AT - 1)
        grid.put(0, 0, "case", Ink.MUTED)
        grid.put(PART_AT, 0, "part", Ink.MUTED)
        target.put(0, 0, "class" if classes else "value", Ink.MUTED)
        for y, row in enumerate(shown, 1):
            part = self.model.word(PARTS[contents.parts[row]])
            grid.put(0, y, f"{contents.rows[row]:>5}", self._ink(row, Ink.MUTED))
            grid.put(PART_AT, y, sanitize(part, CLASS_AT - PART_AT - 1), self._ink(row, Ink.MUTED))
            target.put(0, y, target_text(classes, contents.targets[row]), self._ink(row, Ink.TEXT))

    def _paint_columns(self, grid: Grid, run: RunModel, contents: Contents, shown: range) -> None:
        """Draw the columns of the data from the first one shown on, as many as fit."""
        x = 0
        for column in range(self._first_column, contents.values.shape[1]):
            name = column_name(run, column)
            width = column_width(name)
            if x + width - 1 > grid.width:
                return
            heading = grid.window(x, 0, width - 1, 1)  # which cuts a name of wide letters
            heading.put(0, 0, sanitize(name, width - 1).rjust(width - 1), Ink.MUTED)
            for y, text in enumerate(value_texts(contents.values[:, column])[shown.start : shown.stop], 1):
                grid.put_right(x + width - 1, y, text, self._ink(shown[y - 1], Ink.TEXT))
            x += width


class RangesPane(DataPane):
    """A line for each column: its range as it is, and as the network sees it."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("ranges")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._first = 0

    def title(self) -> str:
        """Return the title."""
        return "Columns"

    def subtitle(self, run: RunModel) -> str:
        """Return on which rows this was measured."""
        return f"over {count(run.welcome.rows[0])} rows of {self.model.word('train')}"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "For each column its lowest and highest value, mean and standard deviation over the training rows, before "
            "scaling and after. A network learns well from columns of a common size, around zero."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "scroll_ranges":
            return 0 <= self._first + int(str(parameters[0])) <= self._overflow
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw the names of the figures, and the columns below them."""
        self._first = min(self._first, self._overflow)
        figures = FIGURES[: min(len(FIGURES), max(2, (grid.width - SHORTEST_NAME) // (2 * NUMBER)))]
        block, gap = NUMBER * len(figures), BLOCK_GAP if grid.width >= ROOMY else 0
        names = grid.window(0, 0, max(0, grid.width - 2 * block - gap))
        raw, scaled = grid.window(names.width, 0), grid.window(names.width + block + gap, 0)
        names.put(0, 1, "column", Ink.MUTED)
        columns = range(self._first, min(len(contents.raw), self._first + max(0, grid.height - HEADINGS)))
        for y, column in enumerate(columns, HEADINGS):
            names.put(0, y, column_name(run, column, max(1, names.width - 1)), Ink.TEXT)
        self._paint_figures(raw, "as they are", figures, contents.raw[columns], Ink.MUTED)
        self._paint_figures(scaled, "scaled", figures, contents.scaled[columns], Ink.TEXT)
        self.paint_more(grid.window(0, 0, SHORTEST_NAME - 1), self._overflow - self._first)

    def action_scroll_ranges(self, step: int) -> None:
        """Scroll the columns."""
        self._first = min(max(0, self._first + step), self._overflow)
        self.invalidate(immediate=True)

    def _paint_figures(self, grid: Grid, block: str, figures: Sequence[str], ranges: Floats, ink: Ink) -> None:
        """Draw a block of figures: its name over their names, and below them the ranges (n, 4)."""
        grid.put_right(NUMBER * len(figures), 0, block, Ink.MUTED)
        texts = [range_texts(line) for line in ranges.tolist()]
        for place, name in enumerate(figures):
            right = (place + 1) * NUMBER
            grid.put_right(right, 1, name, Ink.MUTED)
            for y, line in enumerate(texts, HEADINGS):
                grid.put_right(right, y, line[place], ink)

    @property
    def _overflow(self) -> int:
        return (
            max(0, len(self.contents.raw) - max(1, self.size.height - 1 - HEADINGS)) if self.contents is not None else 0
        )


class PartsPane(DataPane):
    """How the rows were divided and scaled, the classes in each part, and what the data's reader should know."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("parts")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._first = 0
        self._overflow = 0

    def title(self) -> str:
        """Return the title."""
        return "Parts"

    def subtitle(self, run: RunModel) -> str:
        """Return the source of the data, and how many rows it has."""
        return f"{sanitize(run.spec.data.source, 20)} · {count(sum(run.welcome.rows))} rows"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "How the rows were divided: those to learn from, those to practise on, and those of the sealed exam, of "
            "which nothing but numbers is shown. Below, how many rows of each class every part has."
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "scroll_parts":
            return 0 <= self._first + int(str(parameters[0])) <= self._overflow
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw as many of the lines as there is room for."""
        lines = parts_lines(run, contents, grid.width, self.model.word)
        self._overflow = max(0, len(lines) - grid.height)
        self._first = min(self._first, self._overflow)
        more = self._overflow - self._first
        put_styled_lines(grid.window(0, 0, None, grid.height - (more > 0)), lines[self._first :])
        self.paint_more(grid, more)

    def action_scroll_parts(self, step: int) -> None:
        """Scroll what does not fit."""
        self._first = min(max(0, self._first + step), self._overflow)
        self.invalidate(immediate=True)


class PicturePane(DataPane):
    """The row that is looked at, where it is a picture."""

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._selection = model.selection

    def title(self) -> str:
        """Return the title."""
        return "Picture"

    def subtitle(self, run: RunModel) -> str:
        """Return which row is shown, and its class."""
        contents = contents_of(run)
        if contents is None:
            return ""
        row = min(self._selection.row, len(contents.rows) - 1)
        target = target_text(run.welcome.classes, contents.targets[row])
        return f"case {count(int(contents.rows[row]))} · {target}"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return "The row marked in the table, as the picture that it is: black is the lowest value of any pixel."

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw the picture."""
        shape = run.welcome.image_shape
        if shape is None or shape[0] * shape[1] != contents.values.shape[1] or not grid.width or not grid.height:
            return
        values = contents.values[min(self._selection.row, len(contents.rows) - 1)]
        paint_pixels(grid, grey_pixels(values, shape, grey_ends(contents.raw), 2 * grid.height, grid.width))
