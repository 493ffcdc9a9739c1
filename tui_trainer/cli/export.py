"""``tui-trainer export``: a run's network as a program of another library; its weights or its history as a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from engine.errors import sanitize
from tui_trainer.cli import parameters, suggestions

if TYPE_CHECKING:
    from engine.store.runs import Run
    from engine.training.stored_network import StoredNetwork

Target = Literal["numpy", "keras", "torch", "sklearn", "csv", "safetensors"]


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs)
@click.option(
    "--to",
    "target",
    type=click.Choice(get_args(Target)),
    required=True,
    help="A program of this library in a folder; or a file: csv is the history, safetensors the weights.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), metavar="PATH", help="Where to. Default: here, by the run's name."
)
@click.option(
    "--seed",
    type=parameters.WholeNumber(0, 2**32 - 1),
    metavar="N",
    help="Which network of a run with several seeds. Default: the first; of csv all.",
)
def export(name: str, *, target: Target, output: Path | None, seed: int | None) -> None:
    """Take a run's network elsewhere, as it stands.

    A program rebuilds the network, compares its answers with the run's, and with --train trains the recipe anew. It
    needs nothing but its library, and NumPy. Nothing that is there already is written over.
    """
    from engine.export.folder import require_free
    from engine.store.runs import RunStore

    run = RunStore().open(name)
    path = output or Path(f"{name}.{target}" if target in {"csv", "safetensors"} else name)
    require_free(path)  # before anything is worked out
    if target == "csv":
        _write_history(run, seed, path)
    elif target == "safetensors":
        _write_weights(run, seed, path)
    else:
        _write_program(run, seed, target, path)


def _write_history(run: Run, seed: int | None, path: Path) -> None:
    from engine.export.files import history_csv
    from engine.export.folder import write_file

    write_file(path, history_csv(run, seed))
    click.echo(f"{sanitize(path)}: the history of run {run.name}")


def _write_weights(run: Run, seed: int | None, path: Path) -> None:
    from engine.export.files import safetensors_file
    from engine.export.folder import write_file
    from engine.training.stored_network import stored_network

    network = stored_network(run, seed)
    write_file(path, safetensors_file(network))
    say_which(network, seed)
    click.echo(f"{sanitize(path)}: the weights of run {run.name}")


def _write_program(run: Run, seed: int | None, target: str, path: Path) -> None:
    from engine.export.folder import write_folder
    from engine.export.programs import PROGRAMS
    from engine.export.subject import subject

    exported = subject(run, seed)
    program = PROGRAMS[target](exported)
    write_folder(path, exported, program.text)
    say_which(exported.network, seed)
    for remark in program.remarks:
        click.echo(f"not as in the run: {sanitize(remark, 400)}", err=True)
    click.echo(f"{sanitize(path)}: main.py, weights.npz, data.npz")


def say_which(network: StoredNetwork, seed: int | None) -> None:
    """Say on stderr which moment of which network it is, where there are others."""
    run = network.run
    if seed is None and len(run.description.seeds) > 1:
        click.echo(f"run {run.name} has {len(run.description.seeds)} networks: this is seed {network.seed}", err=True)
    if run.summary().state in {"running", "paused"}:
        click.echo(f"run {run.name} is not at its end: this is the network after epoch {network.epoch}", err=True)
