"""All presets: what each one trains, its recipe, and a new run of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.runs import presets as preset_service
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.presets import COLUMNS, PresetLine, Shown, beside_lines, views_of
from tui_trainer.view_models.table import NOTHING, Cell, Column, filtered
from tui_trainer.widgets.table import Row, TextPane

WIDE = 100
"""Columns from which on the recipe stands beside the list."""
RECIPE = 44
OWN = Cell("*", Ink.ACCENT)


class PresetsScreen(TableScreen):
    """Ends with the name of the preset to begin a run of."""

    BINDINGS: ClassVar[list[Any]] = bindings_of("presets")
    OWNER: ClassVar[Owner] = "presets"
    NAME: ClassVar[str] = "Presets"
    ABOUT: ClassVar[str] = (
        "Recipes: the data, how they are split and scaled, the network, and how it is trained. Enter begins a new run "
        "of one in place of the present run, which is stopped and saved. Those marked * are your own. The text beside "
        "the list turns with c: the recipe, the card, and the figures that were published of it, beside ours."
    )
    COLUMNS: ClassVar[Sequence[Column]] = COLUMNS
    EMPTY: ClassVar[str] = "there are no presets"

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self._lines: list[PresetLine] = []
        self._shown: Shown = "recipe"

    def compose(self) -> ComposeResult:
        """Make the list and the recipe."""
        yield from super().compose()
        yield TextPane(id="recipe")

    async def reload(self) -> None:
        """Read the presets."""
        self._lines = await preset_service.list_presets()
        if not self.is_open:
            return
        self.refilter()
        if self.model.run.is_known and self.model.run.has_recipe:
            self.listing.choose(self.model.run.spec.name)

    def refilter(self) -> None:
        """Show the presets that the filter leaves."""
        lines = filtered(self._lines, self.filter_text)
        self.show_count(len(lines), len(self._lines), "presets")
        self.listing.show([Row(line.name, line.cells(), OWN if line.own else NOTHING) for line in lines])

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the recipe's place: beside the list, or below it where the screen is narrow."""
        if body.width >= WIDE:
            return {
                "list": body.columns(0, body.width - RECIPE - 2),
                "recipe": body.columns(body.width - RECIPE, body.width),
            }
        rows = body.height // 2
        return {"list": body.rows(0, rows), "recipe": body.rows(rows + 1, body.height)}

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the preset that is chosen."""
        line = self._chosen()
        if action == "take":
            return line is not None and line.spec is not None and not self.model.read_only
        if action == "turn_recipe":
            return line is not None and len(views_of(line)) > 1
        if action == "scroll_recipe":
            return self._recipe.can_scroll(*parameters)
        return True

    def on_list_pane_chosen(self) -> None:
        """Show what stands beside the preset chosen now: its recipe where it has nothing else of the kind."""
        line = self._chosen()
        if line is None:
            self._recipe.show([])
            return
        shown = self._shown if self._shown in views_of(line) else "recipe"
        self._recipe.show(beside_lines(line, shown, self.model.vocabulary))

    def action_turn_recipe(self) -> None:
        """Show the next of recipe, card and claims; other presets then show theirs."""
        line = self._chosen()
        if line is None:
            return
        views = views_of(line)
        self._shown = views[(views.index(self._shown) + 1) % len(views)] if self._shown in views else views[1]
        self.on_list_pane_chosen()
        self.invalidate_keys()

    def action_scroll_recipe(self, step: int) -> None:
        """Scroll the recipe by a screenful."""
        self._recipe.scroll_page(step)
        self.invalidate_keys()

    @property
    def _recipe(self) -> TextPane:
        return self.query_one(TextPane)

    def _chosen(self) -> PresetLine | None:
        chosen = self.listing.chosen
        return next((line for line in self._lines if line.name == chosen), None)
