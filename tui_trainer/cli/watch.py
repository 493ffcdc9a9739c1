"""``tui-trainer watch``: look at runs here and on other machines, or wait for what becomes of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import click

from engine.errors import InputError, TrainerError, WorkerError, sanitize
from tui_trainer.cli import dashboard, parameters, suggestions, terminal

if TYPE_CHECKING:
    from tui_trainer.remote.targets import TargetRuns
    from tui_trainer.runs.connection import RunTarget
    from tui_trainer.runs.until import Condition, Outcome

UNTIL = ("finished", "stalled", "non-finite")


@click.command()
@click.argument("targets", metavar="TARGET…", nargs=-1, required=True, shell_complete=suggestions.runs)
@click.option(
    "--until",
    type=click.Choice(UNTIL),
    metavar="|".join(UNTIL),
    help="Without a screen, wait for this: status 0 once it has happened, 3 where the run ended otherwise, 1 where it "
    "cannot be watched. Stalled: it should train, and has made no step for a minute.",
)
@click.option("--read-only", is_flag=True, help="Only look.")
@click.option(
    "--remote-program",
    metavar="PATH",
    help="What tui-trainer is called on the other machine, where ssh does not find it. Or: TUI_TRAINER_REMOTE_PROGRAM.",
)
@click.option("--refresh", type=parameters.hertz, metavar="N", help="Redraw the screen at most N times a second.")
def watch(
    targets: tuple[str, ...],
    *,
    until: str | None,
    read_only: bool,
    remote_program: str | None,
    refresh: float | None,
) -> int:
    """Watch runs, here or on other machines.

    A TARGET is a RUN of this machine, a HOST with all its runs, or HOST:RUN. A host is whatever ssh and its
    configuration know: USER@HOST, an alias. Its tui-trainer is asked for its runs, and the run's socket is forwarded;
    no port is opened. Where the link drops, the screen keeps what it has, and what was missed is told once it is back.
    """
    from tui_trainer.remote.targets import TargetRuns

    runs = TargetRuns(targets, program=remote_program, read_only=read_only or until is not None)
    if until is not None:
        return _wait(runs, cast("Condition", until))
    if not terminal.has_screen():
        raise InputError("watch: expected a terminal to draw on; --until waits without one")
    ui_config = dashboard.load_ui_config()
    runs.ask(_say, ask_user=True)
    target = runs.first(_say, ask_user=True)
    try:
        dashboard_exit = dashboard.show_target(
            target,
            runs.service,
            ui_config=ui_config,
            refresh=refresh,
            read_only=read_only,
            lists_first=runs.lists_first,
        )
    finally:
        runs.close()
    if dashboard_exit.kind == "failed":
        raise WorkerError(dashboard_exit.message or "the worker is gone")
    name = dashboard_exit.run or target.run
    stands = "stopped and saved" if dashboard_exit.kind == "stopped" else dashboard_exit.state or "connecting"
    _say(f"run {name}: {stands}; tui-trainer watch {name} shows it again")
    return 0


def _wait(runs: TargetRuns, condition: Condition) -> int:
    """Wait until it has happened to all runs, or cannot any more; return the exit status."""
    import asyncio

    from tui_trainer.runs.until import Outcome

    ask_user = sys.stdin is not None and sys.stdin.isatty()
    try:
        runs.ask(_say, ask_user=ask_user)
        watched_runs = runs.each(_say, ask_user=ask_user)
        outcomes = asyncio.run(_outcomes(watched_runs, condition))
    except TrainerError as error:
        _say(f"tui-trainer: {error}")
        return Outcome.UNWATCHED
    finally:
        runs.close()
    worst = (Outcome.UNWATCHED, Outcome.OTHERWISE, Outcome.HAPPENED)
    return next(outcome for outcome in worst if outcome in outcomes)


async def _outcomes(targets: list[RunTarget], condition: Condition) -> list[Outcome]:
    import asyncio

    from tui_trainer.runs.until import RunWait

    return await asyncio.gather(*(RunWait(condition, target, _say).outcome() for target in targets))


def _say(text: str) -> None:
    click.echo(sanitize(text, 400), err=True)
