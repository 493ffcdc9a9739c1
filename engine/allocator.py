"""Give freed memory back to the system, and keep the garbage collector away from what is imported.

Frames of a network of millions of weights are tens of megabytes, and come and go by the second; so do the planes that a
watcher looks at. The C library keeps what is freed for whoever asks next: with each large block that is freed it raises
the size up to which it does so, to 32 MB in the end, and keeps a heap for each thread. Left to itself it held several
times what the screen had in use, and a worker whose watchers ask for much grew from 63 MB to 110 instead of 75.

What is imported stays for good: some 65,000 objects in the screen's process. To look through them for garbage again and
again while they come takes an eighth of the time of the imports, and each later look stopped the screen for 70 ms.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Names of glibc's settings, from its malloc.h."""
LARGE = 2**20
"""Bytes from which on a block is asked of the system, and given back to it."""
HEAPS = 2


def configure_malloc() -> None:
    """Let large blocks go back to the system at once (glibc only); call it before threads start."""
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
        mallopt(M_ARENA_MAX, HEAPS)


@contextmanager
def gc_frozen_imports() -> Iterator[None]:
    """Disable garbage collection while importing, then freeze the imported objects."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
