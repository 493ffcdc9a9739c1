"""What the heatmap shows, and what its keys do."""

from __future__ import annotations

import numpy as np
import pytest

from engine.protocol.commands import SetDial
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.formatting import metric, signed
from tui_trainer.view_models.run import RunModel


def run_of(desk: Desk) -> RunModel:
    assert desk.app.model.run is not None
    return desk.app.model.run


async def test_an_input_s_name_that_is_cut_off_says_so() -> None:
    async with dashboard(FakeClient(feature_names=tuple(f"the petal's length number {n}" for n in range(30)))) as desk:
        line = next(line for line in desk.lines if "w[1,1]" in line)
        assert line.endswith("…")


async def test_of_several_seeds_every_pane_says_whose_insides_it_shows() -> None:
    async with dashboard(FakeClient(seeds=(42, 43, 44))) as desk:
        assert "seed 42 · layer 1 · 16×30" in desk.text
        assert "seed 42 · epoch 31" in desk.text
        await desk.press("5")
        assert "seed 42 · → mean radius" in desk.text
    async with dashboard() as desk:
        assert "seed 42 ·" not in desk.text


async def test_w_goes_through_everything_there_is_to_see() -> None:
    async with dashboard() as desk:
        await desk.press("3")
        for title in ("Gradients", "Last update", "Mean slope m", "Mean square v", "Activations", "Weights"):
            await desk.press("w")
            await desk.train(1)
            assert f"3 {title}" in desk.text
            assert "no step taken yet" not in desk.text


async def test_what_an_optimiser_does_not_keep_is_not_offered() -> None:
    async with dashboard(FakeClient(make_spec(training__optimizer="sgd"))) as desk:
        await desk.press("3", "w", "w", "w")
        assert "3 Activations" in desk.text


async def test_the_worker_is_asked_for_what_is_looked_at_and_nothing_else() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("3", "w", "w")
        assert set(desk.client.views) == {"weights", "gradients", "updates", "moments"}
        desk.app.screen.set_focus(None)
        await desk.settle()
        assert set(desk.client.views) == {"weights", "updates"}
        await desk.press("3", "w", "w", "w")
        assert set(desk.client.views) == {"weights", "neurons"}
        await desk.press("2")
        assert set(desk.client.views) == set()


async def test_under_the_cursor_stand_slope_update_moments_and_step_size() -> None:
    async with dashboard() as desk:
        await desk.press("3", "right")
        await desk.train(1)
        inside = {kind: float(layers[0][0, 1]) for kind, layers in run_of(desk).insides.items()}
        for name, value in (("gradient", "gradients"), ("update", "updates"), ("m", "moments.m")):
            assert f"{name} {signed(inside[value])}" in desk.text
        assert f"v {metric(inside['moments.v'])}" in desk.text
        assert "step size 0.5000" in desk.text


async def test_a_weight_is_set_by_typing() -> None:
    async with dashboard() as desk:
        await desk.press("3", "down", "enter")
        assert "0." in desk.text
        await desk.press(*["delete"] * 12, *["backspace"] * 12, "minus", "2", ".", "5", "enter")
        assert desk.sent(SetDial) == [SetDial(path="weights.0.1.0", value=-2.5)]
        assert run_of(desk).weights[0][1, 0] == -2.5
        assert "w[2,1]    −2.500" in desk.text
        assert "w1[2,1]" in desk.text


async def test_the_bias_is_the_last_input() -> None:
    async with dashboard() as desk:
        await desk.press("3", "left", "enter", *["backspace"] * 12, "1", "enter")
        assert desk.sent(SetDial) == [SetDial(path="weights.0.0.30", value=1.0)]


@pytest.mark.parametrize("text", ["x", "nan", "inf", ""])
async def test_what_is_no_number_is_refused(text: str) -> None:
    async with dashboard() as desk:
        await desk.press("3", "enter", *["backspace"] * 12, *text, "enter")
        assert "expected a number" in desk.lines[-2]
        assert not desk.sent(SetDial)


async def test_only_the_weights_of_the_present_can_be_set() -> None:
    async with dashboard(read_only=True) as desk:
        await desk.press("3", "enter")
        assert "enter" not in desk.lines[-1]
    async with dashboard() as desk:
        await desk.press("3", "w")
        assert "enter type" not in desk.lines[-1]


async def test_all_layers_stand_one_above_the_other_on_one_scale() -> None:
    async with dashboard() as desk:
        await desk.press("3", "a")
        for name in ("layer 1 · 16×30", "layer 2 · 8×16", "output · 1×8"):
            assert name in desk.text
        await desk.press("l", "down")
        assert "w[2," in desk.text
        assert "of neuron" in desk.text
        await desk.press("a")
        assert "layer 2 · W 8×16" in desk.text


async def test_activations_have_a_column_for_each_row_of_the_batch() -> None:
    async with dashboard() as desk:
        await desk.press("3", *["w"] * 5, "right")
        await desk.train(1)
        assert "layer 1 · 16×32 rows" in desk.text
        assert "row 2 · case" in desk.text
        value = float(run_of(desk).activations[0][0, 1])
        assert f"a[1]     {signed(value):>7}" in desk.text


async def test_inputs_that_are_a_picture_are_drawn_as_pictures() -> None:
    names = tuple(f"pixel {i},{j}" for i in range(8) for j in range(8))
    client = FakeClient(make_spec(network__units=[12]), inputs=64, image_shape=(8, 8), feature_names=names)
    async with dashboard(client) as desk:
        await desk.press("3")
        assert "of pixel 0,0" in desk.text
        await desk.press("down", "right")
        assert "w[1,10]" in desk.text
        await desk.press(*["right"] * 7)
        assert "w[2,9]" in desk.text


async def test_before_the_first_step_there_are_no_slopes() -> None:
    client = FakeClient()
    client._arrays = lambda: {"weights.0": np.zeros((16, 31)), "weights.1": np.zeros((8, 17))}  # type: ignore[method-assign]
    async with dashboard(client, epochs=0) as desk:
        client.tell()
        await desk.press("3")
        assert "no step taken yet" in desk.text
        await desk.press("w")
        assert "no step taken yet" in desk.text


@pytest.mark.parametrize("size", [(61, 17), (80, 24), (100, 26), (200, 60)])
@pytest.mark.parametrize("units", [[1], [40, 40, 40], [5] * 30])
async def test_every_size_and_network_can_be_walked_through(size: tuple[int, int], units: list[int]) -> None:
    async with dashboard(FakeClient(make_spec(network__units=units)), size=size) as desk:
        await desk.press("3", "a", "l", "l", "up", "left", "w", "f", "w", "down", "a", "right")
        assert desk.app.is_running


async def test_u_undoes_weights_dials_and_edits_in_the_order_in_which_they_were_made() -> None:
    async with dashboard() as desk:
        weights = run_of(desk).weights[0]
        first, second = float(weights[1, 0]), float(weights[0, 0])
        await desk.press("space", "3", "down", "enter", *["backspace"] * 12, "2", "enter")
        await desk.press("right_square_bracket", "up", "enter", *["backspace"] * 12, "3", "enter", "1", "a", "3")
        await desk.press("u")
        assert "undone: what the layer has learned since is merged into the next one" in desk.lines[-2]
        await desk.press("u")
        assert f"undone: layer 1 w[1,1] → {signed(second)}" in desk.lines[-2]
        await desk.press("u")
        assert "undone: learning rate → 0.001" in desk.lines[-2]
        await desk.press("u")
        assert f"undone: layer 1 w[2,1] → {signed(first)}" in desk.lines[-2]
        assert "u undo" not in desk.lines[-1]
        assert run_of(desk).weights[0][1, 0] == first
        assert run_of(desk).weights[0][0, 0] == second


async def test_undoing_a_weight_of_several_seeds_says_that_all_get_it() -> None:
    async with dashboard(FakeClient(seeds=(1, 2, 3))) as desk:
        await desk.press("3", "enter", *["backspace"] * 12, "2", "enter", "u")
        assert "in the networks of all 3 seeds" in desk.lines[-2]


async def test_a_weight_that_was_refused_is_not_undone() -> None:
    async with dashboard() as desk:
        desk.client.refusal = "not now"
        await desk.press("3", "enter", *["backspace"] * 12, "2", "enter")
        assert "u undo" not in desk.lines[-1]
        assert not desk.app.model.pending.can_undo
