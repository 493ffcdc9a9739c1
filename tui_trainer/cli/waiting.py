"""What is said while a worker keeps a command waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import click

from engine.errors import TrainerError

if TYPE_CHECKING:
    from engine.store.runs import Run

SOON = 2.0
"""Seconds in which a worker that is well has answered."""


@asynccontextmanager
async def waiting_for(run: Run) -> AsyncIterator[None]:
    """Say on stderr for which worker the command waits, once what is done inside takes longer than ``SOON``."""

    async def say() -> None:
        await asyncio.sleep(SOON)
        click.echo(f"waiting for the worker of run {run.name}{_process(run)}; ctrl+c waits no longer", err=True)

    task = asyncio.create_task(say())
    try:
        yield
    finally:
        task.cancel()


def _process(run: Run) -> str:
    with suppress(TrainerError):
        if (pid := run.metrics.state().pid) is not None and run.is_locked():
            return f" (process {pid})"
    return ""
