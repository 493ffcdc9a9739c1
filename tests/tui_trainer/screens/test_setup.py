"""The screen before the first step on a data file."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import InputError
from engine.spec.finding import DataFinding
from tests.tui_trainer.findings import finding
from tui_trainer.screens.save_preset import SavePresetScreen
from tui_trainer.screens.setup import SetupScreen
from tui_trainer.setup_app import SetupApp
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.setup import Selection

SIZES = [(120, 40), (80, 24), (60, 16), (12, 4)]


def app(looked_at: list[Selection]) -> SetupApp:
    def look(selection: Selection) -> DataFinding:
        looked_at.append(selection)
        if "id" in selection.keep:
            raise InputError("column id has 400 different texts")
        return finding()

    return SetupApp(finding(), look, title="houses.csv", config=UiConfig())


@pytest.mark.parametrize("size", SIZES)
async def test_enter_trains_with_what_was_chosen(size: tuple[int, int]) -> None:
    setup = app([])
    async with setup.run_test(size=size) as pilot:
        await pilot.press("right", "down", "space", "enter")
    assert setup.return_value is not None
    assert (setup.return_value.split.validation, setup.return_value.split.test) == (0.3, 0.3)


@pytest.mark.parametrize("key", ["escape", "q", "ctrl+c"])
async def test_leaving_trains_nothing(key: str) -> None:
    setup = app([])
    async with setup.run_test() as pilot:
        await pilot.press(key)
    assert setup.return_value is None


async def test_columns_are_looked_at_again_and_a_refusal_is_said() -> None:
    looked_at: list[Selection] = []
    setup = app(looked_at)
    async with setup.run_test() as pilot:
        screen = setup.screen
        assert isinstance(screen, SetupScreen)
        await pilot.press(*["down"] * 5, "space")
        await setup.workers.wait_for_complete()
        assert looked_at == [Selection(("price",), (), ("id",))]
        assert screen.model.complaint == "column id has 400 different texts"
        await pilot.press("down", "space")
        await setup.workers.wait_for_complete()
        assert looked_at[-1] == Selection(("price",), ("size",), ())
        assert screen.model.complaint == ""
        await pilot.press("t")
        await setup.workers.wait_for_complete()
        assert looked_at[-1] == Selection(("size",), (), ())


async def test_the_recipe_is_kept_as_a_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_TRAINER_CONFIG", str(tmp_path))
    setup = app([])
    async with setup.run_test() as pilot:
        await pilot.press("S")
        assert isinstance(setup.screen, SavePresetScreen)
        await pilot.press("enter")
        await pilot.pause()
        await setup.workers.wait_for_complete()
    assert 'name = "houses"' in (tmp_path / "presets" / "houses.toml").read_text()
