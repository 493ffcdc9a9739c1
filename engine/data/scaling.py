"""Scaling: inputs brought to a common size, and back.

A scaler is fitted on the training rows alone: statistics of the other rows are something the network must not know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np

from engine.array_types import Floats
from engine.errors import InputError
from engine.spec import ScalerSpec

SMALLEST_VARIANCE = 1e-280
"""Below it squares lose digits, or vanish (the smallest normal number is 2.2e-308)."""


@dataclass(frozen=True, kw_only=True)
class Scaler:
    """The affine map ``(X − offset) / scale``, column by column, in float64, after missing values are filled in.

    Source: scikit-learn's ``StandardScaler`` and ``MinMaxScaler``.

    Attributes:
        kind: How offset and scale were found: standard (mean and standard deviation, of the whole population),
            minmax (least value and range), divide (0 and one divisor for all columns), none (0 and 1).
        offset: (n,) in the units of the raw columns.
        scale: (n,) in the units of the raw columns; 1 where a column is constant, so that nothing divides by zero.
        fill: (n,) what stands in for a missing value (NaN): the mean of the rows the scaler was fitted on.
    """

    kind: Literal["none", "standard", "minmax", "divide"]
    offset: Floats
    scale: Floats
    fill: Floats

    @classmethod
    def fit(cls, X: Floats, spec: ScalerSpec) -> Self:
        """Return the scaler that ``spec`` asks for, fitted on the rows ``X`` (B, n).

        Raises:
            InputError: A column without a single value in these rows.
        """
        fill = _means(X)
        X = _filled(X, fill)
        offset: Floats = np.zeros(X.shape[1])
        scale: Floats = np.ones(X.shape[1])
        if spec.kind == "standard":
            offset, scale = X.mean(axis=0), _standard_deviations(X)
        elif spec.kind == "minmax":
            offset = X.min(axis=0)
            scale = X.max(axis=0) - offset
            scale[scale == 0] = (
                1.0  # scikit-learn leaves ranges below 2.2e-15 unscaled, too: a tiny unit is no constant
            )
        elif spec.kind == "divide":
            divisor = np.abs(X).max() if spec.divisor == "max" else spec.divisor
            scale *= divisor or 1.0
        return cls(kind=spec.kind, offset=offset, scale=scale, fill=fill)

    @classmethod
    def from_arrays(cls, kind: Literal["none", "standard", "minmax", "divide"], arrays: Mapping[str, Floats]) -> Self:
        """Return the scaler whose ``arrays`` these are, (n,) each.

        Raises:
            KeyError: One of them is missing.
        """
        return cls(kind=kind, **{name: arrays[name] for name in ("offset", "scale", "fill")})

    def arrays(self) -> dict[str, Floats]:
        """Return offset, scale and fill by name, (n,) each, to be stored."""
        return {"offset": self.offset, "scale": self.scale, "fill": self.fill}

    def filled(self, X: Floats) -> Floats:
        """Return raw rows (B, n), float64, with what stands in for missing values."""
        return _filled(X, self.fill)

    def transform(self, X: Floats) -> Floats:
        """Return raw rows (B, n) as the network sees them, float64."""
        return (self.filled(X) - self.offset) / self.scale

    def inverse(self, X: Floats) -> Floats:
        """Return scaled rows (B, n) in the units of the source, float64."""
        return X.astype(np.float64) * self.scale + self.offset


def _filled(X: Floats, fill: Floats) -> Floats:
    """Return rows (B, n) with ``fill`` (n,) in place of NaN; the same array where none is missing."""
    missing = np.isnan(X)
    return np.where(missing, fill, X) if missing.any() else X


def _means(X: Floats) -> Floats:
    """Return the mean of each column's values, leaving out those that are missing."""
    missing = np.isnan(X)
    counts = len(X) - missing.sum(axis=0)
    if not counts.all():
        raise InputError(f"data: column {counts.argmin() + 1} has no value in the training rows to fill others in with")
    means: Floats = (np.where(missing, 0.0, X) if missing.any() else X).sum(axis=0) / counts
    return means


def _standard_deviations(X: Floats) -> Floats:
    """Return the population standard deviation (n,) of each column, and 1 where it is nothing but rounding error.

    The bound is scikit-learn's: a variance within the rounding error of its own computation is that of a constant.
    """
    eps, rows = np.finfo(np.float64).eps, len(X)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, variance = X.mean(axis=0), X.var(axis=0)
        constant = variance <= rows * eps * variance + (rows * mean * eps) ** 2
    deviations = np.sqrt(np.where(constant, 1.0, variance))
    extreme = ~((variance >= SMALLEST_VARIANCE) & (variance < np.inf))
    for column in np.flatnonzero(extreme & (X.min(axis=0) < X.max(axis=0))):
        deviations[column] = _extreme_standard_deviation(X[:, column])
    return deviations


def _extreme_standard_deviation(x: Floats) -> float:
    """Return the standard deviation of values (B,) whose squares under- or overflow; 1 where it is rounding error."""
    largest = np.abs(x).max()
    scaled = x / largest
    rounding = len(x) * np.abs(scaled.mean()) * np.finfo(np.float64).eps
    return float(scaled.std() * largest or largest) if scaled.std() > rounding else 1.0
