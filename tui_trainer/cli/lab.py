"""``tui-trainer lab``: small experiments without a training set, by their figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tui_trainer.cli import parameters, suggestions, tables
from tui_trainer.formatting import cell_text, json_line, wrapped_text

if TYPE_CHECKING:
    from presets.labs.contract import Lab, LabDial, LabResult, Settings, Table

WIDTH = 100
"""Of sentences, in cells."""


@click.command()
@click.argument("name", metavar="[NAME]", required=False, shell_complete=suggestions.labs)
@click.option(
    "--set",
    "settings",
    type=parameters.lab_setting,
    multiple=True,
    metavar="KEY=VALUE",
    help="Turn a dial, as in rate=.1; a list is written .9,.3,.05.",
    shell_complete=suggestions.lab_settings,
)
@parameters.json_option
def lab(name: str | None, *, settings: tuple[tuple[str, Any], ...], as_json: bool) -> None:
    """Compute a lab's figures, or list the labs.

    On the screen its dials turn and its plots are drawn: `T` on the dashboard opens the labs.
    """
    from presets import labs

    if name is None:
        if settings:
            raise click.UsageError("--set turns a lab's dials: name a lab before it")
        _list(as_json=as_json)
        return
    chosen = labs.lab(name)
    turned = chosen.with_settings(dict(settings))
    result = chosen.compute(turned)
    if as_json:
        click.echo(json_line({"lab": chosen.name, "values": result.values}))
    else:
        _print(chosen, turned, result)


def _list(*, as_json: bool) -> None:
    from presets import labs

    if as_json:
        for each in labs.LABS.values():
            dials = [_described(dial) for dial in each.dials]
            click.echo(json_line({"name": each.name, "title": each.title, "dials": dials}))
    else:
        tables.show(("lab", "about"), [(each.name, each.title) for each in labs.LABS.values()])


def _described(dial: LabDial) -> dict[str, Any]:
    """Return a dial as JSON has it: what it may be is told in words too."""
    default = list(dial.default) if isinstance(dial.default, tuple) else dial.default
    return {"key": dial.key, "kind": dial.kind, "default": default, "expected": dial.expected, "help": dial.help}


def _print(chosen: Lab, turned: Settings, result: LabResult) -> None:
    click.echo(chosen.title)
    click.echo()
    tables.show(
        ("dial", "value", "what it does"),
        [(dial.key, cell_text(turned[dial.key]), dial.help) for dial in chosen.dials],
        longest=WIDTH,
    )
    for table in result.tables:
        _print_table(table)
    click.echo()
    for formula in result.formulas:
        click.echo(formula)
    click.echo()
    for note in result.notes:
        for line in wrapped_text(note, WIDTH):
            click.echo(line)
    plots = ", ".join(f"“{plot.title}”" for plot in result.plots)
    click.echo()
    for line in wrapped_text(f"Drawn on the screen, and by --output lesson.html: {plots}.", WIDTH):
        click.echo(line)


def _print_table(table: Table) -> None:
    click.echo(f"\n{table.title}")
    rows = [[cell_text(cell) for cell in row] for row in table.rows]
    numeric = [
        column
        for index, column in enumerate(table.columns)
        if any(isinstance(row[index], int | float) for row in table.rows)
    ]
    tables.show(table.columns, rows, right=numeric, longest=WIDTH)
