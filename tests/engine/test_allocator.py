"""Large blocks go back to the system as soon as they are freed, and what is imported is not looked through."""

from __future__ import annotations

import gc
import os
import platform
import subprocess
import sys

import pytest

from engine.allocator import gc_frozen_imports

GROWING = """
import sys, numpy as np
from pathlib import Path
from engine.allocator import configure_malloc

def held():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if sys.argv[1] == "told":
    configure_malloc()
np.ones(20 * 2**20, np.uint8)  # once freed, glibc by itself keeps what is as large
before = held()
frames = [np.ones(4 * 2**20, np.uint8) for _ in range(20)]
highest = max(frame.ctypes.data for frame in frames)
last = [np.empty(2**19, np.uint8)]
while last[-1].ctypes.data < highest and len(last) < 1_000:  # until one stands above them, and the holes are filled
    last.append(np.empty(2**19, np.uint8))
del frames
print(held() - before)
"""


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc keeps freed memory so, and can be told not to"
)
def test_large_blocks_are_given_back() -> None:
    # Dask leaves MALLOC_TRIM_THRESHOLD_ in the environment of the process that starts its workers.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}

    def grown(told: str) -> int:
        command = [sys.executable, "-c", GROWING, told]
        done = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
        return int(done.stdout)

    assert grown("told") < 8 * 2**20
    assert grown("left alone") > 60 * 2**20


def test_what_is_imported_is_not_looked_through_for_garbage() -> None:
    try:
        with gc_frozen_imports():
            assert not gc.isenabled()
            stays = ["imported"]
        assert gc.isenabled()
        later = ["made since"]
        looked_through = {id(thing) for thing in gc.get_objects()}
        assert id(stays) not in looked_through
        assert id(later) in looked_through
    finally:
        gc.unfreeze()


def test_an_import_that_fails_leaves_garbage_to_be_collected() -> None:
    try:
        with pytest.raises(ImportError), gc_frozen_imports():
            raise ImportError
        assert gc.isenabled()
    finally:
        gc.unfreeze()
