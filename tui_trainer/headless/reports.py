"""What goes to stdout while a run trains without a screen: JSON lines for programs, a table for people."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np

from engine.array_types import Rows
from engine.errors import sanitize
from engine.protocol.events import Welcome
from engine.run.exam import ExamResult
from engine.run.exam_document import graded
from engine.run.series import median_over_seeds
from engine.run.status import EndReason
from engine.run.verdicts import Verdict
from tui_trainer.formatting import cell_width, ljust, rjust
from tui_trainer.headless import lines
from tui_trainer.view_models import exam_words
from tui_trainer.view_models.endings import ending

Write = Callable[[str], None]

MOST_CASES = 10
"""Mistakes that are told one by one."""
LONGEST_NUMBER = 10
"""Characters of a number in the table, whose narrowest columns have one more."""


class Report(Protocol):
    """Takes a run's beginning, its epochs in order, and its end."""

    def started(self) -> None:
        """Tell what run this is."""

    def epochs(self, first_epoch: int, rows: Rows) -> None:
        """Tell the (k, S, 5) metrics of the epochs from ``first_epoch`` on."""

    def verdicts(self, verdicts: Sequence[Verdict], judged: int) -> None:
        """Tell what goes wrong, and that nothing more will be told of the epochs up to ``judged``."""

    def finished(self, reason: EndReason | None, epochs: int, exam: ExamResult | None) -> None:
        """Tell why the run ended, after how many epochs, and how the exam went."""


class JsonReport:
    """Every epoch as a JSON line, and a verdict after the line of the epoch whose numbers told it.

    So that equal runs have equal lines, that of an epoch waits until the run has been judged so far.

    Args:
        welcome: The run.
        write: Takes text.
        after: Of a run that is taken up again, the epoch it goes on from; there is no ``started`` line then.
    """

    def __init__(self, welcome: Welcome, write: Write, *, after: int | None = None) -> None:
        self._welcome = welcome
        self._write = write
        self._after = after
        self._epochs: deque[lines.Line] = deque()
        self._verdicts: list[Verdict] = []
        self._told: set[int] = set()
        self._judged = 0

    def started(self) -> None:
        """Write the ``started`` line, and those of what recipe and data show."""
        if self._after is None:
            self._print([lines.started(self._welcome)])
        self.verdicts(self._welcome.verdicts, 0)

    def epochs(self, first_epoch: int, rows: Rows) -> None:
        """Write the ``epoch`` lines, as far as the run has been judged."""
        self._epochs.extend(lines.epochs(self._welcome, first_epoch, rows))
        self._print(self._due())

    def verdicts(self, verdicts: Sequence[Verdict], judged: int) -> None:
        """Write a ``verdict`` line for each that is new, as soon as that of its epoch is written."""
        for verdict in verdicts:
            if verdict.number not in self._told and (self._after is None or verdict.told > self._after):
                self._verdicts.append(verdict)
            self._told.add(verdict.number)
        self._judged = max(self._judged, judged)
        self._print(self._due())

    def finished(self, reason: EndReason | None, epochs: int, exam: ExamResult | None) -> None:
        """Write what is left, and the ``finished`` line."""
        self._judged = max(self._judged, epochs)
        self._print([*self._due(), lines.finished(self._welcome, reason, epochs, exam)])

    def _due(self) -> Iterator[lines.Line]:
        """Yield the lines that can be written now, in order."""
        self._verdicts.sort(key=lambda verdict: (verdict.told, verdict.number))
        while self._epochs and self._epochs[0]["epoch"] <= self._judged:
            yield from self._due_verdicts(self._epochs[0]["epoch"] - 1)
            yield self._epochs.popleft()
        yield from self._due_verdicts(self._epochs[0]["epoch"] - 1 if self._epochs else self._judged)

    def _due_verdicts(self, epoch: int) -> Iterator[lines.Line]:
        while self._verdicts and self._verdicts[0].told <= epoch:
            yield lines.verdict(self._verdicts.pop(0).model_copy(update={"until": None}))  # nobody knew its end then

    def _print(self, new_lines: Iterable[lines.Line]) -> None:
        if text := "".join(f"{lines.encode(line)}\n" for line in new_lines):
            self._write(text)


class TableReport:
    """A table of some ten epochs, and the exam; of several seeds the median, and how many of them still learn."""

    def __init__(self, welcome: Welcome, write: Write) -> None:
        self._welcome = welcome
        self._write = write
        self._stride = stride(welcome.recipe.training.epochs)
        self._last: tuple[int, Rows] | None = None
        """The latest epoch and its (S, 5) metrics, while it is not in the table."""

    def started(self) -> None:
        """Write what run this is, and the table's head."""
        heads = "training loss", self._score, "validation loss", self._score
        units = "" if loss_name(self._welcome) == "loss" else "losses of scaled targets"
        self._print(title(self._welcome), units, _row("epoch", self._of_seeds("seeds"), *heads))

    def epochs(self, first_epoch: int, rows: Rows) -> None:
        """Write the epochs that belong in the table."""
        for epoch, metrics in enumerate(rows, start=first_epoch):
            self._last = (epoch, metrics)
            if epoch == 1 or epoch % self._stride == 0:
                self._print_last()

    def verdicts(self, verdicts: Sequence[Verdict], judged: int) -> None:
        """Tell nothing: ``tui-trainer verdicts`` does, at length."""

    def finished(self, reason: EndReason | None, epochs: int, exam: ExamResult | None) -> None:
        """Write the last epoch, why it was the last, and the exam."""
        self._print_last()
        self._print("", ending(reason, epochs))
        if exam is not None:
            self._print(*exam_text(self._welcome, exam))

    @property
    def _score(self) -> str:
        return "accuracy" if lines.is_classification(self._welcome) else "r²"

    def _print_last(self) -> None:
        if self._last is not None:
            epoch, metrics = self._last
            learning = self._of_seeds(str(np.count_nonzero(~np.isnan(metrics[:, 0]))))
            self._print(_row(str(epoch), learning, *(number(value) for value in median_over_seeds(metrics[:, :4]))))
            self._last = None

    def _of_seeds(self, text: str) -> str:
        """Return what stands in the column of the seeds, which a single one does not need."""
        return f"{text:>8}" if len(self._welcome.seeds) > 1 else ""

    def _print(self, *text: str) -> None:
        self._write("".join(f"{line}\n" for line in text))


def title(welcome: Welcome) -> str:
    """Return the run in one line: preset, seed, widths, parameters, name."""
    seeds = welcome.seeds
    seed = f"seed {seeds[0]}" if len(seeds) == 1 else f"median of seeds {seeds[0]} to {seeds[-1]}"
    widths = "→".join(map(str, (welcome.inputs, *(units for _, units in lines.layer_shapes(welcome)))))
    return f"{welcome.recipe.name}   {seed}   {widths}   {lines.parameters(welcome)} parameters   run {welcome.run}"


def loss_name(welcome: Welcome) -> str:
    """Return what a loss is called, which says so where it is of scaled targets."""
    return "loss" if welcome.recipe.scaler.targets == "none" else "loss (scaled)"


def stride(epochs: int) -> int:
    """Return the round number (1, 2 or 5 times a power of ten) that divides ``epochs`` into at most ten or so."""
    magnitude: int = 10 ** max(0, math.floor(math.log10(max(1, epochs) / 10)))
    return next(step * magnitude for step in (1, 2, 5, 10) if step * magnitude * 10 >= epochs)


def exam_text(welcome: Welcome, exam: ExamResult, positive: int | None = None) -> list[str]:
    """Return the exam as text: loss and scores (median and range over seeds), and the confusion of a single seed.

    Args:
        welcome: The run.
        exam: Its exam.
        positive: The class that is looked for; see ``engine.run.exam.graded``.
    """
    document = graded(exam, welcome.classes, positive)
    name, score = ("accuracy", document["accuracy"]) if lines.is_classification(welcome) else ("r²", document["r2"])
    text = [f"exam: {loss_name(welcome)} {_spread(document['loss'])}, {name} {_spread(score)}"]
    if exam.median("balanced_accuracy") is not None:
        text[0] += f", balanced accuracy {_spread(document['balanced_accuracy'])}"
    if document["positive"] is not None:
        scores = ", ".join(f"{name} {_spread(document[name.lower()])}" for name in ("precision", "recall", "F1"))
        text.append(f"{sanitize(document['positive'], 20)} is the positive class: {scores}")
    if exam.median("mae") is not None:
        mean, squares = _spread(document["mae"]), _spread(document["rmse"])
        text += [f"errors in the data's own units: mean {mean}, root mean square {squares}"]
    confusion = exam.reports[0].confusion
    if confusion is not None:
        text += [exam_words.accuracy_text(exam), *_probabilities(exam, document)]
    if not exam.has_several:
        text += _intervals(document["intervals"])
        text += ["", *_confusion(welcome.classes, confusion)] if confusion is not None else []
    if honesty := exam_words.honesty(exam, "epoch"):
        text += ["", honesty]
    return text


def mistakes_text(welcome: Welcome, exam: ExamResult) -> list[str]:
    """Return the cases that were answered wrongly, or the values that are farthest off, with what pushed them."""
    every = exam_words.merged_cases(exam.reports)
    merged, more = every[:MOST_CASES], len(every) - MOST_CASES
    if not merged:
        return []
    text = ["", "mistakes, with the inputs that pushed them" if welcome.classes else "the largest errors"]
    for case, place, seeds in merged:
        line = exam_words.case_text(case, welcome.classes, len(exam.fullest.values))
        if exam.has_several:
            of = f"; {seeds} of {len(exam.reports)} seeds" if welcome.classes else ""
            line += f" (seed {welcome.seeds[place]}{of})"
        pushes = exam_words.push_texts(case, welcome.feature_names)
        text += [line, *([f"    {exam_words.way_text(case)}: {', '.join(pushes)}"] if pushes else [])]
    return [*text, *([f"and {more} more; --json has them"] if more > 0 else []), "", exam_words.PUSHES]


def _probabilities(exam: ExamResult, document: dict[str, Any]) -> list[str]:
    """Return areas and calibration in a line, as far as they are defined."""
    briers = [report.calibration and report.calibration.brier for report in exam.reports]
    errors = [report.calibration and report.calibration.error for report in exam.reports]
    scores = {"Brier score": briers, "calibration error": errors}
    if document["positive"] is None:
        scores = {"mean area under ROC of the classes": [report.area("roc") for report in exam.reports], **scores}
    else:
        keys = {"area under ROC": "roc_auc", "average precision": "average_precision"}
        values = {name: document[key] for name, key in keys.items()}
        scores = {name: list(value) if exam.has_several else [value] for name, value in values.items()} | scores
    parts = [f"{name} {_spread(values)}" for name, values in scores.items() if any(each is not None for each in values)]
    return [", ".join(parts)] if parts else []


def _intervals(intervals: dict[str, Sequence[float] | None]) -> list[str]:
    """Return where areas and errors lie with 95 %, in a line; that of the accuracy stands beside it."""
    names = {
        "roc_auc": ("area under ROC", "DeLong"),
        "average_precision": ("average precision", "Wilson"),
        "r2": ("r²", "delta method"),
        "mae": ("mean error", "mean ± 1.96 standard errors"),
    }
    computed = [(*names[key], bounds) for key, bounds in intervals.items() if bounds is not None and key in names]
    parts = [f"{name} {number(bounds[0])} to {number(bounds[1])} ({whose})" for name, whose, bounds in computed]
    return [f"95 %: {', '.join(parts)}"] if parts else []


def number(value: float | None) -> str:
    """Return four digits after the point, of what is larger than the columns five in all; a dash for the undefined."""
    if value is None or not math.isfinite(value):
        return "–"
    text = f"{value:.4f}"
    return text if len(text) <= LONGEST_NUMBER else f"{value:.4e}"


def _spread(value: Any) -> str:
    """Return a score, or of several seeds the median, and the range where they differ."""
    defined = [entry for entry in (value if isinstance(value, Sequence) else [value]) if entry is not None]
    if not defined or min(defined) == max(defined):
        return number(defined[0] if defined else None)
    return f"{number(float(np.median(defined)))} ({number(min(defined))} to {number(max(defined))})"


def _row(epoch: str, seeds: str, *cells: str) -> str:
    columns = zip(cells, (16, 11, 18, 11), strict=True)
    return f"{epoch:>9}{seeds}" + "".join(f" {cell:>{width - 1}}" for cell, width in columns)


def _confusion(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> list[str]:
    names = [sanitize(name, 20) for name in classes]
    width = max(10, *(cell_width(name) + 2 for name in names))
    head = f"{'true':<{width}}predicted " + "".join(rjust(name, width) for name in names)
    return [head] + [
        ljust(name, width + 10) + "".join(f"{count:>{width}}" for count in row)
        for name, row in zip(names, counts, strict=True)
    ]
