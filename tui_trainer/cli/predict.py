"""``tui-trainer predict``: what a run's network says of rows in a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui_trainer.cli import parameters, suggestions, tables
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.array_types import Floats
    from engine.training.stored_network import StoredNetwork


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs)
@click.argument("file", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option(
    "--seed",
    type=parameters.WholeNumber(0, 2**32 - 1),
    metavar="N",
    help="Which network of a run with several seeds. Default: the first.",
)
@json_option
def predict(name: str, file: Path, *, seed: int | None, as_json: bool) -> None:
    """Answer for the rows of a file, by a run's network.

    Columns are found by name, as they were when the run was trained; a column of targets may be there or not. Values
    come in their own units.
    """
    from engine.data.new_rows import read_rows
    from engine.store.runs import RunStore
    from engine.training.stored_network import stored_network
    from tui_trainer.cli.export import say_which

    network = stored_network(RunStore().open(name), seed)
    X = read_rows(file, network.preparation.feature_names, network.spec.data)
    outputs = network.outputs(X)
    say_which(network, seed)
    _say_not_finite(outputs)
    if as_json:
        _print_lines(network, outputs)
    else:
        _print_table(network, outputs)


def _class_names(network: StoredNetwork, outputs: Floats) -> list[str | None]:
    """Return each row's class; None for a regression, or where the answer is not finite."""
    import numpy as np

    classes = network.preparation.classes
    if not classes:
        return [None] * len(outputs)
    is_finite = np.asarray(np.isfinite(outputs).all(axis=1))
    numbers = network.class_numbers(outputs).tolist()
    return [classes[number] if known else None for number, known in zip(numbers, is_finite, strict=True)]


def _say_not_finite(outputs: Floats) -> None:
    """Say on stderr for which rows there is no answer."""
    import numpy as np

    if len(rows := np.flatnonzero(~np.isfinite(outputs).all(axis=1))):
        which = f"{'rows' if len(rows) > 1 else 'row'} {', '.join(map(str, rows[:5]))}{', …' if len(rows) > 5 else ''}"
        click.echo(f"{which}: no answer, as it is not finite: too large a number, there or in the weights", err=True)


def _print_lines(network: StoredNetwork, outputs: Floats) -> None:
    from tui_trainer.headless.lines import encode

    for row, (values, name) in enumerate(zip(outputs.tolist(), _class_names(network, outputs), strict=True)):
        click.echo(encode({"row": row, "outputs": values, "class": name}))


def _print_table(network: StoredNetwork, outputs: Floats) -> None:
    from tui_trainer.formatting import cell_text

    names = _output_names(network)
    rows = [
        [row, *map(cell_text, values), name or ""]
        for row, (values, name) in enumerate(zip(outputs.tolist(), _class_names(network, outputs), strict=True))
    ]
    tables.show(["row", *names, "class"], rows, right=names)


def _output_names(network: StoredNetwork) -> list[str]:
    """Return what each output is: of which class it tells how likely that is, or which value."""
    from engine.spec.sources.files import CsvFile

    count, classes, source = network.network.parameters.sizes[-1], network.preparation.classes, network.spec.data
    if classes:
        return [f"p({name})" for name in (classes if count == len(classes) else classes[1:])]
    if isinstance(source, CsvFile) and len(source.targets) == count:
        return list(source.targets)
    return ["value"] if count == 1 else [f"value {number}" for number in range(1, count + 1)]
