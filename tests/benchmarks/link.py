"""Bytes over an ssh link: ``watch`` beside the same screen drawn over there, training and paused.

``python -m tests.benchmarks.link`` needs sshd. The bytes are those of the TCP connection, with ssh's own encryption
and padding, counted by a proxy before sshd; both ways.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.conftest import end_workers
from tests.faults.proxy import Proxy, running_proxy
from tests.faults.sshd import SSHD, Box, running_box
from tests.terminal import TUI_TRAINER, Terminal

RUN = "breast-cancer-1"
SETTLE, MEASURE = 8.0, 20.0
"""Seconds after which it is measured, and for how long."""


def environment(box: Box, proxy: Proxy, folder: Path) -> dict[str, str]:
    return {
        **box.environment(proxy.port),
        "TUI_TRAINER_HOME": str(folder / "home"),
        "XDG_CONFIG_HOME": str(folder / "config"),
    }


def start_run(box: Box) -> None:
    """Start the run over there, at 20 epochs a second."""
    words = ["run", "breast-cancer", "--detach", "--name", RUN, "--epochs", "100000", "--pace", "20"]
    here = os.environ | {"TUI_TRAINER_HOME": str(box.home)}
    subprocess.run([*TUI_TRAINER, *words], check=True, env=here, stdout=subprocess.DEVNULL)


def measured(terminal: Terminal, proxy: Proxy) -> tuple[float, float]:
    """Return the bytes a second there and back."""
    before = proxy.counted.sent, proxy.counted.received
    terminal.pump(MEASURE)
    after = proxy.counted.sent, proxy.counted.received
    return (after[0] - before[0]) / MEASURE, (after[1] - before[1]) / MEASURE


def measure(name: str, terminal: Terminal, proxy: Proxy) -> None:
    """Print a line for a screen while its run trains, and one while it is paused."""
    terminal.wait_for("training")
    terminal.pump(SETTLE)
    show(f"{name}, training", measured(terminal, proxy))
    terminal.press(" ")
    terminal.wait_for("paused")
    terminal.pump(SETTLE)
    show(f"{name}, paused", measured(terminal, proxy))
    terminal.press(" ")
    terminal.wait_for("training")


def show(name: str, rates: tuple[float, float]) -> None:
    there, back = rates
    print(f"{name:<34} {there:8.0f} {back:8.0f} {there + back:8.0f}", flush=True)


def over_ssh(box: Box, proxy: Proxy, variables: Mapping[str, str]) -> list[str]:
    """Return what logs in over there and draws the screen from there."""
    return [*shlex.split(variables["TUI_TRAINER_SSH"]), "-t", "box", str(box.program), "attach", RUN]


def main() -> int:
    if SSHD is None:
        print("there is no sshd on this machine: nothing is measured over ssh")
        return 0
    print(f"{'bytes a second, 120×40, 20 epochs/s':<34} {'there':>8} {'back':>8} {'both':>8}")
    with tempfile.TemporaryDirectory(prefix="link-") as name:
        folder = Path(name)
        (folder / "box").mkdir()
        with running_box(folder / "box") as box, running_proxy(box.port) as proxy:
            variables = environment(box, proxy, folder)
            start_run(box)
            try:
                with Terminal(["watch", f"box:{RUN}"], environment=variables) as terminal:
                    measure("watch", terminal, proxy)
                with Terminal(program=over_ssh(box, proxy, variables), environment=variables) as terminal:
                    measure("the screen drawn over there", terminal, proxy)
            finally:
                end_workers(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
