"""Limits of memory: data that do not fit are refused before they are read or made."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

from engine.errors import InputError, sanitize

GB = 10**9


def limit() -> int:
    """Return how many bytes the data of a run, or its training, may take: half of the memory there is."""
    return available() // 2


def available(root: Path = Path("/")) -> int:
    """Return the bytes of this machine's memory, or those that this process may take of it, if fewer.

    A container, a batch job, or a limit of the shell's (``ulimit -v``) may allow less than there is.

    Args:
        root: Where the system's files are.
    """
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(0, min([machine, *_limits_of_process(root), *_limits_of_control_groups(root)]))


def require_memory(what: object, needed: int, doing: str = "reading it") -> None:
    """Refuse what takes more memory than a run may have.

    Args:
        what: A file, or a key of the spec, to be named.
        needed: Bytes.
        doing: What takes them.

    Raises:
        InputError: More bytes than ``limit()``; the line states both.
    """
    if needed > limit():
        raise InputError(
            f"{sanitize(what)}: too large: {doing} takes {_gigabytes(needed)} of memory, "
            f"and the limit here is {limit() / GB:.1f} GB (half of what there is)"
        )


def _gigabytes(size: int) -> str:
    """Return a size for an error's line; a header may claim one of hundreds of digits."""
    return f"about {size / GB:,.1f} GB" if size < 10**9 * GB else f"more than {10**9:,} GB"


def _limits_of_process(root: Path) -> Iterator[int]:
    """Yield what is left of the process's address space, where that is limited (``ulimit -v``)."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit != resource.RLIM_INFINITY:
        try:
            pages = int((root / "proc/self/statm").read_text().split()[0])
        except OSError:
            pages = 0
        yield limit - pages * os.sysconf("SC_PAGE_SIZE")


def _limits_of_control_groups(root: Path) -> Iterator[int]:
    """Yield what this process's control groups and those above them may take; there are none but under Linux.

    Source: cgroups(7), and the kernel's documentation of ``memory.max`` (version 2) and ``memory.limit_in_bytes`` (1).
    """
    for group in _control_groups(root):
        for name in ("memory.max", "memory.limit_in_bytes"):
            try:
                yield int((group / name).read_text())
            except (OSError, ValueError):  # there is no such file, or it says "max"
                continue


def _control_groups(root: Path) -> Iterator[Path]:
    """Yield the folder of each control group that may limit memory, and those above it.

    In a container the path may be the host's, of which only the uppermost folder is to be seen.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers or "memory" in controllers.split(","):
            top = root / "sys/fs/cgroup" / controllers
            group = top / path.lstrip("/")
            yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(top))
