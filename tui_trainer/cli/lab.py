"""``tui-trainer lab``: small experiments without a training set, by their figures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import sanitize
from tui_trainer.cli import parameters, suggestions, tables, terminal
from tui_trainer.formatting import json_line, wrapped_text

if TYPE_CHECKING:
    from presets.labs.contract import Lab, LabDial, LabResult
    from tui_trainer.handouts.document import Document


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
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.md|.html",
    help="Write a handout with plots, tables and questions, to print or to give out.",
)
@parameters.json_option
def lab(name: str | None, *, settings: tuple[tuple[str, Any], ...], output: Path | None, as_json: bool) -> None:
    """Compute a lab's figures, or list the labs.

    On the screen its dials turn and its plots are drawn: `T` on the dashboard opens the labs.
    """
    from presets import labs

    if name is None:
        if settings or output:
            raise click.UsageError(f"{'--set' if settings else '--output'} is about a lab: name one before it")
        _list(as_json=as_json)
        return
    _show(labs.lab(name), dict(settings), output, as_json=as_json)


def _show(chosen: Lab, settings: dict[str, Any], output: Path | None, *, as_json: bool) -> None:
    """Print a lab as text or JSON, or write its handout; with both, the handout and the JSON."""
    from presets.claims import lab_claims
    from presets.courses import lab_card
    from tui_trainer.handouts import files, lab

    if output:
        files.writer(output)  # a wrong ending is told before anything is computed
    turned = chosen.with_settings(settings)
    result = chosen.compute(turned)
    claims = lab_claims(chosen.name)
    if output:
        files.save(lab.document(chosen, turned, result, lab_card(chosen.name), claims), output)
        click.echo(f"written: {sanitize(output)}", err=True)
    if as_json:
        click.echo(json_line({"lab": chosen.name, "values": result.values}))
    elif not output:
        _print(lab.document(chosen, turned, result, claims=claims), result)


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


def _print(handout: Document, result: LabResult) -> None:
    from tui_trainer.handouts import text

    columns = terminal.columns()
    width = min(text.WIDTH, columns or text.WIDTH)
    click.echo(text.written(handout, columns))
    plots = ", ".join(f"“{plot.title}”" for plot in result.plots)
    for line in wrapped_text(f"Drawn on the screen, and by --output lab.html: {plots}.", width):
        click.echo(line)
