from __future__ import annotations

import pytest

import presets
from engine.protocol.commands import SetDial
from engine.protocol.queries import BoundaryQuery
from engine.run.data_facts import DataFacts
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tests.tui_trainer.fake_views import BOX
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.widgets.boundary import BoundaryPane
from tui_trainer.widgets.value_field import ValueField

SOFTMAX = [{"units": 4, "activation": "relu"}, {"units": 3, "activation": "softmax"}]


def two_columns() -> FakeClient:
    return FakeClient(inputs=2, feature_names=("x1", "x2"))


def three_classes() -> FakeClient:
    spec = make_spec(network__layers=SOFTMAX, training__loss="cce")
    return FakeClient(spec, inputs=4, feature_names=("a", "b", "c", "d"), classes=("setosa", "versicolor", "virginica"))


def regression() -> FakeClient:
    layers = [{"units": 4, "activation": "tanh"}, {"units": 1, "activation": "identity"}]
    spec = make_spec(network__layers=layers, training__loss="mse")
    return FakeClient(spec, inputs=3, feature_names=("age", "sex", "bmi"), classes=())


def pane(desk: Desk) -> BoundaryPane:
    return desk.app.screen.query_one(BoundaryPane)


async def choose(desk: Desk, key: str, letters: str) -> None:
    await desk.press(key)
    assert isinstance(desk.app.screen, PickerScreen)
    await desk.press(*letters, "enter")


async def test_5_shows_the_field_its_axes_and_what_they_mean() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5")
        assert desk.app.focused is pane(desk)
        for text in ("5 Boundary", "→ x1  ↑ x2", "p of malignant", "line: .5", "benign", "● train  ○ validation"):
            assert text in desk.text
        assert "test: 114 rows, not shown" in desk.text
        assert "ambiguous, p .4–.6" in desk.text
        assert "▀" in desk.text
        assert {"●", "▲", "○", "△"} <= set(desk.text)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_plane_is_as_fine_as_the_field(size: tuple[int, int]) -> None:
    async with dashboard(two_columns(), size=size) as desk:
        await desk.press("5")
        assert desk.client.views == ("boundary",)
        corner = next(y for y, line in enumerate(desk.lines) if "└" in line)
        field_width = sum(desk.lines[corner].count(char) for char in "─┴")
        rows = corner - next(y for y, line in enumerate(desk.lines) if "5 Boundary ─" in line) - 1
        assert (desk.client.plane.width, desk.client.plane.height) == (field_width, 2 * rows)


async def test_a_larger_screen_asks_for_a_finer_plane() -> None:
    async with dashboard(two_columns(), size=(80, 24)) as desk:
        await desk.press("5")
        small = desk.client.plane
        await desk.pilot.resize_terminal(120, 40)
        await desk.settle()
        assert desk.client.plane.width > small.width
        assert desk.client.plane.height > small.height


async def test_leaving_for_other_panes_asks_for_nothing_more() -> None:
    async with dashboard(two_columns(), size=(80, 24)) as desk:
        await desk.press("5")
        await desk.press("2")
        assert desk.client.views == ()


async def test_arrows_put_a_point_and_move_it() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "right")
        assert desk.client.plane.point == (0, 0)
        assert "✚" in desk.text
        assert "0.500 → malignant" in desk.text
        await desk.press("up", "up", "right")
        plane = desk.client.plane
        left, right, bottom, top = BOX
        assert plane.point == pytest.approx(
            ((right - left) / (plane.width - 1), 4 * (top - bottom) / (plane.height - 1))
        )
        await desk.press("left", "down")
        assert desk.client.plane.point == pytest.approx((0, 2 * (top - bottom) / (plane.height - 1)))


async def test_a_point_stays_on_the_field() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "right", *["up"] * 60)
        assert desk.client.plane.point == (0, BOX[3])


async def test_backspace_takes_the_point_away() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "right", "backspace")
        assert desk.client.plane.point is None
        assert "click, ← ↑ ↓ →, or enter" in desk.text


async def test_a_click_puts_the_point_under_the_mouse() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5")
        plane = desk.client.plane
        await desk.pilot.click("#boundary", offset=(8 + 10, 1 + 4))
        await desk.settle()
        left, right, bottom, top = BOX
        assert desk.client.plane.point == pytest.approx(
            (left + 10 * (right - left) / (plane.width - 1), top - 8 * (top - bottom) / (plane.height - 1))
        )


@pytest.mark.parametrize("offset", [(2, 5), (110, 5), (20, 34)])
async def test_a_click_beside_the_field_does_nothing(offset: tuple[int, int]) -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5")
        await desk.pilot.click("#boundary", offset=offset)
        await desk.settle()
        assert desk.client.plane.point is None


async def test_a_point_is_typed_as_two_numbers() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "enter", *"1.5, -.25", "enter")
        assert desk.client.plane.point == (1.5, -0.25)
        assert not desk.app.screen.query(ValueField)
        assert desk.app.focused is pane(desk)
        assert "1.500" in desk.text
        assert "−0.2500" in desk.text


async def test_what_is_no_point_is_said_at_the_field() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "enter", *"one two", "enter")
        assert "expected two numbers, as in 1.5 −0.3" in desk.lines[-2]
        assert desk.app.screen.query(ValueField)
        await desk.press("escape")
        assert not desk.app.screen.query(ValueField)
        assert desk.client.plane.point is None


async def test_a_field_left_by_tab_is_closed() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "enter", "tab")
        assert not desk.app.screen.query(ValueField)


async def test_a_typed_point_outside_of_the_field_has_its_answer_all_the_same() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "enter", *"50 50", "enter")
        assert "1.000 → malignant" in desk.text


async def test_columns_are_chosen_by_name_and_the_others_rest_at_their_mean() -> None:
    async with dashboard() as desk:
        await desk.press("5")
        assert "→ mean radius  ↑ mean texture · 28 others at their mean" in desk.text
        await choose(desk, "x", "worst AREA")
        assert desk.client.plane.columns == (23, 1)
        await choose(desk, "y", "error symm")
        assert desk.client.plane.columns == (23, 18)
        assert "→ worst area  ↑ error of symmetry" in desk.text


async def test_choosing_the_other_axis_s_column_swaps_them() -> None:
    async with dashboard() as desk:
        await desk.press("5", "right")
        await choose(desk, "x", "mean texture")
        assert desk.client.plane.columns == (1, 0)
        assert desk.client.plane.point is None


async def test_what_was_asked_for_is_drawn_at_once_however_seldom_the_field_is() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5")
        pane(desk)._shortest_period = 1e9
        await desk.press("right")
        assert "≈" not in desk.text
        assert "→ malignant" in desk.text or "→ benign" in desk.text


async def test_two_columns_leave_nothing_to_choose() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "x", "y")
        assert not isinstance(desk.app.screen, PickerScreen)


async def test_leaving_the_chooser_changes_nothing() -> None:
    async with dashboard() as desk:
        await desk.press("5", "x", "down", "escape")
        assert desk.client.plane.columns is None  # as the worker picks them


async def test_the_chooser_takes_clicks_arrows_and_corrections() -> None:
    async with dashboard() as desk:
        await desk.press("5", "x", *"worst q")
        assert "0 of 30" in desk.text
        await desk.press("enter")
        assert isinstance(desk.app.screen, PickerScreen)
        await desk.press("backspace", "down", "up", "down", "enter")
        assert desk.client.plane.columns == (21, 1)
        await desk.press("x", "pageup", "pageup", "pageup")
        await desk.pilot.click("#names", offset=(6, 3 + 4))
        await desk.settle()
        assert desk.client.plane.columns == (4, 1)


async def test_the_field_of_a_single_neuron() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "greater_than_sign")
        assert desk.client.plane.neuron == (0, 0)
        assert "layer 1, neuron 1: its activation" in desk.text
        await desk.press("less_than_sign", "less_than_sign")
        assert desk.client.plane.neuron == (1, 7)
        await choose(desk, "l", "1 neuron 13")
        assert desk.client.plane.neuron == (0, 12)
        await choose(desk, "l", "answer")
        assert desk.client.plane.neuron is None
        assert "p of malignant" in desk.text


async def test_a_neuron_that_is_gone_gives_way_to_the_answer() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "less_than_sign")
        assert desk.client.plane.neuron == (1, 7)
        desk.client.spec = make_spec(network__units=[16, 4])
        desk.client.tell()
        await desk.settle()
        assert desk.client.plane.neuron is None


async def test_a_network_without_hidden_layers_has_no_neurons_to_show() -> None:
    async with dashboard(FakeClient(make_spec(network__units=[]), inputs=2, feature_names=("a", "b"))) as desk:
        await desk.press("5", "greater_than_sign", "l")
        assert desk.client.plane.neuron is None
        assert not isinstance(desk.app.screen, PickerScreen)


async def test_more_classes_have_borders_and_the_point_a_share_of_each() -> None:
    async with dashboard(three_classes()) as desk:
        await desk.press("5", "right")
        for text in ("likeliest class", "setosa", "versicolor", "virginica", "ambiguous, p < .6"):
            assert text in desk.text
        assert "0.500 versicolor" in desk.text
        assert {"●", "▲", "■", "✚"} <= set(desk.text)


async def test_a_regression_shows_the_value() -> None:
    async with dashboard(regression()) as desk:
        await desk.press("5", "right")
        for text in ("the value it gives", "furthest off", "the other at its mean"):
            assert text in desk.text
        assert "line: .5" not in desk.text


async def test_of_many_classes_each_has_a_letter_of_its_name() -> None:
    client = FakeClient(
        make_spec(network__layers=[{"units": 10, "activation": "softmax"}], training__loss="cce"),
        inputs=64,
        classes=tuple("0123456789"),
        image_shape=(8, 8),
    )
    async with dashboard(client) as desk:
        await desk.press("5")
        assert all(f" {digit}{digit}  {digit}" in desk.text for digit in "0123456789")
        assert "0 train  0 validation" in desk.text


async def test_a_single_column_has_no_plane() -> None:
    async with dashboard(FakeClient(inputs=1, feature_names=("x",))) as desk:
        await desk.press("5", "right", "enter", "x", "greater_than_sign")
        assert "a single column: there is no plane" in desk.text


async def test_before_the_first_field_it_says_what_it_waits_for() -> None:
    async with dashboard(two_columns(), epochs=0) as desk:
        await desk.press("5")
        desk.client.views = ()
        desk.client.tell()
        await desk.settle()
        assert "the field comes with the next frame" in desk.text


async def test_values_that_are_not_finite_leave_holes_and_no_wreck() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "right")
        run = desk.app.model.run
        assert run is not None
        for name in ("field", "p", "own"):
            run.boundary[name][:] = float("nan")
        pane(desk).invalidate(immediate=True)
        await desk.settle()
        assert "NaN" in desk.text


async def test_without_a_worker_the_field_says_what_it_knows() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5")
        desk.client.die()
        await desk.settle()
        await desk.press("right")
        assert "≈ 0.5" in desk.text


async def test_names_from_outside_are_only_text() -> None:
    names = ("[red]\x1b[2J漢字", "\x1b]0;title\x07b", "c")
    async with dashboard(FakeClient(inputs=3, feature_names=names, classes=("[b]no", "\x1b[1m"))) as desk:
        await desk.press("5", "right", "x")
        assert "\x1b" not in desk.text
        assert "[red]" in desk.text
        await desk.press("escape")
        assert "[b]no" in desk.text


async def test_one_who_may_only_look_may_look_at_everything() -> None:
    async with dashboard(two_columns(), read_only=True) as desk:
        await desk.press("5", "right", "greater_than_sign")
        assert desk.client.plane.point is not None
        assert desk.client.plane.neuron == (0, 0)


async def test_v_changes_the_words() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "greater_than_sign", "v")
        for text in ("5 Border", "room 1, clerk 1", "study pile", "sealed exam: 114 rows, not shown"):
            assert text in desk.text


async def test_without_room_for_notes_the_point_s_answer_stands_at_the_top() -> None:
    async with dashboard(two_columns(), size=(62, 20)) as desk:
        await desk.press("5", "right")
        assert "→ x1  ↑ x2 · 0.500 → malignant" in desk.text


async def test_help_explains_it() -> None:
    async with dashboard(two_columns()) as desk:
        await desk.press("5", "question_mark")
        assert "What the network answers over two columns" in desk.text


@pytest.mark.parametrize("size", [(60, 16), (61, 17), (66, 20), (90, 26), (300, 100), (500, 260), (20, 5), (1, 1)])
async def test_it_stands_any_size(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("5", "right", "greater_than_sign", "enter", "escape")
        await desk.train(2)
        assert desk.app.is_running
        assert BoundaryQuery.model_validate(desk.client.plane.model_dump())


def drawn_points(*derived: str) -> FakeClient:
    spec = presets.load("plants-moons", set={"data.derived": list(derived), "training.epochs": 50})
    names = ("x1", "x2", *derived)
    return FakeClient(spec, inputs=len(names), feature_names=names, classes=("upper", "lower"), rows=(100, 0, 0))


async def test_d_switches_a_derived_column_on_and_u_takes_it_back() -> None:
    async with dashboard(drawn_points()) as desk:
        await desk.press("5", "d")
        assert isinstance(desk.app.screen, PickerScreen)
        assert "○ x1^2" in desk.text
        await desk.press("enter")
        assert desk.client.sent[-1] == SetDial(path="data.derived", value=("x1^2",))
        assert "new inputs come in with weights of 0" in desk.text
        await desk.press("u")
        assert desk.client.sent[-1] == SetDial(path="data.derived", value=())


async def test_derived_columns_are_named_beside_the_axes_and_switched_off_again() -> None:
    async with dashboard(drawn_points("x1*x2")) as desk:
        await desk.press("5")
        assert "→ x1  ↑ x2 · with x1*x2" in desk.text
        await choose(desk, "d", "x1*x2")
        assert desk.client.sent[-1] == SetDial(path="data.derived", value=())


async def test_formulas_are_typed_and_what_is_none_is_said() -> None:
    async with dashboard(drawn_points("x1*x2")) as desk:
        await desk.press("5")
        await choose(desk, "d", "type")
        assert isinstance(desk.app.focused, ValueField)
        await desk.press("ctrl+u", *"x1^2, x1^", "enter")
        assert "expected a formula of columns" in desk.text
        await desk.press("backspace", "backspace", "backspace", "backspace", "enter")
        assert desk.client.sent[-1] == SetDial(path="data.derived", value=("x1^2",))


async def test_a_chosen_axis_that_was_derived_and_has_gone_is_given_up() -> None:
    async with dashboard(drawn_points("x1*x2")) as desk:
        await desk.press("5")
        await choose(desk, "y", "x1*x2")
        assert desk.client.plane.columns == (0, 2)
        facts = DataFacts(inputs=2, feature_names=("x1", "x2"), classes=("upper", "lower"), rows=(100, 0, 0))
        desk.client.spec = presets.load("plants-moons", set={"training.epochs": 50})
        desk.client.tell(data=facts)
        await desk.settle()
        assert desk.client.plane.columns is None
