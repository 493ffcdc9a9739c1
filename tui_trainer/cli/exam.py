"""``tui-trainer exam``: the sealed test part of a run, opened."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import InputError, TrainerError, nearest, sanitize
from tui_trainer.cli import suggestions
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from engine.protocol.events import Welcome
    from engine.run.exam import ExamResult
    from engine.store.runs import Run


EXAM_PATIENCE = 120.0
"""Seconds for which a worker may be silent over an exam."""


@click.command()
@click.argument("name", metavar="RUN", shell_complete=suggestions.runs)
@click.option("--positive", metavar="CLASS", help="The class that is looked for; of two the second, unless you say so.")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.md|.html",
    help="Write it as a handout, too, with its curves drawn.",
)
@json_option
def exam(name: str, *, positive: str | None, output: Path | None, as_json: bool) -> None:
    """Open a run's sealed exam; every opening is recorded."""
    import asyncio

    from engine.run.exam import ExamReport, ExamResult
    from engine.run.exam_document import graded
    from engine.store.runs import RunStore
    from tui_trainer.headless import lines
    from tui_trainer.headless.reports import exam_text, mistakes_text

    if output is not None:
        _check_output(output)
    run = RunStore().open(name)
    _ = run.description.trained  # else another program trains it, and has whatever exam there is
    sitting = _Sitting(positive, as_json=as_json)
    try:
        welcome, result = asyncio.run(_exam(run, sitting))
    except TrainerError:
        sitting.break_off()
        raise
    if result is None:
        if as_json:
            nothing = ExamReport(epoch=run.summary().epoch, loss=None, accuracy=None)
            keys = graded(ExamResult(epoch=nothing.epoch, reports=(nothing,)), ())
            click.echo(lines.encode({**dict.fromkeys(keys), "epoch": nothing.epoch}))
        raise InputError(f"run {name}: split.test: this run has no exam; set a fraction of the rows aside for it")
    if as_json:
        click.echo(
            lines.encode(graded(result, welcome.classes, sitting.positive, welcome.feature_names))[len(_OPENING) :]
        )
    else:
        text = [*exam_text(welcome, result, sitting.positive), *mistakes_text(welcome, result)]
        click.echo("\n".join(text))
    if output is not None:
        _write_handout(welcome, result, output)


def _check_output(output: Path) -> None:
    """See that a handout can be written, before the seal is broken.

    Raises:
        InputError: Another ending, or no folder to write into.
    """
    from tui_trainer.handouts import files

    files.writer(output)
    if not output.parent.is_dir() or not os.access(output if output.exists() else output.parent, os.W_OK):
        raise InputError(f"--output: {sanitize(output)}: cannot be written: no such folder, or it is not yours")


def _write_handout(welcome: Welcome, result: ExamResult, output: Path) -> None:
    from tui_trainer.handouts import exam, files
    from tui_trainer.runs.printed import printed_accuracy

    files.save(exam.document(welcome, result, printed_accuracy(welcome.recipe)), output)
    click.echo(f"written: {sanitize(output)}", err=True)


_OPENING = "{"


class _Sitting:
    """What is checked and written before the seal is broken: an exam that cannot be shown is not to be opened.

    Attributes:
        positive: The number of the class that is looked for, once that is known; None for the usual one.
    """

    def __init__(self, positive: str | None, *, as_json: bool) -> None:
        self.positive: int | None = None
        self._name = positive
        self._as_json = as_json
        self._is_begun = False

    def begin(self, welcome: Welcome) -> None:
        """Find the positive class, and write how the output begins, whatever the exam is going to say.

        Raises:
            InputError: There is no such class.
            OSError: Stdout cannot be written.
        """
        from tui_trainer.headless.reports import title

        if self._name is not None:
            if self._name not in welcome.classes:
                class_names = ", ".join(welcome.classes) or "none, this run predicts values"
                hint = nearest(self._name, welcome.classes) or f" (there: {sanitize(class_names, 160)})"
                raise InputError(f"--positive: there is no class {sanitize(repr(self._name), 60)}{hint}")
            self.positive = welcome.classes.index(self._name)
        click.echo(_OPENING if self._as_json else title(welcome), nl=not self._as_json)
        self._is_begun = True

    def break_off(self) -> None:
        """End the line that was begun."""
        if self._is_begun and self._as_json:
            click.echo("}")


async def _exam(run: Run, sitting: _Sitting) -> tuple[Welcome, ExamResult | None]:
    """Return the run and its opened exam, None where it has none."""
    from engine.worker.launcher import attach
    from tui_trainer.cli.waiting import waiting_for
    from tui_trainer.headless.training import open_exam

    async with waiting_for(run) if run.is_locked() else nullcontext():
        client = await attach(run, silence_limit=EXAM_PATIENCE)
    try:
        if not client.welcome.rows[2]:
            return client.welcome, None
        sitting.begin(client.welcome)
        return client.welcome, await open_exam(client, client.frames())
    finally:
        await client.close()
