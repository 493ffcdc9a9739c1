"""ssh here, and tui-trainer on another machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine.errors import TrainerError
from engine.protocol.fingerprint import fingerprint
from engine.protocol.version import PROTOCOL
from engine.worker.link import LinkLostError
from tui_trainer.doctor.findings import Examination, Finding, fault, hint, ok, parse_examination

if TYPE_CHECKING:
    from tui_trainer.remote.ssh import Ssh


def examine_ssh(environment: Mapping[str, str] = os.environ) -> Finding:
    """Return which ssh there is here."""
    from tui_trainer.remote.ssh import SSH_VARIABLE

    if environment.get(SSH_VARIABLE):
        return ok("ssh", f"{SSH_VARIABLE}={environment[SSH_VARIABLE]}")
    advice = "install OpenSSH's client (openssh-client), to watch runs of other machines"
    if shutil.which("ssh") is None:
        return hint("ssh", "there is none", advice)
    try:
        done = subprocess.run(["ssh", "-V"], stdin=subprocess.DEVNULL, capture_output=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return hint("ssh", f"cannot be run ({error})", advice)
    return ok("ssh", (done.stderr or done.stdout).decode(errors="replace").strip())


def examine_host(ssh: Ssh, version: str) -> tuple[list[Finding], Examination | None]:
    """Ask the program on another machine what it finds there.

    Args:
        ssh: How the machine is reached.
        version: Of the program here.

    Returns:
        What there is to say of the way there, and what its own doctor says; None where it says nothing.
    """
    began = time.monotonic()
    try:
        examination = parse_examination(ssh.host, ssh.ask("doctor", "--json", ask_user=True, accepted=(0, 1)))
    except LinkLostError as error:
        advice = f"`ssh {ssh.host}` must lead there; its configuration, keys and agent are used"
        return [fault("link", str(error), advice)], None
    except TrainerError as error:
        return [ok("link", f"{ssh.host} answers"), _without_doctor(ssh, version, str(error))], None
    link = ok("link", f"{ssh.host} answered in {time.monotonic() - began:.1f} s")
    return [link, _program(examination, version)], examination


def _without_doctor(ssh: Ssh, version: str, complaint: str) -> Finding:
    """Return what there is on a machine on which no doctor has answered: none of the program, or an older one."""
    try:
        said = ssh.ask("--version", ask_user=True).split()
    except TrainerError:
        return fault("program", complaint, "without it no run of that machine can be watched")
    text = f"version {said[-1] if said else '?'} there, {version} here; it has no doctor"
    return hint("program", text, "pip install --upgrade tui-trainer, there")


def _program(found: Examination, version: str) -> Finding:
    text = f"version {found.version} there, {version} here"
    if found.protocol == PROTOCOL and found.messages not in {"", fingerprint()}:
        text += f"; two builds of protocol {PROTOCOL} whose messages differ: a run there is shown only from its store"
        return hint("program", text, "install the same build on both sides")
    if found.protocol == PROTOCOL:
        return ok("program", f"{text}; they understand each other (protocol {PROTOCOL})")
    older = "there" if found.protocol < PROTOCOL else "here"
    text += f"; protocols {found.protocol} and {PROTOCOL}: a run there is shown only from its store"
    return hint("program", text, f"pip install --upgrade tui-trainer, {older}")
