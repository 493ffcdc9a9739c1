"""The published cases and their careful re-computation, from ``cases.json``."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@dataclass(frozen=True)
class Case:
    """A case: ``recomputed`` is what must come out, within ``tolerance``."""

    setup: str
    tolerance: str
    recomputed: dict[str, Any]

    def matches(self, **found: Any) -> None:
        """Compare numbers, or lists of numbers, with those of the same names."""
        for name, value in found.items():
            expected = np.asarray(self.recomputed[name], np.float64)
            actual = np.asarray(value, np.float64).reshape(expected.shape)
            # Ten digits are printed, so what is exactly zero there may be 1e-13 here.
            relative, absolute = self.margin
            np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute, err_msg=name)

    @property
    def margin(self) -> tuple[float, float]:
        """The tolerance: relative and absolute."""
        found = re.match(r"(rel|abs) ([0-9e.-]+)", self.tolerance)
        if found is None:
            assert self.tolerance.startswith("exact")
            return 0.0, 0.0
        kind, size = found.groups()
        return (float(size), 1e-13) if kind == "rel" else (0.0, float(size))


CASES = {
    name: Case(**content)
    for name, content in json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8")).items()
}


def case(name: str) -> Case:
    """Return the case of this name, or whose name begins with it: ``R03`` for ``R03_forward``."""
    if name in CASES:
        return CASES[name]
    (found,) = (CASES[key] for key in CASES if key.startswith(f"{name}_"))
    return found


def assert_inside(band: dict[str, float], values: Any, low: str = "p5", high: str = "p95") -> None:
    """Assert that a mean over seeds lies in the band of a case."""
    mean = float(np.mean(values))
    assert band[low] <= mean <= band[high], (mean, band)


def assert_mean(band: dict[str, float], values: Any, *, runs: int, errors: float = 4.0) -> None:
    """Assert that a mean over seeds is the band's own, within so many standard errors of the two.

    The spread of single runs is taken from the band's 5 and 95% points, 3.3 standard deviations apart.
    """
    deviation = (band["p95"] - band["p5"]) / 3.3 or 1e-9
    margin = errors * deviation * (1 / runs + 1 / band["n"]) ** 0.5
    assert float(np.mean(values)) == pytest.approx(band["mean"], abs=margin)
