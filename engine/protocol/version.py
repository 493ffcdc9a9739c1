"""The protocol's version: a worker and a watcher talk only where it is equal."""

from functools import cache
from importlib.metadata import version

PROTOCOL = 5


@cache
def program_version() -> str:
    """Return the program's version, which takes a millisecond to be found: once, and not for each who comes."""
    return version("tui-trainer")
