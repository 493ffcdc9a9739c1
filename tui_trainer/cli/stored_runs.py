"""``tui-trainer runs``, ``rename``, ``delete`` and ``prune``: runs and sweeps, listed and kept in order."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, get_args

import click

from engine.errors import InputError, RunBusyError, TrainerError
from tui_trainer.cli import parameters, suggestions, sweep_tables, tables
from tui_trainer.cli.parameters import json_option
from tui_trainer.formatting import json_line
from tui_trainer.view_models.run_order import ORDERS, Order

if TYPE_CHECKING:
    from engine.store.runs import Run
    from engine.sweep.store import Sweep
    from tui_trainer.view_models.runs import RunLine

DAY = 86_400


@click.command()
@json_option
@click.option(
    "--sort",
    type=click.Choice(get_args(Order)),
    default=ORDERS[0],
    metavar="|".join(ORDERS),
    help="What they are sorted by: the last active, largest or best first. Default: age.",
)
def runs(*, as_json: bool, sort: Order) -> None:
    """List the runs, and below them the sweeps.

    The last active stand first. With --json runs alone: the sweeps are those of `tui-trainer sweep --json`.
    """
    from engine.store.runs import RunStore

    store = RunStore()
    if as_json:
        listing = store.listing()
        _tell(listing.problems)
        for summary in listing.summaries:
            click.echo(json_line(summary.model_dump(mode="json")))
        return
    from tui_trainer.runs.lines import read_line
    from tui_trainer.view_models.run_order import ordered, ordered_sweeps

    lines = ordered([read_line(run) for run in store.all_runs()], sort)
    _tell(f"run {line.name}: {line.problem}" for line in lines if line.problem is not None)
    _print([line for line in lines if line.problem is None])
    sweeps = ordered_sweeps(sweep_tables.listed(), sort)
    if lines and sweeps:
        click.echo()
    sweep_tables.show_list(sweeps)
    if not lines:
        click.echo("there are no runs yet; tui-trainer starts one", err=True)


def _print(lines: list[RunLine]) -> None:
    from tui_trainer.formatting import metric
    from tui_trainer.view_models.runs import age_text, size_text

    if not lines:
        return
    head = ("run", "preset", "data", "state", "epoch", "epochs", "loss", "score", "age", "size", "settings", "parent")
    rows = [
        (
            line.name,
            line.preset,
            line.data,
            line.stands,
            line.epoch,
            "—" if line.epochs is None else line.epochs,
            metric(line.train if line.validation is None else line.validation),
            metric(line.score),
            age_text(line.age),
            size_text(line.size),
            line.settings,
            line.parent,
        )
        for line in lines
    ]
    tables.show(head, rows, right=("epochs", "loss", "score", "age", "size"))


def _tell(problems: Iterable[str]) -> None:
    for problem in problems:
        click.echo(f"tui-trainer: {problem}", err=True)


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs_and_sweeps)
@click.argument("new_name", metavar="NAME")
def rename(name: str, new_name: str) -> None:
    """Give a run or a sweep another name."""
    from engine.store.runs import RunStore
    from engine.sweep.store import SweepStore

    sweeps = SweepStore()
    if name != new_name:
        if sweeps.has(name):
            sweeps.rename(name, new_name)
        else:
            RunStore().rename(name, new_name)
    click.echo(new_name)


@click.command()
@click.argument("names", metavar="RUN…", nargs=-1, required=True, shell_complete=suggestions.runs_and_sweeps)
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(names: tuple[str, ...], *, yes: bool) -> None:
    """Delete runs and sweeps with all that is in them; asks first."""
    from engine.store.runs import RunStore
    from engine.sweep.store import SweepStore

    store, sweeps = RunStore(), SweepStore()
    chosen = [sweeps.find(name) if sweeps.has(name) else store.find(name) for name in dict.fromkeys(names)]
    for each in chosen:
        if each.is_locked():
            raise RunBusyError(each.busy())
    if not yes:
        _ask(chosen)
    for each in chosen:
        _delete(each)
        click.echo(f"{_kind(each)} {each.name}: deleted")


def _ask(chosen: Sequence[Run | Sweep]) -> None:
    """Ask whether the runs are to be deleted.

    Raises:
        InputError: There is nobody to ask.
        click.Abort: The answer was no.
    """
    from tui_trainer.view_models.runs import size_text

    size = size_text(sum(run.size() for run in chosen))
    if not (sys.stdin is not None and sys.stdin.isatty()):
        raise InputError("delete: expected --yes, where there is no terminal to ask at")
    names = ", ".join(run.name for run in chosen)
    click.confirm(f"Delete {names} ({size})? There is no way back.", abort=True, err=True)


def _days(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise click.BadParameter(f"expected a number of days from 0 on (got {text})")
    return number


@click.command()
@click.option("--older-than", type=_days, metavar="DAYS", help="Those that were last written to so many days ago.")
@click.option("--keep", type=parameters.WholeNumber(0), metavar="N", help="All but the N last active.")
@click.option("--dry-run", is_flag=True, help="Only say which.")
def prune(older_than: float | None, keep: int | None, *, dry_run: bool) -> None:
    """Delete old runs and sweeps, never one that is at work.

    Those go that both options speak of; damaged ones are left, too.
    """
    from tui_trainer.view_models.runs import age_text, size_text

    if older_than is None and keep is None:
        raise InputError("prune: expected --older-than DAYS, --keep N, or both")
    freed, count = 0, {"run": 0, "sweep": 0}
    for each in _last_active_first()[keep or 0 :]:
        age, kind = time.time() - each.last_active() / 1e9, _kind(each)
        if age < (older_than or 0) * DAY or not _can_go(each):
            continue
        size = each.size()
        if not dry_run:
            _delete(each)
        freed, count[kind] = freed + size, count[kind] + 1
        said = "would be deleted" if dry_run else "deleted"
        click.echo(f"{kind} {each.name}: {said} ({age_text(age)}, {size_text(size)})")
    found = [f"{number} {kind}{'' if number == 1 else 's'}" for kind, number in count.items() if number]
    what = f"{' and '.join(found)}, {size_text(freed)} {'would be freed' if dry_run else 'freed'}"
    click.echo(what if found else "nothing to prune", err=True)


def _last_active_first() -> list[Run | Sweep]:
    """Return all runs and sweeps of the store."""
    from engine.store.runs import RunStore
    from engine.sweep.store import SweepStore

    found: list[Run | Sweep] = [*RunStore().all_runs(), *SweepStore().all_sweeps()]
    return sorted(found, key=lambda each: (-each.last_active(), each.name))


def _kind(each: Run | Sweep) -> Literal["run", "sweep"]:
    from engine.store.runs import Run

    return "run" if isinstance(each, Run) else "sweep"


def _delete(each: Run | Sweep) -> None:
    from engine.store.runs import RunStore
    from engine.sweep.store import SweepStore

    (RunStore() if _kind(each) == "run" else SweepStore()).delete(each.name)


def _can_go(each: Run | Sweep) -> bool:
    """Return whether a run or a sweep may be deleted unasked; say why not."""
    from engine.store.runs import Run

    kind, name = _kind(each), each.name
    try:
        _ = each.description if isinstance(each, Run) else each.description()
    except TrainerError as error:
        click.echo(f"{kind} {name}: left, as it is damaged ({error}); tui-trainer delete {name}", err=True)
        return False
    if each.is_locked():
        whose = "its worker is there" if kind == "run" else "a process works on it"
        click.echo(f"{kind} {name}: left, as {whose}; tui-trainer stop {name} ends it", err=True)
        return False
    return True
