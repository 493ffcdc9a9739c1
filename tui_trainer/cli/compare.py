"""``tui-trainer compare``: runs of the store side by side."""

from __future__ import annotations

import shutil

import click

from engine.errors import InputError
from tui_trainer.cli import suggestions
from tui_trainer.cli.parameters import json_option

LEAST_WIDTH = 60
"""Cells of a line where the output goes nowhere that has a width, or hardly any."""


@click.command()
@click.argument("names", metavar="RUN RUN…", nargs=-1, required=True, shell_complete=suggestions.runs)
@json_option
def compare(names: tuple[str, ...], *, as_json: bool) -> None:
    """Compare runs: in recipes, in losses, and by more than chance.

    There are the values in which their recipes differ, the best and the last epoch of each, and whether one is better
    by more than the seeds' own spread: seeds that both have are compared one by one, by their last epoch, or their best
    one where patience is set. The exam takes no part.
    """
    from engine.store.runs import RunStore
    from tui_trainer.headless import lines
    from tui_trainer.headless.comparison import comparison_line
    from tui_trainer.runs.compared import read_compared
    from tui_trainer.view_models.compare import Comparison
    from tui_trainer.view_models.compare_text import comparison_lines

    chosen = tuple(dict.fromkeys(names))
    if len(chosen) < 2:
        raise InputError(f"compare: expected two or more runs (got {' '.join(names)})")
    store = RunStore()
    comparison = Comparison(tuple(read_compared(store, name) for name in chosen))
    if as_json:
        click.echo(lines.encode(comparison_line(comparison)))
        return
    width = max(LEAST_WIDTH, shutil.get_terminal_size((120, 24)).columns)
    for line in comparison_lines(comparison, _plain, width):
        click.echo("".join(text for text, _ in line).rstrip())


def _plain(key: str) -> str:
    from tui_trainer.glossary import word

    return word(key, "standard")
