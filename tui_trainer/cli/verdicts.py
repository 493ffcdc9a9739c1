"""``tui-trainer verdicts``: what goes wrong in a run, or went wrong for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui_trainer.cli import suggestions
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.run.verdicts import Verdict


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs)
@json_option
def verdicts(name: str, *, as_json: bool) -> None:
    """Say what goes wrong in a run, since when, by which numbers, and what to try.

    As its worker recorded it while it trained; what has passed is told with its end.
    """
    from engine.judgement.stored import stored_verdicts
    from engine.store.runs import RunStore
    from tui_trainer.headless import lines

    verdicts_of_run = stored_verdicts(RunStore().open(name))
    for verdict in verdicts_of_run:
        click.echo(lines.encode(lines.verdict(verdict)) if as_json else text(verdict))
    if not verdicts_of_run and not as_json:
        from tui_trainer.view_models.verdicts import NOTHING_WRONG

        click.echo(f"run {name}: {NOTHING_WRONG}")


def text(verdict: Verdict) -> str:
    """Return a verdict as it is read."""
    from engine.errors import sanitize

    since = f"since epoch {verdict.since}" if verdict.since else "from the start"
    when = since if verdict.until is None else f"{since}, until epoch {verdict.until}"
    paragraphs = [f"{verdict.name} ({when})", f"  {sanitize(verdict.evidence, 400)}"]
    if verdict.lately:
        paragraphs.append(f"  {'at last' if verdict.until is not None else 'now'}: {sanitize(verdict.lately, 400)}")
    return "\n".join([*paragraphs, f"  try: {sanitize(verdict.advice, 400)}"])
