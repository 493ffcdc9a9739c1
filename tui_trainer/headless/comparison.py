"""A comparison as a line of JSON."""

from __future__ import annotations

from typing import Any

from tui_trainer.headless.lines import Line, scores
from tui_trainer.view_models.compare import KINDS, ComparedRun, Comparison, EpochValues, Pair


def comparison_line(comparison: Comparison) -> Line:
    """Return recipe differences, each run's best and last epoch, and what is found seed by seed.

    Metrics are those of an epoch's line, of several seeds lists; a run that another program reports has its own.
    """
    return {
        "differences": [[path, values] for path, values in comparison.differences],
        "runs": [_run(run) for run in comparison.runs],
        "part": comparison.part,
        "paired": [_pair(pair) for kind in KINDS for pair in comparison.pairs(kind)],
        "cautions": comparison.cautions(),
    }


def _run(run: ComparedRun) -> Line:
    return {
        "run": run.name,
        "preset": run.title,
        "state": run.state,
        "epoch": run.epoch,
        "seed": run.seeds[0] if len(run.seeds) == 1 else list(run.seeds),
        "best": run.best and _epoch(run, run.best),
        "last": run.last and _epoch(run, run.last),
        "changes": [
            {"epoch": change.epoch, "step": change.step, "path": change.path, "value": change.value}
            for change in run.changes
        ],
    }


def _epoch(run: ComparedRun, epoch: EpochValues) -> Line:
    columns: dict[str, Any] = {
        name: (column[0] if len(run.seeds) == 1 else column)
        for name, column in zip(run.columns, epoch.values.T.tolist(), strict=True)
    }
    if "train_loss" not in columns:
        return {"epoch": epoch.epoch, **columns}
    has_validation = run.column("losses", "validation") is not None
    train, validation = (
        scores(columns[f"{part}_loss"], columns[f"{part}_score"], is_classification=run.is_classification)
        for part in ("train", "validation")
    )
    return {"epoch": epoch.epoch, "train": train, "validation": validation if has_validation else None}


def _pair(pair: Pair) -> Line:
    difference = pair.found
    return {
        "first": pair.first.name,
        "second": pair.second.name,
        "metric": "loss" if pair.kind == "losses" else "score",
        "seeds": list(difference.seeds),
        "differences": list(difference.differences),
        "p": difference.p_value if difference.seeds else None,
        "better": {"first": pair.first.name, "second": pair.second.name, None: None}[difference.winner],
        "words": difference.words(),
    }
