"""Open the dashboard on a run, and what is left to say once it is closed."""

from __future__ import annotations

import os
import time
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
    from tui_trainer.runs.lessons import LessonBook
    from tui_trainer.runs.service import RunService
    from tui_trainer.settings import Settings
    from tui_trainer.ui_config import UiConfig

BAD_INPUT = 2
LOOK_EVERY = 0.02
"""Seconds between two looks at whether the worker serves."""


def load_ui_config() -> UiConfig:
    """Return how the screen is to look and which keys do what.

    Raises:
        InputError: The file of keys cannot be followed; to be found out before anything is started.
    """
    from engine.allocator import gc_frozen_imports

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
    lists_first: bool = False,
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
        lists_first: Whether the list of runs is shown over it at first.

    Raises:
        InputError: The worker found the run's input bad.
        WorkerError: The worker could not be reached, or died.
    """
    from engine.allocator import gc_frozen_imports

    opening.say("loading the screen…")
    with gc_frozen_imports():
        import tui_trainer.app  # noqa: F401 - the worker reads its data meanwhile
        from engine.store.runs import RunStore
        from tui_trainer.cli.ready import READY
        from tui_trainer.runs.lessons import LessonBook
        from tui_trainer.runs.service import LocalRunService

    if process is not None:
        wait_until_settled(run, process, opening)
    store = RunStore()
    runs = LocalRunService(store, read_only=read_only, ready=READY)
    dashboard_exit = show_target(
        runs.target(run, process),
        runs,
        opening=opening,
        ui_config=ui_config,
        refresh=refresh,
        read_only=read_only,
        lessons=LessonBook(store.root, lesson),
        lists_first=lists_first,
    )
    name = dashboard_exit.run or run.name
    if dashboard_exit.kind == "failed":
        bad_input = name == run.name and process is not None and process.poll() == BAD_INPUT
        raise (InputError if bad_input else WorkerError)(_failure(name, dashboard_exit))
    click.echo(_exit_message(name, dashboard_exit, "--read-only " * read_only), err=True)
    return 0


def wait_until_settled(run: Run, process: Popen[bytes], opening: Opening) -> None:
    """Wait until the worker serves, or the frame stands; what it refuses is then said without a flash of the screen.

    Raises:
        TrainerError: The worker ended before.
    """
    from engine.worker.launcher import exit_error
    from engine.worker.reading import read_note

    while not opening.is_painted and not run.socket_path.exists():
        if (status := process.poll()) is not None:
            if status and not run.is_locked():  # else another worker may have taken the run
                raise exit_error(run, status)
            return
        opening.say(read_note(run) or "the worker reads its data…")
        time.sleep(LOOK_EVERY)


def show_target(
    target: RunTarget,
    runs: RunService,
    *,
    ui_config: UiConfig,
    opening: Opening | None = None,
    refresh: float | None = None,
    read_only: bool = False,
    lessons: LessonBook | None = None,
    lists_first: bool = False,
) -> DashboardExit:
    """Show a run, wherever it is, until its watcher leaves.

    Args:
        target: The run.
        runs: It and the others that can be gone to.
        ui_config: See ``load_ui_config``.
        opening: Has the terminal until the dashboard takes it, if anything has.
        refresh: Redraws a second at most.
        read_only: Only look.
        lessons: The courses; None where none are at hand.
        lists_first: Whether the list of runs is shown over it at first.
    """
    from engine.allocator import configure_malloc, gc_frozen_imports

    with gc_frozen_imports():
        from engine.store.runs import RunStore
        from tui_trainer.app import Memory, run_dashboard
        from tui_trainer.runs.last_seen import LastSeen
        from tui_trainer.runs.service import screen_name, watcher_name

    configure_malloc()
    last_seen = LastSeen(RunStore().root / "seen", watcher_name())
    if opening is not None:
        opening.hand_over()
    return run_dashboard(
        target,
        refresh=refresh,
        read_only=read_only,
        runs=runs,
        lessons=lessons,
        config=ui_config,
        memory=Memory(partial(save_settings, ui_config), last_seen, screen_name()),
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


def _exit_message(name: str, dashboard_exit: DashboardExit, options: str) -> str:
    """Return how the run was left, and the one command that brings it back, with the options it was watched with."""
    if dashboard_exit.kind == "stopped" or dashboard_exit.state == "stopped":
        return f"run {name}: stopped and saved; tui-trainer resume {name} takes it up again"
    return f"run {name}: {dashboard_exit.state or 'starting'}; tui-trainer attach {options}{name} shows it again"


def _failure(name: str, dashboard_exit: DashboardExit) -> str:
    """Return what a run's worker died of; where it had begun, how it is taken up again."""
    line = dashboard_exit.message or "the worker is gone"
    has_begun = dashboard_exit.state is not None
    return f"run {name}: {line}; tui-trainer resume {name} goes on from its last checkpoint" if has_begun else line
