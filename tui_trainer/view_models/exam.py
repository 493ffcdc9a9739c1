"""The exam as text: sealed, and why; or opened, with its scores, its confusion, and its classes one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median
from textwrap import wrap
from typing import Any, Final

from engine.errors import sanitize
from engine.run.exam import POSITIVE, ClassScores, Confusion, ExamResult, balanced_accuracy, scores_by_class
from tui_trainer.formatting import cell_width, count, ljust, metric, rjust, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

LABELS: Final = 19
"""Cells of the names of the scores."""

LONGEST_CLASS: Final = 16
"""Cells of a class's name at most."""

GAP: Final = 2
HEADS: Final = ("rows", "precision", "recall", "F1")
MOST_PAIRS: Final = 12
"""Pairs of classes that are named where the matrix has no room."""


def exam_state(model: DashboardModel) -> str:
    """Return how the exam of the run that is shown stands, in a few words."""
    exam = model.run.exam
    if exam is not None:
        return f"opened after {model.word('epoch')} {count(exam.epoch)}"
    return "none" if _why_none(model) else "sealed"


def exam_lines(model: DashboardModel, width: int) -> list[StyledLine]:
    """Return what there is to say of the exam, in lines of at most ``width`` cells."""
    run = model.run
    if run.exam is None:
        return _sealed_lines(model, width)
    return _opened_lines(run.exam, model, width)


def question(model: DashboardModel) -> str:
    """Return what is asked before the exam is opened."""
    run = model.run
    before = "It has been opened before. " if run.exam else "Nothing has been decided by its rows so far. "
    return (
        f"{before}The network answers {_rows_text(run)} as it stands now, and the run records that you looked. "
        "Whoever changes something after that and looks again is tuning on the exam."
    )


def why_not(model: DashboardModel) -> str:
    """Return why the exam cannot be opened now, empty where it can."""
    if why := _why_none(model):
        return why
    if model.read_only:
        return "you may only look at this run: who opens its exam must be allowed to act"
    if model.link == "reconnecting":
        return "the link to its worker is lost for now"
    if model.link != "live":
        key = model.glyph("link.resume")
        return f"its worker is gone: {key} on the dashboard takes the run up again" if model.can_resume else model.why
    return ""


def _why_none(model: DashboardModel) -> str:
    refusal = model.run.refusals.get("exam")
    if refusal:
        return sanitize(refusal).removeprefix("exam: ")
    return "" if model.run.welcome.rows[2] else "this run has no rows set aside for it"


def _sealed_lines(model: DashboardModel, width: int) -> list[StyledLine]:
    run = model.run
    if why := _why_none(model):
        cure = (
            "An exam needs rows that are set aside before anything is learned: begin a run with "
            "--set split.test=0.2, or with that key in the [split] of its recipe."
        )
        return [
            *_paragraph(f"No exam: {why}.", width, Ink.BRIGHT),
            *([] if run.welcome.rows[2] or not run.has_recipe else [[], *_paragraph(cure, width)]),
        ]
    epoch = model.word("epoch")
    return [
        *_paragraph(
            f"Sealed: {_rows_text(run)}, that nothing was learned from and nothing decided by.", width, Ink.BRIGHT
        ),
        [],
        *_paragraph(
            "It tells how good the network is on rows that it has never met, and it tells that once. Whoever looks, "
            "changes something and looks again, chooses what suits these very rows, and the second result is better "
            f"than the truth. So finish first, by what the {model.word('validation')} rows say; then open it.",
            width,
        ),
        [],
        *_paragraph(f"Every opening is recorded in the run, with its {epoch}.", width),
        [],
        *_how_to_open(model, f"opens it, for the network as it is after {epoch} {count(run.frame.epoch)}", width),
    ]


def _how_to_open(model: DashboardModel, what: str, width: int) -> list[StyledLine]:
    if why := why_not(model):
        return _paragraph(f"{why[:1].upper()}{why[1:]}.", width, Ink.WARNING)
    return [[(f"{model.glyph('exam.open')} ", Ink.KEY), (within(what, width - 6), Ink.MUTED)]]


def _opened_lines(exam: ExamResult, model: DashboardModel, width: int) -> list[StyledLine]:
    run, word = model.run, model.word
    head = f"After {word('epoch')} {count(exam.epoch)}, on {_rows_text(run)}"
    seeds = len(run.welcome.seeds)
    if seeds > 1:
        head += f"; median of {seeds} seeds (lowest–highest)"
    told = [line for note in run.welcome.notes if "exam" in note for line in _paragraph(note, width, Ink.WARNING)]
    lines = [*_paragraph(f"{head}.", width, Ink.BRIGHT), *told, [], *_score_lines(exam, run, word, width)]
    confusions = _by_seed(exam.values("confusion"))
    if confusions:
        names = [within(sanitize(name, 40), LONGEST_CLASS) for name in run.welcome.classes]
        lines += [[], *_confusion_lines(confusions, names, width), [], *_class_lines(confusions, names, width)]
    return [*lines, [], *_how_to_open(model, "opens it again, which is recorded too", width)]


def _score_lines(exam: ExamResult, run: RunModel, word: Callable[[str], str], width: int) -> list[StyledLine]:
    """Return a line for each score that the task has: its name, its value, and what it says where there is room."""
    confusions = _by_seed(exam.values("confusion"))
    is_scaled = not confusions and run.spec.scaler.targets != "none"
    loss = f"{run.spec.training.loss.upper()}{', of scaled targets' if is_scaled else ''}"
    scores = [(word("loss"), _by_seed(exam.values("loss")), loss)]
    if not confusions:
        scores.append(
            (word("r2"), _by_seed(exam.values("r2")), "1 is perfect, 0 no better than the mean of the targets")
        )
        errors = {"mean error": ("mae", "how far off, in the target's units"), "RMSE": ("rmse", "in them, too")}
        scores += [(name, _by_seed(exam.values(key)), said) for name, (key, said) in errors.items()]
        scores = [score for score in scores if score[1]]
        return [_score_line(*score, width) for score in scores]
    right = _spread([sum(row[index] for index, row in enumerate(table)) for table in confusions], count)
    scores.append(
        (word("accuracy"), _by_seed(exam.values("accuracy")), f"{right} of {count(run.welcome.rows[2])} right")
    )
    balanced = [balanced_accuracy(table) for table in confusions]
    scores.append(("balanced accuracy", balanced, "mean recall of the classes"))
    if len(run.welcome.classes) == 2:
        positive = sanitize(run.welcome.classes[POSITIVE], 40)
        areas = _by_seed(exam.values("roc_auc"))
        scores.append(("ROC AUC", areas, f"how often {positive} gets the higher probability"))
    return [_score_line(*score, width) for score in scores]


def _score_line(name: str, values: Sequence[float | None], meaning: str, width: int) -> StyledLine:
    value = _spread(values, metric)
    fits = LABELS + len(value) + GAP + cell_width(meaning) <= width
    line: StyledLine = [(ljust(name, LABELS), Ink.MUTED), (value, Ink.BRIGHT)]
    return [*line, (f"{' ' * GAP}{meaning}", Ink.MUTED)] if fits else line


def _confusion_lines(confusions: Sequence[Confusion], names: Sequence[str], width: int) -> list[StyledLine]:
    """Return the matrix of counts, the true classes down, the answers across; else the pairs most often confused."""
    classes = range(len(names))
    cells = [[_spread([table[i][j] for table in confusions], count) for j in classes] for i in classes]
    first = max(len("true ↓"), *map(cell_width, names)) + GAP
    across = [max(cell_width(names[j]), *(len(row[j]) for row in cells)) + GAP for j in classes]
    if first + sum(across) > width:
        return _pair_lines(confusions, names)
    head = "".join(rjust(name, cells_wide) for name, cells_wide in zip(names, across, strict=True))
    lines: list[StyledLine] = [
        [("Confusion", Ink.BRIGHT), ("  true classes down, answers across", Ink.MUTED)],
        [(ljust("true ↓", first) + head, Ink.MUTED)],
    ]
    for i, row in enumerate(cells):
        line: StyledLine = [(ljust(names[i], first), Ink.MUTED)]
        for j, cell in enumerate(row):
            wrong = Ink.FAINT if cell == "0" else Ink.WARNING
            line.append((rjust(cell, across[j]), Ink.TEXT if i == j else wrong))
        lines.append(line)
    return lines


def _pair_lines(confusions: Sequence[Confusion], names: Sequence[str]) -> list[StyledLine]:
    """Return which classes were taken for which others, the most often first."""
    pairs = [(i, j) for i in range(len(names)) for j in range(len(names)) if i != j]
    counts = {(i, j): [table[i][j] for table in confusions] for i, j in pairs}
    often = sorted((pair for pair in pairs if any(counts[pair])), key=lambda pair: -median(counts[pair]))
    lines: list[StyledLine] = [[("Most often confused", Ink.BRIGHT)]]
    for i, j in often[:MOST_PAIRS]:
        said = f"{names[i]} taken for {names[j]}"
        lines.append([(ljust(said, 2 * LONGEST_CLASS), Ink.MUTED), (_spread(counts[i, j], count), Ink.WARNING)])
    return lines if often else [*lines, [("none: every answer was right", Ink.GOOD)]]


def _class_lines(confusions: Sequence[Confusion], names: Sequence[str], width: int) -> list[StyledLine]:
    """Return rows, precision, recall and F1 of each class; of two, the positive one is named."""
    tables = [scores_by_class(table) for table in confusions]
    texts = [_class_cells([table[index] for table in tables]) for index in range(len(names))]
    first = max(len("By class"), *map(cell_width, names)) + GAP
    if first + sum(_widths(texts)) > width:  # several seeds on a narrow screen: the medians have no room beside ranges
        texts = [[cell.partition(" ")[0] for cell in cells] for cells in texts]
    wide = _widths(texts)
    head = "".join(f"{head:>{cells}}" for head, cells in zip(HEADS, wide, strict=True))
    lines: list[StyledLine] = [[(ljust("By class", first), Ink.BRIGHT), (head, Ink.MUTED)]]
    for name, cells in zip(names, texts, strict=True):
        line: StyledLine = [(ljust(name, first), Ink.MUTED)]
        line.append(("".join(f"{cell:>{room}}" for cell, room in zip(cells, wide, strict=True)), Ink.TEXT))
        lines.append(line)
    if len(names) == 2:
        fits = first + sum(wide) + GAP + len("positive") <= width
        if fits:
            lines[1 + POSITIVE].append(("  positive", Ink.ACCENT))
        else:
            lines.append([(f"positive is {names[POSITIVE]}", Ink.ACCENT)])
    return lines


def _widths(texts: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(head), *(len(cells[place]) for cells in texts)) + GAP for place, head in enumerate(HEADS)]


def _class_cells(of_seeds: Sequence[ClassScores]) -> list[str]:
    scores = ([getattr(each, name) for each in of_seeds] for name in ("precision", "recall", "f1"))
    return [count(of_seeds[0].rows), *(_spread(values, metric) for values in scores)]


def _spread(values: Sequence[Any], write: Callable[[Any], str]) -> str:
    """Return a value, or of several the median and between brackets the lowest and the highest."""
    known = [value for value in values if value is not None]
    if not known:
        return metric(None)
    low, high = write(min(known)), write(max(known))
    if low == high:
        return low
    middle = median(known)
    return f"{write(int(middle) if write is count else middle)} ({low}–{high})"


def _by_seed(values: list[Any]) -> list[Any]:
    """Return a field of the reports by seed; nothing where the task has none of it."""
    return [] if all(each is None for each in values) else values


def _rows_text(run: RunModel) -> str:
    rows = run.welcome.rows[2]
    return f"{count(rows)} {'row' if rows == 1 else 'rows'}"


def _paragraph(text: str, width: int, ink: Ink = Ink.TEXT) -> list[StyledLine]:
    return [[(line, ink)] for line in wrap(text, max(20, width))]
