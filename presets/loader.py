"""Finding presets and reading them.

A preset is named (``breast-cancer``) or given as a path (anything with a separator in it or ending in ``.toml``).
The names of the library are fixed: a file of the user's own with such a name is reached by its path only.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from engine import text_files
from engine.errors import InputError, sanitize
from engine.names import MAX_PRESET, nearest_name
from engine.spec import Spec, override, validate
from engine.spec.data import table_from_path
from engine.spec.sources.files import SUFFIXES, data_suffix
from presets.cards import card_of
from presets.schema import Preset, recipe

LIBRARY = Path(__file__).parent / "library"
DATA_OPTION = re.compile(r"data\.\w+\Z")
MAX_BYTES = 16 * 2**20
"""Fixed weights make a file long, but not this long; a device or a data file given by mistake is refused."""


def config_folder() -> Path:
    """Return the folder of the user's settings and presets; it need not exist. ``TUI_TRAINER_CONFIG`` moves it.

    Raises:
        InputError: There is no home directory.
    """
    moved = os.environ.get("TUI_TRAINER_CONFIG")
    try:
        return Path(moved).expanduser() if moved else user_config_path("tui-trainer")
    except RuntimeError:
        raise InputError(
            "no home directory is known: set HOME, or TUI_TRAINER_CONFIG to a folder for settings and presets"
        ) from None


def user_folder() -> Path:
    """Return the folder of the user's own presets; it need not exist."""
    return config_folder() / "presets"


def names() -> list[str]:
    """Return the names of all presets: the library's first, then the user's own, each in alphabetical order."""
    return list(files())


def files() -> dict[str, Path]:
    """Return the file of each preset by its name, in the order of ``names``."""
    library = {name: LIBRARY / f"{name}.toml" for name in _names_in(LIBRARY)}
    folder = user_folder()
    return library | {name: folder / f"{name}.toml" for name in _names_in(folder) if name not in library}


def find(name_or_path: str | os.PathLike[str]) -> Path:
    """Return the file of a preset.

    Raises:
        InputError: There is no preset of this name; the line offers similar ones. Or it names data, not a recipe.
    """
    if data_suffix(name_or_path) in SUFFIXES:
        data = sanitize(name_or_path)
        raise InputError(f"{data}: expected a recipe, and this is data; train on it with `tui-trainer run {data}`")
    if not _is_name(name_or_path):
        return Path(name_or_path)
    name = os.fspath(name_or_path)
    listed = files()
    if name in listed:
        return listed[name]
    close = difflib.get_close_matches(name, listed, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "expected a listed name, or the path of a TOML file"
    raise InputError(f"there is no preset {sanitize(repr(name), 60)} ({hint})")


def is_data(name_or_path: str | os.PathLike[str]) -> bool:
    """Tell whether this is a file or a folder of data, by its ending or because there is such a folder."""
    is_folder = os.sep in os.fspath(name_or_path) and Path(name_or_path).is_dir()
    return is_folder or data_suffix(name_or_path) in SUFFIXES


def read(name_or_path: str | os.PathLike[str]) -> Preset:
    """Return the preset as its file has it.

    Raises:
        InputError: No such preset, or not a preset file; the line names the file and the key or line number.
    """
    path = find(name_or_path)
    document = _parse(path)
    if name := _name_of(path, document):
        document["name"] = name
    spec = _with_absolute_paths(validate(recipe(document), where=str(path)), path.parent)
    return Preset(path=path, spec=spec, card=card_of(document, where=path), claim_tables=document.get("claims", ()))


def load(
    name_or_path: str | os.PathLike[str],
    set: Mapping[str, Any] | None = None,  # noqa: A002 - the word of --set and of [[changes]]
    data: str | os.PathLike[str] | None = None,
) -> Spec:
    """Return the spec of a preset, with the values at the dotted paths of ``set`` replaced.

    Data files that the preset names are looked for beside it; those named in ``set`` and ``data``, in the current
    folder.

    Args:
        name_or_path: The preset.
        set: Values by dotted path, as ``{"training.epochs": 5}``.
        data: A file or folder to take the rows from instead, with the preset's options where it is of the same kind.

    Raises:
        InputError: See ``read`` and ``engine.spec.override``.
    """
    spec = read(name_or_path).spec
    if data is not None:
        options = {path.removeprefix("data."): value for path, value in (set or {}).items() if DATA_OPTION.match(path)}
        table = table_from_path(spec.data, Path(data)) | options
        spec = validate({**spec.model_dump(mode="json"), "data": table}, where=os.fspath(data))
    return _with_absolute_paths(override(spec, set) if set else spec, Path())


def run_stem(name_or_path: str | os.PathLike[str], spec: Spec, data: str | os.PathLike[str] | None = None) -> str:
    """Return what the runs of a recipe are named after: one's own file, of data or of a recipe, else the recipe's name.

    A recipe that has kept the name of the library's that it was taken from is named after its file.

    Args:
        name_or_path: The preset.
        spec: What was read from it.
        data: The file or folder that its rows are from instead.
    """
    own = Path(data).resolve() if data is not None else None
    if own is None and not _is_name(name_or_path) and spec.name in _names_in(LIBRARY):
        own = Path(name_or_path)
    stem = nearest_name(Path(own.name.removesuffix(".gz")).stem, MAX_PRESET) if own is not None else None
    return stem or spec.name


def _name_of(path: Path, document: Mapping[str, Any]) -> str | None:
    """Return the name of a preset's file: its own where it is listed by that, or has no other."""
    is_listed = path.parent in {LIBRARY, user_folder()}
    return nearest_name(path.stem, MAX_PRESET) if is_listed or "name" not in document else None


def _with_absolute_paths(spec: Spec, folder: Path) -> Spec:
    """Make the files that ``[data]`` names (its fields of type ``Path``) absolute: the worker runs elsewhere."""
    files = {key: (folder / value).absolute() for key, value in spec.data if isinstance(value, Path)}
    return spec.model_copy(update={"data": spec.data.model_copy(update=files)}) if files else spec


def _is_name(name_or_path: str | os.PathLike[str]) -> bool:
    if not isinstance(name_or_path, str):
        return False
    return os.sep not in name_or_path and not name_or_path.endswith(".toml")


def _names_in(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.toml"))


def _parse(path: Path) -> dict[str, Any]:
    text = _text(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{sanitize(path)}: {_location_first(str(error), text)}") from None
    except (ValueError, RecursionError) as error:  # an integer of 5000 digits, arrays nested a thousand deep
        raise InputError(f"{sanitize(path)}: expected a preset in TOML ({sanitize(error, 80)})") from None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{sanitize(path)}: cannot be read ({sanitize(reason, 80).lower()})") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"{sanitize(path)}: expected a preset, and none is larger than {MAX_BYTES // 2**20} MB")
    try:
        return text_files.decode(raw)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{sanitize(path)}: line {line}: expected a TOML file in UTF-8") from None


def _location_first(complaint: str, text: str) -> str:
    """Turn tomllib's ``Invalid value (at line 3, column 5)`` into ``line 3, column 5: invalid value``."""
    message, _, place = complaint.removesuffix(")").partition(" (at ")
    if not place.startswith("line"):  # "end of document"
        place = f"line {len(text.splitlines())}"
    return f"{place}: {sanitize(message[:1].lower() + message[1:], 120)}"
