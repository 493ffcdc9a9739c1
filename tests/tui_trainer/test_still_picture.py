"""What stands behind a dialog is not sent again while it is to be seen, and is sent where something has covered it."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.screen import Screen
from textual.strip import Strip

from tests.tui_trainer.driving import dashboard
from tui_trainer.screens.help import HelpScreen
from tui_trainer.textual_patches import PictureOfScreen, Piece


def row(text: str, color: str = "red") -> Strip:
    return Strip([Segment(text, Style(color=color))])


def sent(picture: PictureOfScreen, *pieces: Piece) -> list[tuple[int, int, str]]:
    return [(x, y, strip.text) for x, y, strip in picture.pieces_not_shown(iter(pieces))]


def test_what_is_to_be_seen_already_is_not_sent() -> None:
    picture = PictureOfScreen([row("abcdef"), row("ghijkl")])
    assert sent(picture, (0, 0, row("abcdef")), (2, 1, row("ij"))) == []


def test_another_text_or_another_colour_is_sent() -> None:
    picture = PictureOfScreen([row("abcdef")])
    assert sent(picture, (0, 0, row("ab")), (2, 0, row("xy")), (4, 0, row("ef", "blue"))) == [
        (2, 0, "xy"),
        (4, 0, "ef"),
    ]


def test_what_something_has_covered_is_sent_when_it_comes_back() -> None:
    picture = PictureOfScreen([row("abcdef")])
    assert sent(picture, (1, 0, row("XYZ"))) == [(1, 0, "XYZ")]
    assert sent(picture, (0, 0, row("a")), (0, 0, row("abc")), (4, 0, row("ef"))) == [(0, 0, "abc")]


def test_rows_below_the_picture_are_sent() -> None:
    assert sent(PictureOfScreen([row("ab")]), (0, 1, row("ab"))) == [(0, 1, "ab")]


async def test_behind_a_dialog_all_is_sent_where_the_screen_there_was_never_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with dashboard() as desk:
        pictures: list[PictureOfScreen | None] = []

        def rewritten(_: object, picture: PictureOfScreen | None) -> None:
            pictures.append(picture)

        await desk.press("question_mark")
        help_screen = desk.app.screen
        assert isinstance(help_screen, HelpScreen)
        monkeypatch.setattr(HelpScreen, "picture_shown", PictureOfScreen([]))
        monkeypatch.setattr(desk.app, "rewritten", rewritten)
        for drawn_last in (None, Screen(), help_screen.behind, help_screen):
            desk.app._drawn_last = drawn_last
            desk.app._display(help_screen, "an update")
        assert [picture is not None for picture in pictures] == [False, False, True, True]
