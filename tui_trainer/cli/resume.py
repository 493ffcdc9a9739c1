"""``tui-trainer resume``: train on from where a run's store stands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from engine.errors import RunBusyError
from tui_trainer.cli import dashboard, headless_run, suggestions, terminal
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.store.runs import Run

PATIENCE = 2.0
"""Seconds that a worker which has just been stopped is given to leave."""


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs_and_sweeps)
@click.option("--headless", is_flag=True, help="Train without a screen, as where stdout is no terminal.")
@json_option
def resume(name: str, *, headless: bool, as_json: bool) -> int:
    """Take up a run or a sweep that was stopped, or whose process died."""
    from engine.store.runs import RunStore
    from engine.worker.handover import has_other_version
    from engine.worker.reach import whereabouts
    from engine.worker.starting import launch
    from tui_trainer.cli import sweep
    from tui_trainer.cli.ready import READY

    if sweep.is_sweep(name):
        return sweep.resume(name, as_json=as_json)
    run = RunStore().open(name)
    _ = run.description.trained  # else another program trains it
    if not _is_free(run):
        holder = whereabouts(run.metrics.state())
        way = f"tui-trainer attach {name} shows it"
        if has_other_version(run):
            way = f"it is another version's: tui-trainer stop {name} ends it, saved, and resume goes on with this one"
        raise RunBusyError(f"run {name}: {holder} is there; {way}")
    checkpoint = run.checkpoints.latest()
    if headless or as_json or not terminal.has_screen():
        return headless_run.follow(
            run, launch(run, ready=READY), as_json=as_json, after=checkpoint.epoch if checkpoint else 0
        )
    from tui_trainer.cli.opening import opened

    with opened(name) as opening:
        opening.say("starting the worker…")
        ui_config = dashboard.load_ui_config()
        return dashboard.show(run, launch(run, ready=READY), opening=opening, ui_config=ui_config)


def _is_free(run: Run) -> bool:
    """Say whether the run can be taken up: a worker that holds it though it was stopped leaves, or only shows it."""
    from engine.worker.handover import has_other_version

    deadline = time.monotonic() + PATIENCE
    while run.is_locked():
        if run.metrics.state().state != "stopped":
            return False
        if time.monotonic() > deadline:
            return not has_other_version(run)
        time.sleep(0.01)
    return True
