"""What a network answers over a plane through its inputs: the field behind the boundary view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Arrays, Floats
from engine.data.derived import recompute
from engine.errors import InputError
from engine.numerics.forward import ForwardPlan
from engine.protocol.queries import BoundaryQuery
from engine.training.network import Network
from engine.training.trainer import Trainer
from engine.views.column_pairs import telling_pair

MOST_POINTS = 2000
MARGIN = 0.1
MOST_COMPILED = 8
"""Fields that are kept compiled, over all watchers."""
MOST_CELLS = 40_000
"""Cells that they have together, or one alone: each takes as much memory as a row of the data and its activations."""


class Boundary:
    """The field of one watcher's plane, compiled once and evaluated as often as it is shown.

    Args:
        trainer: Whose answers.
        plane: Which two columns, how fine, of which neuron, and a point of the watcher's own.

    Attributes:
        columns: The columns across and upwards.

    Raises:
        InputError: A column or a neuron that there is not.
    """

    def __init__(self, trainer: Trainer, plane: BoundaryQuery) -> None:
        self.plane = plane
        self.columns = plane.columns or _telling_columns(trainer)
        self._trainer = trainer
        self._data = trainer.data
        self._check()
        self._points = self._sample_points()
        self._box = self._limits()
        self._compile()

    def _check(self) -> None:
        trainer, plane = self._trainer, self.plane
        if max(self.columns) >= trainer.inputs:
            raise InputError(f"plane.columns: expected two of columns 0 to {trainer.inputs - 1} (got {self.columns})")
        if plane.neuron is not None:
            layer, neuron = plane.neuron
            layers = trainer.spec.network.layers[:-1]
            if layer >= len(layers) or neuron >= layers[layer].units:
                raise InputError(f"plane.neuron: there is no hidden neuron {neuron + 1} in layer {layer + 1}")

    def _sample_points(self) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Return rows of the table and their parts (0 train, 1 validation); the exam stays sealed."""
        data = self._trainer.data
        parts = [data.train.rows] + ([data.validation.rows] if data.validation is not None else [])
        rows = np.concatenate(parts)
        numbers = np.concatenate([np.full(len(part), number, np.uint8) for number, part in enumerate(parts)])
        chosen = np.linspace(0, len(rows) - 1, min(len(rows), MOST_POINTS)).astype(np.intp)
        return rows[chosen], numbers[chosen]

    def _limits(self) -> NDArray[np.float64]:
        """Return left, right, bottom, top in raw units: the points, and a margin."""
        training_points = self._raw(self._points[0])[:, self.columns]
        low, high = training_points.min(axis=0), training_points.max(axis=0)
        margin = np.where(high > low, (high - low) * MARGIN, 1.0)
        (left, bottom), (right, top) = low - margin, high + margin
        return np.array([left, right, bottom, top])

    def _raw(self, rows: NDArray[np.intp]) -> Floats:
        """Return rows (m, n) of the table in raw units, missing values filled in as the network sees them."""
        return self._trainer.data.scaler.filled(self._trainer.data.table.X[rows])

    def _compile(self) -> None:
        left, right, bottom, top = self._box
        plane = self.plane
        across = np.linspace(left, right, plane.width)
        down = np.linspace(top, bottom, plane.height)
        grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
        rows = np.tile(self._raw(self._trainer.data.train.rows).mean(axis=0), (len(grid), 1))
        rows[:, self.columns] = grid
        recompute(self._data.table, rows, self.columns)
        transform = self._trainer.data.scaler.transform
        self._network: Network = self._trainer.network
        self._architecture = self._network.architecture
        self._field = self._network.forward_plan(transform(rows))
        self._at_points = self._network.forward_plan(transform(self._raw(self._points[0])))
        own = rows[:1].copy()
        own[0, self.columns] = plane.point or (0.0, 0.0)
        recompute(self._data.table, own, self.columns)
        self._own = self._network.forward_plan(transform(own))

    def shows(self, trainer: Trainer, plane: BoundaryQuery) -> bool:
        """Return whether this is the field of that trainer and plane."""
        return self._trainer is trainer and self._data is trainer.data and self.plane == plane

    def arrays(self) -> Arrays:
        """Return field, points and the watcher's own point, as the network now answers."""
        network = self._trainer.network
        if self._network is not network or self._architecture is not network.architecture:
            self._check()
            self._compile()
        shape = self.plane.height, self.plane.width
        if self.plane.neuron is None:
            field, classes = self._answers(self._field)
        else:
            layer, neuron = self.plane.neuron
            field = self._field.neuron(layer, neuron)[0]
            classes = np.zeros(len(field), np.uint8)
        table, (rows, parts) = self._trainer.data.table, self._points
        at_points, _ = self._answers(self._at_points)
        arrays: Arrays = {
            "field": field.reshape(shape).astype(np.float32),
            "classes": classes.reshape(shape),
            "box": self._box,
            "points": self._raw(rows)[:, self.columns].astype(np.float64),
            "labels": np.atleast_2d(table.y[rows].T)[0].astype(np.float64),
            "parts": parts,
            "p": at_points.astype(np.float32),
            "rows": rows.astype(np.int64),
            "columns": np.array(self.columns, np.int64),
        }
        if self.plane.point is not None:
            own = self._own.outputs()[0, :, 0]
            arrays["own"] = self._trainer.data.in_own_units(own).astype(np.float32)
        return arrays

    def _answers(self, plan: ForwardPlan) -> tuple[Floats, NDArray[np.uint8]]:
        """Return (N,) what is shown of a plan's answers, and the class: p of class 1, of the likeliest, or the value.

        Of several values the first.
        """
        p, data = plan.outputs()[0], self._trainer.data  # (K, N)
        if not data.table.classes:
            return data.in_own_units(p.T)[:, 0], np.zeros(p.shape[1], np.uint8)
        if len(p) == 1:
            return p[0], (p[0] >= 0.5).astype(np.uint8)
        return p.max(axis=0), p.argmax(axis=0).astype(np.uint8)


class Boundaries:
    """The fields that watchers last asked for, each compiled once, whoever looks at it."""

    def __init__(self) -> None:
        self._compiled: dict[BoundaryQuery, Boundary] = {}

    def arrays(self, trainer: Trainer, plane: BoundaryQuery) -> Arrays:
        """Return the field of a plane, as the trainer's network now answers.

        Raises:
            InputError: A column or a neuron that there is not (any more).
        """
        plane = plane.model_copy(update={"id": plane.kind})  # whoever asks, it is the same field
        boundary = self._compiled.pop(plane, None)
        if boundary is None or not boundary.shows(trainer, plane):
            boundary = Boundary(trainer, plane)
        arrays = boundary.arrays()
        self._compiled[plane] = boundary  # the latest last
        while len(self._compiled) > 1 and (len(self._compiled) > MOST_COMPILED or self._cells() > MOST_CELLS):
            del self._compiled[next(iter(self._compiled))]
        return arrays

    def _cells(self) -> int:
        return sum(plane.width * plane.height for plane in self._compiled)


def _telling_columns(trainer: Trainer) -> tuple[int, int]:
    """Return the two columns that tell most of the target, by the training rows."""
    data = trainer.data
    rows = data.train.rows[np.linspace(0, len(data.train.rows) - 1, min(len(data.train.rows), MOST_POINTS)).astype(int)]
    targets = data.table.y[rows].reshape(len(rows), -1)
    if data.table.classes:
        targets = targets[:, :1] == np.arange(len(data.table.classes))
    columns = slice(data.table.base_columns if data.table.base_columns > 1 else None)  # derived ones follow these
    return telling_pair(data.scaler.filled(data.table.X[rows])[:, columns], targets.astype(np.float64))
