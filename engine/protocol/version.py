"""The protocol's version: a worker and a watcher talk only where it is equal."""

from functools import cache
from importlib.metadata import version

PROTOCOL = 5


@cache
def program_version() -> str:
    """Return the program's version; cached, as looking it up takes a millisecond."""
    return version("tui-trainer")
