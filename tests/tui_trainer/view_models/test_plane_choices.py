from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tests.tui_trainer.fake_views import boundary_arrays
from tui_trainer.layout import Rect
from tui_trainer.view_models.plane_choices import PlaneChoices, next_neuron, read_point, still_there
from tui_trainer.view_models.run import RunModel

coordinates = st.floats(-1e6, 1e6)
SPEC = make_spec()


@pytest.mark.parametrize(
    ("text", "point"),
    [("1 2", (1, 2)), (" 1.5,−.3 ", (1.5, -0.3)), ("1e3;2", (1000, 2)), ("-1, 0", (-1, 0)), ("1,2", (1, 2))],
)
def test_two_numbers_are_a_point(text: str, point: tuple[float, float]) -> None:
    assert read_point(text) == point


@pytest.mark.parametrize("text", ["", "1", "1 2 3", "a b", "1 b", "nan 1", "1 inf", "[red] 1"])
def test_what_is_not_two_finite_numbers_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match=r"^expected two (finite )?numbers, as in 1\.5 −0\.3$"):
        read_point(text)


@given(st.text(max_size=30))
def test_any_text_is_a_finite_point_or_refused(text: str) -> None:
    try:
        point = read_point(text)
    except InputError:
        return
    assert all(math.isfinite(value) for value in point)


@given(coordinates, coordinates)
def test_a_point_written_down_is_read_again(x: float, y: float) -> None:
    assert read_point(f"{x!r} {y!r}") == (x, y)


def test_stepping_through_the_neurons_comes_round_by_the_answer() -> None:
    spec = make_spec(network__units=[2, 1])
    shown = None
    seen = []
    for _ in range(4):
        shown = next_neuron(spec, shown, 1)
        seen.append(shown)
    assert seen == [(0, 0), (0, 1), (1, 0), None]
    assert next_neuron(spec, None, -1) == (1, 0)
    assert next_neuron(spec, (7, 7), 1) == (0, 0)


@pytest.mark.parametrize(("neuron", "there"), [((0, 15), True), ((0, 16), False), ((2, 0), False), ((9, 0), False)])
def test_a_neuron_may_be_gone(neuron: tuple[int, int], there: bool) -> None:
    assert still_there(SPEC, neuron) == (neuron if there else None)
    assert still_there(SPEC, None) is None


def test_until_columns_are_chosen_the_worker_picks_the_ones_that_tell_most() -> None:
    run, choices = RunModel(make_welcome()), PlaneChoices(lambda term: term)
    field = Rect(0, 0, 20, 10)
    query = choices.plane(run, field)
    assert query.columns is None
    picked = query.model_copy(update={"columns": (5, 3)})
    run.boundary = {
        name.removeprefix("boundary."): array for name, array in boundary_arrays(run.welcome, picked, 1.0).items()
    }
    assert choices.columns(run) == (5, 3)
    assert choices.plane(run, field).columns is None
    choices.show_column(run, 0, 7)
    assert choices.plane(run, field).columns == (7, 3)
