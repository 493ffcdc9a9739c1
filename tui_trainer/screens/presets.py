"""All presets: what each one trains, its recipe, and a new run of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.layout import Rect
from tui_trainer.runs import presets as preset_service
from tui_trainer.screens.card_list import WIDE, CardListScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.presets import COLUMNS, PresetLine, Shown, beside_lines, views_of
from tui_trainer.view_models.table import NOTHING, Cell, Column
from tui_trainer.widgets.table import Row

OWN = Cell("*", Ink.ACCENT)


class PresetsScreen(CardListScreen[PresetLine]):
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
    NOUNS: ClassVar[tuple[str, str]] = ("preset", "presets")
    CARD_WIDTH: ClassVar[int] = 44

    def __init__(self, model: DashboardModel) -> None:
        super().__init__(model)
        self.entries = preset_service.presets_at_hand()
        self.is_known = bool(self.entries)
        self._is_chosen = False
        self._shown: Shown = "recipe"

    async def reload(self) -> None:
        """Read the presets."""
        lines = await preset_service.list_presets()
        if self.is_open and lines != self.entries:
            self.entries = lines
            self.refilter()

    def refilter(self) -> None:
        """Show the presets that the filter leaves, at first with that of the run chosen."""
        super().refilter()
        if self.entries and not self._is_chosen and self.model.run.is_known and self.model.run.has_recipe:
            self._is_chosen = True
            self.listing.choose(self.model.run.spec.name)

    def row(self, line: PresetLine) -> Row:
        """Return a preset as a row of the list."""
        return Row(line.name, line.cells(), OWN if line.own else NOTHING)

    def said_of(self, line: PresetLine | None) -> list[list[Cell]]:
        """Return what stands beside the chosen preset: its recipe where it has nothing else of the kind."""
        if line is None:
            return []
        return beside_lines(line, self._shown if self._shown in views_of(line) else "recipe", self.model.vocabulary)

    def rects(self, body: Rect) -> dict[str, Rect]:
        """Return the recipe's place: beside the list, or below it, with half of the screen."""
        half = body.height // 2
        return (
            super().rects(body)
            if body.width >= WIDE
            else {"list": body.rows(0, half), "card": body.rows(half + 1, body.height)}
        )

    def can_do(self, action: str, parameters: tuple[Any, ...]) -> bool:
        """Return whether an action does something with the preset that is chosen."""
        line = self.chosen
        if action == "take":
            return line is not None and line.spec is not None and not self.model.read_only
        if action == "turn_recipe":
            return line is not None and len(views_of(line)) > 1
        return super().can_do(action, parameters)

    def action_turn_recipe(self) -> None:
        """Show the next of recipe, card and claims; other presets then show theirs."""
        line = self.chosen
        if line is None:
            return
        views = views_of(line)
        self._shown = views[(views.index(self._shown) + 1) % len(views)] if self._shown in views else views[1]
        self.on_list_pane_chosen()
