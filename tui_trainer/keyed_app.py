"""What the apps share: themes, keys, the palette, signals that leave, and what is written to the terminal."""

from __future__ import annotations

import asyncio
import signal
from typing import Any, ClassVar, Final, get_args

from rich.console import RenderableType
from textual.binding import Binding
from textual.command import CommandPalette

from tui_trainer.keymap import textual_keymap
from tui_trainer.screens.palette import ActionProvider, StillPalette
from tui_trainer.textual_patches import (
    PictureOfScreen,
    Result,
    RewritingApp,
    TypingAheadApp,
    come_back_once,
    tolerate_lost_terminal,
)
from tui_trainer.themes.glyphs import table_of
from tui_trainer.themes.palette import textual_theme
from tui_trainer.themes.variants import ThemeVariant
from tui_trainer.ui_config import UiConfig
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.terminal import compact

LEAVING_SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)  # ctrl+c is a key, and no signal


class KeyedApp(TypingAheadApp[Result], RewritingApp[Result]):
    """An app whose screens have their keys from the table.

    Args:
        config: How it is to look, and which keys do what.
    """

    BINDINGS: ClassVar[list[Any]] = [
        Binding("ctrl+q,ctrl+c", "leave", show=False, priority=True, system=True),
        Binding("ctrl+l", "redraw", show=False, priority=True, system=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True, system=True),
    ]
    COMMANDS: ClassVar[Any] = {ActionProvider}
    # Without colours Textual would mark the chosen line of the palette by turning them round.
    CSS = """
    CommandPalette { background: transparent; }
    App:nocolor CommandList > .option-list--option-highlighted { text-style: underline; }
    """

    def __init__(self, config: UiConfig) -> None:
        # Told only later that there are no colours, Textual makes black of the terminal's own, text and ground alike.
        colorless = config.theme_variant(config.loaded.settings.theme) == "no-color"
        super().__init__(ansi_color=True if colorless else None)
        come_back_once()
        tolerate_lost_terminal()
        self.animation_level = "none"
        self.config = config
        self.settings = config.loaded.settings
        for variant in get_args(ThemeVariant):
            self.register_theme(textual_theme(variant))
        self.theme = config.theme_variant(self.settings.theme)
        self.set_keymap(textual_keymap(config.keys))

    def action_leave(self) -> None:
        """Leave, or ask how."""
        raise NotImplementedError

    def leave_at_once(self) -> None:
        """Leave and ask nothing: the terminal is gone, or about to be."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Leave in order where a signal says so."""
        loop = asyncio.get_running_loop()
        for number in LEAVING_SIGNALS:
            loop.add_signal_handler(number, self.leave_at_once)

    def on_unmount(self) -> None:
        """Give the signals back."""
        loop = asyncio.get_running_loop()
        for number in LEAVING_SIGNALS:
            loop.remove_signal_handler(number)

    def action_redraw(self) -> None:
        """Draw everything: something else has written on the terminal."""
        self.screen.refresh()

    def action_command_palette(self) -> None:
        """List every action."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(StillPalette())

    def choose(self, **values: Any) -> None:
        """Change settings, and show everything as they want it."""
        self.settings = self.settings.model_copy(update=values)
        self.theme = self.config.theme_variant(self.settings.theme)
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for canvas in screen.query(Canvas):
                canvas.refresh()

    def rewritten(self, update: RenderableType | None, picture: PictureOfScreen | None) -> Any:
        """Return what writes an update in fewer bytes, with glyphs that the terminal has."""
        return compact(update, table_of(self.config.glyphs(self.settings)), picture)
