"""Presets: named recipes in TOML, those of the library and the user's own. ``load`` turns one into a ``Spec``."""

from __future__ import annotations

from presets.loader import config_folder, find, load, names, read, user_folder
from presets.schema import Card, Preset
from presets.writer import save

__all__ = ["Card", "Preset", "config_folder", "find", "load", "names", "read", "save", "user_folder"]
