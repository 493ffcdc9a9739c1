"""``tui-trainer attach``: look at a run, live or from its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError, sanitize
from tui_trainer.cli import dashboard, parameters, suggestions, terminal

if TYPE_CHECKING:
    from engine.store.runs import Run


@click.command()
@click.argument("name", metavar="[RUN]", required=False, shell_complete=suggestions.runs)
@click.option("--read-only", is_flag=True, help="Only look.")
@click.option("--refresh", type=parameters.hertz, metavar="N", help="Redraw the screen at most N times a second.")
def attach(name: str | None, *, read_only: bool, refresh: float | None) -> int:
    """Open the screen on a run, by default the one at work.

    Where none is at work it is the latest one; of several at work a list is shown. Leaving prints the command that
    comes back; what has happened meanwhile is told then.
    """
    if not terminal.has_screen():
        run_name = _find(name)[0].name
        raise InputError(f"attach {run_name}: expected a terminal to draw on; tui-trainer runs lists how runs stand")
    from tui_trainer.cli.opening import opened

    with opened(sanitize(name or "the latest run", 60)) as opening:
        opening.say("looking for the run…")
        run, is_one_of_several = _find(name)
        opening.paint()
        return dashboard.show(
            run,
            opening=opening,
            ui_config=dashboard.load_ui_config(),
            refresh=refresh,
            read_only=read_only,
            lists_first=is_one_of_several,
        )


def _find(name: str | None) -> tuple[Run, bool]:
    """Return the run that is meant, and whether it is but one of several that may be meant.

    Raises:
        InputError: No such run.
    """
    from engine.store.runs import RunStore

    store = RunStore()
    if name is not None:
        return store.open(name), False
    at_work = [run for run in store.runs() if run.is_locked() and run.summary().state in {"running", "paused"}]
    if at_work:
        return at_work[0], len(at_work) > 1
    if (latest := store.latest()) is not None:
        return latest, False
    if store.all_runs():
        raise InputError("there is no run to attach to that can be read; tui-trainer runs says what is wrong with them")
    raise InputError("there are no runs yet to attach to; tui-trainer starts one")
