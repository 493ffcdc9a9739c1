"""What ``watch`` is told to look at: a run of this machine, another machine, or a run there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.errors import InputError, sanitize
from engine.names import is_name

_HOST = re.compile(r"(?:[\w.+%][\w.+%-]*@)?[\w.:%+][\w.:%+-]*")
"""A user, and a name as ssh and its configuration have it, or an address: nothing that a shell would read twice."""


@dataclass(frozen=True)
class WatchTarget:
    """One target.

    Attributes:
        host: The machine, as ssh is told it; empty for this one.
        run: The run; empty for all that there are.
    """

    host: str
    run: str


def parse_target(text: str, is_run: Callable[[str], bool]) -> WatchTarget:
    """Return what a target means: ``RUN``, ``[USER@]HOST`` or ``[USER@]HOST:RUN``.

    Args:
        text: What the user wrote; an address with colons is written ``[::1]``.
        is_run: Says whether this machine has a run of that name; any other word is a host.

    Raises:
        InputError: It is nothing of the kind, or a host that ssh would take for an option.
    """
    if is_name(text) and is_run(text):
        return WatchTarget("", text)
    host, run = _divided(text)
    if any(part.startswith("-") for part in host.split("@")):
        raise InputError(f"{_shown(text)}: expected a host (this begins with -, which ssh would take for an option)")
    if "/" in text:
        raise InputError(f"{_shown(text)}: expected RUN, HOST or HOST:RUN; a path cannot be watched")
    if not _HOST.fullmatch(host):
        raise InputError(f"{_shown(text)}: expected RUN, [USER@]HOST or [USER@]HOST:RUN")
    if run and not is_name(run):
        raise InputError(f"{_shown(text)}: expected the name of a run after the colon (got {_shown(run)})")
    return WatchTarget(host, run)


def _divided(text: str) -> tuple[str, str]:
    """Return host and run; the host without its brackets."""
    if bracketed := re.fullmatch(r"((?:[^@\[\]]*@)?)\[([^\[\]]*)\](?::(.*))?", text):
        user, address, run = bracketed.groups()
        return user + address, run or ""
    host, _, run = text.partition(":")
    return host, run


def _shown(text: str) -> str:
    return sanitize(repr(text), 80)
