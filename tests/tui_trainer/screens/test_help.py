from __future__ import annotations

import pytest

from tests.tui_trainer.driving import dashboard
from tui_trainer.glossary import TERMS
from tui_trainer.screens.help import HelpScreen

PANES = {
    "1": ("shapes of its weights", "Add a layer"),
    "11": ("mouse wheel", "Type a value for the dial"),
    "2": ("loss", "Logarithmic or linear axis"),
    "3": ("weight", "The weight to the left"),
    "4": ("hidden neurons", "All dropout off"),
}


@pytest.mark.parametrize("keys", PANES)
async def test_help_speaks_of_what_has_the_focus_and_lists_its_keys_first(keys: str) -> None:
    async with dashboard() as desk:
        desk.app.screen.set_focus(None)
        await desk.press(*keys, "question_mark")
        about, key = PANES[keys]
        assert isinstance(desk.app.screen, HelpScreen)
        lines = [" ".join(words[0] for words in line) for line in desk.app.screen.sheet.lines(70)]
        text = "\n".join(lines)
        assert about in text
        assert key in text
        if "Keys here" in text:
            assert text.index("Keys here") < text.index("Keys everywhere") < text.index("Words, standard first")


async def test_every_key_has_its_id_beside_it() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        entries = [
            words for words in desk.app.screen.sheet.lines(70) if words and words[0][0].strip() in {"b", "r", "space"}
        ]
        assert [words[-1][0].strip() for words in entries] == ["run.pause", "run.branch", "run.again"]


async def test_a_list_has_no_next_pane() -> None:
    async with dashboard() as desk:
        await desk.press("8", "question_mark")
        assert "ctrl+p" in desk.text
        assert "shift+tab" not in desk.text


@pytest.mark.parametrize("size", [(120, 40), (60, 16), (20, 5)])
async def test_w_goes_to_the_words(size: tuple[int, int]) -> None:
    async with dashboard(size=size) as desk:
        await desk.press("question_mark", "w")
        assert "Words, standard" in desk.text
        assert "neuron" in desk.text


async def test_the_words_stand_there_in_both_vocabularies() -> None:
    async with dashboard() as desk:
        await desk.press("v", "question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        lines = ["".join(words[0] for words in line) for line in desk.app.screen.sheet.lines(70)]
        for term in TERMS.values():
            assert any(line.startswith(term.plain) and term.standard in line for line in lines)


async def test_the_wheel_scrolls_the_help() -> None:
    from textual.events import MouseScrollDown, MouseScrollUp

    async with dashboard() as desk:
        await desk.press("question_mark")
        top = desk.text
        await desk.pilot._post_mouse_events([MouseScrollDown], "#help", (5, 5))
        await desk.settle()
        assert desk.text != top
        await desk.pilot._post_mouse_events([MouseScrollUp], "#help", (5, 5))
        await desk.settle()
        assert desk.text == top


async def test_help_explains_the_pane_and_q_closes_help_alone() -> None:
    async with dashboard() as desk:
        await desk.press("4", "question_mark")
        assert isinstance(desk.app.screen, HelpScreen)
        assert "hidden neurons" in desk.text
        assert "Raise the learning rate" in desk.text
        await desk.press("q")
        assert not isinstance(desk.app.screen, HelpScreen)
        assert desk.app.is_running


async def test_help_scrolls() -> None:
    async with dashboard(size=(60, 16)) as desk:
        await desk.press("question_mark")
        top = desk.text
        await desk.press("down", "space")
        assert desk.text != top
        await desk.press(*["up"] * 12)
        assert desk.text == top
