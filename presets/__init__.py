"""Presets: named recipes in TOML, those of the library and the user's own. ``load`` turns one into a ``Spec``."""

from __future__ import annotations

from presets.cards import Card
from presets.differences import differences
from presets.inference import infer
from presets.loader import config_folder, files, find, is_data, load, names, read, run_stem, user_folder
from presets.schema import Preset
from presets.writer import save, text_of

__all__ = [
    "Card",
    "Preset",
    "config_folder",
    "differences",
    "files",
    "find",
    "infer",
    "is_data",
    "load",
    "names",
    "read",
    "run_stem",
    "save",
    "text_of",
    "user_folder",
]
