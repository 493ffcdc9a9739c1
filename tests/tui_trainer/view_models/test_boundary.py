from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from engine.protocol.queries import BoundaryQuery
from tests.tui_trainer.fake_client import make_spec
from tui_trainer.themes.inks import CLASSES, EMPTY, PROBABILITY_STEPS, VALUE_STEPS, class_tint, value_tint
from tui_trainer.view_models.boundary import (
    AXIS_ROWS,
    HIGHEST,
    LABELS,
    WIDEST,
    Answer,
    BoundarySnapshot,
    FieldColorizer,
    PlaneProjection,
    borders,
    layout,
    resized,
    said_of,
    share,
    value_near,
)

sizes = st.integers(1, 500)
coordinates = st.floats(-1e6, 1e6)
spans = st.floats(1e-3, 1e6)
probabilities = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.floats(0, 1, width=32)
)
SPEC = make_spec()


def make_picture(field: Any = None, answer: Answer = "probability", **changed: Any) -> BoundarySnapshot:
    """Return a snapshot of some points, changed as said."""
    field = np.array([[0.1, 0.9], [0.4, 0.6]]) if field is None else np.asarray(field)
    p = np.asarray(changed.get("p", [0.2, 0.55, 0.48, 0.9]))
    values: dict[str, Any] = {
        "plane": BoundaryQuery(),
        "answer": answer,
        "field": field,
        "classes": (field >= 0.5).astype(np.uint8),
        "box": (0.0, 1.0, 0.0, 1.0),
        "points": np.random.default_rng(1).random((len(p), 2)),
        "labels": np.arange(len(p)) % 2.0,
        "parts": np.zeros(len(p), np.uint8),
        "p": p,
        "rows": np.arange(len(p)),
        "own": None,
    }
    return BoundarySnapshot(**{**values, **changed, "p": p})


# Places


@given(sizes, sizes)
def test_field_and_notes_lie_beside_each_other_within_the_pane(width: int, height: int) -> None:
    boxes = layout(width, height)
    field, notes = boxes.field, boxes.notes
    assert field.x >= min(LABELS, width)
    assert field.width <= WIDEST
    assert field.height <= min(HIGHEST, max(0, height - AXIS_ROWS))
    assert field.x + field.width <= width
    if notes is not None:
        assert field.x + field.width < notes.x
        assert notes.x + notes.width <= width
    if width >= 66 and height > AXIS_ROWS:
        assert notes is not None
        assert field.width >= 29
    BoundaryQuery(width=max(2, field.width), height=max(2, 2 * field.height))  # which checks its bounds


@given(coordinates, spans, coordinates, spans, st.integers(2, 400), st.integers(2, 200), st.data())
def test_a_pixel_s_point_lies_in_that_pixel(
    left: float, across: float, bottom: float, up: float, width: int, height: int, data: st.DataObject
) -> None:
    projection = PlaneProjection((left, left + across, bottom, bottom + up), width, height)
    column, row = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    point = np.array([projection.point(column, row)])
    assert projection.pixels(point).tolist() == [[column, row]]
    assert projection.shows(point).all()


def test_the_corners_are_the_corners() -> None:
    projection = PlaneProjection((-1, 3, 10, 20), 80, 40)
    corners = np.array([[-1, 20], [3, 20], [-1, 10], [3, 10.0]])
    assert projection.pixels(corners).tolist() == [[0, 0], [79, 0], [0, 39], [79, 39]]
    assert projection.shows(np.array([[3.1, 15], [1, 9], [1e300, -1e300]])).tolist() == [False, False, False]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=30))
def test_a_moved_point_stays_on_the_field(moves: list[tuple[int, int]]) -> None:
    projection = PlaneProjection((-1, 1, -2, 2), 21, 11)
    point = projection.moved(None, 5, 5)
    assert point == (0, 0)
    for across, down in moves:
        point = projection.moved(point, across, down)
        assert -1 <= point[0] <= 1
        assert -2 <= point[1] <= 2
    assert projection.moved((0, 0), 1, 0) == pytest.approx((0.1, 0))
    assert projection.moved((0, 0), 0, 1) == pytest.approx((0, -0.4))


# Tints


def tints_of(snapshot: BoundarySnapshot, shades: FieldColorizer | None = None) -> NDArray[np.int64]:
    return (shades or FieldColorizer()).tints(snapshot, SPEC)[0]


@given(probabilities)
def test_tints_of_probabilities_keep_their_order_and_know_the_undecided(field: NDArray[np.float64]) -> None:
    tints = tints_of(make_picture(field))
    assert tints.min() >= 0
    assert tints.max() < PROBABILITY_STEPS
    order = np.argsort(field, axis=None)
    assert (np.diff(tints.ravel()[order]) >= 0).all()
    undecided = (field >= 0.4) & (field < 0.6)
    assert ((tints == PROBABILITY_STEPS // 2) == undecided).all()


@given(probabilities, st.lists(st.floats(-0.019, 0.019), min_size=1, max_size=5))
def test_a_value_that_trembles_keeps_its_tint(field: NDArray[np.float64], trembles: list[float]) -> None:
    shades = FieldColorizer()
    first = tints_of(make_picture(field), shades)
    for tremble in trembles:
        assert (tints_of(make_picture(field + tremble), shades) == first).all()


def test_a_value_that_is_clearly_elsewhere_changes_its_tint() -> None:
    shades = FieldColorizer()
    first = tints_of(make_picture([[0.05, 0.95]]), shades)
    assert (tints_of(make_picture([[0.15, 0.85]]), shades) != first).all()
    assert (tints_of(make_picture([[0.05, 0.95]]), shades) == first).all()


def test_a_field_of_another_shape_or_of_another_kind_begins_anew() -> None:
    shades = FieldColorizer()
    tints_of(make_picture([[0.41]]), shades)
    assert tints_of(make_picture([[0.39, 0.39]]), shades).tolist() == [[1, 1]]
    assert tints_of(make_picture([[0.39, 0.39]], "value", labels=np.array([0, 1, 0, 1.0])), shades).min() >= value_tint(
        0
    )


def test_what_is_not_finite_is_empty() -> None:
    assert tints_of(make_picture([[np.nan, 0.9], [np.inf, -np.inf]])).tolist() == [[EMPTY, 4], [EMPTY, EMPTY]]


def test_classes_have_a_strong_tint_where_they_are_sure() -> None:
    snapshot = make_picture([[0.5, 0.9]], "class", classes=np.array([[0, 9]], np.uint8))
    assert tints_of(snapshot).tolist() == [[class_tint(0, 0), class_tint(9, 1)]]
    assert len({class_tint(number, 1) for number in range(CLASSES)}) == CLASSES
    assert class_tint(CLASSES + 3, 1) == class_tint(3, 1)


def test_values_are_shown_over_the_range_of_the_true_ones() -> None:
    shades = FieldColorizer()
    snapshot = make_picture([[-1000, 10, 60, 110, 1000]], "value", labels=np.array([10, 110, 50, 60.0]))
    steps = (tints_of(snapshot, shades) - value_tint(0)).tolist()
    assert steps == [[0, 0, VALUE_STEPS // 2, VALUE_STEPS - 1, VALUE_STEPS - 1]]
    assert shades.ends == (10, 110)
    assert not shades.tints(snapshot, SPEC)[1].any()


def test_values_that_are_all_alike_still_have_a_scale() -> None:
    shades = FieldColorizer()
    tints_of(make_picture([[5.0]], "value", labels=np.full(4, 5.0)), shades)
    assert shades.ends == (5, 6)


@pytest.mark.parametrize(("activation", "low"), [("relu", 0), ("sigmoid", 0), ("tanh", -1), ("identity", -1)])
def test_a_neuron_s_scale_fits_its_activation(activation: str, low: int) -> None:
    spec = make_spec(network__layers=[{"units": 3, "activation": activation}, {"units": 1, "activation": "sigmoid"}])
    shades = FieldColorizer()
    tints, line = shades.tints(make_picture([[low, 0.2, 1]], plane=BoundaryQuery(neuron=(0, 2))), spec)
    assert shades.ends == (low, 1)
    assert tints[0, 0] == value_tint(0)
    assert tints[0, 2] == value_tint(VALUE_STEPS - 1)
    assert line.any()


def test_the_line_runs_where_the_answer_turns() -> None:
    _, line = FieldColorizer().tints(make_picture([[0.1, 0.2, 0.8, 0.9]] * 3), SPEC)
    assert line.tolist() == [[False, True, False, False]] * 3


@given(hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=8), elements=st.integers(0, 2)))
def test_borders_are_where_neighbours_differ(sides: NDArray[np.uint8]) -> None:
    line = borders(sides)
    for y in range(sides.shape[0]):
        for x in range(sides.shape[1]):
            neighbours = [*sides[y, x + 1 : x + 2].tolist(), *sides[y + 1 : y + 2, x].tolist()]
            assert line[y, x] == any(neighbour != sides[y, x] for neighbour in neighbours)


@given(probabilities, st.integers(1, 40), st.integers(1, 40))
def test_a_resized_field_has_the_size_and_keeps_its_corners(
    field: NDArray[np.float64], height: int, width: int
) -> None:
    tints = np.rint(field * 9).astype(np.int64)
    large = resized(tints, height, width)
    assert large.shape == (height, width)
    assert set(large.ravel().tolist()) <= set(tints.ravel().tolist())
    assert large[0, 0] == tints[0, 0]
    if height > 1 and width > 1:
        assert large[-1, -1] == tints[-1, -1]
    assert resized(tints, *tints.shape) is tints


# Points


def test_doubtful_points_come_nearest_first() -> None:
    snapshot = make_picture(p=[0.2, 0.55, 0.48, 0.401, 0.599, 0.61])
    assert snapshot.doubtful.tolist() == [2, 1, 3, 4]


@given(st.lists(st.floats(0, 1), max_size=50))
def test_doubtful_points_are_those_between_4_and_6_tenths(p: list[float]) -> None:
    doubtful = make_picture(p=np.array(p)).doubtful.tolist()
    assert sorted(doubtful) == [number for number, value in enumerate(p) if abs(value - 0.5) <= 0.1]
    distances = [abs(p[number] - 0.5) for number in doubtful]
    assert distances == sorted(distances)


def test_of_classes_the_least_sure_come_first_and_of_values_those_furthest_off() -> None:
    assert make_picture(answer="class", p=[0.9, 0.35, 0.58, 0.61]).doubtful.tolist() == [1, 2]
    off = make_picture(answer="value", p=[10, 20, 30], labels=np.array([11, 5, 30.0]))
    assert off.doubtful.tolist() == [1, 0, 2]


def test_points_that_are_no_number_are_not_doubtful() -> None:
    assert make_picture(p=[np.nan, 0.5]).doubtful.tolist() == [1]


# Words


def test_what_is_said_of_a_point() -> None:
    names = ("benign", "malignant")
    assert said_of(make_picture(), [0.5], names) == [("0.500", "→ malignant")]
    assert said_of(make_picture(), [0.49], names) == [("0.490", "→ benign")]
    assert said_of(make_picture(), [math.nan], names) == [("NaN", "")]
    assert said_of(make_picture(answer="class"), [0.2, 0.7], names) == [("0.700", "malignant"), ("0.200", "benign")]
    assert said_of(make_picture(answer="value"), [12.5], ()) == [("12.50", "")]


def test_the_field_knows_what_is_near_a_point() -> None:
    snapshot = make_picture([[1, 2], [3, 4]])
    assert value_near(snapshot, (0.1, 0.9)) == 1
    assert value_near(snapshot, (0.9, 0.1)) == 4
    assert value_near(snapshot, (1.9, 0.1)) is None


def test_shares_are_short() -> None:
    assert [share(p) for p in (0, 0.4996, 1, math.nan)] == ["0.000", "0.500", "1.000", "NaN"]
