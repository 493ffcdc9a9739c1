"""Operating on the network, and on its dials, while it learns."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from engine.protocol.commands import SetDial
from engine.run.edits import EDIT_PATH, RemoveLayer, SetActivation, SetUnits
from tests.patience import PATIENCE
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.requests import EditNetwork, StepDial, TurnDial
from tui_trainer.widgets.architecture import ArchitecturePane
from tui_trainer.widgets.value_field import ValueField


def asked(desk: Desk) -> list[dict[str, object]]:
    """Return the edits that were sent."""
    return [command.value for command in desk.sent(SetDial) if command.path == EDIT_PATH]  # type: ignore[attr-defined]


def dials_asked(desk: Desk) -> list[tuple[str, object]]:
    """Return path and value of the other dials that were turned."""
    return [(c.path, c.value) for c in desk.sent(SetDial) if c.path != EDIT_PATH]  # type: ignore[attr-defined]


def widths(desk: Desk) -> str:
    """Return the network as the header has it."""
    found = re.search(r"\d+(→\d+)+", desk.lines[0])
    return found[0] if found else ""


def line_with(desk: Desk, text: str) -> str:
    return next(line for line in desk.lines if text in line)


async def test_arrows_widen_and_narrow_the_chosen_layer_from_the_next_epoch_on() -> None:
    async with dashboard() as desk:
        await desk.press("1", "right")
        assert asked(desk) == [{"kind": "set-units", "layer": 0, "units": 24, "keep": True}]
        assert "W 24×30  b 24" in desk.text
        assert "from epoch 31" in desk.text
        assert widths(desk) == "30→16→8→1"
        await desk.train(1)
        assert widths(desk) == "30→24→8→1"
        assert "from epoch 31" not in desk.text
        await desk.press("down", "left")
        assert asked(desk)[-1] == {"kind": "set-units", "layer": 1, "units": 6, "keep": True}


async def test_quick_presses_go_on_from_the_width_that_was_asked_for() -> None:
    async with dashboard() as desk:
        await desk.press("1")
        await desk.pilot.press("right", "right", "right")
        await desk.settle()
        assert [edit["units"] for edit in asked(desk)] == [24, 32, 48]
        await desk.train(1)
        assert widths(desk) == "30→48→8→1"


async def test_layers_are_added_after_the_chosen_one_and_removed() -> None:
    async with dashboard() as desk:
        await desk.press("1", "a")
        await desk.train(1)
        assert widths(desk) == "30→16→16→8→1"
        await desk.press("x")
        await desk.train(1)
        assert widths(desk) == "30→16→8→1"
        await desk.press("up", "up", "a")  # above the first layer: the input, whose values may be negative
        await desk.train(1)
        assert widths(desk) == "30→60→16→8→1"


async def test_edits_of_a_network_that_is_still_to_come_fit_it() -> None:
    async with dashboard() as desk:
        await desk.press("1", "a", "a", "down", "left")
        await desk.train(1)
        assert widths(desk) == "30→16→16→16→6→1"


async def test_a_width_is_typed() -> None:
    async with dashboard() as desk:
        await desk.press("1", "down", "enter", "2", "0", "enter")
        assert asked(desk) == [{"kind": "set-units", "layer": 1, "units": 20, "keep": True}]
        assert not desk.app.screen.query(ValueField)


async def test_a_typed_width_is_for_the_layer_it_was_opened_on() -> None:
    """Keys may come faster than the field gets the focus."""
    async with dashboard() as desk:
        await desk.press("1", "enter", "2", "0")
        desk.app.screen.query_one(ArchitecturePane).action_choose(-1)
        await desk.press("enter")
        assert asked(desk)[0]["layer"] == 0


async def test_a_typed_width_is_refused_where_the_layers_are_others_by_then() -> None:
    async with dashboard() as desk:
        await desk.press("1", "down", "enter", "2", "0")
        pane = desk.app.screen.query_one(ArchitecturePane)
        pane.post_message(pane.ChangeRequested(EditNetwork(RemoveLayer(layer=0))))
        await desk.train(1)
        await desk.press("enter")
        assert "the layers are others" in desk.lines[-2]
        assert len(asked(desk)) == 1


async def until(desk: Desk, holds: Callable[[], bool]) -> None:
    """Let the screen go on until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, desk.text
        await desk.settle()


async def shown(desk: Desk, text: str) -> None:
    """Wait for a text in the line above the keys."""
    await until(desk, lambda: text in desk.lines[-2])


async def test_what_is_asked_of_a_layer_that_has_gone_since_the_key_is_refused_in_a_line() -> None:
    """A request is taken up after its key: what was asked for before it may have been refused, or have acted."""
    async with dashboard() as desk:
        await desk.press("1")
        pane, model = desk.app.screen.query_one(ArchitecturePane), desk.app.model
        dial = model.dial("network.layers.1.dropout")
        assert dial is not None
        for edit in (SetUnits(layer=2, units=6), SetActivation(layer=3, activation="tanh"), RemoveLayer(layer=2)):
            desk.app.connection.model.notice = Notice("")
            pane.post_message(pane.ChangeRequested(EditNetwork(edit)))
            await shown(desk, "there is no hidden layer")
        assert asked(desk) == []
        pane.post_message(pane.ChangeRequested(EditNetwork(RemoveLayer(layer=1))))
        await until(desk, lambda: len(asked(desk)) == 1)
        await desk.train(1)
        await until(desk, lambda: widths(desk) == "30→16→1")
        for request in (StepDial(dial, 1), TurnDial(dial, 0.5)):
            desk.app.connection.model.notice = Notice("")
            pane.post_message(pane.ChangeRequested(request))
            await shown(desk, "dropout 2: the run has no such dial any more")
        assert dials_asked(desk) == []
        await desk.press("u")
        assert asked(desk)[1]["kind"] == "add-layer"


async def test_a_width_that_is_none_is_refused_at_the_field() -> None:
    async with dashboard() as desk:
        await desk.press("1", "enter", "0", "enter")
        assert "from 1 to 100,000" in desk.lines[-2]
        assert desk.app.screen.query(ValueField)
        await desk.press("escape")
        assert asked(desk) == []


async def test_the_log_says_in_full_what_an_activation_became() -> None:
    async with dashboard() as desk:
        await desk.press("1", "c", "down", "enter")
        await desk.train(1)
        assert "layer 1 relu→leaky_relu" in desk.text


async def test_an_activation_is_chosen_first_and_then_asked_for_once() -> None:
    async with dashboard() as desk:
        await desk.press("1", "c", "down", "down", "down")
        assert asked(desk) == []
        await desk.press("enter")
        assert [edit["activation"] for edit in asked(desk)] == ["sigmoid"]
        await desk.train(1)
        await desk.press("u")
        assert [edit["activation"] for edit in asked(desk)] == ["sigmoid", "relu"]
        await desk.press("c", "escape", "c", "enter")
        assert len(asked(desk)) == 2


async def test_the_output_of_a_regression_has_one_name_everywhere_and_none_is_left_beside_what_is_typed() -> None:
    layers = [{"units": 4, "activation": "identity", "dropout": 0.2}, {"units": 1, "activation": "identity"}]
    spec = make_spec(network__layers=layers, training__loss="mse")
    async with dashboard(FakeClient(spec, classes=())) as desk:
        await desk.press("1")
        assert desk.text.count("identity") == 2
        assert "linear" not in desk.text
        await desk.press("enter", *"12")
        row = next(line for line in desk.lines if line.startswith(" layer 1"))
        assert row[:29].split() == ["layer", "1", "12"]


async def test_activation_initialisation_and_keep_or_fresh() -> None:
    async with dashboard() as desk:
        await desk.press("1", "c", "down", "enter", "k", "i", "down", "enter")
        assert "keep ○ fresh ◉" in desk.text
        assert asked(desk) == [
            {"kind": "set-activation", "layer": 0, "activation": "leaky_relu", "keep": True},
            {"kind": "set-initializer", "layer": 0, "initializer": "xavier", "keep": False},
        ]
        assert "drawn afresh" in desk.lines[-2]


async def test_what_an_edit_has_cost_is_told_after_its_first_epoch() -> None:
    async with dashboard() as desk:
        await desk.press("1", "left")
        assert "the least useful neurons go" in desk.lines[-2]
        desk.app.screen._said_at = float("-inf")  # type: ignore[attr-defined]
        run = desk.app.model.run
        assert run is not None
        before = run.history.latest(2)
        await desk.train(1)
        after = run.history.latest(2)
        assert f"layer 1 16 → 12 at epoch 31: validation loss {before:.4f} → {after:.4f}" in desk.lines[-2]


async def test_edits_stand_in_the_log() -> None:
    async with dashboard() as desk:
        await desk.press("1", "right", "a", "x")
        await desk.train(1)
        for text in ("layer 1 16 → 24", "+ layer 2 relu", "− layer 2 24 relu"):
            assert text in desk.text


@pytest.mark.parametrize(
    ("keys", "inverse"),
    [
        (["right"], {"kind": "set-units", "layer": 0, "units": 16, "keep": True}),
        (["left"], {"kind": "set-units", "layer": 0, "units": 16, "keep": True}),
        (["a"], {"kind": "remove-layer", "layer": 1, "keep": True}),
        (["c", "down", "enter"], {"kind": "set-activation", "layer": 0, "activation": "relu", "keep": True}),
        (
            ["i", "down", "enter"],
            {"kind": "set-initializer", "layer": 0, "initializer": "glorot_uniform", "keep": True},
        ),
    ],
)
async def test_u_undoes_an_edit(keys: list[str], inverse: dict[str, object]) -> None:
    async with dashboard() as desk:
        await desk.press("1", *keys)
        await desk.train(1)
        await desk.press("u")
        assert asked(desk)[1:] == [inverse]
        assert "undone: " in desk.lines[-2]
        await desk.train(1)
        assert widths(desk) == "30→16→8→1"
        assert "undo" not in desk.lines[-1]


async def test_undoing_a_removal_brings_its_dropout_back() -> None:
    async with dashboard() as desk:
        await desk.press("1", "down", "x")
        await desk.train(1)
        assert widths(desk) == "30→16→1"
        await desk.press("u")
        assert "what it had learned is gone" in desk.lines[-2]
        await desk.train(1)
        assert widths(desk) == "30→16→8→1"
        assert dials_asked(desk) == [("network.layers.1.dropout", 0.2)]
        assert desk.app.model.run is not None
        assert desk.app.model.run.spec.network == make_spec().network


async def test_u_undoes_turned_dials_one_after_the_other() -> None:
    async with dashboard() as desk:
        await desk.press("right_square_bracket", "right_square_bracket", "u", "u")
        assert [value for _, value in dials_asked(desk)] == [0.002, 0.005, 0.002, 0.001]
        await desk.press("u")
        assert len(dials_asked(desk)) == 4


async def test_what_was_refused_is_not_undone() -> None:
    async with dashboard() as desk:
        desk.client.refusal = "not now"
        await desk.press("right_square_bracket")
        desk.client.refusal = None
        await desk.press("u")
        assert len(dials_asked(desk)) == 1


async def test_the_network_is_edited_with_the_mouse() -> None:
    async with dashboard() as desk:
        await desk.press("1")
        y = next(i for i, line in enumerate(desk.lines) if line.startswith(" layer 1"))
        line = desk.lines[y]
        assert await desk.pilot.click(offset=(line.index("+"), y))
        assert await desk.pilot.click(offset=(line.index("−"), y))
        await desk.settle()
        assert [edit["units"] for edit in asked(desk)] == [24, 16]
        await desk.pilot.click(offset=(line.index("relu"), y))
        await desk.settle()
        await desk.press(*"tanh", "enter")
        assert asked(desk)[-1]["activation"] == "tanh"
        await desk.pilot.click(offset=(2, y + 2))
        await desk.press("right")
        assert asked(desk)[-1]["layer"] == 1
        await desk.pilot.click(offset=(2, next(i for i, text in enumerate(desk.lines) if "keep ◉" in text)))
        await desk.settle()
        assert "fresh ◉" in desk.text


async def test_many_layers_scroll_with_the_choice() -> None:
    async with dashboard(FakeClient(make_spec(network__units=[16] * 40))) as desk:
        await desk.press("1")
        assert "layer 1 " in desk.text
        await desk.press("up", "up", "up")
        assert "output " in desk.text
        assert "layer 40 " in desk.text


async def test_on_the_whole_screen_the_network_is_drawn() -> None:
    async with dashboard() as desk:
        await desk.press("1", "f")
        assert desk.text.count("●") > 20
        assert "┊" in desk.text
        assert any("⠀" < char <= "⣿" for char in desk.text)


async def test_one_who_may_only_look_edits_nothing() -> None:
    async with dashboard(read_only=True) as desk:
        await desk.press("1", "right", "a", "x", "c", "i", "u", "enter")
        assert desk.client.sent == []


async def test_momentum_schedule_and_restoring_have_dials_where_they_mean_something() -> None:
    client = FakeClient(make_spec(training__optimizer="momentum", training__schedule={"kind": "step"}))
    async with dashboard(client) as desk:
        assert "momentum" in line_with(desk, "momentum  ")
        assert "· every" in desk.text
        assert "β₁" not in desk.text
        assert "restore best" not in desk.text
        await desk.press("1", "1", "up", "up", "up", "right")
        assert dials_asked(desk) == [("training.stopping.patience", 1)]
        assert "yes" in line_with(desk, "restore best")
        await desk.press("down", "left")
        assert dials_asked(desk)[-1] == ("training.stopping.restore_best", False)


async def test_the_wheel_turns_the_dial_under_the_mouse() -> None:
    from textual.events import MouseScrollDown, MouseScrollUp

    async with dashboard() as desk:
        y = next(i for i, line in enumerate(desk.lines) if line.startswith(" learning rate"))
        await desk.pilot._post_mouse_events([MouseScrollUp], "#dials", (3, 1))
        await desk.pilot._post_mouse_events([MouseScrollDown], "#dials", (3, 1))
        await desk.settle()
        assert [value for _, value in dials_asked(desk)] == [0.002, 0.001]
        assert "0.001" in desk.lines[y]


async def test_minus_and_plus_beside_the_chosen_dial_can_be_clicked() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1")
        y = next(i for i, line in enumerate(desk.lines) if line.startswith(" learning rate"))
        await desk.pilot.click(offset=(desk.lines[y].index("+"), y))
        await desk.settle()
        await desk.pilot.click(offset=(desk.lines[y].index("−"), y))
        await desk.settle()
        assert [value for _, value in dials_asked(desk)] == [0.002, 0.001]
        assert not desk.app.screen.query(ValueField)


async def test_the_log_scrolls() -> None:
    async with dashboard() as desk:
        for turn in range(16):
            await desk.press(("right_square_bracket", "left_square_bracket")[turn % 2])
            await desk.train(1)
        await desk.press("1", "1")
        assert "epoch 46" in desk.text
        assert "epoch 31 " not in desk.text
        await desk.press(*["pagedown"] * 5)
        assert "epoch 31 " in desk.text
        await desk.press(*["pageup"] * 5)
        assert "epoch 46" in desk.text


async def test_o_switches_dropout_off_and_on_again_as_it_was() -> None:
    async with dashboard(FakeClient(make_spec(network__dropout=[0.3, 0.0]))) as desk:
        await desk.press("4", "o")
        await desk.train(1)
        assert dials_asked(desk) == [("network.layers.0.dropout", 0.0)]
        assert "all 16, no dropout" in desk.text
        await desk.press("o")
        await desk.train(1)
        assert dials_asked(desk)[1:] == [("network.layers.0.dropout", 0.3)]


async def test_the_switch_pressed_quickly_does_as_when_pressed_slowly() -> None:
    asked = []
    for quickly in (False, True):
        async with dashboard(FakeClient(make_spec(network__dropout=[0.3, 0.2]))) as desk:
            await desk.press("4")
            if quickly:
                await desk.press_at_once("o", "o", "o")
            else:
                for _ in range(3):
                    await desk.press("o")
            asked.append(dials_asked(desk))
    assert asked[0] == asked[1]
    assert [value for _, value in asked[0]] == [0.0, 0.0, 0.3, 0.2, 0.0, 0.0]


async def test_without_dropout_there_is_nothing_to_switch() -> None:
    async with dashboard(FakeClient(make_spec(network__dropout=0.0))) as desk:
        await desk.press("4", "o")
        assert desk.client.sent == []


async def test_n_does_a_step_and_shows_the_next_mask() -> None:
    async with dashboard() as desk:
        await desk.press("4")
        row = next(i for i, line in enumerate(desk.lines) if "expected 12.8" in line) + 1
        seen = {desk.lines[row]}
        for _ in range(4):
            await desk.press("n")
            seen.add(desk.lines[row])
        assert len(seen) > 2


@pytest.mark.parametrize("keys", ["4", "4f"])
async def test_no_matrix_of_the_neurons_is_left_out_and_what_of_it_is_says_so(keys: str) -> None:
    async with dashboard(FakeClient(make_spec(network__units=[64, 128]))) as desk:
        await desk.press(*keys)
        await desk.train(1)
        first = min(64, desk.app.screen.query_one("#neurons").size.width)
        seen = ""
        for _ in range(60):
            await desk.pilot.press("down")
            seen += desk.text
        await desk.settle()
        assert ("alike 1 · first" in seen) == (first < 64)
        assert f"alike 2 · first {first} of 128" in seen


async def test_the_neurons_say_how_alike_they_are_and_what_is_dead() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("4")
        await desk.train(1)
        for text in ("dead 1/1 · saturated 0/0", "alike 1", "alike 2", "↔", " in 1 step", "off in evaluation"):
            assert text in desk.text


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_nothing_is_cut_off_in_plain_words(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("right_square_bracket", "v", "4")
        await desk.train(1)
        assert re.search(r"4 Clerks ─+ full pass 32", desk.text)
        assert "■ at work  □ on a break  ✕ asleep" in desk.text
        assert "handful" in desk.lines[-1]
        await desk.press("1", "1")
        assert re.search(r"31 +lr 0.001 → 0.002", desk.text)
