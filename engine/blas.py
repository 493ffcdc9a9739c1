"""Which kernels NumPy's OpenBLAS computes with.

OpenBLAS chooses by the processor's family. AMD families that are younger than the library fall back to AVX2, though
they have AVX-512, and matrix products then take twice as long: 64×65 by 65×100 in 7.3 µs instead of 3.7. Its documented
variable ``OPENBLAS_CORETYPE`` overrules the choice. It is read when NumPy is loaded, so this must come first; processes
that are started later inherit it. A user's own setting wins.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

VARIABLE = "OPENBLAS_CORETYPE"
NEEDED = {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}
"""What the kernels called SkylakeX are made of."""


def core_type(processor: Iterable[str]) -> str | None:
    """Return the better choice for a processor, described by the lines of ``/proc/cpuinfo``; None for OpenBLAS' own."""
    vendor = ""
    for line in processor:
        key, _, value = line.partition(":")
        if key.strip() == "vendor_id":
            vendor = value.strip()
        elif key.strip() == "flags":
            return "SkylakeX" if vendor == "AuthenticAMD" and set(value.split()) >= NEEDED else None
    return None


def prepare(path: Path = Path("/proc/cpuinfo")) -> None:
    """Set the variable where that is of use and not too late; elsewhere than on Linux OpenBLAS chooses."""
    if VARIABLE in os.environ or "numpy" in sys.modules:
        return
    try:
        with path.open() as lines:  # read no further than the first processor's flags
            chosen = core_type(lines)
    except OSError:
        return
    if chosen is not None:
        os.environ[VARIABLE] = chosen
