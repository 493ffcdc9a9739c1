"""What the user and the terminal want of the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tui_trainer import keymap, settings
from tui_trainer.bindings import KEYS, Key
from tui_trainer.settings import LoadedSettings, Settings
from tui_trainer.themes.capabilities import TerminalCapabilities
from tui_trainer.themes.glyphs import Glyphs
from tui_trainer.themes.variants import ThemeName, ThemeVariant


@dataclass(frozen=True)
class UiConfig:
    """Settings, keys, and what the terminal can show.

    Attributes:
        loaded: The settings as they were found.
        keys: The table of keys, remapped.
        terminal: What the terminal can show.
    """

    loaded: LoadedSettings = LoadedSettings(Settings())  # noqa: RUF009 (frozen)
    keys: tuple[Key, ...] = KEYS
    capabilities: TerminalCapabilities = TerminalCapabilities()  # noqa: RUF009 (frozen)

    @classmethod
    def load(cls, folder: Path, environment: Mapping[str, str]) -> Self:
        """Return those of a folder, for the terminal that the environment speaks of.

        Raises:
            InputError: ``keys.toml`` cannot be followed. Damaged settings are only complained about.
        """
        return cls(settings.load(folder), keymap.load(folder), TerminalCapabilities.of(environment))

    def theme_variant(self, theme: ThemeName) -> ThemeVariant:
        """Return how a theme looks on this terminal."""
        if self.capabilities.colors == "none":
            return "no-color"
        return "16-colors" if self.capabilities.colors == "16" else theme

    def glyphs(self, now: Settings) -> Glyphs:
        """Return what to draw with: what was chosen, else all that the terminal has."""
        return self.capabilities.glyphs if now.glyphs == "auto" else now.glyphs
