"""Which loader reads which source: ``@loads(Model)`` registers it, in a module of ``engine.data.loaders``.

To add a source, declare its options in ``engine.spec.data`` and write its loader beside its kin, or in a new module of
``engine.data.loaders``: all modules there are found by themselves. ``tests/engine/data/test_registry.py`` names a
source without a loader, and a loader without a source.
"""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from collections.abc import Callable
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np

from engine.data.table import Table
from engine.spec.sources.base import DataSource

PACKAGE: Final = "engine.data.loaders"
Stream: TypeAlias = np.random.RandomState | None
"""What a generator draws from in place of its own seed; loaders that draw nothing ignore it."""
Loader: TypeAlias = Callable[[Any, Stream], Table]
_LoaderOfOne = TypeVar("_LoaderOfOne", bound=Loader)
_LOADERS: dict[type[DataSource], Loader] = {}


def loads(*models: type[DataSource]) -> Callable[[_LoaderOfOne], _LoaderOfOne]:
    """Register the decorated function as the loader of ``models``: (source, stream) → table."""

    def register(loader: _LoaderOfOne) -> _LoaderOfOne:
        _LOADERS.update(dict.fromkeys(models, loader))
        return loader

    return register


@cache
def loaders() -> dict[type[DataSource], Loader]:
    """Return every loader by the model that it reads."""
    package = importlib.import_module(PACKAGE)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{PACKAGE}.{module.name}")
    return _LOADERS


def load_table(source: DataSource, stream: Stream = None) -> Table:
    """Return the rows of ``source``.

    Args:
        source: What to read or draw, with its options.
        stream: See ``Stream``.

    Raises:
        InputError: Rows that cannot be had; the line names the file, the row and the column.
    """
    return _loader(type(source))(source, stream)


def _loader(model: type[DataSource]) -> Loader:
    """Return the loader of a model.

    It is looked for first in a module that is called as the model, or as the module that declares it: to import all of
    them takes a third of the time from a run's start to its first epoch's data.
    """
    names = (re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower(), model.__module__.rpartition(".")[2])
    for name in names:
        if model not in _LOADERS and importlib.util.find_spec(f"{PACKAGE}.{name}") is not None:
            importlib.import_module(f"{PACKAGE}.{name}")
    return _LOADERS[model] if model in _LOADERS else loaders()[model]
