"""Errors that the user can do something about.

Every one of them is a single line that names the place (a file, a key) and what was expected there.
The command line prints that line and ends with status 2; it never shows a traceback for one of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


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


_EXPECTED = {"model_type": "a table", "dict_type": "a table", "tuple_type": "a list", "list_type": "a list"}
"""What a preset's author calls the types of pydantic's errors."""


def describe_validation(error: ValidationError) -> str:
    """Return the first complaint of a pydantic ``ValidationError`` as ``key.path: what was expected (got …)``."""
    first = error.errors(include_url=False, include_context=False)[0]
    # Tags of unions (such as 'standard') and function names are pydantic's bookkeeping, not keys of the file.
    path = ".".join(str(part) for part in first["loc"] if not str(part).startswith(("tag:", "function-")))
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        message = "unknown key"
    elif first["type"] == "missing":
        message = "this key is required"
    elif first["type"] in _EXPECTED:
        message = f"expected {_EXPECTED[first['type']]} (got {sanitize(repr(first['input']), 60)})"
    elif first["type"] not in {"value_error", "key_error"}:
        message = f"{message[:1].lower()}{message[1:]} (got {sanitize(repr(first['input']), 60)})"
    further = error.error_count() - 1
    more = f" (and {further} more)" if further else ""
    joint = "." if first["type"] == "key_error" else ": "  # such a message begins with the key
    return sanitize(f"{path}{joint}{message}{more}" if path else f"{message}{more}", 400)
