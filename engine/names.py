"""Names of runs and presets: small letters, digits and dashes, safe as files and on every command line."""

from __future__ import annotations

import re
import unicodedata

MAX_RUN = 100
MAX_PRESET = 80

PATTERN = r"^[a-z0-9][a-z0-9-]*$"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def is_name(text: str, limit: int = MAX_RUN) -> bool:
    """Say whether ``text`` is a name of at most ``limit`` characters."""
    return len(text) <= limit and _NAME.fullmatch(text) is not None


def nearest_name(text: str, limit: int = MAX_RUN) -> str | None:
    """Return the name that is nearest to ``text``: ``My_Run`` is ``my-run``; None where nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:limit].strip("-") or None


def expected_name(text: str, example: str, limit: int = MAX_RUN) -> str:
    """Return what to say of a text that is no name: what was expected, and the nearest good one."""
    near = nearest_name(text, limit)
    length = f", at most {limit} of them" if len(text) > limit else ""
    cure = f"{near} would do" if near else f"as in {example}"
    return f"expected small letters, digits and dashes{length}; {cure}"
