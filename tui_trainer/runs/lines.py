"""A run of the store as a line of a list."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

import presets
from engine.errors import TrainerError
from engine.run.description import RunDescription, Trained
from engine.run.metrics import MetricSet
from engine.run.series import median_over_seeds
from engine.store.runs import Run
from tui_trainer.view_models.runs import RunLine

Row = np.ndarray[Any, np.dtype[np.floating[Any]]]

PARTS = ("train", "validation")


def read_line(run: Run, age: float | None = None) -> RunLine:
    """Return what a list says of a run; ``age`` is in seconds."""
    if age is None:
        age = max(0.0, time.time() - run.last_active() / 1e9)
    try:
        summary, description = run.summary(), run.description
        last = median_over_seeds(run.metrics.rows(summary.epoch, summary.epoch))
    except TrainerError as error:
        return RunLine(run.name, age, problem=str(error).removeprefix(f"{run.path}/"), size=run.size())
    columns = description.columns
    train, validation = _latest_of_parts(columns, columns.losses, last)
    scores = _latest_of_parts(columns, columns.scores, last)
    return RunLine(
        name=run.name,
        age=age,
        preset=summary.preset,
        state=summary.state,
        epoch=summary.epoch,
        epochs=summary.epochs if summary.epochs or isinstance(description.recipe, Trained) else None,
        seeds=description.seeds,
        train=train,
        validation=validation,
        score=scores[0] if scores[1] is None else scores[1],
        size=run.size(),
        data=_data(description),
        settings=_settings(description),
        parent=description.parent or "",
        convergence=run.metrics.state().convergence,
    )


def _data(description: RunDescription) -> str:
    """Return the file that the rows are from, or the name of their source, where that is not the preset's."""
    if not isinstance(description.recipe, Trained):
        return ""
    source = description.recipe.spec.data.source
    name = source.name if isinstance(source, Path) else str(source)
    return "" if name == description.title else name


def _settings(description: RunDescription) -> str:
    """Return what is other than in the preset, each by the last part of its path."""
    if not isinstance(description.recipe, Trained):
        return ""
    values = presets.differences(description.recipe.spec)
    return " ".join(
        f"{path.rpartition('.')[2]}={_text(value)}" for path, value in values.items() if path[:5] != "data."
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _latest_of_parts(columns: MetricSet, chosen: tuple[int, ...], last: Row) -> tuple[float | None, float | None]:
    """Return a metric of the training and one of the validation part.

    Args:
        columns: All metrics.
        chosen: The numbers of those that may be meant.
        last: (1, C), the last row of a run; (0, C) without one.
    """
    of_parts = {columns.metrics[number].part or "train": number for number in reversed(chosen)}
    train, validation = (_latest(last[:, of_parts[part]]) if part in of_parts else None for part in PARTS)
    return train, validation


def _latest(values: Row) -> float | None:
    return None if not values.size or np.isnan(values[-1]) else float(values[-1])
