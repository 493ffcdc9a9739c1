"""Where rows come from: every source that ``[data] source`` may name, as one tagged union of frozen models.

A source's fields are the options of the preset's ``[data]`` table; they are declared here without anything that reads,
so that a recipe can be shown where its data is not. To add a source, write its model in a module of
``engine.spec.sources``, list it in the union at the module's end, and write its loader as ``engine.data.registry``
says. What is no name is a file or a folder: its ending says how it is read.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Discriminator

from engine.errors import nearest, sanitize
from engine.spec.sources.base import DataSource
from engine.spec.sources.bundled import BundledSource
from engine.spec.sources.files import FOLDER, SUFFIXES, FileSource, data_suffix
from engine.spec.sources.generators import CatsDogs, DrawnSource
from engine.strict_model import key_error


def _tag(value: Any) -> str:
    """Return the tag of the source that a ``[data]`` table, or a source itself, is of."""
    if isinstance(value, DataSource):
        return TAGS[type(value)]
    text = os.fspath(value["source"])
    if data_suffix(text) in SUFFIXES:
        return SUFFIXES[data_suffix(text)]
    return FOLDER if os.sep in text else f"tag:{text}"


def _check_source(value: Any) -> Any:
    if isinstance(value, DataSource):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"expected a table with a source, got {sanitize(repr(value), 60)}")
    if "source" not in value:
        for key in map(str, value):
            if near := nearest(key, ["source"]):
                raise key_error(f"{sanitize(key, 60)}: unknown key{near}")
        raise key_error(
            'source: this key is required, as in source = "iris", or source = "x.csv" with target = "price"'
        )
    source = value["source"]
    if not isinstance(source, str | os.PathLike):
        raise key_error(f"source: expected a name or a path, got {sanitize(repr(source), 60)}")
    if _tag(value) not in TAGS.values():
        close = difflib.get_close_matches(os.fspath(source), source_names(), n=3) or source_names()
        raise key_error(
            f"source: there is no source {sanitize(repr(os.fspath(source)), 60)}; expected one of {', '.join(close)}, "
            "or a path: x.csv, x.npz, x.h5, ./folder"
        )
    return value


Source = Annotated[
    BundledSource | DrawnSource | FileSource,
    Discriminator(_tag),
    BeforeValidator(_check_source),
]
TAGS: dict[type[DataSource], str] = {
    get_args(member)[0]: member.__metadata__[0].tag for member in get_args(get_args(Source)[0])
}


def source_names() -> list[str]:
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
    here = path if data_suffix(path) in SUFFIXES else path.absolute()
    return replace_source(source.model_dump(), os.fspath(here))
