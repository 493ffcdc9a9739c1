"""The screen before the first step on a data file."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.errors import InputError
from engine.spec import Spec
from engine.spec.finding import DataFinding
from tests.patience import PATIENCE
from tests.tui_trainer.findings import finding
from tui_trainer.bindings import KEYS, Key
from tui_trainer.keymap import remapped
from tui_trainer.screens.help import HelpScreen
from tui_trainer.screens.palette import StillPalette, palette_entries
from tui_trainer.screens.save_preset import SavePresetScreen
from tui_trainer.screens.setup import SetupScreen
from tui_trainer.setup_app import SetupApp
from tui_trainer.themes.inks import Ink
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.setup import Selection
from tui_trainer.widgets.lines import KeyLine

PLAIN_CONFIG = UiConfig()
SIZES = [(120, 40), (80, 24), (60, 16), (12, 4)]


def app(looked_at: list[Selection], config: UiConfig = PLAIN_CONFIG) -> SetupApp:
    def look(selection: Selection) -> DataFinding:
        looked_at.append(selection)
        if "id" in selection.keep:
            raise InputError("column id has 400 different texts")
        return finding()

    return SetupApp(finding(), look, title="houses.csv", config=config)


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
        assert screen.model.notice.text == "column id has 400 different texts"
        await pilot.press("down", "space")
        await setup.workers.wait_for_complete()
        assert looked_at[-1] == Selection(("price",), ("size",), ())
        assert screen.model.notice.text == ""
        await pilot.press("w")
        await setup.workers.wait_for_complete()
        assert looked_at.pop() == Selection(("price",), ("size",), (), "size")
        await pilot.press("w", "t")
        await setup.workers.wait_for_complete()
        assert looked_at[-1] == Selection(("size",), (), ())


@pytest.mark.parametrize("refused", [False, True])
async def test_enter_while_the_file_is_looked_at_trains_once_it_is_and_not_where_it_is_refused(refused: bool) -> None:
    may_look = threading.Event()

    def look(_: Selection) -> DataFinding:
        assert may_look.wait(PATIENCE)
        if refused:
            raise InputError("column size has no numbers")
        return finding()

    setup = SetupApp(finding(), look, title="houses.csv", config=PLAIN_CONFIG)
    async with setup.run_test() as pilot:
        screen = setup.screen
        assert isinstance(screen, SetupScreen)
        screen.action_move(6)
        screen.action_weigh()
        screen.action_train()
        assert (screen.model.notice.text, setup.is_running) == ("looking at the file again, then it trains…", True)
        may_look.set()
        await setup.workers.wait_for_complete()
        await pilot.pause()
        assert not refused or screen.model.notice.text == "column size has no numbers"
    assert (setup.return_value is None) == refused


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


OWN_KEYS = [key for key in KEYS if key.owner == "setup"]


def cursor(setup: SetupApp) -> Any:
    return setup.model.cursor


def chosen(setup: SetupApp) -> Any:
    return dict(setup.model.chosen)


def selection(setup: SetupApp) -> Any:
    return setup.model.selection


def screen_shown(setup: SetupApp) -> Any:
    return type(setup.screen)


def words(setup: SetupApp) -> Any:
    return setup.settings_to_save.vocabulary


def has_ended(setup: SetupApp) -> Any:
    return setup._exit, setup.return_value is not None


# What is pressed before, one key a word, and what is another then.
EFFECTS: dict[str, tuple[str, Callable[[SetupApp], Any]]] = {
    "setup.up": ("down", cursor),
    "setup.down": ("", cursor),
    "setup.page.up": ("pagedown", cursor),
    "setup.page.down": ("", cursor),
    "setup.lower": ("", chosen),
    "setup.raise": ("", chosen),
    "setup.take": ("pagedown up", selection),
    "setup.target": ("pagedown", selection),
    "setup.weigh": ("pagedown", selection),
    "setup.save": ("", screen_shown),
    "setup.train": ("", has_ended),
    "setup.words": ("", words),
    "setup.help": ("", screen_shown),
    "setup.leave": ("", has_ended),
}


def footer(setup: SetupApp) -> list[str]:
    assert isinstance(setup.screen, SetupScreen)
    return [key.id for key, _ in setup.screen.keys_now()]


async def press(setup: SetupApp, pilot: Pilot[Spec], keys: str) -> None:
    for key in keys.split():
        await pilot.press(key)
        await setup.workers.wait_for_complete()
    await pilot.pause()


def test_no_key_lacks_a_test() -> None:
    assert EFFECTS.keys() == {key.id for key in OWN_KEYS}


@pytest.mark.parametrize("key", OWN_KEYS, ids=lambda key: key.id)
async def test_every_key_of_the_footer_does_something(key: Key) -> None:
    keys, effect = EFFECTS[key.id]
    setup = app([])
    async with setup.run_test(size=(80, 24)) as pilot:
        await press(setup, pilot, keys)
        assert key.id in footer(setup)
        before = effect(setup)
        await press(setup, pilot, key.keys.split(",")[0])
        assert effect(setup) != before


async def test_keys_that_would_do_nothing_are_not_in_the_footer() -> None:
    setup = app([])
    async with setup.run_test(size=(80, 24)) as pilot:
        assert not {"setup.up", "setup.page.up", "setup.take", "setup.target"} & set(footer(setup))
        await press(setup, pilot, "down down down down")
        assert setup.model.column is not None
        assert setup.model.column.name == "price"
        assert not {"setup.take", "setup.target", "setup.lower", "setup.raise"} & set(footer(setup))


async def test_keys_of_ones_own_are_heard_and_shown() -> None:
    table = remapped({"setup.words": "x", "setup.train": ["f5", "g"]}, "keys.toml")
    setup = app([], UiConfig(keys=table))
    async with setup.run_test(size=(120, 24)) as pilot:
        assert isinstance(setup.screen, SetupScreen)
        shown = {key.id: key.glyph for key, _ in setup.screen.keys_now()}
        assert (shown["setup.words"], shown["setup.train"]) == ("x", "f5")
        await press(setup, pilot, "x enter")
        assert (words(setup), setup.is_running) == ("plain", True)
        await press(setup, pilot, "g")
    assert setup.return_value is not None


async def test_the_space_bar_turns_and_takes_also_where_another_action_has_left_it() -> None:
    setup = app([], UiConfig(keys=remapped({"run.pause": "p"}, "keys.toml")))
    async with setup.run_test(size=(80, 24)) as pilot:
        await press(setup, pilot, "space right")
        assert setup.model.chosen == {"split.validation": 0.0}
        await press(setup, pilot, "pagedown up space")
        assert setup.model.selection == Selection(("price",), ("size",), ())


async def test_a_click_chooses_a_row_and_one_more_takes_it() -> None:
    looked_at: list[Selection] = []
    setup = app(looked_at)
    async with setup.run_test(size=(80, 24)) as pilot:
        exam, size = 7, 13
        await pilot.click("#setup", offset=(20, exam))
        assert (setup.model.cursor, setup.model.chosen) == (1, {})
        await pilot.click("#setup", offset=(20, exam))
        assert setup.model.chosen == {"split.test": 0.3}
        await pilot.click("#setup", offset=(1, size))
        await setup.workers.wait_for_complete()
        assert looked_at == [Selection(("price",), ("size",), ())]
        await pilot.click("#setup", offset=(1, 0))
        await pilot.click("#setup", offset=(1, 20))
        assert setup.model.column is not None
        assert setup.model.column.name == "size"


async def test_the_footer_can_be_clicked() -> None:
    setup = app([])
    async with setup.run_test(size=(80, 24)) as pilot:
        line = setup.screen.query_one(KeyLine).render_line(0).text
        await pilot.click("#keys", offset=(line.index("help"), 0))
        await pilot.pause()
        assert isinstance(setup.screen, HelpScreen)
        await press(setup, pilot, "escape")
        await pilot.click("#keys", offset=(line.index("leave"), 0))
    assert setup.return_value is None


async def test_the_palette_finds_what_the_keys_do() -> None:
    setup = app([])
    async with setup.run_test(size=(80, 24)) as pilot:
        titles = [entry.title for entry in palette_entries(setup, setup.screen)]
        assert "Begin a run of the recipe as it stands" in titles
        assert "Theme: light" in titles
        await press(setup, pilot, "ctrl+p")
        assert isinstance(setup.screen, StillPalette)
        setup.choose(theme="light")
        assert setup.settings_to_save.theme == "light"


async def test_words_are_plain_where_they_are_wanted_so() -> None:
    setup = app([])
    async with setup.run_test(size=(80, 24)) as pilot:
        pane = setup.screen.query_one("#setup")
        assert any("validation" in pane.render_line(y).text for y in range(20))
        await press(setup, pilot, "v")
        assert any("practice pile" in pane.render_line(y).text for y in range(20))


async def test_a_recipe_that_does_not_hold_together_is_said_and_not_begun() -> None:
    broken = finding()
    broken.document["training"]["loss"] = "cce"
    setup = SetupApp(broken, lambda _: broken, title="houses.csv", config=PLAIN_CONFIG)
    async with setup.run_test(size=(80, 24)) as pilot:
        await press(setup, pilot, "enter")
        assert (setup.model.notice.ink, setup.is_running) == (Ink.ERROR, True)
        assert "output identity takes mse" in setup.model.notice.text
