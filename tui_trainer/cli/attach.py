"""``tui-trainer attach``: look at a run, live or from its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError, sanitize
from tui_trainer.cli import dashboard, suggestions, terminal

if TYPE_CHECKING:
    from engine.store.runs import Run


@click.command()
@click.argument("name", metavar="[RUN]", required=False, shell_complete=suggestions.runs)
@click.option("--read-only", is_flag=True, help="Only look.")
def attach(name: str | None, *, read_only: bool) -> int:
    """Open the screen on a run, by default the last active one."""
    if not terminal.has_screen():
        wanted = _find(name).name
        raise InputError(f"attach {wanted}: expected a terminal to draw on; tui-trainer runs lists how runs stand")
    from tui_trainer.cli.opening import opened

    with opened(sanitize(name or "the latest run", 60)) as opening:
        opening.say("looking for the run…")
        run = _find(name)
        return dashboard.show(run, opening=opening, ui_config=dashboard.load_ui_config(), read_only=read_only)


def _find(name: str | None) -> Run:
    from engine.store.runs import RunStore

    store = RunStore()
    run = store.latest() if name is None else store.open(name)
    if run is None and store.all_runs():
        raise InputError("there is no run to attach to that can be read; tui-trainer runs says what is wrong with them")
    if run is None:
        raise InputError("there are no runs yet to attach to; tui-trainer starts one")
    return run
