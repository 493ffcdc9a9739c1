"""What the user has chosen to see of the boundary: two columns, a neuron's field, a point of their own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from engine.errors import InputError
from engine.protocol.queries import BoundaryQuery
from engine.spec import Spec
from tui_trainer.formatting import count, plain
from tui_trainer.layout import Rect
from tui_trainer.view_models.boundary import PlaneProjection, columns_of, layout, snapshot_of
from tui_trainer.view_models.boundary_notes import answer_words, column_name
from tui_trainer.view_models.run import RunModel

CELL: Final = (1, 2)
"""Pixels of a cell, across and down."""

Neuron = tuple[int, int]
"""Hidden layer and neuron, from 0."""

_NUMBERS: Final = re.compile(r"[\s,;]+")


class PlaneChoices:
    """The plane to be shown of a run.

    Args:
        word: Gives a term its name.

    Attributes:
        point: The user's own point, in the columns' own units; None where there is none.
        neuron: The hidden neuron whose field is shown in place of the network's answer.
    """

    def __init__(self, word: Callable[[str], str]) -> None:
        self.point: tuple[float, float] | None = None
        self.neuron: Neuron | None = None
        self._word = word
        self._columns: tuple[int, int] | None = None

    def columns(self, run: RunModel) -> tuple[int, int]:
        """Return the columns across and upwards: those chosen, else those that the worker has picked."""
        return self._still_there(run) or columns_of(run) or (0, 1)

    def base_columns(self, run: RunModel) -> tuple[int, int]:
        """Return the two columns to derive others from: those shown, or the first two where one of these is derived."""
        columns = self.columns(run)
        return columns if max(columns) < run.welcome.inputs - len(run.spec.data.derived) else (0, 1)

    def _still_there(self, run: RunModel) -> tuple[int, int] | None:
        """Return the chosen columns, None where there are none, or one of them has gone: it was derived."""
        return self._columns if self._columns and max(self._columns) < run.welcome.inputs else None

    def plane(self, run: RunModel, field: Rect) -> BoundaryQuery:
        """Return what to ask the worker for, of a field of so many cells."""
        return BoundaryQuery(
            columns=self._still_there(run),
            width=max(2, field.width * CELL[0]),
            height=max(2, field.height * CELL[1]),
            neuron=still_there(run.spec, self.neuron),
            point=self.point,
        )

    def projection(self, run: RunModel, field: Rect) -> PlaneProjection | None:
        """Return the pixels of the field as it stands on the screen, None where it shows nothing yet."""
        snapshot = snapshot_of(run)
        if snapshot is None or not field.width or not field.height:
            return None
        return PlaneProjection(snapshot.box, field.width * CELL[0], field.height * CELL[1])

    def move_point(self, run: RunModel, field: Rect, across: int, down: int) -> None:
        """Move the own point by cells; the first time it comes into the middle."""
        projection = self.projection(run, field)
        if projection is not None:
            self.point = projection.moved(self.point, across * CELL[0], down * CELL[1])

    def put_point(self, run: RunModel, field: Rect, column: int, row: int) -> None:
        """Put the own point into a cell of the field, if it is one."""
        projection = self.projection(run, field)
        if projection is not None and 0 <= column < field.width and 0 <= row < field.height:
            self.point = projection.point(column * CELL[0], row * CELL[1])

    def type_point(self, text: str) -> None:
        """Take the point that was typed.

        Raises:
            InputError: It is not two numbers.
        """
        self.point = read_point(text)

    @property
    def point_text(self) -> str:
        """The point as it would be typed."""
        return "" if self.point is None else " ".join(plain(value) for value in self.point)

    def show_column(self, run: RunModel, axis: int, column: int) -> None:
        """Show a column on an axis, 0 for the horizontal one; where the other has it, the two change places."""
        columns = self.columns(run)
        other = columns[axis] if columns[1 - axis] == column else columns[1 - axis]
        self._columns = (column, other) if axis == 0 else (other, column)
        self.point = None

    def neuron_names(self, run: RunModel) -> tuple[list[Neuron | None], list[str]]:
        """Return whose field can be shown, the network's answer (None) first, and their names."""
        choices = [None, *neurons(run.spec)]
        layer, neuron = self._word("layer"), self._word("neuron")
        names = [f"{layer} {place[0] + 1}, {neuron} {place[1] + 1}" for place in choices if place is not None]
        return choices, ["the network's answer", *names]

    def next_neuron(self, run: RunModel, step: int) -> None:
        """Show the field of the neuron ``step`` further on."""
        self.neuron = next_neuron(run.spec, self.neuron, step)

    def subtitle(self, run: RunModel, width: int, height: int) -> str:
        """Return which columns are shown, and where the others rest; without room for notes, the point's answer."""
        if run.welcome.inputs < 2:
            return ""
        x, y = (column_name(run, column, 24) for column in self.columns(run))
        return f"{run.seed_shown}→ {x}  ↑ {y}{self._rest(run, width, height)}"

    def _rest(self, run: RunModel, width: int, height: int) -> str:
        boxes, snapshot = layout(width, height), snapshot_of(run)
        plane = self.plane(run, boxes.field)
        if snapshot is not None and plane.point is not None and boxes.notes is None:
            return " · " + "".join(text for text, _ in answer_words(run, snapshot, plane, 20)).rstrip()
        derived = run.spec.data.derived
        further_columns = run.welcome.inputs - len(derived) - 2
        rest = (
            " · the other at its mean"
            if further_columns == 1
            else f" · {count(further_columns)} others at their mean" * (further_columns > 1)
        )
        return f"{rest} · with {', '.join(derived)}" if derived else rest


def read_point(text: str) -> tuple[float, float]:
    """Return the point that a typed text means.

    Raises:
        InputError: It is not two numbers.
    """
    parts = [part for part in _NUMBERS.split(text.replace("−", "-")) if part]
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise InputError("expected two numbers, as in 1.5 −0.3") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise InputError("expected two finite numbers, as in 1.5 −0.3")
    return x, y


def neurons(spec: Spec) -> list[Neuron]:
    """Return every hidden neuron, in order."""
    return [(number, unit) for number, layer in enumerate(spec.network.layers[:-1]) for unit in range(layer.units)]


def still_there(spec: Spec, neuron: Neuron | None) -> Neuron | None:
    """Return the neuron if the network has it (still)."""
    if neuron is None or neuron[0] >= len(spec.network.layers) - 1:
        return None
    return neuron if neuron[1] < spec.network.layers[neuron[0]].units else None


def next_neuron(spec: Spec, shown: Neuron | None, step: int) -> Neuron | None:
    """Return the neuron ``step`` further on; the network's answer (None) stands before the first and after the last."""
    choices = [None, *neurons(spec)]
    at = choices.index(shown) if shown in choices else 0
    return choices[(at + step) % len(choices)]
