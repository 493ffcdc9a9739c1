"""``tui-trainer explain``: one row of the data through the network and back, with its numbers."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
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
    from engine.views.by_hand import HandNetwork
    from tui_trainer.handouts.explanation import Columns


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
@click.option("--inputs", metavar="'N N …'", help="A row of your own: its raw values; a run's data may have gone.")
@click.option("--truth", metavar="CLASS|N", help="What its answer should be. Default: what the network answers.")
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
    inputs: str | None,
    truth: str | None,
    wiggle: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Take one row through the network and back, with every number.

    It is a row of the data, or with --inputs one of your own.

    A recipe is taken before its first epoch, a run as it stands, or stood with --epoch; dropout is off.
    """
    from tui_trainer.handouts import files

    if output is not None:
        files.writer(output)  # another ending is refused before anything is worked out
    if inputs is None and truth is not None:
        raise InputError("--truth: it is that of a row of your own; expected --inputs, too")
    if inputs is None:
        subject = _of_data(name, epoch, dict(settings), part, pick, row or 0)
    else:
        subject = _of_values(name, epoch, dict(settings), inputs, truth)
    explanation = subject.network.explained(subject.chosen)
    if wiggle and not explanation.backward:
        raise InputError("--wiggle: this network only goes forward, and has no slopes to measure")
    check = _checked(subject) if wiggle else None
    if as_json:
        _print_lines(explanation, subject.chosen, check)
    if output is not None or not as_json:
        _tell(name, subject, explanation, check, output)


@dataclass(frozen=True)
class _Subject:
    """A row, the network that it goes through, and what is called how."""

    chosen: Sample
    network: HandNetwork
    columns: Columns


def _of_data(
    name: str, epoch: int | None, settings: dict[str, Any], part: Part, pick: Pick | None, row: int
) -> _Subject:
    """Return a row of the data."""
    from engine.training import samples
    from engine.views.by_hand import network_of

    trainer = _trainer(name, epoch, settings)
    chosen = samples.picked(trainer, part, pick, row) if pick else samples.sample(trainer, part, row)
    return _Subject(chosen, network_of(trainer, chosen), _columns_of(trainer))


def _of_values(name: str, epoch: int | None, settings: dict[str, Any], inputs: str, truth: str | None) -> _Subject:
    """Return a row that was typed in, for the network of a recipe or a run; the data of a run may have gone."""
    from engine.protocol.queries import ByHandQuery
    from engine.training.stored_network import preparation_of, stored_network
    from engine.views.by_hand import network_of, network_without_data
    from tui_trainer.handouts.explanation import Columns
    from tui_trainer.view_models.typed_row import parse_truth, parse_values

    try:
        trainer = _trainer(name, epoch, settings)
    except InputError:
        if _is_recipe(name) or epoch is not None:
            raise
        stored = stored_network(_run(name))
        preparation = stored.preparation
        network = network_without_data(
            [layer[0] for layer in stored.network.parameters.layers], stored.spec, stored.epoch, stored.seed
        )
        columns = Columns((*preparation.feature_names, *preparation.derived), preparation.classes)
    else:
        preparation, network, columns = preparation_of(trainer.data), network_of(trainer), _columns_of(trainer)
    values = parse_values(inputs, len(preparation.feature_names), where="--inputs: ")
    outputs = network.spec.network.layers[-1].units
    answer = None if truth is None else parse_truth(truth, preparation.classes, outputs, where="--truth: ")
    return _Subject(network.typed(preparation, ByHandQuery(typed=values, truth=answer)), network, columns)


def _columns_of(trainer: Trainer) -> Columns:
    from tui_trainer.handouts.explanation import Columns

    table = trainer.data.table
    return Columns(table.feature_names, table.classes, table.image_shape)


def _print_lines(explanation: Explanation, chosen: Sample, check: Check | None) -> None:
    from tui_trainer.headless import explanation as lines
    from tui_trainer.headless.lines import encode

    for line in lines.lines(explanation, chosen):
        click.echo(encode(line))
    if check is not None:
        click.echo(encode(lines.wiggle_line(check)))


def _tell(name: str, subject: _Subject, explanation: Explanation, check: Check | None, output: Path | None) -> None:
    """Write the document of a row to a file, else print it."""
    from tui_trainer.handouts import explanation as handout
    from tui_trainer.handouts import files, text

    network, called = subject.network, subject.network.spec.name if _is_recipe(name) else name
    document = handout.document(handout.subject(called, network, subject.columns, subject.chosen, explanation, check))
    if output is None:
        click.echo(text.written(document, terminal.columns()), nl=False)
    else:
        files.save(document, output)
        click.echo(f"written: {sanitize(output)}", err=True)


def _checked(subject: _Subject) -> Check:
    """Return the check of every weight and bias, with a progress bar where stderr is a terminal."""
    from engine.numerics.wiggle import check

    network, chosen = subject.network, subject.chosen
    steps = check(network.layers, chosen.x, chosen.y, network.head)
    hidden = not (sys.stderr is not None and sys.stderr.isatty())
    with click.progressbar(length=network.parameter_count, label="wiggling", file=sys.stderr, hidden=hidden) as bar:
        for done in steps:
            bar.update(done.checked - bar.pos)
    return done


def _trainer(name: str, epoch: int | None, settings: dict[str, Any]) -> Trainer:
    """Return the trainer of a preset or a file, before its first epoch, or of a run.

    Raises:
        InputError: No such run or recipe, or an option that it does not take.
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
        InputError: Neither a run nor a preset of this name.
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
