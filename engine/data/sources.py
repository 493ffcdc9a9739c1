"""Every source of rows that ``[data] source`` may name, as one tagged union.

A source is a frozen model: its fields are the options of the preset's ``[data]`` table, and ``load`` returns a
``Table``. To add one, write its class beside its kin and list it here. What is no name is a file or a folder: its
ending says how it is read.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Discriminator, Tag

from engine.data.array_file import ArrayFile
from engine.data.bundled import BreastCancer, Diabetes, Digits, Iris, Wine
from engine.data.cats_dogs import CatsDogs
from engine.data.generators import Blobs, Circles, Lines, Moons, Plants, Xor
from engine.data.image_folder import ImageFolder
from engine.data.rows import Rows
from engine.data.spirals import (
    Spirals2ThetaPi,
    Spirals2TurnUnit,
    SpiralsAsPublished,
    SpiralsCs231n,
    SpiralsRepaired,
    SpiralsSqrt780,
)
from engine.data.table import DataSource
from engine.data.tabular import CsvFile
from engine.errors import sanitize
from engine.strict_model import key_error

CSV, ARRAYS, FOLDER = "tag:/csv", "tag:/arrays", "tag:/folder"
"""Tags of what is read from a path; no name of a source has a slash in it."""
SUFFIXES = {".csv": CSV, ".npz": ARRAYS, ".h5": ARRAYS, ".hdf5": ARRAYS}


def _tag(value: Any) -> str:
    """Return the tag of the source that a ``[data]`` table, or a source itself, is of."""
    if isinstance(value, DataSource):
        return TAGS[type(value)]
    text = os.fspath(value["source"])
    if Path(text).suffix.lower() in SUFFIXES:
        return SUFFIXES[Path(text).suffix.lower()]
    return FOLDER if os.sep in text else f"tag:{text}"


def _known(value: Any) -> Any:
    if isinstance(value, DataSource):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"expected a table with a source, got {sanitize(repr(value), 60)}")
    if "source" not in value:
        raise key_error("source: this key is required")
    source = value["source"]
    if not isinstance(source, str | os.PathLike):
        raise key_error(f"source: expected a name or a path, got {sanitize(repr(source), 60)}")
    if _tag(value) not in TAGS.values():
        close = difflib.get_close_matches(os.fspath(source), names(), n=3) or names()
        raise key_error(
            f"source: there is no source {sanitize(repr(os.fspath(source)), 60)}; expected one of {', '.join(close)}, "
            "or a path: x.csv, x.npz, x.h5, ./folder"
        )
    return value


Source = Annotated[
    Annotated[BreastCancer, Tag("tag:breast-cancer")]
    | Annotated[Iris, Tag("tag:iris")]
    | Annotated[Wine, Tag("tag:wine")]
    | Annotated[Digits, Tag("tag:digits")]
    | Annotated[Diabetes, Tag("tag:diabetes")]
    | Annotated[Rows, Tag("tag:rows")]
    | Annotated[Lines, Tag("tag:lines")]
    | Annotated[Plants, Tag("tag:plants")]
    | Annotated[Blobs, Tag("tag:blobs")]
    | Annotated[Circles, Tag("tag:circles")]
    | Annotated[Moons, Tag("tag:moons")]
    | Annotated[Xor, Tag("tag:xor")]
    | Annotated[SpiralsAsPublished, Tag("tag:spirals-as-published")]
    | Annotated[SpiralsRepaired, Tag("tag:spirals-repaired")]
    | Annotated[SpiralsCs231n, Tag("tag:spirals-cs231n")]
    | Annotated[SpiralsSqrt780, Tag("tag:spirals-sqrt780")]
    | Annotated[Spirals2ThetaPi, Tag("tag:spirals-2theta-pi")]
    | Annotated[Spirals2TurnUnit, Tag("tag:spirals-2turn-unit")]
    | Annotated[CatsDogs, Tag("tag:cats-dogs")]
    | Annotated[CsvFile, Tag(CSV)]
    | Annotated[ArrayFile, Tag(ARRAYS)]
    | Annotated[ImageFolder, Tag(FOLDER)],
    Discriminator(_tag),
    BeforeValidator(_known),
]

TAGS: dict[type[DataSource], str] = {
    get_args(member)[0]: member.__metadata__[0].tag for member in get_args(get_args(Source)[0])
}


def names() -> list[str]:
    """Return the names that ``source`` takes, apart from paths."""
    return [tag.removeprefix("tag:") for tag in TAGS.values() if tag not in SUFFIXES.values() and tag != FOLDER]


def replace_source(table: dict[str, Any], source: Any) -> dict[str, Any]:
    """Return a ``[data]`` table with another source; its options stay where that is of the same kind."""
    new = {"source": source}
    return {**table, **new} if not isinstance(source, str) or _tag(new) == _tag(table) else new


def table_from_path(source: Source, path: Path) -> dict[str, Any]:
    """Return the ``[data]`` table that takes its rows from ``path`` in place of ``source`` (``--data PATH``).

    Cats and dogs take pictures in any form; a file of the same kind keeps the other options; any other table is new.
    """
    if isinstance(source, CatsDogs):
        return {**source.model_dump(), "path": path}
    here = path if path.suffix.lower() in SUFFIXES else path.absolute()
    return replace_source(source.model_dump(), os.fspath(here))
