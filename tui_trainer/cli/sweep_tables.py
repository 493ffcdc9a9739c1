"""Sweeps as tables on stdout: those of the store, and the trials of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from engine.errors import sanitize
from tui_trainer.cli import tables
from tui_trainer.formatting import json_line, metric

if TYPE_CHECKING:
    from engine.sweep.description import SweepDescription
    from engine.sweep.results import TrialResult
    from tui_trainer.view_models.sweeps import SweepLine


def listed() -> list[SweepLine]:
    """Return a line for each sweep that can be read, the last active first; of others is told on stderr."""
    from engine.store.runs import RunStore

    if not RunStore().has_sweeps():
        return []
    from tui_trainer.runs.sweep_lines import read_sweep_lines

    lines = read_sweep_lines()
    for line in lines:
        if line.problem is not None:
            click.echo(f"tui-trainer: sweep {line.name}: {line.problem}", err=True)
    return [line for line in lines if line.problem is None]


def show_list(lines: Sequence[SweepLine]) -> None:
    """Print sweeps as a table."""
    if not lines:
        return
    from tui_trainer.view_models.runs import age_text, size_text

    head = ("sweep", "preset", "state", "ended", "trials", "seeds", "best", "age", "size", "over")
    rows = [
        (
            line.name,
            line.preset,
            line.state,
            line.ended,
            line.trials,
            len(line.seeds),
            "" if line.best is None else metric(line.best),
            age_text(line.age),
            size_text(line.size),
            ", ".join(line.over),
        )
        for line in lines
    ]
    tables.show(head, rows, right=("best", "age", "size"))


def show_json(lines: Sequence[SweepLine]) -> None:
    """Print sweeps as JSON, a line each."""
    for line in lines:
        counts = {"trials": line.trials, "ended": line.ended, "seeds": list(line.seeds)}
        click.echo(json_line({"sweep": line.name, "preset": line.preset, "state": line.state} | counts))


class TrialsTable:
    """A table at the end, the best first, and what is to be said of it."""

    def started(self, description: SweepDescription) -> None:
        """Nothing yet."""

    def ended(self, description: SweepDescription, found: dict[int, TrialResult]) -> None:
        """Nothing yet."""

    def finished(self, description: SweepDescription, found: dict[int, TrialResult], *, is_whole: bool) -> None:  # noqa: ARG002
        """Print the table."""
        from tui_trainer.view_models.sweep import SweepReport

        report = SweepReport(description, found)
        if not found:
            return
        head = (
            "trial",
            *report.heads,
            "validation loss",
            "of its seeds",
            report.score_name,
            "train loss",
            "epochs",
            "state",
        )
        rows = [
            (
                row.trial,
                *row.values,
                metric(row.loss) if row.loss is not None else "",
                row.band,
                metric(row.score) if row.score is not None else "",
                metric(row.train),
                "" if row.epochs is None else row.epochs,
                "" if row.state == "finished" else row.state,
            )
            for row in report.best_first
            if row.state != "waiting"
        ]
        tables.show(head, rows, right=head[1:-1])
        click.echo()
        for line in report.words():
            click.echo(sanitize(line, 400))
