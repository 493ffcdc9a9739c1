"""What was chosen, and what the terminal can show, as the app looks in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest

from engine.errors import InputError
from tests.tui_trainer.driving import dashboard
from tui_trainer.bindings import KEYS
from tui_trainer.screens.palette import palette_entries
from tui_trainer.settings import LoadedSettings, Settings
from tui_trainer.themes.capabilities import TerminalCapabilities
from tui_trainer.themes.glyphs import GlyphChoice
from tui_trainer.themes.variants import ThemeName
from tui_trainer.ui_config import UiConfig

RICH = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}


def config_for(environment: dict[str, str] | None = None, **chosen: Any) -> UiConfig:
    return UiConfig(LoadedSettings(Settings(**chosen)), KEYS, TerminalCapabilities.of(RICH | (environment or {})))


def test_a_folder_without_files_gives_the_defaults(tmp_path: Path) -> None:
    loaded = UiConfig.load(tmp_path, RICH)
    assert loaded.loaded == LoadedSettings(Settings())
    assert loaded.keys == KEYS
    assert (loaded.capabilities.glyphs, loaded.capabilities.colors) == ("braille", "all")


def test_settings_and_keys_are_found_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "light"\nbell = true\n')
    (tmp_path / "keys.toml").write_text('"run.step" = "m"\n')
    loaded = UiConfig.load(tmp_path, RICH)
    assert loaded.loaded.settings == Settings(theme="light", bell=True)
    assert next(key for key in loaded.keys if key.id == "run.step").glyph == "m"


def test_damaged_settings_are_complained_about_and_damaged_keys_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('theme = "pink"\n')
    complaint = UiConfig.load(tmp_path, RICH).loaded.complaint
    assert complaint is not None
    assert "theme" in complaint
    (tmp_path / "keys.toml").write_text('"run.fly" = "m"\n')
    with pytest.raises(InputError, match=r"keys\.toml: run\.fly: there is no such action"):
        UiConfig.load(tmp_path, RICH)


@pytest.mark.parametrize("theme", get_args(ThemeName))
def test_a_theme_looks_as_the_terminal_can(theme: ThemeName) -> None:
    assert config_for().theme_variant(theme) == theme
    assert config_for({"TERM": "linux"}).theme_variant(theme) == "16-colors"
    assert config_for({"NO_COLOR": "1"}).theme_variant(theme) == "no-color"
    assert config_for({"NO_COLOR": ""}).theme_variant(theme) == theme


@pytest.mark.parametrize("glyphs", get_args(GlyphChoice))
def test_what_is_drawn_with_is_what_was_chosen_else_what_there_is(glyphs: GlyphChoice) -> None:
    chosen = config_for({"TERM": "linux"}, glyphs=glyphs)
    assert chosen.glyphs(chosen.loaded.settings) == ("blocks" if glyphs == "auto" else glyphs)
    assert config_for({"LC_ALL": "C"}).glyphs(Settings()) == "ascii"


@pytest.mark.parametrize(
    ("theme", "environment"),
    [(theme, {}) for theme in get_args(ThemeName)]
    + [("dark", {"TERM": "linux"}), ("light", {"NO_COLOR": "1"}), ("dark", {"LC_ALL": "C"})],
    ids=str,
)
async def test_every_theme_draws_every_place_on_every_terminal(
    theme: ThemeName, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)  # which Textual reads, too
    async with dashboard(config=config_for(environment, theme=theme)) as desk:
        await desk.press("1", "enter", "escape", "2", "left", "3", "4", "5", "right", "6", "q", "escape")
        assert "▶ training" in desk.lines[0]
        await desk.press("question_mark", "escape", "8", "slash", "w", "enter", "escape", "escape", "9", "escape")
        assert "▶ training" in desk.lines[0]


async def test_without_colours_none_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with dashboard(config=config_for({"NO_COLOR": "1"})) as desk:
        for keys in (*"123456", "escape", "S", "escape", "ctrl+p"):
            await desk.press(keys)
            styles = [style for strip in desk.picture for _, style, _ in strip if style is not None]
            colors = {color for style in styles for color in (style.color, style.bgcolor) if color is not None}
            assert all(color.is_default for color in colors), keys


async def test_without_colours_the_palette_marks_what_enter_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with dashboard(config=config_for({"NO_COLOR": "1"})) as desk:
        await desk.press("ctrl+p", *"bell")
        for _ in range(100):
            lines = [strip for strip in desk.picture if any(style and style.underline for _, style, _ in strip)]
            if any("Bell at the end" in strip.text for strip in lines):
                return
            await desk.pilot.pause(0.05)
    pytest.fail("no line of the palette is marked")


@pytest.mark.parametrize("title", ["Theme: light", "Bell at the end of a run: on", "Draw with: ascii"])
async def test_what_is_chosen_in_the_palette_is_remembered(title: str) -> None:
    async with dashboard(config=config_for()) as desk:
        before = desk.app.settings_to_save
        command = next(c for c in palette_entries(desk.app, desk.app.screen) if c.title == title)
        command.run()
        await desk.settle()
        assert desk.app.settings_to_save != before


@pytest.mark.parametrize(("bell", "rings"), [(True, 1), (False, 0)])
async def test_the_bell_rings_once_at_the_end_for_who_wants_it(
    bell: bool, rings: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[None] = []
    async with dashboard(config=config_for(bell=bell)) as desk:
        monkeypatch.setattr(desk.app, "bell", lambda: rung.append(None))
        await desk.train(50)
        await desk.train(1)
        assert len(rung) == rings
