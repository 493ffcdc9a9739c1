"""What an exam says, section by section, as lines and plots; of a sealed one why it is sealed, and how it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import Final, NamedTuple

from engine.declarations.confidence import wilson
from engine.errors import sanitize
from engine.run.exam import POSITIVE, Case, ExamResult
from presets.labs.contract import Plot
from tui_trainer.formatting import cell_width, count, ljust, narrow, signed, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models import exam_plots, exam_words
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.exam import ExamView, chosen, rows_text, sections, why_none, why_not
from tui_trainer.view_models.exam_scores import LONGEST_CLASS, class_lines, confusion_lines, score_lines
from tui_trainer.view_models.exam_words import spread
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line

INDENT: Final = 2
NUMBER: Final = 10
"""Cells of a value, and of a push."""
SHORTEST_BAR, LONGEST_BAR = 6, 40


class Sheet(NamedTuple):
    """A section: its lines, and its plots.

    Attributes:
        lines: The lines.
        plots: Stand above the lines.
        are_beside: Whether they stand beside them where there is room.
        are_needed: Whether they have a place also where there is none beside the lines.
    """

    lines: list[StyledLine]
    plots: tuple[Plot, ...] = ()
    are_beside: bool = False
    are_needed: bool = True


class _Opened(NamedTuple):
    """An opened exam, where it is shown, what of it, and in how many columns."""

    exam: ExamResult
    model: DashboardModel
    view: ExamView
    width: int


def exam_sheet(model: DashboardModel, view: ExamView, width: int) -> Sheet:
    """Return what there is to say of the exam, in lines of at most ``width`` cells."""
    exam = model.run.exam
    if exam is None:
        return Sheet(_sealed_lines(model, width))
    names = sections(model)
    name = names[min(view.section, len(names) - 1)]
    make: dict[str, Callable[[_Opened], Sheet]] = {
        "scores": _scores_sheet,
        "curves": _curves_sheet,
        "calibration": _calibration_sheet,
        "errors": _errors_sheet,
        "cases": _cases_sheet,
        "openings": _openings_sheet,
    }
    return make[name](_Opened(exam, model, view, width))


def _sealed_lines(model: DashboardModel, width: int) -> list[StyledLine]:
    run = model.run
    if why := why_none(model):
        cure = (
            "An exam needs rows that are set aside before anything is learned: begin a run with "
            "--set split.test=0.2, or with that key in the [split] of its recipe."
        )
        return [
            *paragraph(f"No exam: {why}.", width, Ink.BRIGHT),
            *([] if run.welcome.rows[2] or not run.has_recipe else [[], *paragraph(cure, width)]),
        ]
    epoch = model.word("epoch")
    return [
        *paragraph(
            f"Sealed: {rows_text(run)}, that nothing was learned from and nothing decided by.", width, Ink.BRIGHT
        ),
        [],
        *paragraph(
            "It tells how good the network is on rows that it has never met, and it tells that once. Whoever looks, "
            "changes something and looks again, chooses what suits these very rows, and the second result is better "
            f"than the truth. So finish first, by what the {model.word('validation')} rows say; then open it.",
            width,
        ),
        [],
        *paragraph(f"Every opening is recorded in the run, with its {epoch}.", width),
        *_inherited_lines(model, width),
        [],
        *_how_to_open(model, f"opens it, for the network as it is after {epoch} {count(run.frame.epoch)}", width),
    ]


def _inherited_lines(model: DashboardModel, width: int) -> list[StyledLine]:
    openings = model.run.welcome.inherited_openings
    if not openings:
        return []
    heading = "Its rows have been looked at before there was this branch:"
    lines = paragraph(heading, width, Ink.WARNING)
    for opening in openings:
        lines += paragraph(
            f"  {exam_words.opening_text(opening, model.word('epoch'), _score_name(model))}", width, Ink.WARNING
        )
    return [[], *lines]


def _how_to_open(model: DashboardModel, what: str, width: int) -> list[StyledLine]:
    if why := why_not(model):
        return paragraph(f"{why[:1].upper()}{why[1:]}.", width, Ink.WARNING)
    return [[(f"{model.glyph('exam.open')} ", Ink.KEY), (within(what, width - 6), Ink.MUTED)]]


def _class_names(run: RunModel) -> list[str]:
    return [within(sanitize(name, 40), LONGEST_CLASS) for name in run.welcome.classes]


# Sections


def _scores_sheet(opened: _Opened) -> Sheet:
    exam, model, view, width = opened.exam, opened.model, opened.view, opened.width
    run, word = model.run, model.word
    head = f"After {word('epoch')} {count(exam.epoch)}, on {rows_text(run)}"
    if exam.has_several:
        head += f"; median of {len(exam.reports)} seeds (lowest–highest)"
    lines = paragraph(f"{head}.", width, Ink.BRIGHT)
    if honesty := exam_words.honesty(exam, word("epoch")):
        lines += [[], *paragraph(honesty, width, Ink.MUTED if exam.standing == "repeated" else Ink.WARNING)]
    for note in run.welcome.notes:
        lines += paragraph(note, width, Ink.WARNING) if "exam" in note else []
    lines += [[], *score_lines(exam, run, word, width, view.printed)]
    confusions = [report.confusion for report in exam.reports if report.confusion is not None]
    if confusions:
        names = _class_names(run)
        lines += [[], *confusion_lines(confusions, names, width), [], *class_lines(confusions, names, width)]
    lines += [[], *_how_to_open(model, "opens it again, which is recorded too", width)]
    return Sheet(lines, _plots_beside_scores(exam, run), are_beside=True, are_needed=False)


def _plots_beside_scores(exam: ExamResult, run: RunModel) -> tuple[Plot, ...]:
    if exam.fullest.values:
        return tuple(exam_plots.value_plots(exam, exam_plots.median_seed(exam), 0, _value_name(exam, 0)))
    index = exam_plots.hardest_class(exam)
    name = run.welcome.classes[index] if index < len(run.welcome.classes) else ""
    plots = exam_plots.roc_plot(exam, index, name), exam_plots.reliability_plot(exam, _positive(run))
    return tuple(plot for plot in plots if plot is not None)


def _curves_sheet(opened: _Opened) -> Sheet:
    exam, model, view, width = opened
    index, names = chosen(model, view), _class_names(model.run)
    plots = (
        exam_plots.roc_plot(exam, index, names[index]),
        exam_plots.precision_recall_plot(exam, index, names[index]),
    )
    rows = [("against all others", ["ROC area", "average precision"], Ink.MUTED)]
    for place, name in enumerate(names):
        areas = [exam_words.area_text(exam, kind, place) for kind in exam_plots.AREAS]
        rows.append((name, areas, Ink.ACCENT if place == index else Ink.TEXT))
    if len(names) > 2:
        means = [spread([report.area(kind) for report in exam.reports]) for kind in exam_plots.AREAS]
        rows.append(("mean of all", means, Ink.BRIGHT))
    lines = _table_lines(rows, width)
    if any("(" in cell for _, cells, _ in rows[1:] for cell in cells) and not exam.has_several:
        told = "Between brackets 95 % intervals: of ROC areas DeLong's, of average precisions Wilson's."
        lines += paragraph(told, width, Ink.MUTED)
    return Sheet(lines, tuple(plot for plot in plots if plot is not None))


def _table_lines(rows: Sequence[tuple[str, list[str], Ink]], width: int) -> list[StyledLine]:
    """Return a table of scores under a head; without the seeds' ranges where those have no room."""
    first = max(cell_width(name) for name, *_ in rows) + INDENT
    if first + sum(_widths(rows)) > width:
        rows = [rows[0], *((name, [cell.partition(" ")[0] for cell in cells], ink) for name, cells, ink in rows[1:])]
    widths = _widths(rows)
    return [
        [
            (ljust(name, first), Ink.MUTED if ink is Ink.TEXT else ink),
            ("".join(f"{cell:>{cells_wide}}" for cell, cells_wide in zip(cells, widths, strict=True)), ink),
        ]
        for name, cells, ink in rows
    ]


def _widths(rows: Sequence[tuple[str, list[str], Ink]]) -> list[int]:
    return [max(map(len, column)) + INDENT for column in zip(*(cells for _, cells, _ in rows), strict=True)]


def _calibration_sheet(opened: _Opened) -> Sheet:
    exam, model, width = opened.exam, opened.model, opened.width
    plot = exam_plots.reliability_plot(exam, _positive(model.run))
    calibrations = [report.calibration for report in exam.reports if report.calibration is not None]
    scores = [
        ("Brier score", [each.brier for each in calibrations], "mean squared error of the probabilities; 0 is best"),
        ("calibration error", [each.error for each in calibrations], "mean distance of foretold and came true"),
    ]
    lines: list[StyledLine] = []
    for name, values, said in scores:
        lines += wrapped_line(
            [(ljust(name, 19), Ink.MUTED), (f"{spread(values)}  ", Ink.BRIGHT), (said, Ink.MUTED)], width, INDENT
        )
    head = f"{'foretold':>14}{'came true':>11}{'rows':>10}"
    lines += [[], [(head if exam.has_several else f"{head}   95 % (Wilson)", Ink.MUTED)]]
    for each in exam_plots.pooled_bins(exam):
        text = f"{each.predicted:>14.3f}{each.observed:>11.3f}{count(each.rows):>10}"
        interval = None if exam.has_several else wilson(round(each.observed * each.rows), each.rows)
        bounds = "" if interval is None else f"   {interval[0]:.3f} to {interval[1]:.3f}"
        inside = interval is None or interval[0] <= each.predicted <= interval[1]
        lines.append([(f"{text}{bounds}", Ink.TEXT if inside else Ink.WARNING)])
    if exam.has_several:
        lines += paragraph(f"Rows of {len(exam.reports)} seeds together, each row once a seed.", width, Ink.MUTED)
    return Sheet(lines, () if plot is None else (plot,), are_beside=True)


def _errors_sheet(opened: _Opened) -> Sheet:
    exam, model, view, width = opened.exam, opened.model, opened.view, opened.width
    output, place = chosen(model, view), exam_plots.median_seed(exam)
    several = f", seed {model.run.welcome.seeds[place]}" if exam.has_several else ""
    plots = exam_plots.value_plots(exam, place, output, f"{_value_name(exam, output)}{several}")
    rows = [("", ["R²", "mean error", "RMSE", "bias"], Ink.MUTED)]
    for index in range(len(exam.fullest.values)):
        values = [report.values[index] for report in exam.reports if index < len(report.values)]
        cells = [spread([getattr(each, key) for each in values]) for key in ("r2", "mae", "rmse", "bias")]
        is_chosen = index == output and len(exam.fullest.values) > 1
        rows.append((_value_name(exam, index), cells, Ink.ACCENT if is_chosen else Ink.TEXT))
    lines = _table_lines(rows, width)
    errors = exam.fullest.values[output]
    intervals = (
        ("R²", errors.r2_interval, "delta method"),
        ("mean error", errors.mae_interval, "mean ± 1.96 standard errors"),
    )
    for name, interval, whose in intervals:
        if interval is not None and not exam.has_several:
            lines += paragraph(f"{name}, 95 %: {exam_words.within_text(interval)} ({whose})", width, Ink.MUTED)
    return Sheet(lines, tuple(plots))


def _cases_sheet(opened: _Opened) -> Sheet:
    exam, model, width = opened.exam, opened.model, opened.width
    run = model.run
    merged = exam_words.merged_cases(exam.reports)
    rows = count(exam.reports[0].rows)
    if not merged:
        if all(report.right == report.rows for report in exam.reports):
            return Sheet(paragraph("No mistake: every row was answered rightly.", width, Ink.GOOD))
        return Sheet(paragraph("Of this opening no cases are kept: opening it again shows them.", width, Ink.MUTED))
    wrong = len({row for report in exam.reports for row in report.misclassified})
    if not run.welcome.classes:
        head = f"The {len(merged)} rows that are farthest off."
    elif exam.has_several:
        head = f"{count(wrong)} of {rows} rows were answered wrongly by one seed or more, the most common first."
    else:
        head = f"{count(wrong)} of {rows} rows were answered wrongly, the surest mistakes first."
    kept_text = f" {count(len(merged))} of them are kept." if wrong > len(merged) else ""
    unit = "In log-odds towards the answer." if run.welcome.classes else "In the units of the value."
    lines = [
        *paragraph(f"{head}{kept_text}", width, Ink.BRIGHT),
        *paragraph(f"{exam_words.PUSHES} {unit}", width, Ink.MUTED),
    ]
    for case, place, seeds in merged:
        text = exam_words.case_text(case, run.welcome.classes, len(exam.fullest.values))
        if exam.has_several:
            text += f" by seed {run.welcome.seeds[place]}; wrong in {seeds} of {len(exam.reports)} seeds"
            text = text if run.welcome.classes else text.partition("; wrong")[0]
        lines += [[], *wrapped_line([(text, Ink.TEXT)], width, INDENT)]
        lines += _push_lines(case, run, width)
    return Sheet(lines)


def _push_lines(case: Case, run: RunModel, width: int) -> list[StyledLine]:
    """Return from where to where a case was pushed, and each push as a bar; in colour those to the answer."""
    if not case.pushes:
        return []
    largest = max(abs(push.push) for push in case.pushes) or 1.0
    names = [exam_words.feature(push.input, run.welcome.feature_names) for push in case.pushes]
    first = max(8, min(max(map(cell_width, names)), width - INDENT - 2 * NUMBER - 1 - SHORTEST_BAR))
    longest = max(0, min(LONGEST_BAR, width - INDENT - first - 2 * NUMBER - 1))
    lines: list[StyledLine] = [[(f"{' ' * INDENT}{exam_words.way_text(case)}", Ink.MUTED)]]
    for name, push in zip(names, case.pushes, strict=True):
        value = "missing" if push.value is None else narrow(push.value, NUMBER - 1)
        ink = Ink.WARNING if push.push > 0 and run.welcome.classes else Ink.TEXT
        bar = "▆" * round(abs(push.push) / largest * longest)
        text = f"{' ' * INDENT}{ljust(within(name, first), first)}{value:>{NUMBER}}"
        lines.append([(text, Ink.MUTED), (f"{signed(push.push):>{NUMBER}} {bar}", ink)])
    return lines


def _openings_sheet(opened: _Opened) -> Sheet:
    exam, model, width = opened.exam, opened.model, opened.width
    epoch, score = model.word("epoch"), _score_name(model)
    lines: list[StyledLine] = []
    for opening in exam.earlier:
        lines += paragraph(exam_words.opening_text(opening, epoch, score), width)
    lines += paragraph(exam_words.opening_text(exam.opening, epoch, score), width, Ink.BRIGHT)
    honesty = exam_words.honesty(exam, epoch) or "The first look at these rows: it is worth what it says."
    ink = {"first": Ink.GOOD, "repeated": Ink.MUTED}.get(exam.standing, Ink.WARNING)
    on_other_rows = len(exam.earlier) - len(exam.seen)
    often = "once" if on_other_rows == 1 else f"{on_other_rows} times"
    more = paragraph(f"Other rows were asked before: {often}.", width, Ink.MUTED) if on_other_rows else []
    lines += [[], *paragraph(honesty, width, ink), *more]
    return Sheet([*lines, [], *_how_to_open(model, "opens it again, which is recorded too", width)])


def _score_name(model: DashboardModel) -> str:
    return model.word("accuracy" if model.run.welcome.classes else "r2")


def _value_name(exam: ExamResult, output: int) -> str:
    return f"value {output + 1}" if len(exam.fullest.values) > 1 else "value"


def _positive(run: RunModel) -> str:
    return sanitize(run.welcome.classes[POSITIVE], 40) if len(run.welcome.classes) == 2 else ""


def paragraph(text: str, width: int, ink: Ink = Ink.TEXT) -> list[StyledLine]:
    """Return a text in lines."""
    return [[(line, ink)] for line in wrap(text, max(20, width), drop_whitespace=True)]
