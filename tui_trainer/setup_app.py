"""The app before the dashboard: sets a training up on a data file. It leaves, and the dashboard comes."""

from __future__ import annotations

from typing import Any, ClassVar, get_args

from rich.console import RenderableType
from textual.binding import Binding

from engine.errors import sanitize
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tui_trainer.screens.setup import Look, SetupScreen
from tui_trainer.textual_patches import PictureOfScreen, RewritingApp, TypingAheadApp
from tui_trainer.themes.glyphs import table_of
from tui_trainer.themes.palette import textual_theme
from tui_trainer.themes.variants import ThemeVariant
from tui_trainer.ui_config import UiConfig
from tui_trainer.widgets.terminal import compact


class SetupApp(TypingAheadApp[Spec], RewritingApp[Spec]):
    """One setup screen; ends with its recipe, or with None."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Any]] = [Binding("ctrl+q,ctrl+c", "quit", show=False, priority=True, system=True)]

    def __init__(self, finding: DataFinding, look: Look, *, title: str, config: UiConfig) -> None:
        variant = config.theme_variant(config.loaded.settings.theme)
        super().__init__(ansi_color=True if variant == "no-color" else None)
        self.animation_level = "none"
        for each in get_args(ThemeVariant):
            self.register_theme(textual_theme(each))
        self.theme = variant
        self.title = sanitize(title, 60)
        self._config, self._finding, self._look = config, finding, look

    def on_mount(self) -> None:
        """Show the screen, and end with what it ends with."""
        self.push_screen(SetupScreen(self._finding, self._look, self.title), self.exit)

    def rewritten(self, update: RenderableType | None, picture: PictureOfScreen | None) -> Any:
        """Return what writes an update in fewer bytes, with glyphs that the terminal has."""
        return compact(update, table_of(self._config.glyphs(self._config.loaded.settings)), picture)
