"""``tui-trainer runs``, ``stop`` and ``exam``: what is in the store, and what can be asked of a run from outside."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from engine.errors import InputError
from tui_trainer.cli import tables
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.protocol.events import Welcome
    from engine.run.exam import ExamResult
    from engine.store.runs import Run


@click.command()
@json_option
def runs(*, as_json: bool) -> None:
    """List the runs, the last active first."""
    from engine.store.runs import RunStore

    listing = RunStore().listing()
    for problem in listing.problems:
        click.echo(f"tui-trainer: {problem}", err=True)
    if as_json:
        for summary in listing.summaries:
            click.echo(summary.model_dump_json())
    elif listing.summaries:
        rows = [(each.run, each.preset, each.state, each.epoch, each.epochs) for each in listing.summaries]
        tables.show(("run", "preset", "state", "epoch", "epochs"), rows)
    else:
        click.echo("there are no runs yet; tui-trainer starts one", err=True)


@click.command()
@click.argument("name", metavar="RUN")
def stop(name: str) -> None:
    """Stop a run: it is saved, and can be resumed."""
    import asyncio

    from engine.store.runs import RunStore
    from tui_trainer.runs.service import stop as end

    run = RunStore().open(name)
    if not run.is_locked():
        summary = run.summary()
        raise InputError(f"run {name}: there is nothing to stop, it is {summary.state} (epoch {summary.epoch})")
    last = asyncio.run(end(run))
    while run.is_locked():  # it has said so, and now closes its store
        time.sleep(0.01)
    resume_hint = "" if last.state == "finished" else f"; tui-trainer resume {name} takes it up again"
    click.echo(f"run {name}: {last.state} after epoch {last.epoch}{resume_hint}")


@click.command()
@click.argument("name", metavar="RUN")
@json_option
def exam(name: str, *, as_json: bool) -> None:
    """Open a run's sealed exam; every opening is recorded."""
    import asyncio

    from engine.store.runs import RunStore
    from tui_trainer.headless import lines
    from tui_trainer.headless.reports import exam_text, title

    def begin(welcome: Welcome) -> None:
        """Write what there is before the seal is broken: an exam that cannot be shown is not to be opened."""
        click.echo(" " if as_json else title(welcome), nl=not as_json)

    run = RunStore().open(name)
    _ = run.description.trained  # else another program trains it, and has whatever exam there is
    welcome, result = asyncio.run(_exam(run, begin))
    if as_json:
        click.echo(lines.encode(result.model_dump()))
    else:
        click.echo("\n".join(exam_text(welcome, result)))


async def _exam(run: Run, begin: Callable[[Welcome], None]) -> tuple[Welcome, ExamResult]:
    from engine.worker.launcher import attach
    from tui_trainer.headless.training import open_exam

    client = await attach(run)
    try:
        if client.welcome.rows[2]:
            begin(client.welcome)
        return client.welcome, await open_exam(client, client.frames())
    finally:
        await client.close()
