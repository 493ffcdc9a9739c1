"""Every source has its loader, every loader its source."""

from __future__ import annotations

from typing import get_args

from engine.data.registry import load_table, loaders
from engine.spec.data import TAGS, Source
from engine.spec.sources.base import DataSource
from engine.spec.sources.generators import Xor


def test_every_source_has_a_loader_and_every_loader_a_source() -> None:
    assert set(loaders()) == set(TAGS)


def test_every_source_that_is_declared_is_listed() -> None:
    listed = {get_args(member)[0] for member in get_args(get_args(Source)[0])}
    bases = {base for source in listed for base in source.__mro__[1:]}
    assert listed == {source for source in subclasses(DataSource) if source not in bases}


def subclasses(base: type[DataSource]) -> set[type[DataSource]]:
    """Return the classes derived from ``base`` that the program declares."""
    own = {kind for kind in base.__subclasses__() if kind.__module__.startswith("engine.")}
    return own.union(*(subclasses(kind) for kind in own))


def test_a_source_is_read_by_its_loader() -> None:
    assert load_table(Xor()).y.tolist() == [0, 1, 1, 0]
