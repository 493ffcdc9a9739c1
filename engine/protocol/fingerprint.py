"""A fingerprint of all messages: two builds of one protocol understand each other only where it is equal.

While a version is being made its messages change more often than the protocol's number.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from engine.protocol.commands import Request
from engine.protocol.events import AnyEvent


@cache
def fingerprint() -> str:
    """Return the fingerprint of this build, 8 hexadecimal digits; finding it takes some milliseconds.

    It is of the names of all fields, with the names of their types and the words that they may have: limits may differ,
    and so may the versions of Python and pydantic.
    """
    return f"{zlib.crc32(repr(describe(Request, AnyEvent)).encode()):08x}"


def describe(*roots: Any) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Return the models that can be reached from these types, by name, with their fields: names, and what they may be.

    Two models may have the same name.
    """
    described: dict[type[BaseModel], tuple[str, list[tuple[str, ...]]]] = {}
    reached = [kind for root in roots for kind in _kinds(root)]
    while reached:
        model = reached.pop()
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or model in described:
            continue
        fields = [(name, list(_kinds(field.annotation))) for name, field in model.model_fields.items()]
        described[model] = model.__name__, sorted((name, *sorted(map(_name, kinds))) for name, kinds in fields)
        reached += [kind for _, kinds in fields for kind in kinds]
    return sorted(described.values())


def _kinds(annotation: Any) -> Iterator[Any]:
    """Yield the types and words that an annotation comes to, within all its containers."""
    if isinstance(annotation, type | str) and not get_args(annotation):
        yield annotation
    elif get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    else:
        for part in get_args(annotation):
            yield from _kinds(part)


def _name(kind: Any) -> str:
    return kind if isinstance(kind, str) else kind.__name__
