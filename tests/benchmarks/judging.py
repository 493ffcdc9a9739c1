"""What judging costs a training: its share of the processor's time, unwatched and at full speed.

``python -m tests.benchmarks.judging [--seconds 8]``. The first second is left out: a run is looked at when it begins,
and small networks have done hundreds of epochs in it.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

import presets
from engine.store.runs import RunStore
from engine.training.stored import open_trainer
from engine.worker.judging import Judging
from engine.worker.trained import TrainedRun
from tests.benchmarks.figures import describe_machine, report

PRESETS = ("breast-cancer", "plants-moons", "digits", "mistake-unscaled", "one-clerk")
MOST = 1.0
"""Per cent."""


class Meter:
    """Adds up the processor's time that some methods take."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0

    @property
    def net(self) -> float:
        """The seconds without those that the measuring itself takes."""
        empty = Meter()
        nothing = empty.measured(lambda: None)
        for _ in range(1000):
            nothing()
        return self.seconds - self.calls * empty.seconds / 1000

    def measured(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that does the same, and is measured."""

        def call(*arguments: Any, **named: Any) -> Any:
            self.calls += 1
            time.thread_time()  # the first look after two milliseconds of training is a slow one
            begun = time.thread_time()
            try:
                return method(*arguments, **named)
            finally:
                self.seconds += time.thread_time() - begun

        return call


def share(preset: str, seconds: float) -> float:
    """Return the share of the time, in per cent, that the judging of a preset takes."""
    spec = presets.load(preset, set={"training.epochs": 10**6})
    with tempfile.TemporaryDirectory() as folder:
        run = RunStore(Path(folder)).create(spec, [42])
        with run.lock():
            live = TrainedRun(run, open_trainer(run), pace=None, attach_only=False, clock=time.monotonic)
            live.open()
            _train(live, 1.0)
            meter = Meter()
            judging: Judging = live._recorder.judging
            for name in ("take", "judge_if_due"):
                setattr(judging, name, meter.measured(getattr(judging, name)))
            begun = time.thread_time()
            _train(live, seconds)
            spent = time.thread_time() - begun
            judging.close()
            run.metrics.close()
    return 100 * meter.net / spent


def _train(live: TrainedRun, seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        live.advance(time.monotonic() + 0.002)


def main() -> None:
    """Measure every preset."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    seconds = parser.parse_args().seconds
    describe_machine()
    with threadpool_limits(1):  # as a worker has it
        for preset in PRESETS:
            report(f"judging {preset}", share(preset, seconds), "%", at_most=MOST)


if __name__ == "__main__":
    main()
