"""Errors that the user can do something about.

Every one of them is a single line that names the place (a file, a key) and what was expected there.
The command line prints that line and ends with status 2; it never shows a traceback for one of these.
"""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails


class TrainerError(Exception):
    """Base of everything this package raises on purpose; its text is one line."""


class InputError(TrainerError):
    """Bad input: a preset, a data file, a flag, a path, a checkpoint. Status 2 on the command line."""


class RunBusyError(TrainerError):
    """A run that is already being trained by another worker."""


class WorkerError(TrainerError):
    """The worker could not be started, died, or speaks another protocol."""


def sanitize(text: object, limit: int = 200) -> str:
    """Return text from outside as one harmless line: no control characters, at most ``limit`` long."""
    line = "".join(char if char.isprintable() else "�" for char in " ".join(str(text).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


_EXPECTED = {
    "model_type": "a table",
    "dict_type": "a table",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge} on",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "{expected}",
}
"""What a preset's author calls that which pydantic expects, by the type of its error."""

_BOOKKEEPING = re.compile(r"tag:|function-|constrained-|literal\[|tuple\[|(int|float|str|bool)\Z")
"""Parts of a place that are no keys of the file: tags of unions (such as 'standard') and their members."""


def _shown(value: object) -> str:
    """Return what was got, in few characters; what is large is not written out first."""
    brief = reprlib.Repr()
    brief.maxlevel, brief.maxlist, brief.maxtuple, brief.maxdict = 3, 20, 20, 20
    brief.maxstring = brief.maxother = brief.maxlong = 200
    return sanitize(brief.repr(value), 60)


def describe_validation(error: ValidationError) -> str:
    """Return the first complaint of a pydantic ``ValidationError`` as ``key.path: what was expected (got …)``."""
    errors = error.errors(include_url=False)
    path = _path(errors[0])
    of_path = [each for each in errors if _path(each) == path] if errors[0]["type"] in _EXPECTED else errors[:1]
    message = _message(of_path)
    further = len(errors) - len(of_path)
    more = f" (and {further} more)" if further else ""
    joint = "." if errors[0]["type"] == "key_error" else ": "  # such a message begins with the key
    return sanitize(f"{path}{joint}{message}{more}" if path else f"{message}{more}", 400)


def nearest(word: str, words: Iterable[str]) -> str:
    """Return "; did you mean …?" for the one of ``words`` that is nearest, or nothing."""
    close = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _path(error: ErrorDetails) -> str:
    return ".".join(str(part) for part in error["loc"] if not _BOOKKEEPING.match(str(part)))


def _message(errors: Sequence[ErrorDetails]) -> str:
    """Return what was expected; several errors are those of one value that may be of several kinds."""
    first = errors[0]
    if first["type"] in {"extra_forbidden", "missing"}:
        return {"extra_forbidden": "unknown key", "missing": "this key is required"}[first["type"]]
    got = f"(got {_shown(first['input'])})"
    if all(each["type"] in _EXPECTED for each in errors):
        expected = dict.fromkeys(_EXPECTED[each["type"]].format(**_plain(each.get("ctx", {}))) for each in errors)
        named = [name for each in errors for name in _QUOTED.findall(str(each.get("ctx", {}).get("expected", "")))]
        return f"expected {' or '.join(expected)} {got}{nearest(str(first['input']), named)}"
    if first["type"] in {"value_error", "key_error"}:
        return first["msg"].removeprefix("Value error, ")
    return f"{first['msg'][:1].lower()}{first['msg'][1:]} {got}"


def _plain(context: Mapping[str, Any]) -> dict[str, Any]:
    """Return an error's context with its bounds written as a person would: 0, not 0.0."""
    return {key: f"{value:g}" if isinstance(value, float) else value for key, value in context.items()}


_QUOTED = re.compile(r"'([^']*)'")
