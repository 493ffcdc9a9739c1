"""Presets, as the screen deals with them: listed, and saved under a name of one's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import presets
from engine.errors import InputError, sanitize
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tui_trainer.view_models.presets import PresetLine
from tui_trainer.view_models.setup import Selection

_Stamp = tuple[int, int, int]
_listed: dict[Path, tuple[_Stamp, PresetLine]] = {}
"""The lines as they were read last, by the files; each with the inode, the size and the time of the file."""


async def list_presets() -> list[PresetLine]:
    """Return a line for each preset, the library's first; one of the user's own that is no preset says why."""
    return await asyncio.to_thread(lambda: [_line(path) for path in presets.files().values()])


def presets_at_hand() -> list[PresetLine]:
    """Return the lines, where they have been listed and no file has changed since; else none."""
    paths = presets.files().values()
    if all(path in _listed and _listed[path][0] == _stamp(path) for path in paths):
        return [_listed[path][1] for path in paths]
    return []


def _line(path: Path) -> PresetLine:
    stamp = _stamp(path)
    if path not in _listed or _listed[path][0] != stamp:
        _listed[path] = stamp, _read(path)
    return _listed[path][1]


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return 0, 0, 0
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read(path: Path) -> PresetLine:
    name, own = path.stem, path.parent == presets.user_folder()
    try:
        preset = presets.read(path)
        claims = preset.claims
        recipe = path.read_text(encoding="utf-8", errors="replace")
    except (InputError, OSError) as error:
        return PresetLine(name, own, "", problem=str(error).removeprefix(f"{path.parent}/"))
    return PresetLine(name, own, recipe, preset.card, preset.spec, claims=claims)


def look_at(path: str, selection: Selection) -> DataFinding:
    """Return what there is in a data file, with a selection of its columns.

    Raises:
        TrainerError: It cannot be read, or nothing can be learned from it so.
    """
    return presets.infer(path, selection.targets, selection.drop, selection.keep, selection.weight)


async def save_preset(spec: Spec, name: str) -> str:
    """Write a recipe as a preset of one's own, in place of one of that name; return what to say of it.

    Raises:
        TrainerError: The name is invalid, or the folder cannot be written to.
    """
    path = await asyncio.to_thread(presets.save, spec, name, overwrite=True)
    return f"saved as the preset {name}: {sanitize(path)}"
