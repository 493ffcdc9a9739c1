"""``tui-trainer explain``: one row of the data through the network and back, with its numbers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from engine.errors import InputError, nearest, sanitize
from tui_trainer.cli import parameters, suggestions, terminal
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.numerics.by_hand import Explanation
    from engine.numerics.wiggle import Check
    from engine.store.runs import Run
    from engine.training.samples import Part, Pick, Sample
    from engine.training.trainer import Trainer


def _suggestions(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [*suggestions.runs(ctx, param, incomplete), *suggestions.recipes(ctx, param, incomplete)]


@click.command()
@click.argument("name", metavar="PRESET|FILE.toml|RUN", shell_complete=_suggestions)
@click.option("--part", type=click.Choice(["train", "validation"]), default="train", help="Default: train.")
@click.option("--row", type=parameters.WholeNumber(0), metavar="N", help="The row of the part, from 0. Default: 0.")
@click.option(
    "--pick",
    type=click.Choice(["wrong", "ambiguous"]),
    help="Rows that are answered wrong, the largest loss first; or the least sure ones. --row is then the rank.",
)
@click.option("--epoch", type=parameters.WholeNumber(0), metavar="N", help="Of a run: as it stood after that epoch.")
@click.option(
    "--set",
    "settings",
    type=parameters.setting,
    multiple=True,
    metavar="PATH=VALUE",
    help="Of a recipe: replace a value; repeatable.",
)
@click.option("--wiggle", is_flag=True, help="Measure the slope of every weight and bias, too.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE.md|.html", help="Write it as a handout.")
@json_option
def explain(  # noqa: PLR0913 - the flags of the contract
    name: str,
    *,
    part: Part,
    row: int | None,
    pick: Pick | None,
    epoch: int | None,
    settings: tuple[tuple[str, Any], ...],
    wiggle: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Take one row through the network and back, with every number.

    A recipe is taken before its first epoch, a run as it stands, or stood with --epoch; dropout is off.
    """
    from engine.training import samples
    from tui_trainer.handouts import document as handouts

    if output is not None:
        handouts.writer(output)  # another ending is refused before anything is worked out
    trainer = _trainer(name, epoch, dict(settings))
    chosen = samples.picked(trainer, part, pick, row or 0) if pick else samples.sample(trainer, part, row or 0)
    if wiggle and not trainer.network.trainable:
        raise InputError("--wiggle: this network only goes forward, and has no slopes to measure")
    explanation = samples.explained(trainer, chosen)
    check = _checked(trainer, chosen) if wiggle else None
    if as_json:
        _print_lines(explanation, chosen, check)
    if output is not None or not as_json:
        called = trainer.spec.name if _is_recipe(name) else name
        _tell(called, trainer, chosen, explanation, check, output)


def _print_lines(explanation: Explanation, chosen: Sample, check: Check | None) -> None:
    from tui_trainer.headless import explanation as lines
    from tui_trainer.headless.lines import encode

    for line in lines.lines(explanation, chosen):
        click.echo(encode(line))
    if check is not None:
        click.echo(encode(lines.wiggle_line(check)))


def _tell(
    name: str, trainer: Trainer, chosen: Sample, explanation: Explanation, check: Check | None, output: Path | None
) -> None:
    """Write the document of a row to a file, else print it."""
    from tui_trainer.handouts import document as handouts
    from tui_trainer.handouts import text
    from tui_trainer.handouts.explanation import document, subject

    told = document(subject(name, trainer, chosen, explanation, check))
    if output is None:
        click.echo(text.written(told, terminal.columns()), nl=False)
    else:
        handouts.save(told, output)
        click.echo(f"written: {sanitize(output)}", err=True)


def _checked(trainer: Trainer, chosen: Sample) -> Check:
    """Return the check of every weight and bias, with a progress bar where stderr is a terminal."""
    from engine.numerics.wiggle import check
    from engine.training import samples

    steps = check(samples.layers_of(trainer), chosen.x, chosen.y, samples.output_head(trainer))
    hidden = not (sys.stderr is not None and sys.stderr.isatty())
    with click.progressbar(length=trainer.parameter_count, label="wiggling", file=sys.stderr, hidden=hidden) as bar:
        for done in steps:
            bar.update(done.checked - bar.pos)
    return done


def _trainer(name: str, epoch: int | None, settings: dict[str, Any]) -> Trainer:
    """Return the trainer of a preset or a file, before its first epoch, or of a run.

    Raises:
        InputError: There is none of the name, or an option that it does not take.
    """
    import presets
    from engine.training.stored import latest_trainer, trainer_at
    from engine.training.trainer import Trainer

    if _is_recipe(name):
        if epoch:
            raise InputError(f"--epoch: a recipe is taken before its first epoch; train it: tui-trainer run {name}")
        return Trainer(presets.load(name, settings))
    run = _run(name)
    if settings:
        raise InputError("--set: a run is taken as it was trained; expected a preset or a file")
    return latest_trainer(run) if epoch is None else trainer_at(run, epoch)


def _is_recipe(name: str) -> bool:
    """Return whether a preset is meant, by its name or as a file; one wins over a run of its name."""
    import presets

    return os.sep in name or name.endswith(".toml") or name in presets.names() or presets.is_data(name)


def _run(name: str) -> Run:
    """Return a run of the store.

    Raises:
        InputError: There is none of this name, nor a preset.
    """
    import presets
    from engine.names import is_name
    from engine.store.runs import RunStore

    store = RunStore()
    runs = [run.name for run in store.all_runs()]
    if not is_name(name) or name not in runs:
        hint = nearest(name, [*presets.names(), *runs]) or "; `tui-trainer presets` and `runs` list what there is"
        raise InputError(f"there is no preset or run {sanitize(repr(name), 60)}{hint}")
    return store.open(name)
