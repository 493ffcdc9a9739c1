"""``tui-trainer serve``: what ``watch`` runs on the other machine; nobody types it, and no help lists it."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from engine.errors import InputError

if TYPE_CHECKING:
    from engine.store.runs import Run, RunStore
    from engine.worker.client import Client
    from tui_trainer.runs.connection import RunTarget


@click.command(hidden=True)
@click.argument("name", metavar="[RUN]", required=False)
@click.option("--list", "lists", is_flag=True, help="List all runs, with what a screen says of each.")
@click.option("--where", is_flag=True, help="Only say where its worker listens, or would.")
@click.option("--unless-died", is_flag=True, help="Not where its worker died: who was there when it did is to know.")
@click.option("--resume", "train_on", is_flag=True, help="Let it train on, unless it was paused.")
@click.option("--begin", "begins", is_flag=True, help="Make a new run of what stdin asks for, and let it train.")
@click.option("--branch", "epoch", type=int, metavar="EPOCH", help="Make a new run that stands where RUN once stood.")
@click.option("--pace", type=float, metavar="N", help="Epochs a second of the branch.")
def serve(
    name: str | None,
    *,
    lists: bool,
    where: bool,
    unless_died: bool,
    train_on: bool,
    begins: bool,
    epoch: int | None,
    pace: float | None,
) -> None:
    """Have a worker show a run until stdin is closed, and print the line of ``runs --json`` that says where."""
    import asyncio

    from engine.store.runs import RunStore

    store = RunStore()
    if begins:
        asyncio.run(_begin(store))
        return
    if epoch is not None and name is not None:
        asyncio.run(_branch(store, name, epoch, pace))
        return
    if lists or name is None:
        for each in store.all_runs():
            _print_line(each)
        return
    run = store.open(name)
    if unless_died and (summary := run.summary()).state == "died":
        raise InputError(f"run {name}: its worker died after epoch {summary.epoch}")
    if where:
        _print(run)
    else:
        asyncio.run(_serve(run, train_on=train_on))


def _print(run: Run, client: Client | None = None) -> None:
    """Print the run's line, with where it is served: by the worker of a client, else by its own, or the one to come."""
    from tui_trainer.formatting import json_line

    summary = run.summary()
    served: dict[str, object] = {"socket": summary.socket or str(run.socket_path)}
    if client is not None:
        welcome = client.welcome
        served = {"socket": str(client.path), "version": welcome.version, "protocol": welcome.protocol}
    click.echo(json_line(summary.model_dump(mode="json") | served))


def _print_line(run: Run) -> None:
    """Print what a list says of a run; of a damaged one that it is."""
    from engine.errors import TrainerError
    from tui_trainer.formatting import json_line
    from tui_trainer.runs.lines import read_line

    line = asdict(read_line(run))
    try:
        summary = run.summary().model_dump(mode="json")
    except TrainerError:
        summary = {"run": run.name, "state": "died"}
    entry = {**line, **summary, "epochs": summary.get("epochs") or 0}
    click.echo(json_line({key: value for key, value in entry.items() if value is not None and value != math.inf}))


async def _serve(run: Run, *, train_on: bool) -> None:
    """Hold a connection to the worker, which else leaves a finished run again before anyone has come to watch it.

    Nothing is taken from it, and so little is sent: two frames are all that a watcher gets that acknowledges none.
    """
    import asyncio

    client = await _client(run, train_on=train_on)
    try:
        _print(run, client)
        await asyncio.to_thread(_read_to_its_end)
    finally:
        await client.close()


async def _begin(store: RunStore) -> None:
    """Make the run that stdin asks for; its worker trains it, whoever watches."""
    from tui_trainer.remote.new_run import MOST_BYTES, parse_new_run
    from tui_trainer.runs.service import LocalRunService

    new = parse_new_run(sys.stdin.buffer.read(MOST_BYTES + 1)[:MOST_BYTES])
    await _made(store, await LocalRunService(store).begin(new.spec, new.seeds, new.pace))


async def _branch(store: RunStore, name: str, epoch: int, pace: float | None) -> None:
    """Make a run that stands where another one stood at a checkpoint, and is paused."""
    from tui_trainer.runs.service import LocalRunService

    await _made(store, await LocalRunService(store).branch(name, epoch, pace))


async def _made(store: RunStore, target: RunTarget) -> None:
    """See that a new run's worker can begin with it, and print the run's line."""
    client = await target.connect()
    try:
        _print(store.open(target.run))
    finally:
        await client.close()


async def _client(run: Run, *, train_on: bool) -> Client:
    from engine.worker import handover, launcher

    if train_on and handover.has_other_version(run):
        await handover.end_other_worker(run)
    if train_on:  # a worker that holds the run, and only shows it, is asked to train it
        _ = run.description.trained  # else another program trains it
        return await launcher.connect(run, launcher.launch(run), read_only=True)
    return await launcher.attach(run, read_only=True)


def _read_to_its_end() -> None:
    while sys.stdin is not None and sys.stdin.buffer.read(4096):
        pass
