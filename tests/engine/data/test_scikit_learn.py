"""scikit-learn's data without scikit-learn: the same numbers, bit for bit, for every preset."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.datasets
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

import presets
from engine.array_types import Indices
from engine.data import dataset, scikit_learn, splits
from engine.data.dataset import Dataset
from engine.data.table import Table
from engine.spec import SplitSpec
from engine.training.random_streams import RandomStreams

PRESETS = [name for name in presets.names() if not name.startswith("cats-dogs")]
"""All but those with pictures, which take a second to draw, and know nothing of scikit-learn."""


def by_scikit_learn(
    table: Table, rows: Indices, count: int, spec: SplitSpec, _name: str
) -> tuple[NDArray[Any], NDArray[Any]]:
    labels = table.y[rows].astype(int) if spec.stratify else None
    rest, drawn = train_test_split(rows, test_size=count, random_state=spec.seed, stratify=labels)
    return rest, drawn


def load(name: str) -> tuple[Dataset, NDArray[Any] | None]:
    """Return a preset's data, and what comes next from the stream that it was drawn from."""
    spec = presets.load(name)
    stream = RandomStreams(spec.training.streams, [spec.training.seed]).data
    data = dataset.load(spec, stream)
    return data, None if stream is None else stream.standard_normal(3)


def everything(name: str) -> list[Any]:
    data, following = load(name)
    arrays: list[NDArray[Any]] = [data.table.X, data.table.y, data.scaler.offset, data.scaler.scale]
    for subset in (data.train, data.validation, data.test):
        arrays += [] if subset is None else [subset.X, subset.y, subset.rows]
    arrays += [] if following is None else [following]
    texts = (data.table.feature_names, data.table.classes, data.notes)
    return [texts, *((array.dtype, array.shape, array.tobytes()) for array in arrays)]


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_numbers_are_the_same_from_scikit_learn_and_from_the_cache(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setenv("TUI_TRAINER_CACHE", "/dev/null/none")
        before.setattr(splits, "_draw", by_scikit_learn)
        expected = everything(name)
    monkeypatch.setenv("TUI_TRAINER_CACHE", str(tmp_path))
    assert everything(name) == expected  # asked for
    assert everything(name) == expected  # kept
    for path in tmp_path.rglob("*.safetensors"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert everything(name) == expected  # damaged


def test_scikit_learn_is_imported_once_a_data_set_and_never_again() -> None:
    for name in PRESETS:
        load(name)
    script = f"""
import sys, presets
from engine.data import dataset
from engine.training.random_streams import RandomStreams
for name in {PRESETS}:
    spec = presets.load(name)
    dataset.load(spec, RandomStreams(spec.training.streams, [spec.training.seed]).data)
assert "sklearn" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_an_answer_of_another_version_is_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = scikit_learn.load_bundled("load_iris")
    monkeypatch.setattr(scikit_learn, "version", lambda _name: "2.0")
    monkeypatch.setattr(sklearn.datasets, "load_iris", sklearn.datasets.load_wine)
    assert scikit_learn.load_bundled("load_iris").X.shape != kept.X.shape


def test_the_stream_is_left_as_the_generator_leaves_it() -> None:
    for _ in ("asked for", "kept"):
        ours, theirs = np.random.RandomState(5), np.random.RandomState(5)
        ours.randn(), theirs.randn()  # half of a pair is left over
        drawn = scikit_learn.generate("make_moons", ours, n_samples=31, noise=0.2)
        X, y = sklearn.datasets.make_moons(31, noise=0.2, random_state=theirs)
        assert drawn.X.tobytes() == X.tobytes()
        assert (drawn.y == y).all()
        assert ours.randn(5).tobytes() == theirs.randn(5).tobytes()
        assert ours.randint(2**31) == theirs.randint(2**31)
