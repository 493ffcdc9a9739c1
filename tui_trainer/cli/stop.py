"""``tui-trainer stop``."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from engine.errors import InputError
from tui_trainer.cli import suggestions

if TYPE_CHECKING:
    from engine.run.status import RunState
    from engine.store.runs import Run


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs_and_sweeps)
def stop(name: str) -> None:
    """Stop a run or a sweep: it is saved, and can be resumed."""
    import asyncio

    from engine.store.runs import RunStore
    from tui_trainer.cli import sweep

    if sweep.is_sweep(name):
        sweep.stop(name)
        return
    run = RunStore().open(name)
    if not run.is_locked():
        summary = run.summary()
        raise InputError(f"run {name}: there is nothing to stop, it is {summary.state} (epoch {summary.epoch})")
    state, epoch = asyncio.run(_stop(run))
    resume_hint = "" if state == "finished" else f"; tui-trainer resume {name} takes it up again"
    click.echo(f"run {name}: {state} after epoch {epoch}{resume_hint}")


async def _stop(run: Run) -> tuple[RunState, int]:
    import asyncio

    from engine.worker.launcher import LEAVING_PATIENCE
    from tui_trainer.cli.waiting import waiting_for
    from tui_trainer.runs.service import stop as end

    async with waiting_for(run):
        last = await end(run)
        deadline = time.monotonic() + LEAVING_PATIENCE
        while run.is_locked() and time.monotonic() < deadline:  # it has said so, and now closes its store
            await asyncio.sleep(0.01)
    return last
