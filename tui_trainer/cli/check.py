"""``tui-trainer check``: the tutorials' figures, measured again."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import click

from tui_trainer.cli import suggestions, tables
from tui_trainer.cli.parameters import json_option
from tui_trainer.formatting import json_line, wrapped_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from presets.check.runner import Result
    from presets.claims import Verdict

WIDTH = 100
"""Of sentences, in cells."""
LONGEST_FIGURE = 26
"""Cells of a figure in the table; a matrix is longer."""
IN_WORDS: dict[Verdict, str] = {"holds": "hold", "inside": "inside their bands", "differs": "differ"}
UNDOCUMENTED = 1


@click.command()
@click.argument("names", metavar="[NAME…]", nargs=-1, shell_complete=suggestions.subjects)
@json_option
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Measure the figures of the tutorials again.

    What is published, what comes out here, and the verdict. A NAME is a preset's, a lab's, or a case's; without, all
    are checked, on all cores. The status is 1 where a verdict is not the documented one.
    """
    from presets.check import runner, subjects
    from tui_trainer.headless.progress import progress_reporter

    chosen = subjects.subjects(names)
    reporter = progress_reporter(sys.stdout, sys.stderr, "check", tells_progress=True, unit="measurement")
    try:
        results = list(runner.check(chosen, progress=reporter.progress))
    finally:
        reporter.close()
    if as_json:
        for result in results:
            click.echo(json_line(_line(result)))
    else:
        _print(results)
    _tell_undocumented(results)
    for subject in chosen:
        if not subject.claims:
            click.echo(f"{subject.name}: no figures are claimed of it", err=True)
    if not all(result.judgement.is_documented for result in results):
        ctx.exit(UNDOCUMENTED)


def _line(result: Result) -> dict[str, object]:
    figure, judgement = result.claimed.figure, result.judgement
    return {
        "case": result.claimed.claim.case,
        "key": figure.key,
        "published": figure.published,
        "measured": result.measured,
        "verdict": judgement.verdict,
        "why": judgement.why,
    }


def _print(results: Sequence[Result]) -> None:
    from presets.check.verdicts import printed, shown

    for name, group in groupby(results, key=lambda result: result.subject.name):
        of_subject = list(group)
        click.echo(f"{name}")
        rows = [
            (
                result.claimed.claim.case,
                _short(result.claimed.figure.key),
                _short("" if result.claimed.figure.published is None else printed(result.claimed.figure.published)),
                _short(shown(result.measured)),
                result.judgement.verdict,
            )
            for result in of_subject
        ]
        tables.show(("case", "figure", "published", "here", "verdict"), rows)
        for result in of_subject:
            if result.judgement.verdict == "differs" and result.judgement.why:
                _print_why(result)
        click.echo()
    click.echo(_summary(results))


def _summary(results: Sequence[Result]) -> str:
    counts = Counter(result.judgement.verdict for result in results)
    parts = [f"{counts[verdict]} {words}" for verdict, words in IN_WORDS.items() if counts[verdict]]
    undocumented = sum(not result.judgement.is_documented for result in results)
    documented = f"{undocumented} not as documented" if undocumented else "all as documented"
    return f"{len(results)} figures: {', '.join(parts)}; {documented}" if results else "no figures"


def _print_why(result: Result) -> None:
    click.echo()
    head = f"{result.claimed.claim.case} {result.claimed.figure.key}, in {result.claimed.claim.where}:"
    for line in wrapped_text(f"{head} {result.judgement.why}", WIDTH):
        click.echo(line)


def _tell_undocumented(results: Sequence[Result]) -> None:
    for result in results:
        if not result.judgement.is_documented:
            place = f"{result.subject.name}: {result.claimed.claim.case} {result.claimed.figure.key}"
            click.echo(f"tui-trainer: {place}: {result.judgement.why}", err=True)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_FIGURE else f"{text[: LONGEST_FIGURE - 1]}…"
