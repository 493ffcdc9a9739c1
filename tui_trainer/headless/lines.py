"""The JSON lines: what a run says of itself to a program that reads along.

One object a line, keys always in the same order, no times. A number that is undefined is null, never NaN. A run of
several seeds has lists, one entry a seed, in place of its seed and of every metric.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import Welcome
from engine.run.exam import ExamResult
from engine.run.status import EndReason
from engine.run.verdicts import Verdict
from tui_trainer.formatting import json_line

Line = dict[str, Any]


def encode(line: Line) -> str:
    """Return ``line`` as one line of strict JSON."""
    return json_line(_defined(line))


def started(welcome: Welcome) -> Line:
    """Return the line that opens a run."""
    shapes = layer_shapes(welcome)
    return {
        "kind": "started",
        "run": welcome.run,
        "preset": welcome.recipe.name,
        "seed": list(welcome.seeds) if len(welcome.seeds) > 1 else welcome.seeds[0],
        "parameters": parameters(welcome),
        "layers": [list(shape) for shape in shapes],
    }


def epochs(welcome: Welcome, first_epoch: int, rows: NDArray[np.float64]) -> Iterator[Line]:
    """Yield the line of each epoch.

    Args:
        welcome: The run.
        first_epoch: The epoch of ``rows[0]``, counted from 1.
        rows: (k, S, 5), as a ``Frame`` carries them.
    """
    single = rows.shape[1] == 1
    has_validation, has_classes = welcome.rows[1] > 0, is_classification(welcome)
    for epoch, columns in enumerate(rows.transpose(0, 2, 1).tolist(), start=first_epoch):
        train_loss, train_score, loss, score, _ = [column[0] if single else column for column in columns]
        yield {
            "kind": "epoch",
            "epoch": epoch,
            "train": scores(train_loss, train_score, is_classification=has_classes),
            "validation": scores(loss, score, is_classification=has_classes) if has_validation else None,
            "learning_rate": columns[-1][0],
        }


def verdict(found: Verdict) -> Line:
    """Return the line of a verdict; ``until`` is null while it stands."""
    return {
        "kind": "verdict",
        "name": found.name,
        "since": found.since,
        "until": found.until,
        "evidence": found.evidence,
        "try": found.advice,
    }


def finished(welcome: Welcome, reason: EndReason | None, epochs: int, exam: ExamResult | None) -> Line:
    """Return the line that ends a run after ``epochs`` completed epochs."""
    return {"kind": "finished", "reason": reason, "epochs": epochs, "exam": exam and _exam(welcome, exam)}


def is_classification(welcome: Welcome) -> bool:
    """Return whether the score of this run is an accuracy; it is r² where there are no classes."""
    return bool(welcome.classes)


def layer_shapes(welcome: Welcome) -> list[tuple[int, int]]:
    """Return (inputs, units) of each layer."""
    widths = [welcome.inputs, *(layer.units for layer in welcome.recipe.network.layers)]
    return list(itertools.pairwise(widths))


def parameters(welcome: Welcome) -> int:
    """Return the number of weights and biases."""
    return sum((inputs + 1) * units for inputs, units in layer_shapes(welcome))


def scores(loss: Any, score: Any, *, is_classification: bool) -> Line:
    """Return loss and score of one part of the data, each a number or a list by seed."""
    if is_classification:
        return {"loss": loss, "accuracy": score}
    nothing = [None] * len(score) if isinstance(score, list) else None
    return {"loss": loss, "accuracy": nothing, "r2": score}


def _exam(welcome: Welcome, exam: ExamResult) -> Line:
    scores = ("confusion",) if is_classification(welcome) else ("r2", "mae", "rmse")
    by_seed = {name: exam.values(name) for name in ("loss", "accuracy", *scores)}
    return by_seed if exam.has_several else {name: value for name, (value,) in by_seed.items()}


def _defined(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _defined(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_defined(entry) for entry in value]
    return value
