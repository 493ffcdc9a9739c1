"""Values as people type them: TOML, with a little more grace."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_BARE_POINT = re.compile(r"(?<![\w.])\.(?=\d)")


def toml_value(text: str) -> Any:
    """Return what ``text`` stands for in TOML, else the text itself: ``.01`` and ``relu`` need no more than that."""
    for candidate in (text, _BARE_POINT.sub("0.", text)):
        try:
            document = tomllib.loads(f"value = {candidate}")
        except (ValueError, RecursionError):
            continue
        if document.keys() == {"value"}:
            return document["value"]
    return text


def toml_values(text: str) -> list[Any]:
    """Return the values of ``text``, the inside of an array of TOML: ``.1,.01``, ``[4],[16, 8]``, ``relu,tanh``."""
    for candidate in (text, _BARE_POINT.sub("0.", text)):
        try:
            document = tomllib.loads(f"value = [{candidate}]")
        except (ValueError, RecursionError):
            continue
        if document.keys() == {"value"}:
            return list(document["value"])
    return [toml_value(part) for part in _parts(text)]


def _parts(text: str) -> list[str]:
    """Return what commas separate that are neither in brackets nor in quotes."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        if char == "," and not depth and not quote:
            parts.append("")
            continue
        if char in "\"'":
            quote = "" if quote == char else quote or char
        depth += 0 if quote else (char in "[{") - (char in "]}")
        parts[-1] += char
    return [part.strip() for part in parts if part.strip()]
