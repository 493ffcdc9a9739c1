"""What scikit-learn's data sets and generators give, asked for once and then kept in the cache.

To import scikit-learn takes about as long as all else of a start. An answer is kept by the function's name, its
arguments, the state of the stream it drew from, and the versions of scikit-learn and NumPy; the stream is left as the
function left it, so that what is drawn from it afterwards is the same.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.data.cache import DataCache, Entry

_FORMAT = 1
"""Of what is kept here; another one is another key."""


class Bunch(NamedTuple):
    """A data set.

    Attributes:
        X: (N, n) float64.
        y: (N,) float64, class numbers or values.
        feature_names: n names, or none.
        target_names: Names of the classes, or none.
    """

    X: Floats
    y: Floats
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()


def load_bundled(name: str, **options: Any) -> Bunch:
    """Return what ``sklearn.datasets.NAME(**options)`` gives."""
    cache, key = DataCache(), _key(name, options)
    kept = cache.read(key)
    if kept is not None:
        return Bunch(kept.arrays["X"], kept.arrays["y"], *(tuple(names) for names in kept.meta["names"]))
    from sklearn import datasets

    found = getattr(datasets, name)(**options)
    names = [tuple(map(str, found.get(kind, ()))) for kind in ("feature_names", "target_names")]
    bunch = Bunch(found.data.astype(np.float64), found.target.astype(np.float64), *names)
    cache.write(key, Entry({"X": bunch.X, "y": bunch.y}, {"names": names}))
    return bunch


def generate(name: str, random: np.random.RandomState, **options: Any) -> Bunch:
    """Return what ``sklearn.datasets.NAME(random_state=random, **options)`` gives, and leave ``random`` as it does."""
    cache, key = DataCache(), _key(name, options, random)
    kept = cache.read(key)
    if kept is not None:
        random.set_state({**kept.meta["stream"], "state": {"key": kept.arrays["stream"], "pos": kept.meta["pos"]}})
        return Bunch(kept.arrays["X"], kept.arrays["y"])
    from sklearn import datasets

    X, y = getattr(datasets, name)(random_state=random, **options)
    bunch = Bunch(X.astype(np.float64), y.astype(np.float64))
    after, twister = _state(random)
    arrays: dict[str, NDArray[Any]] = {"X": bunch.X, "y": bunch.y, "stream": twister["key"]}
    cache.write(key, Entry(arrays, {"stream": after, "pos": twister["pos"]}))
    return bunch


def _state(random: np.random.RandomState) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a stream's state but for the generator's own, and that one: 624 words and a place among them."""
    state: dict[str, Any] = dict(random.get_state(legacy=False))
    return state, state.pop("state")


def _key(name: str, options: dict[str, Any], random: np.random.RandomState | None = None) -> dict[str, Any]:
    key = {"function": name, "options": options, "format": _FORMAT}
    key |= {"scikit-learn": version("scikit-learn"), "numpy": np.__version__}
    if random is not None:
        state, twister = _state(random)
        key["stream"] = [state, twister["pos"], hashlib.sha256(twister["key"].tobytes()).hexdigest()]
    return key
