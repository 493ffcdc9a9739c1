from __future__ import annotations

import asyncio

import pytest
from textual.widgets import Input

import presets
from engine.errors import InputError
from presets.writer import preset_path
from tests.tui_trainer.driving import Desk, dashboard
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.help import HelpScreen
from tui_trainer.screens.presets import PresetsScreen
from tui_trainer.screens.save_preset import SavePresetScreen


async def finish(desk: Desk, name: str) -> None:
    """Wait until what was begun under a name is done and shown."""
    for worker in [worker for worker in desk.app.workers if worker.name == name]:
        await worker.wait()
    await desk.settle()


async def listed(desk: Desk, *keys: str) -> None:
    """Open the list of presets, wait until it is there, and press some keys."""
    await desk.press("9")
    await finish(desk, "list")
    for key in keys:
        await desk.press(key)


async def test_a_line_for_each_preset_and_the_recipe_of_the_chosen_one() -> None:
    async with dashboard() as desk:
        await listed(desk)
        assert f"{len(presets.names())} presets" in desk.lines[0]
        line = next(line for line in desk.lines if line.lstrip().startswith("breast-cancer "))
        assert line.split()[:4] == ["breast-cancer", "tutorial", "16→8→1", "50"]
        assert 'name = "breast-cancer"' in desk.text
        await desk.press("down")
        assert 'name = "breast-cancer-more-dropout"' in desk.text


async def test_at_80_columns_the_recipe_stands_below() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await listed(desk)
        heads = next(index for index, line in enumerate(desk.lines) if "epochs" in line)
        recipe = next(index for index, line in enumerate(desk.lines) if "name = " in line)
        assert recipe > heads + 5


async def test_the_filter_looks_at_the_card() -> None:
    async with dashboard() as desk:
        await listed(desk, "slash", *"mistake", "enter")
        kinds = [presets.read(name).card.kind for name in presets.names()]
        assert f"{kinds.count('mistake')} of {len(kinds)} presets" in desk.lines[0]
        await desk.press("slash", *["backspace"] * 7, *"569 patients", "enter")
        assert "breast-cancer " in desk.text
        assert "wine" not in desk.text


async def test_the_first_match_of_a_filter_is_chosen_unless_the_chosen_one_matches() -> None:
    async with dashboard() as desk:
        await listed(desk, *["down"] * 5, "slash", *"mistake", "enter")
        assert isinstance(desk.app.screen, PresetsScreen)
        matches = [name for name in presets.names() if name.startswith("mistake-")]
        assert desk.app.screen.listing.chosen == matches[0]
        await desk.press("down", "slash", *"mistake-", "enter")
        assert desk.app.screen.listing.chosen == matches[1]


async def test_the_recipe_scrolls() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await listed(desk)
        top = desk.text
        await desk.press("pagedown")
        assert desk.text != top
        await desk.press("pageup")
        assert desk.text == top


async def test_the_text_beside_the_list_turns_to_the_published_figures_and_back() -> None:
    async with dashboard() as desk:
        await listed(desk, "slash", *"one-clerk", "enter")
        turns = 0
        while "printed · here" not in desk.text:
            assert turns < 3
            await desk.press("c")
            turns += 1
        assert "✓ z1        0.8 · 0.8" in desk.text
        assert "✕ L         0.221 · 0.220417" in desk.text
        await desk.press("c")
        assert 'name = "one-clerk"' in desk.text
        await desk.press(*["c"] * turns, "slash", *["backspace"] * 9, *"wine", "enter")
        assert 'name = "wine"' in desk.text  # of which nothing is claimed: its recipe is shown


async def test_enter_begins_a_run_of_the_preset_in_place() -> None:
    async with dashboard() as desk:
        await listed(desk, "slash", "w", "i", "n", "e", "enter", "enter")
        assert isinstance(desk.app.screen, DashboardScreen)
        assert desk.runs.done == [
            ("begin", "wine-5", presets.load("wine"), (42,), presets.load("wine").training.epochs / 20),
            ("stop", "breast-cancer-3"),
        ]
        assert "wine-5: a new run of wine · breast-cancer-3 saved at epoch 30" in desk.lines[-2]


async def test_presets_of_ones_own_are_marked() -> None:
    presets.save(presets.load("iris"), "mine")
    async with dashboard() as desk:
        await listed(desk, "slash", "m", "i", "n", "e", "enter")
        assert any(line.lstrip().startswith("* mine") for line in desk.lines)


async def test_a_file_that_is_no_preset_says_why_and_cannot_be_begun() -> None:
    presets.user_folder().mkdir(parents=True)
    (presets.user_folder() / "zz.toml").write_text("name = 3")
    async with dashboard() as desk:
        await listed(desk, "slash", "z", "z", "enter")
        assert "zz.toml" in desk.text
        assert "begin" not in desk.lines[-1]
        await desk.press("enter")
        assert isinstance(desk.app.screen, PresetsScreen)
        assert desk.runs.done == []


async def test_help_and_back() -> None:
    async with dashboard() as desk:
        await listed(desk, "question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        assert "Recipes: the data" in desk.text
        await desk.press("escape", "9")
        assert isinstance(desk.app.screen, DashboardScreen)


async def test_the_network_as_it_stands_is_saved_as_a_preset() -> None:
    async with dashboard() as desk:
        await desk.press("right_square_bracket", "S")
        assert isinstance(desk.app.screen, SavePresetScreen)
        await desk.press("end", "minus", "2", "enter")
        await finish(desk, "preset")
        assert "saved as the preset my-breast-cancer-2" in desk.text
        saved = presets.load("my-breast-cancer-2")
        assert saved.training.learning_rate == 0.002
        assert desk.app.model.run is not None
        assert saved.network == desk.app.model.run.spec.network


async def test_what_is_no_name_is_said_at_the_field() -> None:
    async with dashboard() as desk:
        await desk.press("S", "space", "X", "enter")
        assert "expected small letters, digits and dashes" in desk.text
        assert isinstance(desk.app.screen, SavePresetScreen)
        await desk.press("escape")
        assert presets.names() == sorted(presets.names())
        assert not presets.user_folder().exists()


async def test_a_preset_that_is_there_is_overwritten_only_when_that_is_confirmed() -> None:
    presets.save(presets.load("iris"), "my-breast-cancer")
    async with dashboard() as desk:
        await desk.press("S", "enter")
        assert isinstance(desk.app.screen, ConfirmScreen)
        await desk.press("n")
        assert isinstance(desk.app.screen, SavePresetScreen)
        assert presets.load("my-breast-cancer").data.source == "iris"
        await desk.press("enter", "y")
        await finish(desk, "preset")
        assert presets.load("my-breast-cancer").data.source == "breast-cancer"


async def test_a_second_enter_does_not_ask_twice_whether_to_overwrite() -> None:
    presets.save(presets.load("iris"), "my-breast-cancer")
    async with dashboard() as desk:
        await desk.press("S")
        screen = desk.app.screen
        assert isinstance(screen, SavePresetScreen)
        field = screen.query_one(Input)
        for _ in range(2):
            field.post_message(Input.Submitted(field, field.value))
        await desk.settle()
        await desk.press("y")
        await finish(desk, "preset")
        assert isinstance(desk.app.screen, DashboardScreen)
        assert presets.load("my-breast-cancer").data.source == "breast-cancer"


async def test_one_who_may_only_look_begins_nothing() -> None:
    async with dashboard(read_only=True) as desk:
        await desk.press("9")
        assert isinstance(desk.app.screen, DashboardScreen)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_what_is_wrong_with_a_name_is_read_whole_and_the_question_has_a_frame_of_its_own(
    size: tuple[int, int],
) -> None:
    presets.save(presets.load("iris"), "my-breast-cancer")
    async with dashboard(size=size) as desk:
        await desk.press("S", "home", *"Acapitalandmuchmore", "enter")
        with pytest.raises(InputError) as refusal:
            preset_path("Acapitalandmuchmoremy-breast-cancer")
        x, _, width, _ = desk.app.screen.query_one("#name").region
        lines = [line[x + 1 : x + width - 1].strip() for line in desk.lines]
        assert str(refusal.value) in " ".join(line for line in lines if line)
        assert sum("╰" in line for line in desk.lines) == 1
        await desk.press("escape")
        await desk.press("S", "enter")
        assert "Overwrite" in desk.text
        assert "Save as a preset" not in desk.text  # no frame shows round the other
        assert sum("╭" in line for line in desk.lines) == sum("╰" in line for line in desk.lines) == 1
        await desk.press("n")
        assert "Save as a preset" in desk.text
        await desk.press("x")
        assert "my-breast-cancerx" in desk.text  # the field has the keys again


async def test_presets_that_have_been_read_are_there_before_they_are_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with dashboard() as desk:
        await listed(desk, "escape")
        with monkeypatch.context() as patch:
            patch.setattr("tui_trainer.runs.presets.list_presets", asyncio.Event().wait)
            await desk.press("9")
            assert f"{len(presets.names())} presets" in desk.lines[0]
            assert "enter begin" in desk.lines[-1]
