"""The network's answers over a plane through its inputs: tints of the field, points on it, doubtful points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.declarations.activations import DECLARED_ACTIVATIONS
from engine.protocol.queries import BoundaryQuery
from engine.spec import Spec
from tui_trainer.formatting import metric
from tui_trainer.layout import Rect
from tui_trainer.themes.inks import (
    EMPTY,
    HEAT_STEPS,
    VALUE_STEPS,
    class_tint,
    probability_tint,
    value_tint,
)
from tui_trainer.view_models.heat_scale import RELUCTANCE, HeatScale
from tui_trainer.view_models.run import RunModel

Tints = NDArray[np.int64]
Field = TypeVar("Field", NDArray[np.int64], NDArray[np.bool_])
Answer = Literal["probability", "class", "value"]
"""What the network says of a point: p of the second class, the likeliest class and its p, or a number."""

DOUBT = 0.1
"""A p as near to .5 as this is ambiguous."""

P_EDGES = (0.1, 0.4, 0.6, 0.9)
"""Where one tint of a probability ends and the next begins."""

SURE_EDGES = (0.5 + DOUBT,)
P_RELUCTANCE = 0.02
"""How far beyond an edge a probability must be before its tint changes."""

LABELS = 8
"""Columns beside the field for the labels of its vertical axis."""

AXIS_ROWS = 2
WIDEST, HIGHEST = 400, 100
"""Cells of the largest field: the plane's own bounds."""


@dataclass(frozen=True)
class Layout:
    """Where the field and the notes beside it stand; a pane too small for both has no notes."""

    field: Rect
    notes: Rect | None


def layout(width: int, height: int) -> Layout:
    """Return the boxes for a pane whose contents have this size."""
    notes_width = 34 if width >= 100 else 27 if width >= 66 else 0
    body = Rect(0, 0, width, height)
    field_width = min(WIDEST, width - LABELS - (notes_width + 2 if notes_width else 0))
    field = body.columns(LABELS, LABELS + max(0, field_width)).rows(0, min(HIGHEST, height - AXIS_ROWS))
    notes = body.columns(LABELS + field_width + 2, LABELS + field_width + 2 + notes_width)
    return Layout(field, notes if notes_width else None)


@dataclass(frozen=True)
class PlaneProjection:
    """A field of pixels over a rectangle of the plane; the outermost pixels have their centres on its edges.

    Attributes:
        box: Left, right, bottom, top, in the columns' own units.
        width: Pixels across.
        height: Pixels down.
    """

    box: tuple[float, float, float, float]
    width: int
    height: int

    def pixels(self, points: Floats) -> NDArray[np.int64]:
        """Return column and row, (m, 2), of the pixels nearest to points (m, 2); row 0 is at the top.

        NaN and infinities lie far outside.
        """
        left, right, bottom, top = self.box
        with np.errstate(all="ignore"):
            across = (points[:, 0] - left) / (right - left) * (self.width - 1)
            down = (top - points[:, 1]) / (top - bottom) * (self.height - 1)
        far = 2.0**31  # beyond any field, and still a whole number
        places = np.nan_to_num(np.column_stack([across, down]), nan=-far, posinf=far, neginf=-far)
        pixels: NDArray[np.int64] = np.rint(np.clip(places, -far, far)).astype(np.int64)
        return pixels

    def shows(self, points: Floats) -> NDArray[np.bool_]:
        """Return (m,), whether points lie on the field."""
        pixels = self.pixels(points)
        return np.asarray(((pixels >= 0) & (pixels < (self.width, self.height))).all(axis=1))

    def point(self, column: int, row: int) -> tuple[float, float]:
        """Return the point at the centre of a pixel."""
        left, right, bottom, top = self.box
        x = left + (right - left) * column / max(1, self.width - 1)
        return x, top - (top - bottom) * row / max(1, self.height - 1)

    def moved(self, point: tuple[float, float] | None, across: int, down: int) -> tuple[float, float]:
        """Return a point moved by pixels, kept on the field; without a point, the middle of the field."""
        left, right, bottom, top = self.box
        if point is None:
            return (left + right) / 2, (bottom + top) / 2
        x = point[0] + (right - left) * across / max(1, self.width - 1)
        y = point[1] - (top - bottom) * down / max(1, self.height - 1)
        return min(max(x, left), right), min(max(y, bottom), top)


@dataclass(frozen=True)
class BoundarySnapshot:
    """One frame's view of a plane.

    Attributes:
        plane: What was asked for, and is shown here.
        answer: What the network says of a point.
        field: (height, width) answers or a neuron's activations, top row first.
        classes: (height, width) the likeliest class.
        box: Left, right, bottom, top.
        points: (m, 2) rows of the training and the validation part.
        labels: (m,) their true classes or values.
        parts: (m,) 0 train, 1 validation.
        p: (m,) the network's answers to them.
        rows: (m,) their row numbers in the table.
        own: (K,) outputs at the watcher's own point, None without one.
        columns: The columns across and upwards.
    """

    plane: BoundaryQuery
    answer: Answer
    field: Floats
    classes: NDArray[np.uint8]
    box: tuple[float, float, float, float]
    points: NDArray[np.float64]
    labels: NDArray[np.float64]
    parts: NDArray[np.uint8]
    p: Floats
    rows: NDArray[np.int64]
    own: Floats | None
    columns: tuple[int, int] = (0, 1)

    @property
    def doubtful(self) -> NDArray[np.int64]:
        """Points to look at, by number, (k,): nearest to .5, least sure, or of a regression with the largest error."""
        if self.answer == "value":
            with np.errstate(invalid="ignore"):  # errors that are NaN come last
                return np.argsort(-np.abs(self.labels - self.p), kind="stable")
        away = np.abs(self.p - 0.5) if self.answer == "probability" else self.p - 0.5
        order = np.argsort(away, kind="stable")
        return order[away[order] <= DOUBT]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """Points (m,) that the network puts into the other class; none where an answer is no probability."""
        if self.answer != "probability":
            return np.zeros(len(self.p), np.bool_)
        return np.asarray((self.p >= 0.5) != (self.labels >= 0.5))


def snapshot_of(run: RunModel) -> BoundarySnapshot | None:
    """Return the latest view of a plane that the run's worker has sent."""
    arrays, plane = run.boundary, run.plane
    if plane is None:
        return None
    left, right, bottom, top = arrays["box"].tolist()
    return BoundarySnapshot(
        plane=plane,
        answer=answer_of(run),
        field=arrays["field"],
        classes=arrays["classes"],
        box=(left, right, bottom, top),
        points=arrays["points"],
        labels=arrays["labels"],
        parts=arrays["parts"],
        p=arrays["p"],
        rows=arrays["rows"],
        own=arrays.get("own"),
        columns=columns_of(run) or (0, 1),
    )


def columns_of(run: RunModel) -> tuple[int, int] | None:
    """Return the columns of the latest view of a plane, None before the first."""
    if "columns" not in run.boundary:
        return None
    across, upwards = run.boundary["columns"].tolist()
    return across, upwards


def answer_of(run: RunModel) -> Answer:
    """Return what a run's network says of a point."""
    if not run.welcome.classes:
        return "value"
    return "probability" if run.spec.network.layers[-1].units == 1 else "class"


class FieldColorizer:
    """The tints of a field from one snapshot to the next: a pixel keeps its tint until its value is clearly in another.

    Attributes:
        ends: The values that the scale's ends stand for.
    """

    def __init__(self) -> None:
        self.ends = (0.0, 1.0)
        self._neuron = HeatScale()
        self._edges: tuple[float, ...] = ()
        self._steps: Tints = np.zeros((0, 0), np.int64)

    def tints(self, snapshot: BoundarySnapshot, spec: Spec) -> tuple[Tints, NDArray[np.bool_]]:
        """Return what the plane asks for, (height, width), and where the line between two answers runs over it."""
        sides: NDArray[Any] = snapshot.classes
        if snapshot.plane.neuron is not None:
            layer = spec.network.layers[min(snapshot.plane.neuron[0], len(spec.network.layers) - 1)]
            activation = DECLARED_ACTIVATIONS[layer.activation]
            tints = self._neuron_tints(snapshot.field, signed=activation.signed)
            sides = snapshot.field > activation.middle
        elif snapshot.answer == "class":
            tints = class_tint(snapshot.classes.astype(np.int64), self._held(snapshot.field, SURE_EDGES, P_RELUCTANCE))
        elif snapshot.answer == "value":
            tints, sides = self._value_tints(snapshot), np.zeros_like(snapshot.classes)
        else:
            self.ends = (0.0, 1.0)
            tints = probability_tint(self._held(snapshot.field, P_EDGES, P_RELUCTANCE))
        return np.where(np.isfinite(snapshot.field), tints, EMPTY), borders(sides)

    def _neuron_tints(self, field: Floats, *, signed: bool) -> Tints:
        levels = self._neuron.levels(field)
        low = -HEAT_STEPS if signed else 0
        self.ends = (-self._neuron.bound if signed else 0.0, self._neuron.bound)
        steps = (levels - low) / (HEAT_STEPS - low) * (VALUE_STEPS - 1)
        return value_tint(np.rint(steps).astype(np.int64).clip(0, VALUE_STEPS - 1))

    def _value_tints(self, snapshot: BoundarySnapshot) -> Tints:
        low, high = finite_range(snapshot.labels)
        high = high if high > low else low + 1
        self.ends = (low, high)
        edges = tuple(np.linspace(low, high, VALUE_STEPS + 1)[1:-1].tolist())
        return value_tint(self._held(snapshot.field, edges, (edges[1] - edges[0]) * RELUCTANCE))

    def _held(self, values: Floats, edges: tuple[float, ...], reluctance: float) -> Tints:
        """Digitize with hysteresis: a value keeps its last bin until it is ``reluctance`` beyond the bin's edge."""
        steps = np.searchsorted(edges, values, side="right")
        if self._edges == edges and self._steps.shape == values.shape:
            low, high = np.array([-np.inf, *edges]), np.array([*edges, np.inf])
            stays = (values >= low[self._steps] - reluctance) & (values <= high[self._steps] + reluctance)
            steps = np.where(stays, self._steps, steps)
        self._edges, self._steps = edges, steps
        return steps


def borders(sides: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which pixels (H, W) differ from the one to the right or the one below: a line one pixel thick."""
    line = np.zeros(sides.shape, np.bool_)
    line[:, :-1] |= sides[:, :-1] != sides[:, 1:]
    line[:-1] |= sides[:-1] != sides[1:]
    return line


def resized(field: Field, height: int, width: int) -> Field:
    """Return a field of another size, each pixel that of the nearest one: until the worker has drawn it anew."""
    if field.shape == (height, width):
        return field
    rows = np.rint(np.linspace(0, field.shape[0] - 1, height)).astype(np.int64)
    columns = np.rint(np.linspace(0, field.shape[1] - 1, width)).astype(np.int64)
    resized: Field = field[rows][:, columns]
    return resized


def finite_range(values: Floats) -> tuple[float, float]:
    """Return the lowest and the highest finite value of (m,); 0 and 1 if no value is finite."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def said_of(snapshot: BoundarySnapshot, outputs: Sequence[float], classes: Sequence[str]) -> list[tuple[str, str]]:
    """Return what the network says where it has these outputs: figures and what they mean, the likeliest first."""
    if snapshot.answer == "value":
        return [(metric(output), "") for output in outputs]
    if snapshot.answer == "probability":
        p = outputs[0]
        return [(share(p), f"→ {classes[int(p >= 0.5)]}" if math.isfinite(p) else "")]
    likeliest = sorted(range(len(outputs)), key=lambda number: -outputs[number])
    return [(share(outputs[number]), classes[number]) for number in likeliest if number < len(classes)]


def value_near(snapshot: BoundarySnapshot, point: tuple[float, float]) -> float | None:
    """Return the field's value at the pixel nearest to a point, None outside of it."""
    height, width = snapshot.field.shape
    projection, place = PlaneProjection(snapshot.box, width, height), np.array([point])
    if not projection.shows(place)[0]:
        return None
    column, row = projection.pixels(place)[0].tolist()
    return float(snapshot.field[row, column])


def share(p: float) -> str:
    """Return a probability in four or five characters."""
    return f"{p:.3f}" if math.isfinite(p) else metric(p)
