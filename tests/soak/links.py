"""A link over ssh that is cut again and again under ``watch``: ``python -m tests.soak.links --cuts 20``.

A real terminal shows a run of "another machine" over a slow link (200 ms there and back) that loses one packet of 20.
While the link is cut, keys that concern the screen alone are pressed and must act; once it is back, a key that turns a
dial must show at once what was asked for. A second watcher, over the same link, counts: at its end no epoch is missing.
It needs sshd, and prints how long each key took; the exit status is 1 where something was missing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from engine.protocol.commands import Stop
from engine.run.series import LAST
from engine.store.runs import RunStore
from tests.conftest import end_workers
from tests.faults.proxy import Proxy, running_proxy
from tests.faults.sshd import running_box
from tests.patience import PATIENCE
from tests.terminal import TUI_TRAINER, Terminal
from tui_trainer.remote.targets import TargetRuns
from tui_trainer.runs.connection import RunConnection
from tui_trainer.view_models.dashboard import DashboardModel

RUN = "breast-cancer-1"
DELAY, LOSS = 0.1, 0.05


class Counter:
    """A watcher that counts."""

    def __init__(self) -> None:
        runs = TargetRuns([f"box:{RUN}"])
        runs.ask(str, ask_user=False)
        target = runs.first(str, ask_user=False)
        self.model = DashboardModel(title="-")
        self.connection = RunConnection(target.connect, None, self.model, lambda _: None, check_every=0.2)
        self.connection.adopt(target)
        self.task = asyncio.create_task(self.connection.run())

    async def until(self, link: str) -> None:
        async with asyncio.timeout(PATIENCE):
            while self.model.link != link or not self.model.has_frame:
                await asyncio.sleep(0.01)

    def missing(self, rows: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> int:
        """Return how many epochs of a run's rows, (epochs, S, C), it has not, or has otherwise."""
        history = self.model.run.history
        if history.width != 1 or history.epochs != len(rows):
            return abs(history.epochs - len(rows)) or len(rows)
        return int(np.sum(~np.isclose(history.values[..., LAST], rows[:, 0], equal_nan=True).all(axis=1)))


async def cut_once(number: int, terminal: Terminal, counter: Counter, proxy: Proxy) -> tuple[float, float]:
    """Cut the link and restore it; return how long a key of the screen and one of the run took to show, seconds."""
    await asyncio.to_thread(terminal.wait_for, "training")
    proxy.cut()
    await asyncio.to_thread(terminal.wait_for, "reconnecting")
    await counter.until("reconnecting")
    is_linear = "linear axis" in terminal.text
    terminal.press("y")
    local = await asyncio.to_thread(terminal.wait_for, lambda text: ("linear axis" in text) is not is_linear)
    proxy.restore()
    terminal.press("enter")
    counter.connection.reconnector.hurry()
    await asyncio.to_thread(terminal.wait_for, "training")
    await counter.until("live")
    value = "0.002" if number % 2 == 0 else "0.001"
    terminal.press("]" if number % 2 == 0 else "[")
    asked = await asyncio.to_thread(terminal.wait_for, lambda text: f" {value} " in text or f" {value}\n" in text)
    return local, asked


async def soak(cuts: int, proxy: Proxy, store: RunStore) -> int:
    counter = Counter()
    took: list[tuple[float, float]] = []
    with Terminal(["watch", f"box:{RUN}"]) as terminal:
        for number in range(cuts):
            took.append(await cut_once(number, terminal, counter, proxy))
            print(f"cut {number + 1}: epoch {counter.model.run.frame.epoch}", flush=True)  # noqa: T201
        await counter.connection.send(Stop())
        await counter.until("ended")
        terminal.press("q")
    missing = counter.missing(store.open(RUN).metrics.rows())
    for what, times in zip(("a key of the screen while cut", "a dial, as asked"), zip(*took, strict=True), strict=True):
        ordered = sorted(times)
        worst = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        print(f"{what}: median {statistics.median(times) * 1000:.0f} ms, 95 % within {worst * 1000:.0f} ms")  # noqa: T201
    print(f"{cuts} cuts, {proxy.counted.connections} connections, {missing} epochs missing")  # noqa: T201
    return 1 if missing else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--cuts", type=int, default=20, metavar="N")
    cuts = parser.parse_args().cuts
    with tempfile.TemporaryDirectory(prefix="links-") as name:
        folder = Path(name)
        (folder / "box").mkdir()
        with running_box(folder / "box") as box, running_proxy(box.port, delay=DELAY, loss=LOSS) as proxy:
            words = ["run", "breast-cancer", "--detach", "--name", RUN, "--epochs", "100000", "--pace", "5"]
            there = os.environ | {"TUI_TRAINER_HOME": str(box.home)}
            subprocess.run([*TUI_TRAINER, *words], check=True, env=there, stdout=subprocess.DEVNULL)
            os.environ.update(box.environment(proxy.port), TUI_TRAINER_HOME=str(folder / "home"))
            os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
            try:
                return asyncio.run(soak(cuts, proxy, RunStore(box.home)))
            finally:
                end_workers(folder)


if __name__ == "__main__":
    sys.exit(main())
