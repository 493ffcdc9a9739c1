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
    contents_of,
    grey_ends,
    grey_pixels,
    range_texts,
    target_text,
    value_texts,
)
from tui_trainer.view_models.data_notes import parts_lines
from tui_trainer.view_models.data_tables import (
    NUMBER,
    RowsLayout,
    RowsModel,
    ranges_layout,
    rows_layout,
    shortened_name,
)
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.scroll import Scroll
from tui_trainer.widgets.field import paint_pixels
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.styled_text import put_styled_lines

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
            grid.put_wrapped(0, 0, "the rows come with the next frame…", Ink.MUTED)

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
        self._rows = RowsModel(model.selection)

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
            return contents is not None and self._rows.can_page(contents, int(str(parameters[0])))
        if action == "sidle":
            return contents is not None and self._rows.can_sidle(contents, int(str(parameters[0])))
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw the names of the columns, and the rows below them."""
        shown = self._rows.rows_in_sight(contents, grid.height - 1)
        places = rows_layout(grid.width, int(contents.rows.max()))
        if self.has_focus:
            grid.put(0, 1 + self._rows.selection.row - shown.start, " " * grid.width, Ink.SELECTED)
        self._paint_origins(grid, run, contents, shown, places)
        self._paint_columns(grid.window(places.columns, 0), run, contents, shown)

    def action_choose(self, step: int) -> None:
        """Mark the row ``step`` lines further down; after the last comes the first."""
        if self.contents is not None:
            self._rows.choose(self.contents, step)
            self._redraw()

    def action_page(self, step: int) -> None:
        """Mark the row a page further down, up to the last."""
        if self.contents is not None:
            self._rows.page(self.contents, step, self.size.height - 3)
            self._redraw()

    def action_sidle(self, step: int) -> None:
        """Show the columns from another one on."""
        self._rows.first_column = max(0, self._rows.first_column + step)
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Mark the row clicked on."""
        if self.contents is not None:
            self._rows.mark_line(self.contents, event.y - 2)
            self._redraw()

    def _redraw(self) -> None:
        self.invalidate(immediate=True)
        for pane in self.screen.query(PicturePane):
            pane.invalidate(immediate=True)

    def _ink(self, row: int, ink: Ink) -> Ink:
        return Ink.SELECTED if self.has_focus and row == self._rows.selection.row else ink

    def _paint_origins(self, grid: Grid, run: RunModel, contents: Contents, shown: range, places: RowsLayout) -> None:
        """Draw case, part and class of the rows."""
        classes = run.welcome.classes
        target = grid.window(places.target, 0, places.columns - places.target - 1)
        grid.put(0, 0, "case", Ink.MUTED)
        target.put(0, 0, "class" if classes else "value", Ink.MUTED)
        if places.part is not None:
            grid.put(places.part, 0, "part", Ink.MUTED)
        for y, row in enumerate(shown, 1):
            grid.put_right(places.case, y, str(contents.rows[row]), self._ink(row, Ink.MUTED))
            target.put(0, y, target_text(classes, contents.targets[row]), self._ink(row, Ink.TEXT))
            if places.part is not None:
                part = sanitize(self.model.word(PARTS[contents.parts[row]]), places.target - places.part - 1)
                grid.put(places.part, y, part, self._ink(row, Ink.MUTED))

    def _paint_columns(self, grid: Grid, run: RunModel, contents: Contents, shown: range) -> None:
        """Draw the columns of the data from the first one shown on, as many as fit."""
        names = [column_name(run, column) for column in range(contents.values.shape[1])]
        for column, x, width in self._rows.columns_in_sight(contents, names, grid.width):
            grid.put_right(x + width - 1, 0, shortened_name(names[column], width - 1), Ink.MUTED)
            for y, text in enumerate(value_texts(contents.values[:, column])[shown.start : shown.stop], 1):
                grid.put_right(x + width - 1, y, text, self._ink(shown[y - 1], Ink.TEXT))


class RangesPane(DataPane):
    """A line for each column: its range as it is, and as the network sees it."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("ranges")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._scroll = Scroll()

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
            return self._scroll.can_move(int(str(parameters[0])))
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw the names of the figures, and the columns below them."""
        places = ranges_layout(grid.width)
        shown = self._scroll.fit(len(contents.raw), grid.height - HEADINGS)
        names = grid.window(0, 0, places.names)
        names.put(0, 1, "column", Ink.MUTED)
        for y, column in enumerate(shown, HEADINGS):
            names.put(0, y, shortened_name(column_name(run, column, 200), max(1, places.names - 1)), Ink.TEXT)
        _paint_figures(grid.window(places.raw, 0), "as they are", places.figures, contents.raw[shown], Ink.MUTED)
        if places.scaled is not None:
            _paint_figures(grid.window(places.scaled, 0), "scaled", places.figures, contents.scaled[shown], Ink.TEXT)
        self.paint_more(grid.window(0, 0, places.names - 1), self._scroll.below)

    def action_scroll_ranges(self, step: int) -> None:
        """Scroll the columns."""
        self._scroll.move(step)
        self.invalidate(immediate=True)


class PartsPane(DataPane):
    """How the rows were divided and scaled, the classes in each part, and what the data's reader should know."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("parts")

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(model, id=id, period=period)
        self._scroll = Scroll()

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
            return self._scroll.can_move(int(str(parameters[0])))
        return super().check_action(action, parameters)

    def paint_contents(self, grid: Grid, run: RunModel, contents: Contents) -> None:
        """Draw as many of the lines as there is room for."""
        lines = parts_lines(run, contents, grid.width, self.model.word)
        shown = self._scroll.fit(len(lines), grid.height)
        more = self._scroll.below
        put_styled_lines(grid.window(0, 0, None, grid.height - (more > 0)), lines[shown.start : shown.stop])
        self.paint_more(grid, more)

    def action_scroll_parts(self, step: int) -> None:
        """Scroll what does not fit."""
        self._scroll.move(step)
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


def _paint_figures(grid: Grid, block: str, figures: Sequence[str], ranges: Floats, ink: Ink) -> None:
    """Draw a block of figures: its name over their names, and below them the ranges (n, 4)."""
    grid.put_right(NUMBER * len(figures), 0, block if len(block) < NUMBER * len(figures) else "", Ink.MUTED)
    texts = [range_texts(line) for line in ranges.tolist()]
    for place, name in enumerate(figures):
        right = (place + 1) * NUMBER
        grid.put_right(right, 1, name, Ink.MUTED)
        for y, line in enumerate(texts, HEADINGS):
            grid.put_right(right, y, line[place], ink)
