"""Writing a recipe as a preset of one's own.

Every key is written out, those at their default too: the file says all there is to change, and stays the same recipe
should a default ever move. tomli-w writes it: it is one small module without dependencies and sets short tables in
line, as the library's files do; tomlkit's gift, keeping the layout of a file that is edited, is not needed here.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path

import tomli_w

from engine import text_files
from engine.errors import InputError, TrainerError, sanitize
from engine.names import MAX_PRESET, expected_name, is_name
from engine.spec import Spec
from engine.store.files import write_durably
from presets.cards import Card
from presets.loader import LIBRARY, user_folder
from presets.schema import Preset


def dumps(spec: Spec) -> str:
    """Return a recipe as TOML that reads back as the same one; data files are named by their whole paths."""
    document = spec.model_dump(mode="json", exclude_none=True)
    document["data"] |= {key: str(value.absolute()) for key, value in spec.data if isinstance(value, Path)}
    return tomli_w.dumps(document)


def save_as(spec: Spec, path: Path) -> None:
    """Write a recipe into a new file.

    Raises:
        InputError: There is such a file already, or its ending is not that of a preset.
        TrainerError: It cannot be written.
    """
    if path.suffix != ".toml":
        raise InputError(f"{sanitize(path)}: expected a file that ends in .toml, as recipes do")
    if path.exists():
        raise InputError(f"{sanitize(path)}: there is such a file already; name another one, or remove it")
    write_durably(path, dumps(spec).encode())


def preset_path(name: str) -> Path:
    """Return the file that a preset of one's own has under this name; it need not exist.

    Raises:
        InputError: The name is not valid, or the library's.
    """
    if not is_name(name, MAX_PRESET):
        raise InputError(f"preset name {sanitize(repr(name), 60)}: {expected_name(name, 'my-network', MAX_PRESET)}")
    if (LIBRARY / f"{name}.toml").is_file():
        raise InputError(f"{name}: a preset of the library has this name; choose another one")
    return user_folder() / f"{name}.toml"


def save(spec: Spec, name: str, *, overwrite: bool = False) -> Path:
    """Write a recipe into the folder of the user's own presets, and return the file.

    Raises:
        InputError: The name is not valid, is the library's, or is taken (unless ``overwrite``).
        TrainerError: The folder cannot be written to.
    """
    path = preset_path(name)
    named = spec.model_copy(update={"name": name})
    if path.exists() and not overwrite:
        raise InputError(f"{sanitize(path)}: there is a preset of this name already")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainerError(f"{sanitize(path.parent)}: cannot be made ({error.strerror})") from None
    write_durably(path, dumps(named).encode())
    return path


def text_of(preset: Preset) -> str:
    """Return a preset as TOML that reads back as the same one wherever it is written to, and harms no terminal.

    That is the file's own text, with its comments; the recipe written anew where that will not do: it names files
    beside it, or has characters in it that a terminal would obey.
    """
    text = text_files.decode(preset.path.read_bytes()).replace("\r\n", "\n")
    is_movable = preset.path.parent == LIBRARY or not any(isinstance(value, Path) for _, value in preset.spec.data)
    if is_movable and all(_is_harmless(char) for char in text):
        return text
    beside: dict[str, object] = {}
    if preset.card != Card():
        beside["card"] = preset.card.model_dump(exclude_defaults=True)
    if preset.claims:
        beside["claims"] = preset.claim_tables
    written = f"{dumps(preset.spec)}\n{tomli_w.dumps(beside)}"
    return "".join(char if _is_harmless(char) else _escaped(char) for char in written)


def _is_harmless(char: str) -> bool:
    return char.isprintable() or char in "\n\t" or unicodedata.category(char) == "Zs"


def _escaped(char: str) -> str:
    """Return a character as a basic string of TOML may hold it; the writer makes no others."""
    return f"\\U{ord(char):08x}"
