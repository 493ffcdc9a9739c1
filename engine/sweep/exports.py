"""The results of a sweep for other programs: JSON lines, and a table of CSV with a line for each trial and seed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from engine.sweep.axes import Values
from engine.sweep.choice import choose
from engine.sweep.description import SweepDescription
from engine.sweep.results import PartMetrics, TrialResult

Line = dict[str, Any]


def sweep_line(description: SweepDescription) -> Line:
    """Return the line that opens a sweep."""
    return {"kind": "sweep", "trials": len(description.trials()), "seeds": list(description.seeds)}


def trial_line(values: Values, result: TrialResult) -> Line:
    """Return the line of a trial; one that was not trained to its end says so."""
    line: Line = {
        "kind": "trial",
        "values": values,
        "train": _part(result.train, result),
        "validation": _part(result.validation, result),
    }
    if not result.is_whole:
        line |= {"state": result.state, "reason": result.reason, "message": result.message}
    elif result.left_out:
        line |= {"non_finite": list(result.non_finite or ()), "message": result.message}
    return line


def finished_line(description: SweepDescription, ended: Mapping[int, TrialResult]) -> Line:
    """Return the line that ends a sweep."""
    choice = choose(description, ended)
    best = choice.best and description.trials()[choice.best.trial - 1]
    return {"kind": "finished", "best": best, "by": choice.by}


def csv_text(description: SweepDescription, ended: Mapping[int, TrialResult]) -> str:
    """Return a table with a line for each trial and seed; undefined numbers are empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    paths = description.paths
    writer.writerow(["trial", *paths, "seed", "state", "reason", "epochs", *_columns(ended)])
    for trial, values in enumerate(description.trials(), 1):
        if trial in ended:
            head = [trial, *(_cell(values.get(path)) for path in paths)]
            writer.writerows([*head, *row] for row in _rows(description, ended[trial]))
    return file.getvalue()


def _columns(ended: Mapping[int, TrialResult]) -> list[str]:
    score = "r2" if any(result.regression for result in ended.values()) else "accuracy"
    names = [f"{part}_{name}" for part in ("train", "validation") for name in ("loss", score)]
    return [*names, "best_epoch", "best_validation_loss"]


def _rows(description: SweepDescription, result: TrialResult) -> Iterator[list[Any]]:
    empty = PartMetrics(loss=(None,) * len(description.seeds), score=(None,) * len(description.seeds))
    train, validation = result.train or empty, result.validation or empty
    for index, seed in enumerate(description.seeds):
        yield [
            seed,
            result.state,
            "non_finite" if result.non_finite and result.non_finite[index] is not None else result.reason,
            result.epochs[index] if result.epochs else None,
            *(values[index] for part in (train, validation) for values in (part.loss, part.score)),
            result.best_epochs[index] if result.best_epochs else None,
            result.best[index] if result.best else None,
        ]


def _cell(value: Any) -> Any:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else json.dumps(value)


def _part(part: PartMetrics | None, result: TrialResult) -> Line | None:
    if part is None:
        return None
    if result.regression:
        return {"loss": list(part.loss), "accuracy": [None] * len(part.loss), "r2": list(part.score)}
    return {"loss": list(part.loss), "accuracy": list(part.score)}
