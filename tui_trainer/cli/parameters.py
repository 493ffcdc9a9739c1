"""What arguments and options mean: ``--pace``, ``--set``, and those that several commands share."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from engine.errors import sanitize
from engine.toml_text import toml_value

FASTEST = 60
"""Redraws a second that can be asked for."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")


class WholeNumber(click.ParamType[int]):
    """A whole number within bounds, which an error names in plain words."""

    name = "whole number"

    def __init__(self, least: int, most: int | None = None) -> None:
        self._least = least
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number."""
        if re.fullmatch(r"[+-]?[0-9]{1,30}", str(value)):
            number = int(value)
            if number >= self._least and (self._most is None or number <= self._most):
                return number
        bounds = f"from {self._least} on" if self._most is None else f"from {self._least} to {self._most}"
        return self.fail(f"expected a whole number {bounds} (got {sanitize(value, 60)})", param, ctx)


def hertz(text: str) -> float:
    """Return redraws a second.

    Raises:
        click.BadParameter: Not a number above 0, or more than ``FASTEST``.
    """
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number <= FASTEST:
        raise click.BadParameter(f"expected a number above 0, at most {FASTEST} (got {text})")
    return number


def pace(text: str) -> float:
    """Return epochs a second; ``max`` is infinity.

    Raises:
        click.BadParameter: Not a number above 0.
    """
    try:
        number = math.inf if text == "max" else float(text)
    except ValueError:
        number = math.nan
    if not number > 0:
        raise click.BadParameter(f"expected max, or epochs a second above 0 (got {text})")
    return number


def setting(text: str) -> tuple[str, Any]:
    """Return the path and the value of ``path=value``."""
    return _assignment(text, "path=value, as in training.learning_rate=.01")


def lab_setting(text: str) -> tuple[str, Any]:
    """Return the key and the value of ``key=value``."""
    return _assignment(text, "key=value, as in rate=.1")


def _assignment(text: str, expected: str) -> tuple[str, Any]:
    left, equals, value = (part.strip(" ") for part in text.partition("="))  # a tab may be the value
    if not (left and equals and value):
        raise click.BadParameter(f"expected {expected} (got {sanitize(text, 100)})")
    return left, toml_value(value)
