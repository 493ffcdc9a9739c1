"""The six line images: drawn as the tutorial draws them, and the proof that no perceptron can tell them apart."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any, Final

import numpy as np

import presets
from engine.data import dataset
from engine.judgement.separability import Floats, best_linear_accuracy, separation
from engine.training.trainer import Trainer

PATTERNS: Final = ("V0", "V1", "V2", "H0", "H1", "H2")
"""V0 is the left column, H0 the top row."""


def picture(pattern: str) -> Floats:
    """Return the nine pixels (9,) of a line."""
    image = np.zeros((3, 3))
    (image.T if pattern[0] == "V" else image)[int(pattern[1])] = 1
    return image.ravel()


def as_drawn() -> dict[str, Any]:
    """Return the hundred pictures of the preset, in their order and counted."""
    sequence = _sequence()
    return {"sequence": " ".join(sequence), "pattern_counts": dict(sorted(Counter(sequence).items()))}


def separability() -> dict[str, Any]:
    """Return whether six, and any five, of the lines can be separated, and the best that a line can do.

    The proof: a mixture of the columns that is a mixture of the rows as well. Its weights come from the linear
    programme, and are then checked by adding up the pictures.
    """
    X = np.array([picture(pattern) for pattern in PATTERNS])
    vertical = np.array([pattern[0] == "V" for pattern in PATTERNS])
    six = separation(X, vertical)
    fives = [separation(X[list(some)], vertical[list(some)]) for some in combinations(range(6), 5)]
    counts = Counter(_sequence())
    shares = np.array([counts[pattern] for pattern in PATTERNS])
    best = best_linear_accuracy(X, vertical, shares)
    figures = {
        "claim": best,
        "all_six_separable": six.is_separable,
        "any_five_separable": all(five.is_separable for five in fives),
        "max_linear_accuracy_this_dataset": best,
        "max_linear_accuracy_patterns": best_linear_accuracy(X, vertical, np.ones(6, np.intp)),
    }
    if six.mixture is not None:
        figures["mixture of the columns"] = six.mixture[vertical] @ X[vertical]
        figures["mixture of the rows"] = six.mixture[~vertical] @ X[~vertical]
    return figures


def settings_of_ten_dials() -> dict[str, Any]:
    """Return how many settings there are of a perceptron's parameters, with a hundred values each."""
    parameters = Trainer(presets.load("lines-perceptron")).parameter_count
    return {"n_params": parameters, "combos": 100.0**parameters}


def _sequence() -> list[str]:
    names = {tuple(picture(pattern)): pattern for pattern in PATTERNS}
    return [names[tuple(row)] for row in dataset.load(presets.load("lines-perceptron")).train.X]
