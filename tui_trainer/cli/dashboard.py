"""Opening the dashboard on a run, and what is left to say once it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError, WorkerError

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.store.runs import Run
    from engine.worker.client import Client
    from tui_trainer.app import Outcome

MAX_POINTS = 4096
"""Longest history that is sent epoch by epoch; a longer one comes binned, as no chart is that wide."""
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
    from engine.worker import launcher
    from tui_trainer.app import run_dashboard

    async def open_feed() -> Client:
        if process is None:
            return await launcher.attach(run, max_points=MAX_POINTS, read_only=read_only)
        return await launcher.connect(run, process, max_points=MAX_POINTS)

    async def take_up() -> Client:
        return await launcher.connect(run, launcher.launch(run), max_points=MAX_POINTS)

    outcome = run_dashboard(
        open_feed, None if read_only else take_up, title=run.name, refresh=refresh, read_only=read_only
    )
    if outcome.kind == "failed":
        bad_input = process is not None and process.poll() == BAD_INPUT
        raise (InputError if bad_input else WorkerError)(outcome.message or "the worker is gone")
    click.echo(_farewell(run.name, outcome), err=True)
    return 0


def _farewell(name: str, outcome: Outcome) -> str:
    if outcome.kind == "stopped" or outcome.state == "stopped":
        return f"run {name}: stopped and saved; tui-trainer resume {name} takes it up again"
    if outcome.state in {"running", "paused"}:
        return f"run {name}: {outcome.state}; tui-trainer attach {name} shows it again"
    return f"run {name}: kept; tui-trainer attach {name} shows it again"
