"""Presets: named recipes in TOML, those of the library and the user's own. ``load`` turns one into a ``Spec``."""

from __future__ import annotations

from presets.loader import find, load, names, read, user_folder
from presets.schema import Preset

__all__ = ["Preset", "find", "load", "names", "read", "user_folder"]
