"""What the stories share: the runs of their store, and what these are to come to."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import engine
import presets
from engine.protocol.commands import SetPace
from engine.run.changes import PACE_PATH, Change
from engine.store.runs import Run, RunStore
from engine.worker.launcher import attach
from tests.patience import PATIENCE
from tests.terminal import Terminal

EPOCHS = 120
STEERED = ("--epochs", str(EPOCHS), "--pace", "2")
"""A minute long, so that a key comes in time, however busy the machine; ``hurry`` ends it."""


def the_run() -> Run:
    """Return the only run that there is."""
    (run,) = RunStore().runs()
    return run


def wait_for(holds: Callable[[], object]) -> None:
    """Wait until something holds that only asking tells."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)


def wait_for_end_of(run: Run) -> None:
    """Wait until no worker holds the run; its lock is what tells."""
    wait_for(lambda: not run.is_locked())


def epoch_of(text: str) -> int:
    """Return the epoch that the header shows."""
    found = re.search(r"epoch\s+(\d+) / ", text)
    return int(found[1]) if found else 0


def reached(epoch: int) -> Callable[[str], bool]:
    """Return whether a screen's text shows that the run has come to an epoch."""
    return lambda text: epoch_of(text) >= epoch


def finished(text: str) -> bool:
    """Return whether a screen shows a run at its end."""
    return "finished" in text and epoch_of(text) == EPOCHS


def come_to_rest(terminal: Terminal) -> None:
    """Wait until a screen on which nothing goes on has written all that it has to say.

    It is silent, and sleeps whenever one looks; so does the worker, which may have something to tell it.
    """
    silent = 0
    while silent < 5:
        silent = silent + 1 if terminal.pump(0.1) == 0 and terminal.sleeps else 0


def hurry(terminal: Terminal) -> None:
    """Let the run that is shown go on at full speed."""
    terminal.press(*"+" * 12)


def hurry_unseen(run: Run) -> None:
    """Let a run that its worker trains go on at full speed, to its end."""

    async def hurry() -> None:
        client = await attach(run)
        await client.send(SetPace(pace=None))
        async with asyncio.timeout(PATIENCE):
            async for frame, _ in client.frames():
                if frame.state == "finished":
                    break
        await client.close()

    asyncio.run(hurry())


def turns(run: Run) -> list[Change]:
    """Return a run's changes but for those of the pace, which no number knows of."""
    return [change for change in run.metrics.changes() if change.path != PACE_PATH]


def tui_trainer(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the program without a terminal, to its end."""
    command = [sys.executable, "-P", "-m", "tui_trainer", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == status, done.stderr
    return done


def undisturbed(changes: Sequence[Change] = (), *, seed: int = 42, epochs: int = EPOCHS) -> NDArray[np.float64]:
    """Return the metrics (k, 1, 5) of the breast-cancer recipe, trained here with these changes and nobody watching."""
    trainer = engine.Trainer(presets.load("breast-cancer", set={"training.epochs": epochs}), seed=seed)
    rows = []
    for change in sorted(changes, key=lambda change: change.place):
        while (trainer.epoch + 1, trainer.step_in_epoch) < change.place:
            result = trainer.step()
            rows += [] if result is None else [result.row()]
        trainer.apply([change])
    return np.stack([*rows, *(result.row() for result in trainer.epochs())])
