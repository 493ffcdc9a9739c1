"""Following a sweep from a terminal or a pipe: what has ended is printed, to its end or until one leaves."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from subprocess import Popen
from typing import Protocol

from engine.errors import TrainerError
from engine.sweep import exports
from engine.sweep.description import SweepDescription
from engine.sweep.launcher import exit_error
from engine.sweep.results import TrialResult
from engine.sweep.store import Sweep
from tui_trainer.headless import lines
from tui_trainer.headless.interrupts import Interrupts
from tui_trainer.headless.progress import ProgressReporter, progress_reporter
from tui_trainer.headless.training import DONE, FAILED, FORCED, HUNG_UP

LOOK_EVERY = 0.1


class Report(Protocol):
    """Prints what comes of a sweep."""

    def started(self, description: SweepDescription) -> None:
        """Print how it begins."""

    def ended(self, description: SweepDescription, found: dict[int, TrialResult]) -> None:
        """Print of trials what has come since the last call; ``found`` are all that have ended."""

    def finished(self, description: SweepDescription, found: dict[int, TrialResult], *, is_whole: bool) -> None:
        """Print the rest."""


class JsonSweepReport:
    """JSON lines, the trials in their order, whichever ends first: so the same sweep prints the same lines."""

    def __init__(self, output: Callable[[str], None]) -> None:
        self._output = output
        self._printed = 0

    def started(self, description: SweepDescription) -> None:
        """Print the line that opens the sweep."""
        self._print(exports.sweep_line(description))

    def ended(self, description: SweepDescription, found: dict[int, TrialResult]) -> None:
        """Print the lines of the trials up to the first one that has not ended."""
        trials = description.trials()
        while self._printed + 1 in found:
            self._print(exports.trial_line(trials[self._printed], found[self._printed + 1]))
            self._printed += 1

    def finished(self, description: SweepDescription, found: dict[int, TrialResult], *, is_whole: bool) -> None:
        """Print the lines that waited for others, and the last one where the sweep is whole."""
        trials = description.trials()
        for trial in sorted(trial for trial in found if trial > self._printed):
            self._print(exports.trial_line(trials[trial - 1], found[trial]))
        if is_whole:
            self._print(exports.finished_line(description, found))

    def _print(self, line: lines.Line) -> None:
        self._output(f"{lines.encode(line)}\n")


def follow(sweep: Sweep, process: Popen[bytes] | None, make_report: Callable[[Callable[[str], None]], Report]) -> int:
    """Print what comes of a sweep until nobody works on it any more; return the status.

    ctrl+c asks for its end, and once more forces it. A closed terminal leaves it at work.

    Args:
        sweep: The sweep.
        process: Works on it, where this process started it.
        make_report: Makes what prints, of what writes to stdout beside a progress bar.
    """
    reporter = progress_reporter(sys.stdout, sys.stderr, sweep.name, tells_progress=True, unit="trial")
    try:
        return asyncio.run(_follow(sweep, process, reporter, make_report(reporter.output)))
    finally:
        reporter.close()


async def _follow(sweep: Sweep, process: Popen[bytes] | None, reporter: ProgressReporter, report: Report) -> int:
    resume = f"tui-trainer resume {sweep.name} goes on"

    def stop() -> None:
        reporter.say(f"sweep {sweep.name}: stopping; trials that have ended are kept, {resume}")
        sweep.requests.ask_stop()

    with Interrupts(stop) as interrupts:
        try:
            found = await _read(sweep, process, report, reporter)
        except OSError as error:  # a pipeline ends with its reader, or a full disk, and so does this sweep
            if error.filename is None:
                sweep.requests.ask_stop()
            raise
        except asyncio.CancelledError:
            if interrupts.hung_up:
                return HUNG_UP
            _kill(sweep, process)
            reporter.say(f"sweep {sweep.name}: forced; trials that have ended are kept, {resume}")
            return FORCED
    state, _ = sweep.state()
    description = sweep.description()
    reporter.close()
    report.finished(description, found, is_whole=state == "finished")
    if state == "finished":
        return FAILED if found and all(result.state == "failed" for result in found.values()) else DONE
    status = None if process is None else process.poll()
    if state == "died" or status:
        raise exit_error(sweep, status)
    total = len(description.trials())
    reporter.say(f"sweep {sweep.name}: stopped after {len(found)} of {_trials(total)}; {resume}")
    return DONE


async def _read(
    sweep: Sweep, process: Popen[bytes] | None, report: Report, reporter: ProgressReporter
) -> dict[int, TrialResult]:
    """Report what ends until nobody works on the sweep; return all that has ended."""
    description, newest, found = sweep.description(), 0, dict[int, TrialResult]()
    report.started(description)
    reporter.say(f"sweep {sweep.name}: {_trials(len(description.trials()))}; ctrl+c stops it, and it can be resumed")
    reporter.progress(0, len(description.trials()))
    while True:
        is_over = not _is_at_work(sweep, process)  # before the last look, so that nothing is missed
        new, newest = sweep.trials.ended(newest)
        if new:
            found |= new
            if max(new) > len(description.trials()):
                description = sweep.description()  # it was extended
            await asyncio.to_thread(report.ended, description, found)
            reporter.progress(len(found), len(description.trials()))
        if is_over:
            if process is not None and process.poll() == 2:
                raise exit_error(sweep, 2)
            return found
        await asyncio.sleep(LOOK_EVERY)


def _is_at_work(sweep: Sweep, process: Popen[bytes] | None) -> bool:
    return process.poll() is None if process is not None else sweep.is_locked()


def _kill(sweep: Sweep, process: Popen[bytes] | None) -> None:
    """End the process that works on a sweep; those that it started see that it has gone."""
    with suppress(OSError, TrainerError):
        if process is not None:
            process.kill()
            return
        recorded = sweep.trials.state()
        if recorded.pid is not None and recorded.host == socket.gethostname() and sweep.is_locked():
            os.kill(recorded.pid, signal.SIGKILL)


def _trials(count: int) -> str:
    return "1 trial" if count == 1 else f"{count} trials"
