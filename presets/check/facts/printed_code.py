"""Calls that the tutorial prints and that cannot run: where Python stops in each, done here with its shapes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np


def crashes() -> dict[str, Any]:
    """Return what becomes of each printed call: "runs", or the name of the exception."""
    return {name: _outcome(call) for name, call in CALLS.items()}


def _outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except (KeyError, TypeError, ValueError) as error:
        return type(error).__name__
    return "runs"


def _train(X: Any, y: Any, dimensions: list[int], learning_rate: float = 0.1, iterations: int = 1000) -> None:
    """Take the arguments of the printed ``neural_network`` of practice 03, and do nothing."""


def _targets_as_a_column() -> Any:
    """Update in place with an error whose rows are examples: outputs are (1, 1000), targets (1000, 1)."""
    gradient = np.zeros((1, 32))
    gradient += (np.zeros((1, 1000)) - np.zeros((1000, 1))) @ np.zeros((1000, 32))
    return gradient


def _two_names_for_three_values() -> Any:
    three_values = iter(("parameters", "losses", "accuracies"))
    parameters, losses = three_values
    return parameters, losses


EPOCH: Final[dict[str, Any]] = {"epoch": 500}
CALLS: Final[dict[str, Callable[[], Any]]] = {
    "practice_02 cat/dog: y (1000,1) against A2 (1,1000)": _targets_as_a_column,
    "practice_02: parameters, losses = neural_network(...) returns 3 values": _two_names_for_three_values,
    "practice_03: activations[f'A{len(dimensions)} - 1']": lambda: {"A3": 0}["A4 - 1"],
    "practice_03: neural_network(..., epoch=500)": lambda: _train(0, 0, [2, 64, 64, 1], **EPOCH),
    "practice_03: X from make_blobs (200,2) passed without .T": lambda: np.zeros((64, 2)) @ np.zeros((200, 2)),
    "practice_03: [2,128,...] (text: [1,128,...]) on 4096-pixel images": lambda: (
        np.zeros((128, 2)) @ np.zeros((4096, 1000))
    ),
}
"""By the names that the claims have for them."""
