"""Follow a run to its end without a screen."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from engine.errors import TrainerError, WorkerError
from engine.protocol.commands import AnyCommand, OpenExam, Ping, Stop
from engine.protocol.events import Frame, Welcome
from engine.run.exam import ExamResult
from engine.worker.link import GoneError
from tui_trainer.headless.interrupts import Interrupts
from tui_trainer.headless.progress import ProgressReporter, progress_reporter
from tui_trainer.headless.reports import JsonReport, Report, TableReport

DONE, FAILED, HUNG_UP, FORCED = 0, 1, 129, 130
"""Exit statuses: finished or gracefully stopped; failed; the terminal was closed; forced."""

KEEPALIVE_SECONDS = 3.0
"""Seconds between two signs of life; the worker forgets a client that is silent for ten."""

READING_SECONDS = 1.0
"""Seconds between two lines on how far the data have been read."""

Frames = AsyncIterator[tuple[Frame, Mapping[str, NDArray[Any]]]]


class Client(Protocol):
    """What is needed of ``engine.worker.client.Client``."""

    @property
    def welcome(self) -> Welcome:
        """What the run is."""

    def frames(self) -> Frames:
        """Yield frames with every epoch's metrics, until the run is stopped."""

    async def send(self, command: AnyCommand) -> int:
        """Send a command and return its number; the reply comes with a later frame."""

    async def close(self) -> None:
        """Leave; the worker goes on."""


@dataclass(frozen=True, kw_only=True)
class FollowOptions:
    """How to follow a run.

    Attributes:
        name: The run's name.
        connect: Reaches the run's worker.
        kill: Ends that worker by force.
        json: Print JSON lines instead of a table.
        exam: Open the exam where the run comes to its end.
        reading: Says what the worker reads and how far it is, while it is being started.
        after: For a run that is taken up again, the epoch it goes on from: only later ones are printed.
    """

    name: str
    connect: Callable[[], Awaitable[Client]]
    kill: Callable[[], object]
    json: bool = False
    exam: bool = False
    reading: Callable[[], str] = str
    after: int | None = None


def follow(options: FollowOptions) -> int:
    """Print a run to stdout until it ends, narrate on stderr, and return the exit status.

    The first ctrl+c or SIGTERM stops the run, saved; the second kills its worker. After SIGHUP it trains on unwatched.

    Raises:
        TrainerError: The worker could not be started, or died.
        OSError: Stdout cannot be written, or nobody reads it any more; the run has been asked to stop.
    """
    reporter = progress_reporter(sys.stdout, sys.stderr, options.name, tells_progress=options.json)
    with contextlib.closing(reporter):
        return asyncio.run(_follow(options, reporter))


async def _follow(options: FollowOptions, reporter: ProgressReporter) -> int:
    resume_hint = f"tui-trainer resume {options.name} takes it up again"
    with Interrupts(lambda: reporter.say("stopping; ctrl+c once more forces")) as interrupts:
        try:
            last = await _follow_run(options, reporter, interrupts.asked)
        except asyncio.CancelledError:
            if interrupts.hung_up:
                reporter.say(f"run {options.name}: trains on; tui-trainer attach {options.name} shows it")
                return HUNG_UP
            options.kill()
            reporter.say(f"run {options.name}: forced, so only its last checkpoint is kept; {resume_hint}")
            return FORCED
    if last.reason == "non_finite":
        reporter.say(f"run {options.name}: {last.message}")
        return FAILED
    if last.state == "stopped":
        reporter.say(f"run {options.name}: saved after epoch {last.epoch}; {resume_hint}")
    return DONE


async def _follow_run(options: FollowOptions, reporter: ProgressReporter, asked: asyncio.Event) -> Frame:
    """Talk to the worker until the run has ended; return the frame that said so."""
    reading_task = asyncio.create_task(_tell_reading(options.reading, reporter))
    try:
        client = await options.connect()
    finally:
        reading_task.cancel()
    reporter.say(f"run {options.name}: tui-trainer attach {options.name} watches it, ctrl+c stops it")
    for note in client.welcome.notes:
        reporter.say(note)
    side_tasks = [asyncio.create_task(_stop_once(asked, client)), asyncio.create_task(_keepalive(client))]
    try:
        report = _report(options, client.welcome, reporter)
        report.started()
        frames = client.frames()
        last = await _read(_report_problems(frames, options.name, reporter), report, reporter, options.after or 0)
        exam = await open_exam(client, frames) if options.exam and _has_exam(last, client.welcome) else None
        report.finished(last.reason, last.epoch, exam)
    except OSError as error:  # a pipeline ends with its reader, or a full disk, and so does this run
        if error.filename is None:
            await client.send(Stop())
        raise
    finally:
        for task in side_tasks:
            task.cancel()
        await client.close()
    return last


async def _tell_reading(reading: Callable[[], str], reporter: ProgressReporter) -> None:
    """Say how far the worker has come with its data, as long as it does not answer."""
    last = ""
    while True:
        await asyncio.sleep(READING_SECONDS)
        if (note := await asyncio.to_thread(reading)) and note != last:
            reporter.say(note)
        last = note


async def _stop_once(asked: asyncio.Event, client: Client) -> None:
    await asked.wait()
    await client.send(Stop())


async def _keepalive(client: Client) -> None:
    """Give signs of life, also while stdout keeps us waiting."""
    while True:
        await asyncio.sleep(KEEPALIVE_SECONDS)
        await client.send(Ping())


def _report(options: FollowOptions, welcome: Welcome, reporter: ProgressReporter) -> Report:
    if options.json:
        return JsonReport(welcome, reporter.output, after=options.after)
    return TableReport(welcome, reporter.output)


async def _read(frames: Frames, report: Report, reporter: ProgressReporter, last_reported: int) -> Frame:
    """Report the epochs after ``last_reported`` until the run has ended; return the last frame."""
    frame = None
    async for frame, arrays in frames:
        rows = arrays.get("rows")
        if rows is not None:
            new = rows[max(0, last_reported + 1 - frame.first_epoch) :]
            # In a thread, as a reader of stdout may keep it waiting (a pager does).
            await asyncio.to_thread(report.epochs, frame.first_epoch + len(rows) - len(new), new)
            last_reported = max(last_reported, frame.first_epoch + len(rows) - 1)
        await asyncio.to_thread(report.verdicts, frame.verdicts, frame.judged)
        reporter.progress(last_reported, frame.epochs)
        if frame.state == "finished" and last_reported >= frame.epoch:
            return frame
    if frame is None or frame.state != "stopped":
        raise WorkerError((frame and frame.message) or "the worker left before the run had ended")
    return frame


async def _report_problems(frames: Frames, name: str, reporter: ProgressReporter) -> Frames:
    """Pass frames on; say once why the run had to pause (a full disk), and how it goes on.

    Raises:
        WorkerError: The worker is gone; the line says how the run goes on.
    """
    reported_problem = reported_message = None
    async for frame, arrays in _until_gone(frames, name):
        problem = frame.message if frame.state == "paused" else None
        if problem is not None and problem != reported_problem:
            reporter.say(f"run {name}: {problem}; tui-trainer attach {name} goes on once that is mended")
        if frame.state == "running" and frame.message not in {None, reported_message}:
            reporter.say(f"run {name}: {frame.message}")
        reported_problem, reported_message = problem, frame.message
        yield frame, arrays


async def _until_gone(frames: Frames, name: str) -> Frames:
    try:
        async for frame, arrays in frames:
            yield frame, arrays
    except GoneError as error:
        line = f"run {name}: {error}; tui-trainer resume {name} goes on from its last checkpoint"
        raise WorkerError(line) from None


def _has_exam(last: Frame, welcome: Welcome) -> bool:
    """Return whether there is an exam that this run's end entitles to: a stopped run keeps it sealed."""
    return welcome.rows[2] > 0 and last.reason in {"epochs", "early_stopping"}


async def open_exam(client: Client, frames: Frames) -> ExamResult:
    """Break the seal and return the exam.

    Raises:
        TrainerError: The worker refused (a run without a test part), or left.
    """
    number = await client.send(OpenExam())
    async for frame, _ in frames:
        for reply in frame.replies:
            if reply.number == number:
                if reply.error is not None:
                    raise TrainerError(reply.error)
                if frame.exam is not None:
                    return frame.exam
    raise WorkerError("the worker left before it had opened the exam")
