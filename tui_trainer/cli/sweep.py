"""``tui-trainer sweep``: many trainings of one recipe with other values, and which of them is best."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InputError, TrainerError, sanitize
from tui_trainer.cli import parameters, recipe_options, suggestions, sweep_tables
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.sweep.description import SweepDescription
    from engine.sweep.results import TrialResult
    from engine.sweep.store import Sweep
    from tui_trainer.headless.sweep import Report

SEEDS = 6
"""Of each trial: the fewest with which it can be told whether two of them differ by more than their seeds do."""
STOP_PATIENCE = 30.0
"""Seconds that a sweep is given to stop; its trials look for it several times a second."""


@click.command()
@click.argument("subject", metavar="[PRESET|FILE|SWEEP]", required=False, shell_complete=suggestions.recipes_and_sweeps)
@click.option(
    "--over",
    "axes",
    multiple=True,
    metavar="PATH=VALUES",
    shell_complete=suggestions.settings,
    help="What is varied: a,b,… or, with --trials, a range low..high, low..high:log; repeatable.",
)
@click.option("--trials", type=parameters.WholeNumber(1, 10_000), metavar="N", help="Draw so many, instead of all.")
@recipe_options.seeds_option(f"Of each trial, from --seed on. Default: {SEEDS}.")
@recipe_options.seed_option("The first seed of each trial.")
@click.option("--name", metavar="NAME", help="The sweep's name, else the preset's, -sweep and a number.")
@recipe_options.set_option("Replace a value in all trials; repeatable.")
@recipe_options.epochs_option
@click.option(
    "--workers", type=parameters.WholeNumber(1, 1000), metavar="N", help="Trials at once. Default: one a core."
)
@click.option("--dask", metavar="ADDRESS", help="Train on a Dask cluster: the address of its scheduler.")
@click.option("--detach", is_flag=True, help="Start it, print its name, and leave.")
@click.option(
    "--output", type=click.Path(dir_okay=False), metavar="FILE.csv|.json|.svg", help="Write the results to a file."
)
@json_option
def sweep(  # noqa: PLR0913 - the flags of the contract
    subject: str | None,
    *,
    axes: tuple[str, ...],
    trials: int | None,
    seeds: int | None,
    seed: int | None,
    name: str | None,
    settings: tuple[tuple[str, Any], ...],
    epochs: int | None,
    workers: int | None,
    dask: str | None,
    detach: bool,
    output: str | None,
    as_json: bool,
) -> int:
    """Train a recipe with many values of its keys, each with several seeds, and compare.

    The best is chosen by validation, never by the exam. With the name of a sweep: print it; --over and --trials extend
    it. Without anything: list the sweeps. `resume` goes on with one that was cut.
    """
    if workers is not None and dask is not None:
        raise click.UsageError("--workers is of this machine, --dask of a cluster: expected one of them")
    if subject is None:
        return _list(as_json=as_json)
    if output is not None:
        _check_output(output)
    if is_sweep(subject) and not _is_recipe(subject):
        if seeds is not None or seed is not None or name is not None or settings or epochs is not None:
            raise click.UsageError("a sweep keeps its recipe, seeds and name; --over and --trials extend it")
        found = _opened(subject)
        if not (axes or trials):
            return _show(found, as_json=as_json, output=output)
        _extend(found, axes, trials)
    else:
        changes = recipe_options.replaced(settings, epochs)
        found = _create(subject, axes, trials, changes, seed=seed, seeds=seeds, name=name)
    return _work(found, workers=workers, dask=dask, detach=detach, as_json=as_json, output=output)


def is_sweep(name: str) -> bool:
    """Return whether a sweep of this name is in the store."""
    from engine.sweep.store import SweepStore

    return SweepStore().has(name)


def resume(name: str, *, as_json: bool) -> int:
    """Go on with a sweep, or follow the process that works on it; return the status."""
    found = _opened(name)
    state, recorded = found.state()
    if state == "finished":
        click.echo(f"sweep {name}: is finished; --over and --trials of tui-trainer sweep {name} extend it", err=True)
        return _show(found, as_json=as_json, output=None)
    return _work(found, workers=recorded.jobs, dask=recorded.cluster, as_json=as_json)


def stop(name: str) -> None:
    """Stop a sweep; what has ended is kept.

    Raises:
        InputError: Nobody works on it.
        TrainerError: It does not stop.
    """
    found = _opened(name)
    if not found.is_locked():
        raise InputError(f"sweep {name}: there is nothing to stop, it is {found.state()[0]}")
    found.requests.ask_stop()
    deadline = time.monotonic() + STOP_PATIENCE
    while found.is_locked():
        if time.monotonic() > deadline:
            raise TrainerError(f"sweep {name}: has been asked to stop, and has not yet")
        time.sleep(0.05)
    ended, _ = found.trials.ended()
    total = len(found.description().trials())
    click.echo(f"sweep {name}: stopped after {len(ended)} of {total} trials; tui-trainer resume {name} goes on")


def _opened(name: str) -> Sweep:
    from engine.sweep.store import SweepStore

    return SweepStore().open(name)


def _is_recipe(subject: str) -> bool:
    import presets

    return subject in presets.names() or Path(subject).suffix != "" or presets.is_data(subject)


def _create(
    subject: str,
    axes: tuple[str, ...],
    trials: int | None,
    changes: dict[str, Any],
    *,
    seed: int | None,
    seeds: int | None,
    name: str | None,
) -> Sweep:
    """Make a sweep of a recipe in the store.

    Raises:
        InputError: The recipe, or what is to be varied, is not what it should be.
    """
    import presets
    from engine.sweep.axes import make_plan, parse_axis
    from engine.sweep.store import SweepStore
    from tui_trainer.cli.run import RunRequest

    if not axes:
        hint = "" if _is_recipe(subject) else f"; there is neither a preset nor a sweep {sanitize(repr(subject), 60)}"
        raise InputError(f"sweep: expected --over PATH=VALUES, as in --over training.learning_rate=.001,.01{hint}")
    if name is not None and name in presets.names():
        raise InputError(f"sweep {name}: a preset has this name; choose another one")
    request = RunRequest(
        subject, changes, None, (), None, name=name, seed=seed, seeds=SEEDS if seeds is None else seeds, pace=None
    )
    spec = request.recipe()
    plan = make_plan([parse_axis(text, spec) for text in axes], trials, spec.training.seed)
    return SweepStore().create(spec, request.band(spec), plan, name=name, stem=request.stem(spec))


def _extend(found: Sweep, axes: tuple[str, ...], trials: int | None) -> None:
    """Ask for more trials: further values of a grid, or more draws.

    Raises:
        InputError: They are no trials of this recipe, or there is nothing new among them.
    """
    from engine.sweep.description import further_plan

    found.requests.ask_more(further_plan(found.description(), axes, trials))


def _work(
    found: Sweep,
    *,
    workers: int | None,
    dask: str | None,
    as_json: bool,
    detach: bool = False,
    output: str | None = None,
) -> int:
    """Start a process that works on a sweep, unless there is one, and follow it."""
    from engine.sweep.launcher import launch
    from engine.sweep.store import SweepStore
    from tui_trainer.headless.sweep import follow

    is_new = not found.trials.path.exists()
    process = None if found.is_locked() else launch(found, jobs=workers, dask=dask)
    if detach:
        click.echo(found.name)
        return 0
    try:
        status = follow(found, process, _report(as_json=as_json))
    except InputError:
        if is_new and not found.trials.path.exists():  # it never was: nothing of it is to be kept
            SweepStore().delete(found.name)
        raise
    if output is not None:
        _write(found, output)
    return status


def _report(*, as_json: bool) -> Callable[[Callable[[str], None]], Report]:
    from tui_trainer.headless.sweep import JsonSweepReport

    return JsonSweepReport if as_json else lambda _: sweep_tables.TrialsTable()


def _show(found: Sweep, *, as_json: bool, output: str | None) -> int:
    """Print what has come of a sweep so far."""
    from tui_trainer.headless.sweep import JsonSweepReport

    description, (ended, _) = found.description(), found.trials.ended()
    state, _ = found.state()
    report = JsonSweepReport(lambda text: click.echo(text, nl=False)) if as_json else sweep_tables.TrialsTable()
    report.started(description)
    report.finished(description, ended, is_whole=state == "finished")
    if output is not None:
        _write(found, output)
    if state != "finished":
        how = "its process died" if state == "died" else "is stopped"
        said = "is being worked on" if state == "running" else f"{how}; tui-trainer resume {found.name} goes on"
        click.echo(f"sweep {found.name}: {said} ({len(ended)} of {len(description.trials())} trials)", err=True)
    return 0


def _list(*, as_json: bool) -> int:
    """List the sweeps, the last active first."""
    listed = sweep_tables.listed()
    if as_json:
        sweep_tables.show_json(listed)
    else:
        sweep_tables.show_list(listed)
    if not listed:
        click.echo("there are no sweeps yet; tui-trainer sweep iris --over training.learning_rate=.001,.01", err=True)
    return 0


SUFFIXES = (".csv", ".json", ".svg")


def _check_output(output: str) -> None:
    """See that results can be written to a file, before anything is trained.

    Raises:
        InputError: An unknown ending, or its folder does not exist.
    """
    path = Path(output)
    if path.suffix not in SUFFIXES:
        raise InputError(f"--output {sanitize(output, 100)}: expected a file that ends in {' or '.join(SUFFIXES)}")
    if not path.absolute().parent.is_dir():
        raise InputError(
            f"--output {sanitize(output, 100)}: there is no folder {sanitize(path.absolute().parent, 100)}"
        )


def _write(found: Sweep, output: str) -> None:
    """Write the results to a file.

    Raises:
        InputError: It cannot be written, or there is nothing to draw.
    """
    from engine.sweep import exports
    from tui_trainer.headless import lines

    description, (ended, _) = found.description(), found.trials.ended()
    path = Path(output)
    if path.suffix == ".csv":
        text = exports.csv_text(description, ended)
    elif path.suffix == ".svg":
        text = _picture(found, description, ended)
    else:
        trials = description.trials()
        of_trials = [exports.trial_line(trials[trial - 1], ended[trial]) for trial in sorted(ended)]
        all_lines = [exports.sweep_line(description), *of_trials, exports.finished_line(description, ended)]
        text = "".join(f"{lines.encode(line)}\n" for line in all_lines)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"--output: {sanitize(path)}: cannot be written ({error.strerror})") from None
    click.echo(f"sweep {found.name}: {len(ended)} trials written to {sanitize(path)}", err=True)


def _picture(found: Sweep, description: SweepDescription, ended: dict[int, TrialResult]) -> str:
    """Return the boundaries of a sweep as SVG.

    Raises:
        InputError: Its data has other columns than two, or no classes.
    """
    from engine.sweep.field import Field
    from tui_trainer.handouts.sweep_drawing import drawing
    from tui_trainer.view_models.boundary_grid import boundary_grid
    from tui_trainer.view_models.sweep import SweepReport

    report = SweepReport(description, ended)
    grid = boundary_grid(report, {trial: Field.decode(data) for trial, data in found.trials.fields().items()})
    if grid is None:
        raise InputError(f"sweep {found.name}: has no boundaries to draw: they are of two columns, and of classes")
    below = f"Below each its loss on validation: the median over {len(description.seeds)} seeds, and their range."
    notes = [f"{below} Drawn is the seed in the middle; dots are training rows.", *report.words()]
    return drawing(grid, f"{description.spec.name}: {' and '.join(report.heads)}", notes) + "\n"
