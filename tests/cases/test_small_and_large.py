"""Numbers that are tiny, huge or close together are scaled and learned from as they are, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data.scaling import Scaler
from engine.errors import InputError
from engine.spec import ScalerSpec
from tests.cases.recipes import data_of


@pytest.mark.parametrize("unit", [1e-16, 1e-30, 3e-300, 1.0, 1e280])
def test_minmax_brings_any_range_to_0_and_1(unit: float) -> None:
    X = np.arange(5.0)[:, None] * unit
    scaled = Scaler.fit(X, ScalerSpec(kind="minmax")).transform(X)
    np.testing.assert_allclose(scaled.ravel(), [0, 0.25, 0.5, 0.75, 1], rtol=1e-15)


@pytest.mark.parametrize("unit", [1e-16, 1e-100, 1e-170, 1e-300, 1.0, 1e100, 1e200, 1e307])
def test_standard_brings_any_unit_to_a_deviation_of_1(unit: float) -> None:
    X = np.array([[3.0], [1.0], [2.0]]) * unit
    scaled = Scaler.fit(X, ScalerSpec(kind="standard")).transform(X)
    np.testing.assert_allclose(scaled.ravel(), np.array([1, -1, 0]) * 1.5**0.5, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", ["standard", "minmax"])
@pytest.mark.parametrize("value", [0.0, 0.1, 1e-300, 1e300])
def test_a_constant_is_what_has_no_range(kind: str, value: float) -> None:
    X = np.full((3, 1), value)
    scaler = Scaler.fit(X, ScalerSpec.model_validate({"kind": kind}))
    assert scaler.scale.tolist() == [1.0]
    assert np.abs(scaler.transform(X)).max() <= value * 1e-15


def values(path: Path, targets: list[float]) -> Path:
    path.write_text("a,y\n" + "".join(f"{row},{target!r}\n" for row, target in enumerate(targets)))
    return path


def test_targets_that_float32_merges_are_refused_and_float64_takes_them(tmp_path: Path) -> None:
    clock = [1.6e9 + 7.0 * second for second in range(20)]
    path = values(tmp_path / "clock.csv", clock)
    with pytest.raises(InputError, match=r"float32 tells only 2 of the 20 different targets apart; set training"):
        data_of(path, 1, target="y", task="regression", training__dtype="float32")
    assert data_of(path, 1, target="y", task="regression").train.y.tolist() == clock


def test_targets_beyond_float32_are_refused_before_the_rate_is_blamed(tmp_path: Path) -> None:
    path = values(tmp_path / "far.csv", [2e39, 1.5])
    with pytest.raises(InputError, match=r"training\.dtype: the target has values too large for float32, up to 2e\+39"):
        data_of(path, 1, target="y", training__dtype="float32")
    assert data_of(path, 1, target="y").train.y.tolist() == [2e39, 1.5]


def test_targets_that_lose_a_little_are_told(tmp_path: Path) -> None:
    path = values(tmp_path / "near.csv", [5000.0 + row / 4096 for row in range(12001)])
    notes = data_of(path, 1, target="y", training__dtype="float32").notes
    assert any(note.startswith("float32 tells only") for note in notes)
    assert not any("tells only" in note for note in data_of(path, 1, target="y").notes)


def test_targets_that_lose_nothing_to_speak_of_are_not_mentioned(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    path = values(tmp_path / "random.csv", random.normal(size=20_000).tolist())
    assert not any("tells" in note for note in data_of(path, 1, target="y", training__dtype="float32").notes)
