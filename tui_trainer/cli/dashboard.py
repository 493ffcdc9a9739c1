"""Open the dashboard on a run, and what is left to say once it is closed."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from engine.errors import InputError, TrainerError, WorkerError

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.store.runs import Run
    from tui_trainer.app import DashboardExit
    from tui_trainer.cli.opening import Opening
    from tui_trainer.runs.connection import RunTarget
    from tui_trainer.runs.service import RunService
    from tui_trainer.settings import Settings
    from tui_trainer.ui_config import UiConfig

BAD_INPUT = 2


def load_ui_config() -> UiConfig:
    """Return how the screen is to look and which keys do what.

    Raises:
        InputError: The file of keys cannot be followed; to be found out before anything is started.
    """
    from tui_trainer.allocator import gc_frozen_imports

    with gc_frozen_imports():
        from presets import config_folder
        from tui_trainer.ui_config import UiConfig

    return UiConfig.load(config_folder(), os.environ)


def show(
    run: Run,
    process: Popen[bytes] | None = None,
    *,
    opening: Opening,
    ui_config: UiConfig,
    refresh: float | None = None,
    read_only: bool = False,
    lesson: str | None = None,
) -> int:
    """Show the run until its watcher leaves; return the exit status.

    Args:
        run: The run.
        process: Its worker, where it was started here; else the one there is, or a new one that only shows the run.
        opening: Has the terminal until the dashboard takes it.
        ui_config: See ``load_ui_config``.
        refresh: Redraws a second at most.
        read_only: Only look.
        lesson: The lesson whose run it is, if it is one's.

    Raises:
        InputError: The worker found the run's input bad.
        WorkerError: The worker could not be reached, or died.
    """
    from engine.allocator import configure_malloc
    from tui_trainer.allocator import gc_frozen_imports

    opening.say("loading the screen…")
    with gc_frozen_imports():
        from engine.store.runs import RunStore
        from tui_trainer.app import run_dashboard
        from tui_trainer.cli.ready import READY
        from tui_trainer.runs.lessons import LessonBook
        from tui_trainer.runs.service import LocalRunService

    configure_malloc()
    store = RunStore()
    runs = LocalRunService(store, read_only=read_only, ready=READY)
    opening.hand_over()
    dashboard_exit = run_dashboard(
        runs.target(run, process),
        refresh=refresh,
        read_only=read_only,
        runs=runs,
        lessons=LessonBook(store.root, lesson),
        config=ui_config,
        save_settings=partial(save_settings, ui_config),
    )
    name = dashboard_exit.run or run.name
    if dashboard_exit.kind == "failed":
        bad_input = name == run.name and process is not None and process.poll() == BAD_INPUT
        raise (InputError if bad_input else WorkerError)(dashboard_exit.message or "the worker is gone")
    click.echo(_exit_message(name, dashboard_exit), err=True)
    return 0


def show_target(
    target: RunTarget,
    runs: RunService,
    *,
    ui_config: UiConfig,
    refresh: float | None = None,
    read_only: bool = False,
    lists_first: bool = False,
) -> DashboardExit:
    """Show a run, wherever it is, until its watcher leaves.

    Args:
        target: The run.
        runs: It and the others that can be gone to.
        ui_config: See ``load_ui_config``.
        refresh: Redraws a second at most.
        read_only: Only look.
        lists_first: Whether the list of runs is shown over it at first.
    """
    from engine.allocator import configure_malloc
    from tui_trainer.allocator import gc_frozen_imports

    with gc_frozen_imports():
        from tui_trainer.app import run_dashboard

    configure_malloc()
    return run_dashboard(
        target,
        refresh=refresh,
        read_only=read_only,
        runs=runs,
        config=ui_config,
        save_settings=partial(save_settings, ui_config),
        lists_first=lists_first,
    )


def save_settings(ui_config: UiConfig, now: Settings) -> None:
    """Remember the settings; that they cannot be written is no failure of the run."""
    from presets import config_folder
    from tui_trainer.settings import save

    try:
        save(config_folder(), ui_config.loaded, now)
    except TrainerError as error:
        click.echo(f"tui-trainer: the settings are not remembered: {error}", err=True)


def _exit_message(name: str, dashboard_exit: DashboardExit) -> str:
    if dashboard_exit.kind == "stopped" or dashboard_exit.state == "stopped":
        return f"run {name}: stopped and saved; tui-trainer resume {name} takes it up again"
    return f"run {name}: {dashboard_exit.state or 'starting'}; tui-trainer attach {name} shows it again"
