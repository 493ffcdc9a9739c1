"""Opening the dashboard on a run, and what is left to say once it is closed."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.errors import InputError, TrainerError, WorkerError

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.store.runs import Run
    from tui_trainer.app import Outcome
    from tui_trainer.preferences import Preferences
    from tui_trainer.settings import Settings

BAD_INPUT = 2


def preferences() -> Preferences:
    """Return how the screen is to look and which keys do what.

    Raises:
        InputError: The file of keys cannot be followed; to be found out before anything is started.
    """
    from tui_trainer.memory import importing_what_stays

    with importing_what_stays():
        from presets import config_folder
        from tui_trainer.preferences import Preferences

    return Preferences.load(config_folder(), os.environ)


def show(
    run: Run,
    process: Popen[bytes] | None = None,
    *,
    wanted: Preferences,
    refresh: float | None = None,
    read_only: bool = False,
) -> int:
    """Show the run until its watcher leaves; return the exit status.

    Args:
        run: The run.
        process: Its worker, where it was started here; else the one there is, or a new one that only shows the run.
        wanted: See ``preferences``.
        refresh: Redraws a second at most.
        read_only: Only look.

    Raises:
        InputError: The worker found the run's input bad.
        WorkerError: The worker could not be reached, or died.
    """
    from tui_trainer.memory import give_back_what_is_freed, importing_what_stays

    with importing_what_stays():
        from engine.store.runs import RunStore
        from tui_trainer.app import run_dashboard
        from tui_trainer.runs import StoredRuns

    give_back_what_is_freed()
    runs = StoredRuns(RunStore(), read_only=read_only)
    outcome = run_dashboard(
        runs.opening(run, process),
        refresh=refresh,
        read_only=read_only,
        runs=runs,
        preferences=wanted,
        keep=partial(_keep, wanted),
    )
    name = outcome.run or run.name
    if outcome.kind == "failed":
        bad_input = name == run.name and process is not None and process.poll() == BAD_INPUT
        raise (InputError if bad_input else WorkerError)(outcome.message or "the worker is gone")
    click.echo(_farewell(name, outcome), err=True)
    return 0


def _keep(wanted: Preferences, now: Settings) -> None:
    """Remember the settings; that they cannot be written is no failure of the run."""
    from presets import config_folder
    from tui_trainer.settings import remember

    try:
        remember(config_folder(), wanted.remembered, now)
    except TrainerError as error:
        click.echo(f"tui-trainer: the settings are not remembered: {error}", err=True)


def _farewell(name: str, outcome: Outcome) -> str:
    if outcome.kind == "stopped" or outcome.state == "stopped":
        return f"run {name}: stopped and saved; tui-trainer resume {name} takes it up again"
    return f"run {name}: {outcome.state or 'starting'}; tui-trainer attach {name} shows it again"
