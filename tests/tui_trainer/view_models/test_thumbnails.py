"""The small pictures in the drawn network: their size, their places, their colours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import presets
from engine.spec import override
from tests.properties import examples
from tests.tui_trainer.fake_client import make_welcome
from tui_trainer.themes.inks import HEAT_STEPS
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.thumbnails import has_plane, input_levels, levels_of, pictures, thumbnails

MOONS = presets.load("plants-moons")


def run_of(units: list[int], derived: tuple[str, ...] = ()) -> RunModel:
    spec = override(MOONS, {"network.units": units, "data.derived": list(derived)})
    names = ("x1", "x2", *derived)
    return RunModel(make_welcome(spec, inputs=len(names), feature_names=names, rows=(100, 0, 0)))


@settings(max_examples=examples(60))
@given(st.lists(st.integers(1, 300), max_size=6), st.integers(10, 200), st.integers(3, 60))
def test_pictures_stand_inside_of_the_drawing_and_apart(units: list[int], width: int, height: int) -> None:
    drawn = thumbnails(run_of(units), width, height)
    assume(drawn is not None)
    assert drawn is not None
    lefts = [column.x - drawn.width // 2 for column in drawn.columns]
    assert lefts[0] >= 0
    assert lefts[-1] + drawn.width <= width
    assert all(right - left > drawn.width for left, right in pairwise(lefts))
    for column in drawn.columns:
        tops = [row - drawn.height // 2 for row in column.rows]
        assert tops[0] >= 0
        assert tops[-1] + drawn.height <= height
        assert all(below - above > drawn.height for above, below in pairwise(tops))
        assert column.whole or tops[-1] + drawn.height < height


def test_only_data_of_two_columns_have_them_derived_ones_aside() -> None:
    assert has_plane(run_of([4]))
    assert has_plane(run_of([4], ("x1^2",)))
    assert not has_plane(RunModel(make_welcome()))
    assert thumbnails(run_of([4]), 20, 2) is None


def test_fields_of_another_size_or_network_are_not_drawn() -> None:
    run = run_of([4])
    drawn = thumbnails(run, 80, 30)
    assert drawn is not None
    shape = 2 * drawn.height, drawn.width
    assert (drawn.query.height, drawn.query.width) == shape
    assert pictures(run, drawn) == {}
    run.answers["fields"] = {"0": np.zeros((4, *shape)), "1": np.zeros((1, *shape))}
    assert sorted(pictures(run, drawn)) == [0, 1]
    run.answers["fields"] = {"0": np.zeros((5, *shape)), "1": np.zeros((1, *shape))}
    assert pictures(run, drawn) == {}


@pytest.mark.parametrize(
    ("activation", "values", "levels"),
    [
        ("sigmoid", [0.0, 0.5, 1.0], [-HEAT_STEPS, 0, HEAT_STEPS]),
        ("tanh", [-1.0, 0.0, 1.0], [-HEAT_STEPS, 0, HEAT_STEPS]),
        ("relu", [0.0, 4.0, 8.0], [0, 4, HEAT_STEPS]),
        ("relu", [0.0, 0.0, np.nan], [0, 0, 0]),
    ],
)
def test_the_middle_of_an_activation_is_dark(activation: str, values: list[float], levels: list[int]) -> None:
    spec = override(MOONS, {"network.units": [4], "network.layers.0.activation": activation})
    assert levels_of(np.array([[values]]), spec, 0)[0, 0].tolist() == levels


def test_the_inputs_rise_along_their_axes() -> None:
    drawn = thumbnails(run_of([4]), 80, 30)
    assert drawn is not None
    across, up = input_levels(0, drawn), input_levels(1, drawn)
    assert across is not None
    assert up is not None
    assert (np.diff(across, axis=1) >= 0).all()
    assert (np.diff(up, axis=0) <= 0).all()
    assert input_levels(2, drawn) is None
