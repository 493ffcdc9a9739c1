"""Check that what a worker says can be so, before a watcher draws it: the worker may be another's program.

``codec`` has checked that a message is one of this protocol, and that each array has the bytes of its shape. Here are
the numbers that lead to others: counts, places, and shapes that have to fit one another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from numpy.typing import NDArray

from engine.errors import WorkerError, sanitize
from engine.names import is_name
from engine.protocol.events import Answer, Frame, Scores, Welcome
from engine.protocol.queries import ArrayLayout
from engine.protocol.views import LAYOUTS, arrays_of, layout_of, reply_prefix
from engine.run.data_facts import DataFacts
from engine.run.exam import ExamResult
from engine.run.metrics import MetricSet

Arrays = Mapping[str, NDArray[Any]]

MOST_EPOCHS = 2**53
"""Of a run that another program reports its steps are counted as epochs."""
MOST_COUNTED = 2**40
"""Rows, columns, pixels."""
MOST_METRICS = 1_000
_ALWAYS_WHOLE = frozenset({"data"})
"""Kinds of answers that have all of their arrays; others leave out those that there is nothing for."""
_AXES_OF_ONE = frozenset({"out", "in + 1", "units", "u", "k"})
"""Axes that each layer, or each series, has of its own."""


def check_welcome(welcome: Welcome) -> None:
    """Check what a run is said to be.

    Raises:
        WorkerError: It cannot be that; one line says what is wrong.
    """
    _require(is_name(welcome.run), "run", welcome.run)
    _require(bool(welcome.seeds), "seeds", welcome.seeds)
    _require(len(welcome.metrics) <= MOST_METRICS, "metrics", len(welcome.metrics))
    try:
        MetricSet(welcome.metrics)
    except ValueError as error:
        raise _impossible("metrics", error) from None
    facts = {name: getattr(welcome, name) for name in DataFacts.model_fields}
    _check_data(DataFacts.model_construct(**facts))


def check_frame(frame: Frame, arrays: Arrays, welcome: Welcome) -> None:
    """Check a frame of the run that a welcome told of.

    Raises:
        WorkerError: It cannot be so; one line says what is wrong.
    """
    for name in ("epoch", "step", "steps", "epochs", "judged"):
        _require(0 <= getattr(frame, name) <= MOST_EPOCHS, name, getattr(frame, name))
    for name in ("best_epoch", "visiting"):
        _require(getattr(frame, name) is None or 0 <= getattr(frame, name) <= MOST_EPOCHS, name, getattr(frame, name))
    _require(frame.pace is None or (math.isfinite(frame.pace) and frame.pace > 0), "pace", frame.pace)
    speed = frame.epochs_per_second
    _require(speed is None or (math.isfinite(speed) and speed >= 0), "epochs_per_second", speed)
    for epoch in frame.checkpoints or ():
        _require(0 <= epoch <= MOST_EPOCHS, "checkpoints", epoch)
    for scores in frame.latest:
        _check_scores(scores, len(welcome.seeds))
    if frame.data is not None:
        _check_data(frame.data)
    _check_metrics(frame, arrays, welcome)
    for exam in (frame.exam, *(reply.result for reply in frame.replies)):
        if isinstance(exam, ExamResult):
            _check_exam(exam, len((frame.data or welcome).classes), len(welcome.seeds))
    for answer, prefix in _answers(frame):
        _check_answer(answer, arrays_of(arrays, prefix))


def _require(holds: bool, name: str, value: object) -> None:
    if not holds:
        raise _impossible(name, value)


def _impossible(name: str, value: object) -> WorkerError:
    return WorkerError(f"the worker sent what cannot be: {name} {sanitize(value, 60)}")


def _check_data(facts: DataFacts) -> None:
    _require(0 <= facts.inputs <= MOST_COUNTED, "inputs", facts.inputs)
    _require(len(facts.feature_names) in {0, facts.inputs}, "feature_names", len(facts.feature_names))
    for rows in facts.rows:
        _require(0 <= rows <= MOST_COUNTED, "rows", facts.rows)
    if facts.image_shape is not None:
        height, width = facts.image_shape
        _require(height > 0 and width > 0 and height * width <= facts.inputs, "image_shape", facts.image_shape)


def _check_scores(scores: Scores | None, seeds: int) -> None:
    for values in () if scores is None else (scores.loss, scores.accuracy, scores.r2):
        _require(not isinstance(values, list) or len(values) == seeds, "scores of seeds", values)


def _check_exam(exam: ExamResult, classes: int, seeds: int) -> None:
    """Check that an exam has a report a seed, and each of them the classes of the run."""
    _require(len(exam.reports) == seeds, "exam", f"{len(exam.reports)} reports of {seeds} seeds")
    first = exam.reports[0]
    for report in exam.reports:
        table = report.confusion
        if table is not None:
            _require([len(row) for row in table] == [classes] * classes, "confusion", f"{len(table)} rows")
        _require(len(report.classes) in {0, classes}, "exam", f"curves of {len(report.classes)} classes")
        _require((table is None) == (first.confusion is None), "exam", "reports of several kinds")
        _require(len(report.values) in {0, len(exam.fullest.values)}, "exam", f"{len(report.values)} values")
        for case in report.cases:
            names = (case.true, case.answer) if table is not None else ()
            _require(all(0 <= name < classes for name in names), "case", names)
            _require(table is not None or case.output < len(report.values), "case", case.output)


def _check_metrics(frame: Frame, arrays: Arrays, welcome: Welcome) -> None:
    """Check rows or bins: aligned, of this run's seeds and metrics, and not beyond the epoch at which it stands."""
    _require(1 <= frame.first_epoch <= MOST_EPOCHS, "first_epoch", frame.first_epoch)
    width = frame.bin_width
    _require(1 <= width <= MOST_EPOCHS and not width & (width - 1), "bin_width", width)
    metrics = len(welcome.metrics)
    for name, shape, epochs in (("rows", (len(welcome.seeds), metrics), 1), ("bins", (metrics, 3), width)):
        if (array := arrays.get(name)) is None:
            continue
        place = f"{name} of shape {array.shape} from epoch {frame.first_epoch} on"
        _require(array.ndim == 3 and array.shape[1:] == shape and array.dtype == "float64", "metrics", place)
        _require((frame.first_epoch - 1) % epochs == 0, "metrics", place)
        last = frame.first_epoch + (len(array) - 1) * epochs
        _require(last <= max(1, frame.epoch), "metrics", f"{place}, and it stands at epoch {frame.epoch}")


def _answers(frame: Frame) -> Iterator[tuple[Answer, str]]:
    """Yield the answers of a frame, each with what the names of its arrays begin with."""
    for answer in frame.answers:
        yield answer, answer.query.id
    for reply in frame.replies:
        if isinstance(reply.result, Answer):
            yield reply.result, reply_prefix(reply.number)


def _check_answer(answer: Answer, arrays: Arrays) -> None:
    """Check that an answer has the arrays of its kind, and that their axes fit one another."""
    lengths: dict[str, int] = {}
    if arrays and answer.query.kind in _ALWAYS_WHOLE:
        missing = {layout.name for layout in LAYOUTS[answer.query.kind]} - set(arrays)
        _require(not missing, "answer", f"{answer.query.kind} without {', '.join(sorted(missing))}")
    for name, array in arrays.items():
        if (layout := layout_of(answer.query.kind, name)) is None:
            raise _impossible("array", f"{answer.query.kind}.{name}")
        _require(_is_of_dtype(array, layout), "array", f"{answer.query.kind}.{name} of {array.dtype}")
        _require(array.ndim == len(layout.shape), "array", f"{answer.query.kind}.{name} of shape {array.shape}")
        for axis, length in zip(_axes(name, layout.shape), array.shape, strict=True):
            expected = axis if isinstance(axis, int) else lengths.setdefault(axis, length)
            _require(length == expected, "array", f"{answer.query.kind}.{name} of shape {array.shape}")


def _is_of_dtype(array: NDArray[Any], layout: ArrayLayout) -> bool:
    """Say whether an array is of real or of whole numbers, as it should be; how many bits they have is no matter."""
    return (array.dtype.kind == "f") == layout.dtype.startswith("float")


def _axes(name: str, shape: Iterable[str | int]) -> Iterator[str | int]:
    """Yield the axes of an array; those that each layer, or each series, has of its own by its number."""
    number = next((part for part in name.split(".") if part.isdecimal()), "")
    for axis in shape:
        yield f"{axis} of {number}" if axis in _AXES_OF_ONE else axis
