from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.heat_layout import Cursor
from tui_trainer.view_models.heatmap import HeatmapModel, read_number
from tui_trainer.view_models.run import RunModel


def run_of(units: list[int], inputs: int = 4, **values: object) -> RunModel:
    """Return a run of a network with these widths, whose weights are known: neuron + column / 100."""
    run = RunModel(make_welcome(make_spec(network__units=units, **values), inputs=inputs))
    for layer, (fed, width) in enumerate(zip([inputs, *units], [*units, 1], strict=True)):
        run.weights[layer] = np.add.outer(np.arange(width, dtype=float), np.arange(fed + 1) / 100)
    return run


def model() -> HeatmapModel:
    return HeatmapModel(lambda term: term)


def test_before_there_are_weights_there_is_no_picture_and_no_cursor() -> None:
    run, heatmap = RunModel(make_welcome()), model()
    assert heatmap.cursor(run) is None
    assert heatmap.picture(run, 20, 40) is None
    heatmap.move(run, 1, 1)
    heatmap.next_layer(run)
    assert not heatmap.point_at(3, 3)


def test_asking_changes_nothing() -> None:
    wide, narrow, heatmap = run_of([6, 5]), run_of([2]), model()
    heatmap.next_layer(wide)
    heatmap.picture(wide, 20, 40)
    heatmap.move(wide, 4, 5)
    assert heatmap.cursor(wide) == Cursor(1, 4, 5)
    assert heatmap.cursor(narrow) == Cursor(1, 0, 2)
    assert heatmap.cursor(wide) == Cursor(1, 4, 5)


def test_what_the_optimiser_does_not_keep_is_not_shown() -> None:
    adam, sgd, heatmap = run_of([3]), run_of([3], training__optimizer="sgd"), model()
    for _ in range(3):
        heatmap.next_kind(adam)
    assert heatmap.kind(adam) == "moments.m"
    assert heatmap.views(adam, details=False) == ("weights", "moments")
    assert heatmap.kind(sgd) == "weights"
    assert heatmap.views(sgd, details=False) == ("weights",)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 40), st.integers(8, 60), st.booleans())
def test_a_click_on_the_marked_pixels_leaves_the_cursor_where_it_is(
    units: list[int], height: int, width: int, every: bool
) -> None:
    run, heatmap = run_of(units), model()
    heatmap.all_layers = every
    picture = heatmap.picture(run, height, width)
    assert picture is not None
    shown = next(layer for layer in picture.layers if layer.layer == picture.cursor.layer)
    assert heatmap.point_at(picture.sign.x, picture.sign.y)
    assert heatmap.cursor(run) == picture.cursor
    assert picture.sign.level in shown.levels


@pytest.mark.parametrize(("units", "height", "width"), [(64, 32, 118), (64, 35, 105), (72, 36, 140)])
def test_what_is_said_stands_beside_a_picture_whose_values_all_show_only_so(
    units: int, height: int, width: int
) -> None:
    run, heatmap = run_of([units], inputs=units), model()
    picture = heatmap.picture(run, height, width)
    assert picture is not None
    (layer,) = picture.layers
    assert not layer.map.is_pooled
    assert layer.levels.shape[0] <= 2 * height
    assert layer.map.width < picture.notes_x <= width - 34
    assert picture.scale_row < height


def test_a_picture_that_has_room_above_what_is_said_stays_there() -> None:
    run, heatmap = run_of([16], inputs=30), model()
    picture = heatmap.picture(run, 20, 80)
    assert picture is not None
    assert picture.notes_x == 0
    assert picture.value_row >= 8


@given(st.integers(1, 70), st.integers(1, 70), st.integers(6, 40), st.integers(36, 140), st.sampled_from([1, 2]))
def test_the_sign_stands_on_the_colour_of_its_value(
    units: int, inputs: int, height: int, width: int, pixels_in_cell: int
) -> None:
    run, heatmap = run_of([units], inputs=inputs), model()
    heatmap.pixels_in_cell = pixels_in_cell
    heatmap.picture(run, height, width)
    heatmap.move(run, units // 2, inputs // 2)
    picture = heatmap.picture(run, height, width)
    assert picture is not None
    (layer,) = picture.layers
    pixels = layer.levels[2 * picture.sign.y : 2 * picture.sign.y + 2, picture.sign.x]
    assert picture.sign.level in pixels.tolist()
    if layer.map.rect(0, 0).high >= pixels_in_cell + (pixels_in_cell - 1):
        assert set(pixels.tolist()) == {picture.sign.level}  # the sign hides no other value


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(8, 40), st.integers(20, 60))
def test_layers_stand_one_below_the_other_and_the_rest_below_them(units: list[int], height: int, width: int) -> None:
    run, heatmap = run_of(units), model()
    heatmap.all_layers = True
    picture = heatmap.picture(run, height, width)
    assert picture is not None
    ends = [layer.top + -(-layer.levels.shape[0] // 2) for layer in picture.layers]
    assert all(end < layer.top for end, layer in zip(ends, picture.layers[1:], strict=False))
    assert ends[-1] <= picture.note_row + bool(picture.note) <= picture.value_row < picture.scale_row


@pytest.mark.parametrize("text", ["", "one", "nan", "inf", "1 2"])
def test_what_is_no_finite_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected a number"):
        read_number(text)


def test_a_true_minus_is_a_minus() -> None:
    assert read_number(" −0.5 ") == -0.5
