"""A comparison as text: a table of the runs, who is better and how surely, and in what their recipes differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from engine.errors import sanitize
from engine.run.changes import Change, SetPace
from tui_trainer.formatting import cell_width, count, ljust, metric, plain, rjust, within
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.compare import KINDS, LEARNED_ROWS, PARTS, ComparedRun, Comparison, EpochValues, Part
from tui_trainer.view_models.plotted_curves import LAYER_INKS, Kind
from tui_trainer.view_models.recipe_differences import value_text
from tui_trainer.view_models.runs import STATE_INKS, seeds_text
from tui_trainer.view_models.styled_text import StyledLine, wrapped_line
from tui_trainer.view_models.table import GAP, Cell, Column, layout

Word = Callable[[str], str]

LONGEST_NAME: Final = 24
"""Cells of a run's name in a table."""
LONGEST_VALUE: Final = 24
"""Cells of a recipe's value in a table."""
MOST_CHANGES: Final = 4
"""Changes of a run that are named."""
SIGN: Final = "━ "
"""Before a run's name, in the ink of its curve."""
SIZES: Final = frozenset({LEARNED_ROWS, "data.samples", "data.train"})
"""Values that say how many rows there are to learn from."""
FLATTERED: Final = "The best of several is a little flattered: it was found by the numbers that it is compared by."
EXAM: Final = "The exam takes no part: who chooses by it has none left."


def run_ink(place: int) -> Ink:
    """Return the ink of the curve of the run at a place."""
    return LAYER_INKS[place % len(LAYER_INKS)]


def comparison_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    """Return all there is to say, in lines of at most ``width`` cells."""
    sections = (
        _run_lines(comparison, word, width),
        _caution_lines(comparison, width),
        _pair_lines(comparison, word, width),
        _varied_lines(comparison, word, width),
        _difference_lines(comparison, width),
        _change_lines(comparison, word, width),
        _branch_lines(comparison, word, width),
        _wrapped([(EXAM, Ink.MUTED)], width),
    )
    return [line for section in sections if section for line in ([], *section)][1:]


def score_word(comparison: Comparison, word: Word) -> str:
    """Return what the score of the runs is called: accuracy, or r² where none predicts classes."""
    return word("accuracy" if any(run.is_classification for run in comparison.runs) else "r2")


def median_text(values: Sequence[float]) -> str:
    """Return the median of the values of some seeds."""
    defined = [value for value in values if not np.isnan(value)]
    return metric(float(np.median(defined))) if defined else "–"


def spread_text(values: Sequence[float]) -> str:
    """Return the median of the values of several seeds with the lowest and the highest, of one seed its value."""
    defined = [value for value in values if not np.isnan(value)]
    bounds = f" ({metric(min(defined))}–{metric(max(defined))})" if defined and len(values) > 1 else ""
    return f"{median_text(values)}{bounds}"


# The runs


def _run_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    part, score = comparison.part, score_word(comparison, word)
    columns = (
        Column("run"),
        Column("state", spare=4),
        Column(word("epoch"), right=True, spare=3),
        Column("seeds", spare=5),
        Column(f"best {word(part)} {word('loss')}", right=True, spare=2),
        Column("last", right=True),
        Column(score, right=True, spare=1),
    )
    rows = [_run_cells(run, part, spread_text) for run in comparison.runs]
    slots = layout(columns, rows, width - len(SIGN))
    if len(slots) < len(columns):  # rather a range is left out than a column
        rows = [_run_cells(run, part, median_text) for run in comparison.runs]
        slots = layout(columns, rows, width - len(SIGN))
    lines = [_table_line([Cell(column.head, Ink.MUTED) for column in columns], columns, slots, (" " * len(SIGN), 0))]
    for place, row in enumerate(rows):
        lines.append(_table_line(row, columns, slots, (SIGN, run_ink(place))))
    return lines


def _run_cells(run: ComparedRun, part: Part, write: Callable[[Sequence[float]], str]) -> list[Cell]:
    loss, score = run.column("losses", part), run.column("scores", part)
    best, last = run.best, run.last
    lowest = f"{write(_seeds_of(best, loss))} at {count(best.epoch)}" if best and loss is not None else "–"
    return [
        Cell(within(sanitize(run.name, 80), LONGEST_NAME), Ink.BRIGHT),
        Cell(run.state, STATE_INKS[run.state]),
        Cell(count(run.epoch)),
        Cell(seeds_text(run.seeds), Ink.MUTED),
        Cell(lowest),
        _last_cell(run, write(_seeds_of(last, loss))),
        Cell(write(_seeds_of(last, score))),
    ]


def _last_cell(run: ComparedRun, text: str) -> Cell:
    if not run.diverged:
        return Cell(text)
    some = f"{text}, {run.diverged} diverged" if run.diverged < len(run.seeds) else "diverged"
    return Cell(some, Ink.ERROR)


def _seeds_of(epoch: EpochValues | None, column: int | None) -> list[float]:
    return [] if epoch is None or column is None else [float(value) for value in epoch.values[:, column]]


def _table_line(
    cells: Sequence[Cell], columns: Sequence[Column], slots: Sequence[tuple[int, int, int]], sign: tuple[str, int]
) -> StyledLine:
    line: StyledLine = [sign]
    end = 0
    for column, x, wide in slots:
        pad = rjust if columns[column].right else ljust
        line.append((" " * (x - end) + pad(within(cells[column].text, wide), wide), cells[column].ink))
        end = x + wide
    return line


# Who is better


def _pair_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    lines: list[StyledLine] = []
    for kind in KINDS:
        pairs = comparison.pairs(kind)
        if pairs:
            lines += [[]] if lines else []
            lines += _wrapped([(f"{_judged(comparison, kind, word)}, seed by seed", Ink.BRIGHT)], width)
        for pair in pairs:
            ink = Ink.GOOD if pair.found.winner else Ink.TEXT
            lines += _wrapped([(f"{_sentence(pair.found.words(metric))}.", ink)], width, indent=2)
    flattered = [[], *_wrapped([(FLATTERED, Ink.MUTED)], width)] if lines and len(comparison.runs) > 2 else []
    return lines + flattered


def _judged(comparison: Comparison, kind: Kind, word: Word) -> str:
    what = word("loss") if kind == "losses" else score_word(comparison, word)
    by_best = [run.has_patience for run in comparison.runs]
    when = "last" if not any(by_best) else "best" if all(by_best) else "last (with patience: best)"
    return f"{word(comparison.part).capitalize()} {what} of the {when} {word('epoch')}"


def _sentence(text: str) -> str:
    return sanitize(text, 400)


# Along the one value in which they differ


def _varied_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    """Return losses along the value in which the recipes differ, where that is one number: a learning curve."""
    varied = comparison.varied
    if varied is None or len(varied.runs) < 3:  # of two the table of the runs says it
        return []
    parts = [part for part in reversed(PARTS) if any(run.column("losses", part) is not None for run in varied.runs)]
    columns = (Column(varied.path, right=True), *(Column(f"{word(part)} {word('loss')}", right=True) for part in parts))
    rows = [
        [Cell(plain(value)), *(Cell(spread_text(list(run.values("losses", part).values()))) for part in parts)]
        for value, run in zip(varied.values, varied.runs, strict=True)
    ]
    heads = [Cell(column.head, Ink.MUTED) for column in columns]
    slots = layout(columns, [*rows, heads], width)
    title = "Learning curve" if varied.path in SIZES else f"By {varied.path}"
    return [[(title, Ink.BRIGHT)], *(_table_line(row, columns, slots, ("", 0)) for row in (heads, *rows))]


# Recipes


def _difference_lines(comparison: Comparison, width: int) -> list[StyledLine]:
    differences = comparison.differences
    if not differences:
        return [[("The recipes are the same.", Ink.BRIGHT)]]
    names = [within(sanitize(run.name, 80), LONGEST_NAME) for run in comparison.runs]
    rows = [
        [Cell(sanitize(path, 40), Ink.MUTED), *(Cell(value_text(value, LONGEST_VALUE)) for value in values)]
        for path, values in differences
    ]
    columns = [Column("recipe"), *(Column(name) for name in names)]
    widths = [max(cell_width(cell.text) for cell in column) for column in zip(*rows, _heads(columns), strict=True)]
    if sum(widths) + GAP * (len(widths) - 1) > width:
        return _stacked(rows, names, width)
    slots = layout(columns, [*rows, _heads(columns)], width)
    heads = [Cell("Recipe", Ink.BRIGHT), *(Cell(name, run_ink(place)) for place, name in enumerate(names))]
    return [_table_line(row, columns, slots, ("", 0)) for row in (heads, *rows)]


def _heads(columns: Sequence[Column]) -> list[Cell]:
    return [Cell(column.head) for column in columns]


def _stacked(rows: Sequence[Sequence[Cell]], names: Sequence[str], width: int) -> list[StyledLine]:
    """Return each path with the value of each run behind its name, where a table has no room."""
    lines: list[StyledLine] = [[("Recipe", Ink.BRIGHT)]]
    for path, *values in rows:
        lines += _wrapped([(path.text, Ink.MUTED)], width)
        pieces: StyledLine = [("  ", 0)]
        for place, (name, value) in enumerate(zip(names, values, strict=True)):
            pieces += [
                (f"{name} ", run_ink(place)),
                (f"{value.text}{'   ' if place < len(names) - 1 else ''}", Ink.TEXT),
            ]
        lines += _wrapped(pieces, width, indent=2)
    return lines


def _change_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    lines: list[StyledLine] = []
    for place, run in enumerate(comparison.runs):
        changes = [change for change in run.changes if not isinstance(change, SetPace)]
        if not changes:
            continue
        more = f" and {len(changes) - MOST_CHANGES} more" if len(changes) > MOST_CHANGES else ""
        said = "; ".join(_change_text(change, word) for change in changes[:MOST_CHANGES])
        name = within(sanitize(run.name, 80), LONGEST_NAME)
        lines += _wrapped([(f"{name} ", run_ink(place)), (f"{said}{more}", Ink.TEXT)], width, indent=2)
    return [[("Changed on the way", Ink.BRIGHT)], *lines] if lines else []


def _change_text(change: Change, word: Word) -> str:
    what = f"{change.path} = {value_text(change.value)}" if isinstance(change.path, str) else change.kind
    return sanitize(f"{word('epoch')} {change.epoch}: {what}", 80)


def _branch_lines(comparison: Comparison, word: Word, width: int) -> list[StyledLine]:
    lines: list[StyledLine] = []
    runs = comparison.runs
    for place, run in enumerate(runs):
        for other in runs[:place]:
            if shared := comparison.shared_past(other, run):
                past = f"{word('epoch')} {count(shared)}"
                names = f"{sanitize(run.name, 80)} and {sanitize(other.name, 80)}"
                lines += _wrapped([(f"{names} are one up to {past}: branches.", Ink.TEXT)], width, indent=2)
    return lines


def _caution_lines(comparison: Comparison, width: int) -> list[StyledLine]:
    return [line for said in comparison.cautions() for line in _wrapped([(f"! {said}", Ink.WARNING)], width, indent=2)]


def _wrapped(line: StyledLine, width: int, *, indent: int = 0) -> list[StyledLine]:
    return wrapped_line(line, width, indent)
