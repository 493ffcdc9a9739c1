from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from engine.protocol.commands import NextEpoch, NextStep, Pause, Resume, SetPace
from engine.run.changes import TurnDial
from tests.tui_trainer.driving import dashboard, line_with
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.dials import DialsPane

LEARNING_RATE = "training.learning_rate"


async def test_at_120_columns_everything_is_on_the_screen() -> None:
    async with dashboard() as desk:
        for text in ("breast-cancer-3", "30→16→8→1", "seed 42", "▶ training", "epoch 30 / 50", "20/s"):
            assert text in desk.lines[0]
        for text in (
            "Architecture",
            "W 16×30  b 16",
            "641",
            "Loss",
            "Accuracy",
            "Weights",
            "Neurons",
            "of mean radius",
        ):
            assert text in desk.text
        assert desk.text.count("expected 12.8") == 1
        assert desk.text.count("expected 6.4") == 1
        assert any("⠀" < char <= "⣿" for char in desk.text)
        assert "▀" in desk.text


async def test_space_pauses_and_goes_on() -> None:
    async with dashboard() as desk:
        await desk.press("space")
        assert desk.sent(Pause)
        assert "‖ paused" in desk.lines[0]
        assert "space go on" in desk.lines[-1]
        await desk.press("space")
        assert desk.sent(Resume)
        assert "▶ training" in desk.lines[0]


async def test_a_key_s_answer_is_on_the_screen_before_the_charts_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def telling(kind: type[object], method: str, what: Callable[[Any], str]) -> None:
        act = getattr(kind, method)

        def told(self: object, *arguments: object) -> object:
            done.append(what(self))
            return act(self, *arguments)

        monkeypatch.setattr(kind, method, told)

    async with dashboard() as desk:
        telling(Canvas, "_paint_now", lambda canvas: str(canvas.id))
        pane = desk.app.screen.query_one(DialsPane)
        telling(DashboardScreen, "_compositor_refresh", lambda screen: f"drawn: {pane in screen._dirty_widgets}")
        await desk.press("right_square_bracket")
    assert "accuracy" in done
    assert done.index("dials") < done.index("drawn: True") < min(done.index(name) for name in ("loss", "neurons"))


async def test_what_a_key_changes_in_several_panes_is_sent_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[set[str | None]] = []
    draw = DashboardScreen._compositor_refresh

    def told(screen: DashboardScreen) -> None:
        pieces.append({widget.id for widget in screen._dirty_widgets})
        draw(screen)

    async with dashboard() as desk:
        monkeypatch.setattr(DashboardScreen, "_compositor_refresh", told)
        await desk.press("right_square_bracket")
    assert {"notice", "dials"} <= pieces[0]


async def test_n_does_a_step_and_shift_n_an_epoch() -> None:
    async with dashboard() as desk:
        await desk.press("n")
        assert desk.sent(NextStep)
        assert "paused · epoch 31, step 1 of 11 done" in desk.text
        await desk.press("N")
        assert desk.sent(NextEpoch)
        assert "epoch 31 / 50" in desk.lines[0]


async def test_plus_and_minus_turn_the_pace() -> None:
    async with dashboard() as desk:
        await desk.press("plus")
        await desk.press("minus", "minus")
        assert desk.sent(SetPace) == [SetPace(pace=50), SetPace(pace=20), SetPace(pace=10)]
        assert "10/s" in line_with(desk, "pace  ")


async def test_y_changes_the_axis_of_the_loss() -> None:
    async with dashboard() as desk:
        assert "log axis" in line_with(desk, "2 Loss")
        await desk.press("y")
        assert "linear axis" in line_with(desk, "2 Loss")


async def test_v_changes_the_words_everywhere() -> None:
    async with dashboard() as desk:
        await desk.press("v")
        for text in ("Clerks", "room 1", "study pile", "practice pile", "full pass 30 / 50", "on a break", "Settings"):
            assert text in desk.text
        assert "epoch" not in desk.lines[0]
        await desk.press("v")
        for text in ("Members", "committee 1", "committ… 1 ", "past cases", "trial cases", "round 30 / 50", "absent"):
            assert text in desk.text
        await desk.press("v")
        assert "Neurons" in desk.text


@pytest.mark.parametrize(
    ("presses", "pane"),
    [
        ("1", "architecture"),
        ("11", "dials"),
        ("111", "architecture"),
        ("2", "loss"),
        ("22", "accuracy"),
        ("3", "heatmap"),
    ],
)
async def test_numbers_lead_to_panes(presses: str, pane: str) -> None:
    async with dashboard() as desk:
        desk.app.screen.set_focus(None)
        await desk.press(*presses)
        assert desk.app.focused is not None
        assert desk.app.focused.id == pane


async def test_tab_goes_through_the_panes_that_are_shown() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("2")
        seen = set()
        for _ in range(6):
            await desk.press("tab")
            assert desk.app.focused is not None
            seen.add(desk.app.focused.id)
        assert seen == {"loss", "accuracy"}


@pytest.mark.parametrize(
    ("key", "texts"),
    [
        ("1", ("Architecture", "learning rate")),
        ("2", ("2 Loss", "Accuracy", "validation")),
        ("3", ("3 Weights", "of mean radius")),
        ("4", ("4 Neurons", "13 of 16", "□ dropped")),
    ],
)
async def test_at_80_columns_panes_are_tabs(key: str, texts: tuple[str, ...]) -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press(key)
        await desk.train(1)
        assert "1 Network   2 Curves   3 Weights   4 Neurons" in desk.lines[1]
        for text in texts:
            assert text.replace("13 of 16", " of 16") in desk.text
        assert "q leave" in desk.lines[-1]


async def test_only_what_is_shown_is_asked_of_the_worker() -> None:
    async with dashboard(size=(80, 24)) as desk:
        assert list(desk.client.views) == []
        await desk.press("3")
        assert list(desk.client.views) == ["weights", "gradients", "updates", "moments"]
        await desk.press("4")
        assert list(desk.client.views) == ["neurons", "coadaptation"]
        await desk.pilot.resize_terminal(120, 40)
        await desk.settle()
        assert list(desk.client.views) == ["weights", "neurons", "coadaptation"]


async def test_the_heatmap_has_a_cursor_layers_and_a_scale() -> None:
    async with dashboard() as desk:
        await desk.press("3", "right", "down")
        assert "w[2,2]" in desk.text
        assert "of mean texture" in desk.text
        await desk.press("left", "left")
        assert "b[2]" in desk.text
        await desk.press("l")
        assert "layer 2 · W 8×16 · b 8" in desk.text
        await desk.press("l")
        assert "output · W 1×8 · b 1" in desk.text
        await desk.press("up", "l")
        assert "w[1," in desk.text or "b[1]" in desk.text


async def test_the_value_under_the_cursor_is_the_weight() -> None:
    async with dashboard() as desk:
        run = desk.app.model.run
        assert run is not None
        await desk.press("3", "right", "down", "down")
        assert f"{run.weights[0][2, 1]:+.3f}".replace("-", "−") in line_with(desk, "w[3,2]")


async def test_arrows_choose_the_row_of_the_batch() -> None:
    async with dashboard() as desk:
        run = desk.app.model.run
        assert run is not None
        await desk.press("4", "right", "right")
        assert f"row  3/32 · case {run.batch_row_numbers[2]}" in desk.text
        working = int(run.masks[0][:, 2].sum())
        assert f"{working:>2} of 16" in line_with(desk, "expected 12.8")
        await desk.press("left", "left", "left")
        assert "row 32/32" in desk.text


async def test_many_neurons_wrap_and_very_many_scroll() -> None:
    client = FakeClient(make_spec(network__units=[100, 900]))
    async with dashboard(client) as desk:
        await desk.press("4")
        assert "layer 1" in desk.text
        top = desk.text
        await desk.press("down", "down")
        assert desk.text != top
        await desk.press("up", "up")
        assert desk.text == top


async def test_tabs_can_be_clicked() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.pilot.click("#tabs", offset=(desk.lines[1].index("Weights"), 0))
        await desk.settle()
        assert "of mean radius" in desk.text or "no weights yet" in desk.text


async def test_a_weight_can_be_clicked() -> None:
    async with dashboard() as desk:
        await desk.pilot.click("#heatmap", offset=(4, 3))
        await desk.settle()
        assert "w[5,5]" in desk.text


async def test_a_dead_worker_is_said_and_enter_takes_the_run_up_again() -> None:
    resumed = FakeClient()
    async with dashboard(resumed=resumed) as desk:
        desk.client.die()
        await desk.settle()
        assert "✕ died" in desk.lines[0]
        assert "left" not in desk.lines[0]
        assert "the worker is gone · enter resumes it from its last checkpoint" in desk.lines[-2]
        assert "enter resume" in desk.lines[-1]
        assert "pause" not in desk.lines[-1]
        resumed.train(25)
        await desk.press("enter")
        assert "▶ training" in desk.lines[0]
        assert "epoch 25 / 50" in desk.lines[0]


async def test_what_was_said_makes_room_for_how_the_run_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui_trainer.screens.dashboard.SAID_FOR", 0.05)
    async with dashboard() as desk:
        await desk.press("space", "right_square_bracket")
        for _ in range(100):
            if "paused · epoch 30, at its end" in desk.lines[-2]:
                break
            await desk.pilot.pause(0.05)
        else:
            pytest.fail(desk.lines[-2])


async def test_before_the_first_frame_it_says_what_it_waits_for() -> None:
    async with dashboard(epochs=0) as desk:
        assert "waiting for the first numbers" in desk.lines[-2]
        desk.client.tell()
        await desk.settle()
        assert "the first epoch is under way" in desk.text


async def test_a_finished_run_of_no_epochs_waits_for_none() -> None:
    client = FakeClient()
    client.state, client.reason = "finished", "epochs"
    async with dashboard(client, epochs=0) as desk:
        desk.client.tell()
        await desk.settle()
        assert "under way" not in desk.text
        assert "it ended before its first epoch was over" in desk.text
        assert desk.app.model.why_no_step == "no step was taken"


async def test_a_finished_run_has_no_step_to_come() -> None:
    client = FakeClient()
    client.epoch, client.state, client.reason = 5, "finished", "epochs"
    async with dashboard(client, epochs=0) as desk:
        desk.client.tell()
        await desk.settle()
        assert desk.app.model.why_no_step == "it has ended: no step is kept"


@pytest.mark.parametrize(
    ("state", "keys"),
    [("running", "space pause  q leave"), ("paused", "space go on  q leave"), ("finished", "q leave")],
)
async def test_the_smallest_screen_offers_what_can_be_done(state: str, keys: str) -> None:
    client = FakeClient()
    client.state = state
    async with dashboard(client, size=(30, 5), epochs=0) as desk:
        desk.client.tell()
        await desk.settle()
        assert desk.lines[4].strip() == keys


async def test_a_watcher_that_may_only_look_has_no_keys_to_steer_with() -> None:
    async with dashboard(read_only=True) as desk:
        assert "read only" in desk.lines[0]
        for hint in ("pause", "step", "learning rate", "pace"):
            assert hint not in desk.lines[-1]
        await desk.press("space", "n", "right_square_bracket", "1", "1", "right", "enter", "5")
        assert desk.client.sent == []


async def test_what_is_not_finite_is_named() -> None:
    async with dashboard() as desk:
        rows = desk.client.metrics(31, 40)
        rows[3:, :, 0] = float("nan")
        desk.client.metrics = lambda first, last: rows  # type: ignore[method-assign, assignment]
        await desk.train(10)
        assert "not finite from epoch 34" in desk.text


async def test_text_from_outside_is_only_text() -> None:
    client = FakeClient(run="x\x1b[2J", feature_names=("[red]漢字\x1b]0;title\x07", *["b"] * 29))
    async with dashboard(client, epochs=3) as desk:
        client.tell(
            message="[bold]no\x1b[31m",
            changes=(TurnDial(epoch=1, step=0, path="a.[link]\x1b[1m", value="\x1b[2J", before=None),),
        )
        await desk.settle()
        assert "\x1b" not in desk.text
        assert "[bold]no" in desk.text
        assert "of [red]漢字" in desk.text


async def test_a_run_without_validation_shows_one_curve() -> None:
    async with dashboard(FakeClient(rows=(400, 0, 0))) as desk:
        assert "validation" not in desk.text


async def test_a_regression_has_r2() -> None:
    async with dashboard(FakeClient(classes=())) as desk:
        assert "R²" in desk.text
        assert "Accuracy" not in desk.text


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 2), (5, 3), (20, 5), (40, 10), (59, 16), (60, 16), (79, 23), (90, 26), (112, 40), (300, 100)]
)
async def test_every_size_shows_how_the_run_stands(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        assert "▶" in desk.lines[0]
        await desk.press("question_mark")
        await desk.press("escape")
        await desk.train(3)
        assert desk.app.is_running


async def test_resizing_from_end_to_end_leaves_a_whole_screen() -> None:
    async with dashboard() as desk:
        for size in ((20, 5), (300, 100), (1, 1), (80, 24), (61, 17), (120, 40)):
            await desk.pilot.resize_terminal(*size)
            await desk.train(1)
        assert "Architecture" in desk.text
        assert "q leave" in desk.lines[-1]


@pytest.mark.parametrize("units", [[1], [3, 1, 2], [300], [16] * 40])
async def test_networks_of_all_shapes(units: list[int]) -> None:
    async with dashboard(FakeClient(make_spec(network__units=units))) as desk:
        await desk.press("1", "3", "l", "l", "down", "right", "4")
        assert str(units[0]) in desk.text


async def test_a_network_without_hidden_layers() -> None:
    async with dashboard(FakeClient(make_spec(network__units=[]))) as desk:
        assert "no hidden layer" in desk.text


async def test_a_large_matrix_is_shown_in_blocks() -> None:
    async with dashboard(FakeClient(make_spec(network__units=[64]), inputs=784)) as desk:
        assert "each pixel the largest of 3×24" in desk.text


async def test_a_run_that_is_no_longer_finite_is_not_called_finished() -> None:
    async with dashboard() as desk:
        desk.client.tell(state="finished", reason="non_finite", message="a weight is no finite number any more")
        await desk.settle()
        assert "✕ not finite" in desk.lines[0]
        assert "no finite number any more" in desk.lines[-2]


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 12)])
async def test_why_a_run_could_not_begin_is_read_whole_at_every_size(size: tuple[int, int]) -> None:
    why = "/home/someone/with/a/long/path/measurements_of_the_year.csv: row 3: expected 3 cells, as above (got 2)"
    async with dashboard(size=size, resumed=FakeClient(), refused=why) as desk:
        said = "".join(desk.text.split())
        assert "".join(why.split()) in said
        assert "resume" not in desk.text
        assert "enter" in desk.text or size == (40, 12)
        await desk.pilot.resize_terminal(100, 30)
        await desk.settle()
        assert "".join(why.split()) in "".join(desk.text.split())
        await desk.press("enter")
        await desk.train(1)
        assert "measurements_of_the_year" not in desk.text


async def test_a_long_notice_lies_over_the_panes_and_leaves_nothing_behind() -> None:
    async with dashboard(size=(60, 20)) as desk:
        before = desk.lines[-4:]
        words = " ".join(f"word{number}" for number in range(20))
        desk.app.dashboard.say(words)
        await desk.settle()
        assert words in " ".join(line.strip() for line in desk.lines[-5:])
        desk.app.dashboard.say("short")
        await desk.settle()
        assert desk.lines[-2] == " short"
        assert desk.lines[-4:-2] == before[:2]


async def test_the_average_of_neurons_at_work_names_the_steps_it_is_over() -> None:
    async with dashboard() as desk:
        await desk.press("4")
        for _ in range(3):
            await desk.train(1)
        assert re.search(r"1\d\.\d in \d steps", desk.text)
        await desk.press("v")
        assert re.search(r"1\d\.\d in \d\b", desk.text)


async def test_what_comes_into_sight_again_after_a_resize_is_not_of_an_older_epoch() -> None:
    async with dashboard() as desk:
        assert "case" in desk.text
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        await desk.train(20)
        assert "✓ finished" in desk.lines[0]
        await desk.pilot.resize_terminal(120, 40)
        await desk.settle()
        assert "case" not in desk.text
        assert "one moment…" in desk.text
        desk.client.tell()
        await desk.settle()
        assert "case" in desk.text
        assert "one moment…" not in desk.text


async def test_what_stayed_the_same_while_out_of_sight_is_there_at_once() -> None:
    async with dashboard() as desk:
        await desk.train(20)
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        await desk.pilot.resize_terminal(120, 40)
        await desk.settle()
        assert "case" in desk.text
