"""What the networks of a sweep answer over two columns, as small pictures: one a trial, of its median seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.sweep.field import FULL, Field
from engine.sweep.results import TrialResult
from tui_trainer.formatting import cell_width, metric, narrow, within
from tui_trainer.view_models.sweep import SweepReport, TrialRow


@dataclass(frozen=True)
class GridPicture:
    """A trial's picture.

    Attributes:
        row: The trial.
        field: What its networks answer; None while nothing is known, or where it was not trained to its end.
        seed: Which of them is shown: the one in the middle of its seeds.
        title: What tells it from those beside it.
    """

    row: TrialRow
    field: Field | None
    seed: int
    title: str

    @property
    def answers(self) -> NDArray[np.float64] | None:
        """(H, W): of two classes the probability of the second; of more the number of the likeliest."""
        if self.field is None:
            return None
        answers: NDArray[np.float64] = self.field.answers[self.seed].astype(np.float64)
        return answers / FULL if self.field.classes == 2 else answers

    @property
    def classes(self) -> NDArray[np.intp] | None:
        """(H, W), the class that is answered."""
        if self.field is None or (answers := self.answers) is None:
            return None
        return (answers >= 0.5).astype(np.intp) if self.field.classes == 2 else answers.astype(np.intp)

    def short_caption(self, width: int) -> str:
        """Return as much of the caption as there is room for: a number whole, or none."""
        if cell_width(self.caption) <= width:
            return self.caption
        number = self.row.train if self.row.loss is None else self.row.loss
        if number is None:
            return within(self.caption, width)
        text = narrow(number, width)
        return "" if text == "…" else text

    @property
    def caption(self) -> str:
        """How good it is: the median over its seeds, and their range."""
        if self.row.loss is None:
            return f"train {metric(self.row.train)}" if self.row.train is not None else self.row.state
        return f"{metric(self.row.loss)} ({self.row.band})"


@dataclass(frozen=True)
class BoundaryGrid:
    """The pictures in rows and columns.

    Attributes:
        row_head: What a row is one value of; nothing where the pictures just follow one another.
        column_head: What a column is one value of.
        rows: The values of the rows.
        columns: The values of the columns.
        pictures: By row and column.
    """

    row_head: str
    column_head: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    pictures: Mapping[tuple[int, int], GridPicture]

    @property
    def is_table(self) -> bool:
        """Whether rows and columns are values of two keys."""
        return bool(self.row_head)


def boundary_grid(report: SweepReport, fields: Mapping[int, Field], across: int = 5) -> BoundaryGrid | None:
    """Return the pictures of a sweep; None where no trial has one.

    Two keys make a table: the first one's values go down, the second one's across. Else the best come first.

    Args:
        report: The sweep.
        fields: By trial.
        across: Pictures in a row, where they make no table.
    """
    if not fields:
        return None
    rows = report.rows
    firsts, seconds = (_values(rows, index) for index in (0, 1)) if len(report.heads) == 2 else ((), ())
    if len(report.heads) == 2 and len(firsts) * len(seconds) <= 2 * len(rows):
        pictures = {
            (firsts.index(row.values[0]), seconds.index(row.values[1])): _picture(report, row, fields, "")
            for row in rows
        }
        return BoundaryGrid(*report.heads, firsts, seconds, pictures)
    rows_with_field = [row for row in report.best_first if row.trial in fields]
    following = {
        divmod(number, across): _picture(report, row, fields, report.values_text(row.trial))
        for number, row in enumerate(rows_with_field)
    }
    down = max((place[0] for place in following), default=-1) + 1
    return BoundaryGrid("", "", ("",) * down, ("",) * min(across, len(rows_with_field)), following)


def _values(rows: Sequence[TrialRow], index: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.values[index] for row in rows))


def _picture(report: SweepReport, row: TrialRow, fields: Mapping[int, Field], title: str) -> GridPicture:
    field = fields.get(row.trial)
    seed = 0 if field is None else min(middle_seed(report.ended[row.trial]), len(field.answers) - 1)
    return GridPicture(row, field, seed, title)


def middle_seed(result: TrialResult) -> int:
    """Return the index of the seed whose loss, of validation if there is one, is in the middle."""
    part = result.validation or result.train
    losses = [] if part is None else [float("inf") if loss is None else loss for loss in part.loss]
    order = sorted(range(len(losses)), key=lambda index: losses[index])
    return order[(len(order) - 1) // 2] if order else 0
