"""``tui-trainer presets``: what there is to train."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from engine.errors import InputError
from tui_trainer.cli import suggestions, tables
from tui_trainer.cli.parameters import json_option
from tui_trainer.formatting import json_line

if TYPE_CHECKING:
    from presets import Preset


@click.command()
@click.argument("name", metavar="[NAME]", required=False, shell_complete=suggestions.presets)
@click.option("--schema", is_flag=True, help="Print the JSON Schema by which an editor completes and checks a preset.")
@json_option
def presets(name: str | None, *, schema: bool, as_json: bool) -> None:
    """List the presets, or print one.

    `tui-trainer presets xor > mine.toml` makes a file that `tui-trainer mine.toml` trains.
    """
    if schema:
        import json

        from presets.json_schema import json_schema

        click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
    elif name is None:
        _list(as_json=as_json)
    else:
        _print(name, as_json=as_json)


def _list(*, as_json: bool) -> None:
    import presets

    listed: list[Preset] = []
    for name in presets.names():
        try:
            listed.append(presets.read(name))
        except InputError as error:  # one of the user's own; the others are listed all the same
            click.echo(f"tui-trainer: {error}", err=True)
    if as_json:
        for preset in listed:
            click.echo(json_line(_summary(preset)))
    else:
        tables.show(
            ("preset", "kind", "summary"), [(preset.name, preset.card.kind, preset.card.summary) for preset in listed]
        )


def _print(name: str, *, as_json: bool) -> None:
    import presets

    preset = presets.read(name)
    if as_json:
        recipe = preset.spec.model_dump(mode="json")
        card = preset.card.model_dump(mode="json")
        whole = {"name": preset.name, "path": str(preset.path), "card": card, "recipe": recipe}
        click.echo(json_line({**whole, "claims": _claims(preset)}))
    else:
        click.echo(presets.text_of(preset), nl=False)


def _summary(preset: Preset) -> dict[str, Any]:
    spec = preset.spec
    return {
        "name": preset.name,
        **preset.card.summary_table,
        "data": str(spec.data.source),
        "units": [layer.units for layer in spec.network.layers],
        "epochs": spec.training.epochs,
        "claims": _claims(preset),
    }


def _claims(preset: Preset) -> list[dict[str, Any]]:
    from presets.claims import figures, summary

    return [summary(figure) for figure in figures(preset.claims)]
