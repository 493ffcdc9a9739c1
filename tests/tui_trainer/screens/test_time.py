"""Looking back, branching, beginning again: from the keys of the dashboard."""

from __future__ import annotations

from engine.protocol.commands import Resume, SetDial, Stop, ViewCheckpoint
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient


def shown(desk: Desk) -> FakeClient:
    """Return the client of the run that is shown now."""
    return desk.runs.clients[desk.app.model.title]


async def test_comma_and_point_walk_through_the_checkpoints() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma")
        assert "looking at epoch 30 of 34" in desk.lines[0]
        await desk.press("comma", "comma")
        assert "looking at epoch 10 of 34" in desk.lines[0]
        assert "b makes a new run from here" in desk.lines[-2]
        await desk.press("full_stop", "full_stop", "full_stop")
        assert "looking" not in desk.lines[0]
        assert "‖ paused" in desk.lines[0]
        assert [command.epoch for command in desk.sent(ViewCheckpoint)] == [30, 20, 10, 20, 30, None]  # type: ignore[attr-defined]


async def test_quick_presses_go_on_from_what_was_asked_for() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.pilot.press("comma", "comma", "comma")
        await desk.settle()
        assert [command.epoch for command in desk.sent(ViewCheckpoint)] == [30, 20, 10]  # type: ignore[attr-defined]


async def test_space_comes_back_to_the_present_and_goes_on() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma", "space")
        assert desk.sent(Resume)
        assert "▶ training" in desk.lines[0]


async def test_the_legend_tells_the_values_of_the_epoch_looked_at() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma", "comma")
        loss = desk.client.metrics(20, 20)[0, 0, 0]
        assert f"train {loss:.4f}" in desk.text
        await desk.press("full_stop", "full_stop")
        assert f"train {desk.client.metrics(34, 34)[0, 0, 0]:.4f}" in desk.text


async def test_no_pane_shows_a_batch_of_another_time() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("4")
        await desk.train(1)
        assert "case" in desk.text
        await desk.press("comma", "3")
        assert "case" not in desk.text
        assert "a checkpoint keeps no batch" in desk.text
        assert "dead 1/1" in desk.text
        assert "gradient" not in desk.text
        await desk.press("space")
        assert "a checkpoint keeps no batch" not in desk.text
        assert "case" in desk.text


async def test_the_past_cannot_be_changed() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma", "right_square_bracket", "1", "1", "right")
        assert desk.sent(SetDial) == []
        assert "learning rate" not in desk.lines[-1]


async def test_where_there_are_no_checkpoints_nothing_is_offered() -> None:
    async with dashboard(epochs=0) as desk:
        desk.client.tell()
        await desk.settle()
        assert "time" not in desk.lines[-1]
        await desk.press("comma", "full_stop")
        assert desk.client.sent == []


async def test_a_branch_from_the_past_opens_paused_and_stops_the_old_run() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma", "comma", "b", "y")
        assert desk.runs.done == [("branch", "breast-cancer-3", 20, 20.0), ("stop", "breast-cancer-3")]
        assert "breast-cancer-3-branch" in desk.lines[0]
        assert "‖ paused" in desk.lines[0]
        assert "breast-cancer-3 as it was at epoch 20, paused · breast-cancer-3 saved at epoch 30" in desk.lines[-2]
        assert desk.client.closed
        await desk.press("right_square_bracket")
        assert [command for command in shown(desk).sent if isinstance(command, SetDial)]


async def test_a_branch_from_the_present_takes_the_last_checkpoint() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("b", "y")
        assert desk.runs.done[0] == ("branch", "breast-cancer-3", 30, 20.0)


async def test_a_branch_asks_before_it_stops_a_run_that_trains() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("b")
        assert "stopped at epoch 34" in desk.text
        assert "y branch, and stop this one" in desk.text
        await desk.press("n")
        assert desk.runs.done == []
        assert "▶ training" in desk.lines[0]


async def test_a_branch_of_a_run_that_has_ended_stops_nothing_and_asks_nothing() -> None:
    async with dashboard(epochs=50) as desk:
        await desk.press("b")
        assert [what for what, *_ in desk.runs.done] == ["branch"]


async def test_looking_back_says_that_training_pauses() -> None:
    async with dashboard(epochs=34) as desk:
        await desk.press("comma")
        assert "training pauses while you look back; space goes on" in desk.lines[-2]
        await desk.press("comma")
        assert "b makes a new run from here" in desk.lines[-2]
    async with dashboard(epochs=50) as desk:
        await desk.press("comma")
        assert "pauses" not in desk.lines[-2]


async def test_r_begins_the_recipe_as_it_stands_anew() -> None:
    async with dashboard() as desk:
        await desk.press("right_square_bracket", "r")
        (_, name, spec, seeds, pace), stopped = desk.runs.done
        assert (name, seeds, pace) == ("breast-cancer-5", (42,), 20.0)
        assert spec.training.learning_rate == 0.002
        assert stopped == ("stop", "breast-cancer-3")
        assert "breast-cancer-5" in desk.lines[0]
        assert "the same recipe, the same seed 42 · breast-cancer-3 saved at epoch 30" in desk.lines[-2]
        assert desk.sent(Stop) == []


async def test_what_waits_for_its_epoch_is_part_of_the_recipe() -> None:
    async with dashboard() as desk:
        await desk.press("1", "1", "down", "down", "right", "r")
        assert desk.runs.done[0][2].training.batch_size == 64


async def test_shift_r_takes_the_next_seeds() -> None:
    async with dashboard(FakeClient(seeds=(42, 43))) as desk:
        await desk.press("R")
        assert desk.runs.done[0][3] == (44, 45)
        assert "new seeds 44–45" in desk.lines[-2]


async def test_a_finished_run_is_left_as_it_is() -> None:
    async with dashboard(epochs=50) as desk:
        await desk.press("r")
        assert [what for what, *_ in desk.runs.done] == ["begin"]


async def test_where_nothing_comes_of_it_the_run_goes_on() -> None:
    async with dashboard() as desk:
        desk.runs.refusal = "/store: cannot be written"
        await desk.press("r")
        assert "/store: cannot be written" in desk.lines[-2]
        assert "▶ training" in desk.lines[0]
        await desk.train(1)
        assert "epoch 31 / 50" in desk.lines[0]


async def test_the_new_run_can_be_resumed_when_its_worker_dies() -> None:
    async with dashboard() as desk:
        await desk.press("r")
        shown(desk).die()
        await desk.settle()
        assert "✕ died" in desk.lines[0]
        await desk.press("enter")
        assert "▶ training" in desk.lines[0]


async def test_one_who_may_only_look_makes_no_runs() -> None:
    async with dashboard(read_only=True, epochs=34) as desk:
        await desk.press("b", "r", "R", "comma")
        assert desk.runs.done == []
        assert desk.client.sent == []
