"""Which kernels are asked for, and when it is left to OpenBLAS."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine import blas

FLAGS = "fpu sse2 avx2 avx512f avx512cd avx512bw avx512dq avx512vl"
REPORT = "import os; print(os.environ.get('OPENBLAS_CORETYPE'))"


def described(vendor: str, flags: str) -> list[str]:
    first = ["processor\t: 0\n", f"vendor_id\t: {vendor}\n", "model name\t: flags\n", f"flags\t\t: {flags}\n"]
    return [*first, "\n", "processor\t: 1\n", "vendor_id\t: AuthenticAMD\n", f"flags\t\t: {FLAGS}\n"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (described("AuthenticAMD", FLAGS), "SkylakeX"),
        (described("AuthenticAMD", FLAGS.replace("avx512dq", "")), None),
        (described("GenuineIntel", FLAGS), None),  # which OpenBLAS knows
        (["processor : 0\n", "Features : neon\n"], None),
        ([], None),
    ],
)
def test_the_choice(lines: list[str], expected: str | None) -> None:
    assert blas.core_type(lines) == expected


def imported(code: str, **variables: str) -> str:
    """Return what a fresh process says that has the variables of this one and those given, but not ours."""
    environment = {name: value for name, value in os.environ.items() if name != blas.VARIABLE} | variables
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_engine_makes_the_choice_for_this_machine() -> None:
    processor = Path("/proc/cpuinfo")
    expected = blas.core_type(processor.read_text().splitlines()) if processor.exists() else None
    assert imported(f"import engine; {REPORT}") == str(expected)


def test_a_users_own_setting_wins() -> None:
    assert imported(f"import engine; {REPORT}", OPENBLAS_CORETYPE="Haswell") == "Haswell"


def test_it_is_not_set_too_late() -> None:
    """Numbers and what the environment says of them would be two things."""
    assert imported(f"import numpy, engine; {REPORT}") == "None"


def test_a_machine_that_describes_no_processor_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(blas.VARIABLE, raising=False)
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    blas.prepare(tmp_path / "none")
    assert blas.VARIABLE not in os.environ
