"""``tui-trainer doctor``: what this terminal, machine, store and ssh can do, and what to do where it is not enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.errors import InputError
from tui_trainer.cli import terminal
from tui_trainer.cli.parameters import json_option

if TYPE_CHECKING:
    from tui_trainer.doctor.findings import Examination, Finding


@click.command()
@click.argument("host", metavar="HOST", required=False)
@click.option(
    "--remote-program",
    metavar="PATH",
    help="What tui-trainer is called on the other machine, where ssh does not find it. Or: TUI_TRAINER_REMOTE_PROGRAM.",
)
@json_option
def doctor(host: str | None, *, remote_program: str | None, as_json: bool) -> int:
    """Say what terminal, BLAS, store and ssh can do, and what to do.

    With a HOST: whether ssh leads there, which tui-trainer is there, and what it finds. The status is 1 where something
    does not work.
    """
    examination = _examine_here() if host is None else _examine_there(host, remote_program)
    if as_json:
        click.echo(examination.model_dump_json())
    else:
        _print(examination, host)
    return 1 if examination.has_faults else 0


def _examine_here() -> Examination:
    from tui_trainer.doctor.far import examine_ssh
    from tui_trainer.doctor.machine import examine_logout, examine_machine
    from tui_trainer.doctor.places import examine_places
    from tui_trainer.doctor.terminal import examine_terminal, run_quietly, this_terminal

    screen = examine_terminal(this_terminal())
    return _examination(*screen, *examine_machine(), *examine_places(), examine_logout(run_quietly), examine_ssh())


def _examine_there(host: str, program: str | None) -> Examination:
    """Examine the way to another machine, and let the program there examine it.

    Raises:
        InputError: It is no host.
    """
    from tui_trainer.doctor.far import examine_host, examine_ssh
    from tui_trainer.remote.ssh import Ssh
    from tui_trainer.remote.target import parse_target

    target = parse_target(host, lambda _: False)
    if target.run:
        raise InputError(f"doctor: expected a HOST without a run (got {host!r})")
    findings, there = examine_host(Ssh(target.host, program), _version())
    return _examination(examine_ssh(), *findings, there=there)


def _examination(*findings: Finding, there: Examination | None = None) -> Examination:
    from engine.protocol.fingerprint import fingerprint
    from engine.protocol.version import PROTOCOL
    from tui_trainer.doctor.findings import Examination

    return Examination(version=_version(), protocol=PROTOCOL, messages=fingerprint(), findings=findings, remote=there)


def _version() -> str:
    from importlib.metadata import version

    return version("tui-trainer")


def _print(examination: Examination, host: str | None) -> None:
    columns = terminal.columns()
    click.echo(f"tui-trainer {examination.version}, protocol {examination.protocol}")
    for finding in examination.findings:
        click.echo("\n".join(finding.lines(columns)))
    if examination.remote is not None and host is not None:
        click.echo(f"\non {host}, as its own tui-trainer finds:")
        for finding in examination.remote.findings:
            if finding.name != "terminal":
                click.echo("\n".join(finding.lines(columns)))
