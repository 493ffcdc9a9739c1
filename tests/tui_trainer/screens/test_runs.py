from __future__ import annotations

import asyncio

import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.help import HelpScreen
from tui_trainer.screens.presets import PresetsScreen
from tui_trainer.screens.runs import RunsScreen
from tui_trainer.screens.table_screen import FilterField
from tui_trainer.view_models.runs import RunLine


async def look(desk: Desk, *keys: str) -> None:
    """Open the list of runs, and press some keys."""
    await desk.press("8")
    for key in keys:
        await desk.press(key)


def line_of(desk: Desk, run: str) -> str:
    return next(line for line in desk.lines if f" {run} " in line)


def overlaid(desk: Desk) -> list[str]:
    assert desk.app.model.run is not None
    return [overlay.name for overlay in desk.app.model.run.overlays]


async def test_every_run_has_a_line_that_says_how_it_stands() -> None:
    async with dashboard() as desk:
        await look(desk)
        assert "4 runs" in desk.lines[0]
        assert "▸ breast-cancer-3" in desk.text
        wine = line_of(desk, "wine-1").split()
        scores = ("0.0312", "0.0977", "0.9714")
        assert wine == ["wine-1", "stopped", "120/200", "vineyards.csv", *scores, "48.2", "MB", "3", "h"]
        assert line_of(desk, "diabetes-2").split()[-7:] == ["0.5121", "–", "0.4412", "870", "kB", "2", "days"]
        assert "breast-cancer-1@30" in line_of(desk, "breast-cancer-3")
        assert "damaged" in line_of(desk, "iris-1")
        assert "not JSON, or cut" in line_of(desk, "iris-1")


async def test_at_80_columns_the_most_dispensable_columns_go() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await look(desk)
        for text in ("wine-1", "stopped", "120/200", "0.0312"):
            assert text in line_of(desk, "wine-1")
        assert "3 h" not in desk.text
        assert "esc back" in desk.lines[-1]


async def test_enter_opens_a_run_in_place_and_the_old_one_trains_on() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "enter")
        assert desk.runs.done == [("open", "wine-1")]
        assert "wine-1" in desk.lines[0]
        assert "wine-1 · breast-cancer-3 trains on" in desk.lines[-2]
        assert desk.client.closed
        assert desk.client.sent == []


async def test_enter_on_the_run_that_is_shown_just_goes_back() -> None:
    async with dashboard() as desk:
        await look(desk, "enter")
        assert isinstance(desk.app.screen, DashboardScreen)
        assert desk.runs.done == []


async def test_a_run_can_be_opened_by_two_clicks() -> None:
    async with dashboard() as desk:
        await look(desk)
        for _ in range(2):
            await desk.pilot.click("#list", offset=(6, 2))
            await desk.settle()
        assert desk.runs.done == [("open", "wine-1")]


async def test_a_run_that_cannot_be_opened_leaves_the_other_where_it_is() -> None:
    async with dashboard() as desk:
        desk.runs.refusal = "run wine-1: there is none of this name"
        await look(desk, "down", "enter")
        assert "there is none of this name" in desk.lines[-2]
        assert "breast-cancer-3" in desk.lines[0]
        assert "▶ training" in desk.lines[0]


async def test_x_lays_curves_over_the_charts_and_takes_them_away() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "x", "down", "x")
        assert overlaid(desk) == ["wine-1", "diabetes-2"]
        assert line_of(desk, "wine-1").lstrip().startswith("+")
        await desk.press("up", "x")
        assert overlaid(desk) == ["diabetes-2"]
        assert desk.app.model.run is not None
        assert desk.app.model.run.overlays[0].history.epochs == 300


async def test_overlays_stay_when_another_run_is_opened_but_for_its_own() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "x", "down", "x", "enter")
        assert desk.app.model.title == "diabetes-2"
        assert overlaid(desk) == ["wine-1"]


async def test_the_run_that_is_shown_is_not_compared_with_itself() -> None:
    async with dashboard() as desk:
        await look(desk, "x")
        assert overlaid(desk) == []
        assert "compare" not in desk.lines[-1]


async def test_s_stops_and_r_resumes() -> None:
    async with dashboard() as desk:
        await look(desk, "s")
        assert "breast-cancer-3: stopped and saved after epoch 30" in desk.lines[-2]
        assert "stopped" in line_of(desk, "breast-cancer-3")
        await desk.press("down", "r")
        assert "wine-1: training again" in desk.lines[-2]
        assert desk.runs.done == [("stop", "breast-cancer-3"), ("resume", "wine-1")]


async def test_deleting_asks_first() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "d")
        assert isinstance(desk.app.screen, ConfirmScreen)
        assert "Delete wine-1? 120 epochs" in desk.text
        await desk.press("n")
        assert desk.runs.done == []
        await desk.press("delete", "y")
        assert desk.runs.done == [("delete", "wine-1")]
        assert "wine-1: deleted" in desk.lines[-2]
        assert "3 runs" in desk.lines[0]


@pytest.mark.parametrize(("column", "deleted"), [(4, True), (20, False)])
async def test_the_answer_can_be_clicked(column: int, deleted: bool) -> None:
    async with dashboard() as desk:
        await look(desk, "down", "d")
        answers = desk.app.screen.query_one("#question").size.height - 2
        await desk.pilot.click("#question", offset=(column, answers))
        await desk.settle()
        assert isinstance(desk.app.screen, RunsScreen)
        assert bool(desk.runs.done) == deleted


async def test_several_are_selected_and_deleted_at_once() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "space", "space")
        assert "4 runs, 2 selected" in desk.lines[0]
        assert line_of(desk, "wine-1").lstrip().startswith("●")
        await desk.press("d")
        assert "Delete 2 runs (49.1 MB)? wine-1, diabetes-2" in " ".join(desk.text.split())
        await desk.press("y")
        assert desk.runs.done == [("delete", "wine-1"), ("delete", "diabetes-2")]
        assert "2 runs" in desk.lines[0]
        assert "selected" not in desk.lines[0]


async def test_a_run_at_work_is_left_and_that_is_said() -> None:
    async with dashboard() as desk:
        await look(desk, "space", "d")
        assert "breast-cancer-3: at work, so not to be deleted" in desk.lines[-2]
        await desk.press("space", "d")
        assert "being at work: breast-cancer-3" in " ".join(desk.text.split())
        await desk.press("y")
        assert desk.runs.done == [("delete", "wine-1")]


async def test_a_selected_one_can_be_let_go_again() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "space", "up", "space", "down", "down", "d")
        assert "Delete iris-1?" in desk.text or "Delete diabetes-2?" in desk.text


async def test_o_sorts() -> None:
    async with dashboard() as desk:
        await look(desk)

        def names() -> list[str]:
            known = {"breast-cancer-3", "wine-1", "diabetes-2", "iris-1"}
            return [word for line in desk.lines[2:] for word in line.split()[:2] if word in known]

        assert names() == ["breast-cancer-3", "wine-1", "diabetes-2", "iris-1"]
        await desk.press("o")
        assert names() == ["breast-cancer-3", "diabetes-2", "wine-1", "iris-1"]
        assert "4 runs by name" in desk.lines[0]
        await desk.press("o", "o")
        assert names() == ["wine-1", "breast-cancer-3", "diabetes-2", "iris-1"]
        assert "4 runs by loss" in desk.lines[0]


async def test_n_gives_a_run_another_name() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "n")
        assert "Rename the run" in desk.text
        await desk.press("R", "1", "enter")
        assert "r1 would do" in desk.text
        await desk.press("backspace", "backspace", *"red", "enter")
        assert desk.runs.done == [("rename", "wine-1", "red")]
        assert "wine-1: renamed red" in desk.lines[-2]


async def test_a_name_that_is_taken_is_not_given() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "down", "n", *["backspace"] * 10, *"wine-1", "enter")
        assert "there is a run of this name already" in desk.text
        await desk.press("escape")
        assert isinstance(desk.app.screen, RunsScreen)
        assert desk.runs.done == []


async def test_the_filter_stands_apart_from_the_line_it_covers() -> None:
    async with dashboard() as desk:
        await look(desk, "slash", *"iris")
        head = desk.lines[0]
        assert head.rstrip().endswith(" iris")
        assert "seedsiris" not in head


async def test_of_a_damaged_run_only_the_deleting_is_left() -> None:
    async with dashboard() as desk:
        await look(desk, "down", "down", "down", "enter", "x", "s", "r")
        assert desk.runs.done == []
        for hint in ("open", "compare", "stop", "resume"):
            assert hint not in desk.lines[-1]
        await desk.press("d", "y")
        assert desk.runs.done == [("delete", "iris-1")]


async def test_what_the_store_refuses_is_said() -> None:
    async with dashboard() as desk:
        await look(desk, "down")
        desk.runs.refusal = "run wine-1 is held by its worker"
        await desk.press("r")
        assert "run wine-1 is held by its worker" in desk.lines[-2]


async def test_slash_filters_while_it_is_typed() -> None:
    async with dashboard() as desk:
        await look(desk, "slash", "w", "i", "space", "s", "t", "o")
        assert desk.app.screen.query(FilterField)
        assert "1 of 4 runs, filtered by wi sto" in desk.lines[0]
        assert "diabetes-2" not in desk.text
        await desk.press("enter")
        assert not desk.app.screen.query(FilterField)
        await desk.press("escape")
        assert "4 runs" in desk.lines[0]
        await desk.press("escape")
        assert isinstance(desk.app.screen, DashboardScreen)


async def test_escape_in_the_field_gives_the_filter_up() -> None:
    async with dashboard() as desk:
        await look(desk, "slash", "z", "z")
        assert "nothing matches zz" in desk.text
        await desk.press("escape")
        assert "4 runs" in desk.lines[0]
        assert isinstance(desk.app.screen, RunsScreen)


async def test_where_there_are_no_runs_it_says_so() -> None:
    async with dashboard() as desk:
        desk.runs.lines = []
        await look(desk, "enter", "x", "s", "r", "d")
        assert "there are no runs yet" in desk.text
        assert desk.runs.done == []
        assert isinstance(desk.app.screen, RunsScreen)


async def test_more_runs_than_lines_scroll() -> None:
    async with dashboard(size=(80, 24)) as desk:
        desk.runs.lines = [RunLine(f"wine-{n}", 5.0, state="stopped", seeds=(1,)) for n in range(99)]
        await look(desk)
        assert "wine-98" not in desk.text
        await desk.press(*["pagedown"] * 6)
        assert "wine-98" in desk.text
        await desk.press(*["pageup"] * 6)
        assert "wine-0 " in desk.text


async def test_keys_lead_to_help_presets_and_back() -> None:
    async with dashboard() as desk:
        await look(desk, "question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        assert "Every run of the store" in desk.text
        await desk.press("escape", "9")
        assert isinstance(desk.app.screen, PresetsScreen)
        await desk.press("8")
        assert isinstance(desk.app.screen, RunsScreen)
        await desk.press("q")
        assert isinstance(desk.app.screen, DashboardScreen)
        assert len(desk.app.screen_stack) == 2


async def test_one_who_may_only_look_opens_and_compares() -> None:
    async with dashboard(read_only=True) as desk:
        await look(desk, "s", "down", "r", "d", "x")
        assert desk.runs.done == [("history", "wine-1")]
        await desk.press("enter")
        assert desk.app.model.title == "wine-1"
        assert "read only" in desk.lines[0]


@pytest.mark.parametrize("size", [(20, 5), (1, 1), (40, 12), (300, 100)])
async def test_every_size(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await look(desk, "down", "slash", "w", "enter")
        await desk.pilot.resize_terminal(80, 24)
        await desk.settle()
        assert "wine-1" in desk.text


async def test_names_from_outside_are_only_text() -> None:
    async with dashboard() as desk:
        desk.runs.lines = [RunLine("x-1", 5.0, problem="[red]\x1b[2Jbad")]
        await look(desk)
        assert "\x1b" not in desk.text
        assert "[red]" in desk.text


async def test_a_new_run_goes_on_from_a_dead_one() -> None:
    async with dashboard(resumed=FakeClient()) as desk:
        desk.client.die()
        await desk.settle()
        await look(desk, "down", "enter")
        assert "wine-1" in desk.lines[0]
        assert "▶ training" in desk.lines[0]


async def test_runs_that_have_been_listed_are_there_before_the_store_is_looked_at_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with dashboard() as desk:
        await look(desk, "escape")
        monkeypatch.setattr(desk.runs, "list_runs", asyncio.Event().wait)
        await look(desk)
        assert "4 runs" in desk.lines[0]
        assert "enter open" in desk.lines[-1]
