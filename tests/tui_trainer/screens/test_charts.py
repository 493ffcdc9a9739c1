"""What the keys and the mouse do with the charts."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.formatting import metric
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.axes import Window
from tui_trainer.view_models.curve_sources import LAYER_SERIES, SeriesCurve, series_of
from tui_trainer.view_models.history import History, Reading
from tui_trainer.view_models.run import Overlay, RunModel
from tui_trainer.widgets.chart_painter import _put_beside, _range_text
from tui_trainer.widgets.grid import Grid


def legend(desk: Desk) -> str:
    """Return the line with the values of the loss."""
    return next(line for line in desk.lines if "━ train" in line)


def run_of(desk: Desk) -> RunModel:
    assert desk.app.model.run is not None
    return desk.app.model.run


def history_of(epochs: int, seeds: int = 1) -> History:
    history = History()
    rows = FakeClient().metrics(1, epochs) * 2
    history.add_rows(1, rows * np.linspace(1, 2, seeds)[:, None])
    return history


@pytest.mark.parametrize("pane", ["loss", "accuracy", "heatmap", "neurons", "dials", "architecture"])
@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_f_gives_any_pane_the_screen_and_esc_or_f_gives_it_back(pane: str, size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        place = {"loss": 2, "accuracy": 2, "heatmap": 3, "neurons": 4}.get(pane, 1)
        await desk.press(str(place))
        desk.app.screen.query_one(f"#{pane}").focus()
        await desk.settle()
        before = desk.app.screen.query_one(f"#{pane}").size
        for back in ("escape", "f"):
            await desk.press("f")
            shown = desk.app.screen.query_one(f"#{pane}").size
            assert (shown.width, shown.height) == (size[0] - 2, size[1] - 3)
            assert "epoch 30 / 50" in desk.lines[0]
            await desk.press(back)
            assert desk.app.screen.query_one(f"#{pane}").size == before


async def test_it_is_said_that_training_values_are_running_and_dropout_is_on_where_there_is_some() -> None:
    async with dashboard(size=(80, 24)) as desk:
        assert "train: running · log axis" in desk.text
        await desk.press("2", "f")
        assert "running, dropout on" in desk.text
        assert "train: running" not in desk.text
    async with dashboard(FakeClient(make_spec(network__dropout=0.0))) as desk:
        await desk.press("2", "f")
        assert "running" in legend(desk)
        assert "dropout" not in legend(desk)


async def test_a_place_key_leaves_the_full_screen() -> None:
    async with dashboard() as desk:
        await desk.press("2", "f", "3")
        assert "Loss" in desk.text
        assert desk.app.focused is not None
        assert desk.app.focused.id == "heatmap"


async def test_the_crosshair_tells_the_values_of_its_epoch() -> None:
    async with dashboard() as desk:
        await desk.press("2", *["left"] * 6)
        epoch = desk.app.model.charts.cursor
        assert epoch is not None
        assert epoch < 30
        for part in (0, 2):
            assert metric(float(desk.client.metrics(1, 30)[epoch - 1, 0, part])) in legend(desk)
        await desk.press("right")
        assert desk.app.model.charts.cursor == epoch + 1
        await desk.press("escape")
        assert metric(float(desk.client.metrics(30, 30)[0, 0, 0])) in legend(desk)


async def test_the_crosshair_names_the_changes_near_it() -> None:
    async with dashboard() as desk:
        for _ in range(4):
            await desk.press("right_square_bracket")
        await desk.train(1)
        await desk.press("2", "left", "right")
        for change in ("lr 0.001→0.002", "lr 0.002→0.005", "lr 0.005→0.01", "lr 0.01→0.02"):
            assert sum(change in line for line in desk.lines) == 2


async def test_a_click_puts_the_crosshair_there() -> None:
    async with dashboard() as desk:
        await desk.pilot.click("#loss", offset=(20, 8))
        await desk.settle()
        assert 1 < (desk.app.model.charts.cursor or 0) < 30


async def test_zooming_going_along_and_back_to_all() -> None:
    async with dashboard(epochs=48) as desk:
        charts = desk.app.model.charts
        await desk.press("2", "up")
        assert charts.window == Window(25, 49)
        assert "epochs 25–49" in desk.text
        await desk.press("less_than_sign")
        assert charts.window == Window(19, 43)
        await desk.press("greater_than_sign", "greater_than_sign", "greater_than_sign")
        assert charts.window == Window(26, 50)
        await desk.press("0")
        assert charts.window is None
        await desk.press("up", "down")
        assert charts.window is None


async def test_zooming_centres_on_the_crosshair() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=400)), epochs=400) as desk:
        charts = desk.app.model.charts
        charts.cursor = 100
        await desk.press("2", "up", "up")
        assert charts.window == Window(51, 150)
        await desk.press("down")
        assert charts.window == Window(1, 200)


async def test_the_crosshair_takes_a_zoomed_window_along_to_both_ends() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=400)), epochs=400) as desk:
        charts = desk.app.model.charts
        charts.cursor = 390
        await desk.press("2", *["up"] * 3, *["right"] * 12)
        assert charts.window == Window(351, 400)
        assert charts.cursor == 400
        charts.cursor = 20
        await desk.press(*["left"] * 22)
        assert charts.window == Window(1, 50)
        assert charts.cursor == 1


async def test_a_zoomed_axis_holds_still_while_the_run_goes_on() -> None:
    async with dashboard(epochs=20) as desk:
        await desk.press("2", "up", "up")
        window = desk.app.model.charts.window
        await desk.train(10)
        assert desk.app.model.charts.window == window


async def test_the_wheel_zooms() -> None:
    async with dashboard() as desk:
        await desk.press("2")
        pane = desk.app.screen.query_one("#loss")
        await desk.pilot._post_mouse_events([_scroll("up")], pane, offset=(20, 5))
        await desk.settle()
        assert desk.app.model.charts.window is not None
        await desk.pilot._post_mouse_events([_scroll("down")], pane, offset=(20, 5))
        await desk.settle()
        assert desk.app.model.charts.window is None


def _scroll(direction: str) -> type:
    from textual import events

    return events.MouseScrollUp if direction == "up" else events.MouseScrollDown


async def test_smoothing_names_its_factor_and_the_faint_line() -> None:
    async with dashboard() as desk:
        await desk.press("2", "s")
        assert "smoothed 0.6 · faint: as measured" in desk.text
        await desk.press("s", "s", "s")
        assert "smoothed" not in desk.text


async def test_the_best_epoch_is_marked_and_once_it_is_past_numbered() -> None:
    async with dashboard() as desk:
        desk.client.tell(best_epoch=30)
        await desk.settle()
        assert desk.text.count("◆") == 2
        assert "best" not in desk.text
        desk.client.tell(best_epoch=17)
        await desk.settle()
        assert "best 17" in desk.text


async def test_the_epoch_that_is_visited_has_a_line() -> None:
    async with dashboard() as desk:
        await desk.press("comma")
        assert any(line.count("│") == 2 for line in desk.lines[5:15])
        assert any(" 20 " in line for line in desk.lines[10:25])


async def test_several_seeds_say_that_the_line_is_their_median() -> None:
    async with dashboard(FakeClient(seeds=(1, 2, 3)), epochs=0) as desk:
        desk.client.metrics = lambda *_: FakeClient().metrics(1, 20) * np.array([1.0, 1.5, 3.0])[:, None]  # type: ignore[method-assign]
        await desk.train(20)
        assert "median of 3 seeds, range" in desk.text
        await desk.press("2", "left")
        low, high = (metric(float(FakeClient().metrics(20, 20)[0, 0, 0]) * factor) for factor in (1, 3))
        assert f"{low}–{high}" in desk.text


async def test_other_runs_are_laid_over_and_named() -> None:
    async with dashboard() as desk:
        before = desk.text
        run_of(desk).overlays.append(Overlay("moons-1", history_of(60)))
        await desk.train(1)
        assert desk.text != before
        assert "━ moons-1 validation" in desk.text
        assert any(line.rstrip().endswith("60") or " 60 " in line for line in desk.lines)


async def test_zoomed_in_beyond_what_is_known_it_says_so() -> None:
    async with dashboard(epochs=0) as desk:
        desk.client.welcome.recipe.training.__dict__["epochs"] = 40_000
        desk.client.spec = desk.client.welcome.recipe
        for _ in range(4):
            await desk.train(5000)
        await desk.press("2", *["up"] * 10)
        assert "bins of 4 epochs" in desk.text


async def test_labels_of_changes_never_run_into_each_other() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=100)), epochs=0) as desk:
        await desk.press("2")
        for key in ("right_square_bracket", "left_square_bracket") * 5:
            await desk.train(2)
            await desk.press(key)
        await desk.train(1)
        await desk.press("left", "left", "left", "left")
        loss = desk.app.screen.query_one("#loss").region
        for line in desk.lines[loss.y : loss.bottom]:
            for label in re.findall(r"[^\s┊]*→[^\s┊]*", line[loss.x : loss.right]):
                assert re.fullmatch(r"(lr|0\.00[12])(→(0\.00[12]|…))+", label), line
        assert desk.text.count("→0.00") > 4


async def test_numbers_below_the_axis_never_run_into_each_other() -> None:
    async with dashboard(FakeClient(make_spec(training__epochs=100)), epochs=60) as desk:
        desk.client.tell(best_epoch=17)
        await desk.press("2")
        loss = desk.app.screen.query_one("#loss").region
        for _ in range(60):
            await desk.press("left")
            axis = next(index for index, line in enumerate(desk.lines) if "└" in line)
            numbers = desk.lines[axis + 1][loss.x : loss.right].split()
            assert set(numbers) <= {"best", "17", "1", "16", "32", "48", "64", str(desk.app.model.charts.cursor)}
            assert str(desk.app.model.charts.cursor) in numbers
            assert ("best" in numbers) == ("17" in numbers) or desk.app.model.charts.cursor == 17


async def test_the_crosshair_tells_the_values_of_other_runs_too() -> None:
    async with dashboard() as desk:
        other = history_of(60)
        run_of(desk).overlays.append(Overlay("moons-1", other))
        await desk.press("2", *["left"] * 4)
        reading = other.at(2, desk.app.model.charts.cursor or 0)
        assert reading is not None
        assert f"━ moons-1 validation {metric(reading.last)}" in desk.text


def measure(desk: Desk) -> None:
    """Give the run series as a worker would: .3, .03 and .003 for the gradient norms of the three layers."""
    run = desk.app.model.run
    assert run is not None
    epochs = np.arange(1.0, run.history.epochs + 1)
    for number, series in enumerate(LAYER_SERIES, 1):
        for layer, name in enumerate(series.names(3)):
            run.series[name] = SeriesCurve(epochs, np.full((len(epochs), 1), 0.3 / number / 10**layer))


async def test_w_goes_through_the_series_of_the_layers() -> None:
    async with dashboard(size=(120, 40)) as desk:
        await desk.press("2")
        assert "w norms" in desk.lines[-1]
        measure(desk)
        await desk.press("w")
        assert re.search(r"2 Gradient norm ─+ log axis", desk.text)
        assert "━ layer 1 0.3000  ━ layer 2 0.0300  ━ output 0.0030" in desk.text
        assert "━ train 0.9" in desk.text
        await desk.press("w")
        assert "2 Update ratio" in desk.text
        await desk.press("w")
        assert "2 Loss" in desk.text


async def test_a_small_screen_names_the_layers_by_their_numbers() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("2")
        measure(desk)
        await desk.press("w", "tab", "w", "w")
        assert "w norms" in desk.lines[-1]
        assert "━ 1 0.3000  ━ 2 0.0300  ━ out 0.0030" in desk.text
        assert "━ 1 0.1500  ━ 2 0.0150  ━ out 0.0015" in desk.text


async def test_the_crosshair_reads_series_too_and_plain_words_have_names_for_them() -> None:
    async with dashboard() as desk:
        await desk.press("2", "w")
        measure(desk)
        await desk.press("left", "v")
        assert "2 Slope size" in desk.text
        assert "━ room 1 0.3000" in desk.text
        assert "━ exit 0.0030" in desk.text


async def test_it_is_said_why_no_series_is_drawn() -> None:
    async with dashboard() as desk:
        await desk.press("2", "w")
        assert "it comes with the next frame…" in desk.text
        run = desk.app.model.run
        assert run is not None
        run.series.update(series_of({}, LAYER_SERIES[0].names(3)))
        await desk.press("s")
        assert "this run has not measured it" in desk.text


async def test_the_help_explains_the_series_that_is_shown() -> None:
    async with dashboard() as desk:
        await desk.press("2", "w", "w", "?")
        assert "as a share of the size of the weights" in re.sub(r"[│\s]+", " ", desk.text)


async def test_only_the_series_that_are_shown_are_asked_for() -> None:
    async with dashboard() as desk:
        await desk.press("2", "w", "tab", "w", "w")
        assert desk.client.series == LAYER_SERIES[0].names(3) + LAYER_SERIES[1].names(3)
        await desk.press("w")
        assert desk.client.series == LAYER_SERIES[0].names(3)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_a_large_loss_is_whole_in_legend_and_axis(size: tuple[int, int]) -> None:
    client = FakeClient()
    client.metrics = lambda first_epoch, last_epoch: np.full((last_epoch - first_epoch + 1, 1, 5), 1.24e11)  # type: ignore[method-assign]
    async with dashboard(client, size=size) as desk:
        numbers = re.findall(r"\d[\d.]*e[+−]?\d*", next(line for line in desk.lines if "━ trai" in line))
        assert numbers
        assert {float(number) for number in numbers} == {1.2e11}


async def test_behind_the_smoothed_line_of_several_seeds_is_their_range_and_nothing_is_called_as_measured() -> None:
    async with dashboard(FakeClient(seeds=(1, 2))) as desk:
        await desk.press("2", "f", "s")
        assert "smoothed 0.6 · median of 2 seeds, range" in desk.text
        assert "as measured" not in desk.text
    async with dashboard() as desk:
        await desk.press("2", "f", "s")
        assert "smoothed 0.6 · faint: as measured" in desk.text


@pytest.mark.parametrize(("x", "width"), [(0, 40), (20, 40), (39, 40), (6, 14), (3, 8), (1, 3)])
def test_a_note_beside_the_crosshair_has_its_numbers_whole_or_none(x: int, width: int) -> None:
    field = Grid(width, 1)
    text = _range_text(Reading(1.2345e-7, 1.2345e11, 1.0), max(x - 1, width - x - 2))
    _put_beside(field, x, 0, text, Ink.TEXT)
    assert text in {"", "1.2e-7–1.2e+11", "1.2e-7–1.2e11", "1e-7–1e11"}
    assert field.strip(0).text.strip() == text


@pytest.mark.parametrize(
    ("changed", "title"),
    [({}, "Loss ─"), ({"training__class_weight": "balanced"}, "Loss (weighted)")],
)
async def test_the_title_says_that_a_loss_is_weighted(changed: dict[str, Any], title: str) -> None:
    async with dashboard(FakeClient(make_spec(**changed)), epochs=1) as desk:
        assert any(title in line for line in desk.lines)
