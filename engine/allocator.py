"""Give freed memory back to the system.

Frames of a network of millions of weights are tens of megabytes, and come and go by the second; so do the planes that a
watcher looks at. The C library keeps what is freed for whoever asks next: with each large block that is freed it raises
the size up to which it does so, to 32 MB in the end, and keeps a heap for each thread. Left to itself it held several
times what the screen had in use, and a worker whose watchers ask for much grew from 63 MB to 110 instead of 75.
"""

from __future__ import annotations

import ctypes
import sys

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of glibc's settings, from its malloc.h."""
LARGE = 2**20
"""Bytes from which on a block is asked of the system, and given back to it."""
HEAPS = 2


def configure_malloc() -> None:
    """Let large blocks go back to the system at once (glibc only); call it before threads start."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_ARENA_MAX, HEAPS)
