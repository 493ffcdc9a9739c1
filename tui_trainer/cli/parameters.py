"""What arguments and options mean: ``--pace``, ``--set``, and those that several commands share."""

from __future__ import annotations

import math
import re
import tomllib
from typing import Any

import click

_BARE_POINT = re.compile(r"(?<![\w.])\.(?=\d)")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


def pace(text: str) -> float:
    """Return epochs a second; ``max`` is infinity."""
    try:
        number = math.inf if text == "max" else float(text)
    except ValueError:
        number = math.nan
    if not number > 0:
        raise click.BadParameter(f"expected max, or epochs a second above 0 (got {text})")
    return number


def setting(text: str) -> tuple[str, Any]:
    """Return the path and the value of ``path=value``."""
    path, equals, value = (part.strip(" ") for part in text.partition("="))  # a tab may be the value
    if not (path and equals and value):
        raise click.BadParameter(f"expected path=value, as in training.learning_rate=.01 (got {text})")
    return path, toml_value(value)


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
