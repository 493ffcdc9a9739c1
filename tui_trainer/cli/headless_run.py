"""Runs without a screen: followed to their end, or left to themselves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from engine.allocator import gc_frozen_imports

if TYPE_CHECKING:
    from subprocess import Popen

    from engine.protocol.events import Welcome
    from engine.store.runs import Run


def follow(run: Run, process: Popen[bytes], *, as_json: bool, exam: bool = False, after: int | None = None) -> int:
    """Print the run to its end; see ``tui_trainer.headless.training.FollowOptions``."""
    with gc_frozen_imports():
        from engine.worker.launcher import connect
        from engine.worker.reading import read_note
        from tui_trainer.headless.training import FollowOptions, follow

    return follow(
        FollowOptions(
            name=run.name,
            connect=partial(connect, run, process),
            kill=process.kill,
            json=as_json,
            exam=exam,
            reading=partial(read_note, run),
            after=after,
        )
    )


def detach(run: Run, process: Popen[bytes], *, as_json: bool) -> int:
    """Print the run's name once its worker is at work."""
    import asyncio

    from tui_trainer.headless import lines

    try:
        welcome = asyncio.run(_greet(run, process))
    except KeyboardInterrupt:
        process.terminate()
        raise
    click.echo(lines.encode(lines.started(welcome)) if as_json else run.name)
    return 0


async def _greet(run: Run, process: Popen[bytes]) -> Welcome:
    from engine.worker.launcher import connect

    client = await connect(run, process)
    await client.close()
    return client.welcome
