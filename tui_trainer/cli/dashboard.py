"""Opening the dashboard on a run, and what is left to say once it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError, WorkerError

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.store.runs import Run
    from tui_trainer.app import Outcome

BAD_INPUT = 2


def show(
    run: Run, process: Popen[bytes] | None = None, *, refresh: float | None = None, read_only: bool = False
) -> int:
    """Show the run until its watcher leaves; return the exit status.

    Args:
        run: The run.
        process: Its worker, where it was started here; else the one there is, or a new one that only shows the run.
        refresh: Redraws a second at most.
        read_only: Only look.

    Raises:
        InputError: The worker found the run's input bad.
        WorkerError: The worker could not be reached, or died.
    """
    from engine.store.runs import RunStore
    from tui_trainer.app import run_dashboard
    from tui_trainer.runs import StoredRuns

    runs = StoredRuns(RunStore(), read_only=read_only)
    outcome = run_dashboard(runs.opening(run, process), refresh=refresh, read_only=read_only, runs=runs)
    name = outcome.run or run.name
    if outcome.kind == "failed":
        bad_input = name == run.name and process is not None and process.poll() == BAD_INPUT
        raise (InputError if bad_input else WorkerError)(outcome.message or "the worker is gone")
    click.echo(_farewell(name, outcome), err=True)
    return 0


def _farewell(name: str, outcome: Outcome) -> str:
    if outcome.kind == "stopped" or outcome.state == "stopped":
        return f"run {name}: stopped and saved; tui-trainer resume {name} takes it up again"
    return f"run {name}: {outcome.state or 'starting'}; tui-trainer attach {name} shows it again"
