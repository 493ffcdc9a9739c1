"""Keep the garbage collector away from imported objects.

What is imported stays for good: some 65,000 objects. Each time that Python looked through all of them for garbage, the
screen stood still for 70 ms. See ``engine.allocator`` for memory that is freed.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_frozen_imports() -> Iterator[None]:
    """Disable garbage collection while importing, then freeze the imported objects."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
