"""The plots of a lab, side by side, with one crosshair through all that have the same axis."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple

from textual import events

from tui_trainer.bindings import bindings_of
from tui_trainer.layout import Rect
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.lab import LabModel
from tui_trainer.view_models.lab_plots import LABELS, Panel, Tiling, panels_of, tiling
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.lab_panel import Drawn, paint_panel
from tui_trainer.widgets.pane import TitledPane

GAP: Final = 2
"""Columns between panels."""

ROOMY: Final = 20
"""Rows of the pane from which on a blank one parts panels that stand one above the other."""


class Tile(NamedTuple):
    """Where a plot was drawn: its number, its rectangle in the pane, and how it fills that."""

    number: int
    rect: Rect
    drawn: Drawn


class LabPlotsPane(TitledPane):
    """The plots as panels; the chosen one has the accent colour, and may have the pane alone."""

    OWNER: ClassVar[str] = "lab_plots"
    BINDINGS: ClassVar[list[Any]] = bindings_of("lab_plots")

    def __init__(self, model: LabModel, *, id: str) -> None:
        super().__init__(id=id)
        self.model = model
        self._chosen = 0
        self._is_alone = False
        self._at: float | None = None
        self._tiles: list[Tile] = []
        self._panels_of: object = None
        self._panels: list[Panel] = []

    def title(self) -> str:
        """Return the title."""
        return "Plots"

    def key_of_title(self) -> str:
        """Return the key that leads here."""
        return "2"

    def help_text(self) -> str:
        """Return what this pane shows."""
        return (
            "The plots of this lab; those of the same axes share them where each still fills its panel. ← → move a "
            "crosshair from point to point, and the legends say what stands under it; a click puts it there. ↑ ↓ "
            "choose a plot, enter enlarges it."
        )

    def to_first(self) -> None:
        """Show another lab's plots: the first one chosen, no crosshair."""
        self._chosen, self._is_alone, self._at = 0, False, None

    @property
    def panels(self) -> list[Panel]:
        """The plots with their axes; of a lab that has computed nothing yet, none."""
        result = self.model.result
        if result is not self._panels_of:
            self._panels_of, self._panels = result, panels_of(result.plots) if result else []
            self._chosen = min(self._chosen, max(0, len(self._panels) - 1))
        return self._panels

    def paint(self, grid: Grid) -> None:
        """Draw title, panels, and what is under the crosshair."""
        end = self.paint_title(grid)
        panels, body = self.panels, Rect(0, 1, grid.width, grid.height - 1)
        self._tiles = []
        if not panels:
            why = self.model.problem or ("computing…" if self.model.result is None else "this lab has no plots")
            grid.put_wrapped(0, 2, why, Ink.WARNING if self.model.problem else Ink.MUTED)
            return
        for number, rect in self._rects(body):
            part, at = grid.window(*rect), self._cursor_of(number)
            is_chosen = number == self._chosen and self.has_focus and len(panels) > 1
            self._tiles.append(Tile(number, rect, paint_panel(part, panels[number], at, chosen=is_chosen)))
        self.paint_subtitle(grid, end, self._subtitle())
        self.keys_depend_on([(tile.number, tile.rect) for tile in self._tiles])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key does something now."""
        if action == "choose":
            return 0 <= self._chosen + int(str(parameters[0])) < len(self.panels)
        if action == "alone":
            return len(self._shown_together()) > 1
        if action == "uncross":
            return self._at is not None
        if action == "cross":
            return self._moved(int(str(parameters[0]))) != self._at
        return super().check_action(action, parameters)

    def action_choose(self, step: int) -> None:
        """Choose another plot; the crosshair stays where it has the same axis."""
        self._choose(self._chosen + step)

    def action_alone(self) -> None:
        """Give the chosen plot the pane alone, or show all of them again."""
        self._is_alone = not self._is_alone
        self.invalidate(immediate=True)

    def action_cross(self, direction: int) -> None:
        """Move the crosshair; show it where there was none."""
        self._at = self._moved(direction)
        self.invalidate(immediate=True)

    def action_uncross(self) -> None:
        """Take the crosshair away."""
        self._at = None
        self.invalidate(immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Choose the plot clicked on, and put the crosshair where the mouse is."""
        for number, rect, (panel, columns) in self._tiles:
            if rect.x <= event.x < rect.x + rect.width and rect.y <= event.y < rect.y + rect.height:
                self._choose(number)
                self._at = panel.nearest_stop(event.x - rect.x - LABELS - 1, columns)
                self.invalidate(immediate=True)

    def _choose(self, number: int) -> None:
        before, self._chosen = self.panels[self._chosen], number
        if not _have_one_axis(before, self.panels[number]):
            self._at = None
        self.invalidate(immediate=True)

    def _cursor_of(self, number: int) -> float | None:
        """Return where the crosshair stands in a plot: in all that have the chosen one's axis to the right."""
        return self._at if _have_one_axis(self.panels[number], self.panels[self._chosen]) else None

    def _moved(self, direction: int) -> float | None:
        tile = next((tile for tile in self._tiles if tile.number == self._chosen), None)
        return tile.drawn.panel.moved(self._at, direction, tile.drawn.columns) if tile else None

    def _shown_together(self) -> range:
        """Return the plots that have room beside the chosen one."""
        return tiling(len(self.panels), self.size.width, self.size.height - 1, self._chosen).shown

    def _rects(self, body: Rect) -> list[tuple[int, Rect]]:
        """Return the plots in sight with their rectangles."""
        tiles = tiling(len(self.panels), body.width, body.height, self._chosen)
        if self._is_alone:
            tiles = Tiling(1, 1, range(self._chosen, self._chosen + 1))
        shown = list(tiles.shown)
        between = int(body.height >= ROOMY)
        rects = []
        for place, number in enumerate(shown):
            across, down = place % tiles.columns, place // tiles.columns
            in_row = min(tiles.columns, len(shown) - down * tiles.columns)  # the last row may have fewer, and is filled
            left, right = _stretch(across, in_row, body.width, GAP)
            top, bottom = _stretch(down, tiles.rows, body.height, between)
            rects.append((number, body.columns(left, right).rows(top, bottom)))
        return rects

    def _subtitle(self) -> str:
        """Say which plots are in sight where not all are."""
        count, shown = len(self.panels), [tile.number + 1 for tile in self._tiles]
        if len(shown) == count:
            return ""
        return f"{'–'.join(str(number) for number in sorted({shown[0], shown[-1]}))} of {count} ↑↓"


def _have_one_axis(first: Panel, second: Panel) -> bool:
    return (first.plot.x_label, first.plot.log_x) == (second.plot.x_label, second.plot.log_x)


def _stretch(place: int, count: int, length: int, gap: int) -> tuple[int, int]:
    """Return where one of some equal parts of a length begins and ends, with a gap between them."""
    start, end = (round((length + gap) * edge / count) for edge in (place, place + 1))
    return start, end - gap
