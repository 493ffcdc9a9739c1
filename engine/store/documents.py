"""The JSON file that says what a run or a sweep is: sealed with a checksum, written whole, read with all its checks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import InputError, describe_validation, sanitize
from engine.store.checksums import BLANK, KEY, check_seal, seal
from engine.store.files import check_format, write_durably

Model = TypeVar("Model", bound=BaseModel)


def read_document(
    path: Path, parse: Callable[[dict[str, Any]], Model], *, newest: int, sealed_since: int = 1
) -> tuple[Model, int]:
    """Return what a file describes, and the format in which it is written.

    Args:
        path: The file.
        parse: Makes the description of the file's object, which is of any format up to ``newest``.
        newest: The newest format that can be read.
        sealed_since: The first format whose files have a checksum; older ones may have one.

    Raises:
        InputError: It is missing, damaged, of a newer format, or not such a description.
    """
    try:
        data = path.read_bytes()
        document = json.loads(data)
        if not isinstance(document, dict):
            raise InputError(f"{sanitize(path)}: expected a JSON object")
        if is_sealed := (document.pop(KEY, None) is not None):
            check_seal(path, data)
        elif "format_version" not in document:
            raise InputError(f"{sanitize(path)}: damaged (it has neither {KEY} nor a format version)")
        check_format(path, document.get("format_version"), newest)
        written_format: int = document["format_version"]
        if written_format >= sealed_since and not is_sealed:
            raise InputError(f"{sanitize(path)}: damaged (it has no {KEY})")
        return parse(document), written_format
    except OSError as error:
        raise InputError(f"{sanitize(path)}: cannot be read ({error.strerror})") from None
    except ValidationError as error:
        raise InputError(f"{sanitize(path)}: {describe_validation(error)}") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"{sanitize(path)}: not JSON, or cut ({sanitize(error)})") from None


def write_document(path: Path, description: BaseModel) -> None:
    """Write a description and its checksum, all of it or nothing.

    Raises:
        TrainerError: The disk is full, read-only, or not ours to write to.
    """
    document = {KEY: BLANK, **json.loads(description.model_dump_json())}
    write_durably(path, seal(json.dumps(document, indent=2, ensure_ascii=False).encode()))
