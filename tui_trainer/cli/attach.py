"""``tui-trainer attach``: look at a run, live or from its store."""

from __future__ import annotations

import click

from engine.errors import InputError
from tui_trainer.cli import dashboard, terminal


@click.command()
@click.argument("name", metavar="[RUN]", required=False)
@click.option("--read-only", is_flag=True, help="Only look.")
def attach(name: str | None, *, read_only: bool) -> int:
    """Open the screen on a run, by default the last active one."""
    from engine.store.runs import RunStore

    store = RunStore()
    run = store.latest() if name is None else store.open(name)
    if run is None:
        raise InputError("there are no runs yet to attach to; tui-trainer starts one")
    if not terminal.has_screen():
        raise InputError(f"attach {run.name}: expected a terminal to draw on; tui-trainer runs lists how runs stand")
    return dashboard.show(run, ui_config=dashboard.load_ui_config(), read_only=read_only)
