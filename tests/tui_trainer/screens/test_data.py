from __future__ import annotations

import numpy as np
import pytest

from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import FakeClient, make_spec
from tests.tui_trainer.fake_views import data_arrays
from tui_trainer.themes.inks import FIELD_BASE
from tui_trainer.widgets.data import PicturePane


def pictures() -> FakeClient:
    spec = make_spec(network__layers=[{"units": 10, "activation": "softmax"}], training__loss="cce")
    return FakeClient(spec, inputs=64, classes=tuple("0123456789"), image_shape=(8, 8))


def line_with(desk: Desk, text: str) -> str:
    return next(line for line in desk.lines if text in line)


async def test_6_shows_rows_columns_and_parts() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        assert desk.client.views == ("data",)
        assert desk.app.focused is not None
        assert desk.app.focused.id == "sample"
        for text in ("6 Rows", "30 of 569 · 30 columns", "Columns", "as they are", "scaled", "Parts", "test, sealed"):
            assert text in desk.text
        assert "of all rows 20% validation and 20% test" in " ".join(desk.text.split())
        assert desk.lines[4].split()[-3:] == ["train", "341", "60%"]


async def test_the_values_are_those_of_the_sample() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        values = data_arrays(desk.client.welcome)["data.sample"]
        third = desk.lines[4 + 1 + 2].split()
        assert third[:3] == ["22", "train", "benign"]
        assert float(third[3]) == pytest.approx(values[2, 0], rel=1e-3)
        assert float(third[4]) == pytest.approx(values[2, 1], rel=1e-3)


async def test_ranges_before_and_after_scaling() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        raw = data_arrays(desk.client.welcome)["data.raw"]
        numbers = [float(text.replace("−", "-")) for text in line_with(desk, "mean texture  ").split()[2:8]]
        assert numbers == pytest.approx([*raw[1, :3], -2.1, 2.4, 0], rel=1e-3)


async def test_each_class_has_its_share_of_every_part() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        assert "benign 227 67% 76 67% 76 67%" in " ".join(desk.text.split())


async def test_a_narrow_screen_still_names_every_part_and_the_pane() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("6")
        assert "Parts" in desk.lines[3]
        assert any(line.split()[-3:] == ["train", "valid", "test"] for line in desk.lines)
        assert "benign 227 76 76" in " ".join(desk.text.split())


async def test_the_smallest_screen_shows_a_column_of_the_rows_and_the_names_of_all_columns() -> None:
    async with dashboard(size=(60, 20)) as desk:
        await desk.press("6")
        values = data_arrays(desk.client.welcome)
        row = desk.lines[5][:29].split()
        assert row[:2] == ["0", "benign"]
        assert float(row[2]) == pytest.approx(values["data.sample"][0, 0], rel=1e-3)
        line = line_with(desk, "mean radius  ")[:29]
        assert [float(text) for text in line.split()[2:]] == pytest.approx(values["data.raw"][0, :2], rel=1e-3)
        assert "mean …xture" in desk.text


async def test_arrows_and_clicks_choose_rows_and_columns() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        first = desk.picture
        await desk.press("down")
        assert desk.picture != first
        await desk.press("up")
        assert desk.picture == first
        await desk.press("right", "right")
        assert "mean radius mean" not in desk.text
        assert "mean p…imeter" in desk.lines[4]
        await desk.press("left")
        assert "mean texture" in desk.lines[4]
        await desk.pilot.click("#sample", offset=(4, 2 + 5))
        await desk.press("up", *["down"] * 30)
        assert "  44" in desk.text


async def test_pages_go_to_the_ends() -> None:
    async with dashboard(size=(80, 24)) as desk:
        await desk.press("6", *["pagedown"] * 9)
        assert " 319  validation" in desk.text
        await desk.press(*["pageup"] * 9)
        assert "   0  train" in desk.text


async def test_many_columns_scroll() -> None:
    async with dashboard() as desk:
        await desk.press("6", "tab")
        assert "mean radius  " in desk.text
        await desk.press("down", "down")
        assert not any(line.startswith(" mean radius  ") for line in desk.lines)
        await desk.press(*["down"] * 40)
        assert any(line.startswith(" worst fractal dimension") for line in desk.lines)
        await desk.press(*["up"] * 40)
        assert any(line.startswith(" mean radius  ") for line in desk.lines)


async def test_notes_are_shown_and_what_does_not_fit_scrolls() -> None:
    notes = ("3 rows had no class and were left out", "the scaler was fitted on all rows: a leak, on purpose") * 4
    async with dashboard(FakeClient(notes=notes), size=(80, 24)) as desk:
        await desk.press("6", "tab", "tab")
        assert desk.app.focused is not None
        assert desk.app.focused.id == "parts"
        assert "note: 3 rows" not in desk.text
        await desk.press(*["down"] * 12)
        assert "note: 3 rows had no class" in desk.text
        await desk.press(*["up"] * 12)
        assert "train" in desk.lines[4]


async def test_the_row_chosen_is_shown_as_the_picture_it_is() -> None:
    async with dashboard(pictures()) as desk:
        await desk.press("6")
        assert "case 0 · 0" in desk.text
        pane = desk.app.screen.query_one(PicturePane)
        before = pane._shown.inks.copy()
        assert (before >= FIELD_BASE).sum() > 100
        await desk.press("down")
        assert "case 11 · 1" in desk.text
        assert (pane._shown.inks != before).any()


async def test_data_without_pictures_has_no_such_pane() -> None:
    async with dashboard() as desk:
        await desk.press("6")
        assert not desk.app.screen.query_one(PicturePane).display


async def test_a_regression_has_values_and_no_classes() -> None:
    async with dashboard(FakeClient(classes=())) as desk:
        await desk.press("6")
        assert "value" in desk.lines[4]
        assert "341" in desk.text


async def test_before_the_rows_come_it_says_so() -> None:
    async with dashboard(epochs=0) as desk:
        await desk.press("6")
        desk.client.views = ()
        desk.client.tell()
        await desk.settle()
        assert "the rows come with the next frame" in desk.text
        await desk.press("down", "pagedown", "right", "tab", "down", "tab", "up")
        assert desk.app.is_running


async def test_names_from_outside_are_only_text() -> None:
    names = ("[red]\x1b[2J漢字漢字漢字漢字", *["\x1b]0;title\x07"] * 29)
    client = FakeClient(feature_names=names, classes=("[b]no\x1b[1m", "\x07"), notes=("[link]\x1b[2J",))
    async with dashboard(client) as desk:
        await desk.press("6")
        assert "\x1b" not in desk.text
        assert "\x07" not in desk.text
        for text in ("[red]", "[b]no", "note: [link]"):
            assert text in desk.text


async def test_numbers_that_are_not_finite_are_named() -> None:
    async with dashboard(pictures()) as desk:
        await desk.press("6")
        run = desk.app.model.run
        assert run is not None
        run.data["sample"][0, :5] = np.nan, np.inf, -np.inf, 1e300, 0
        await desk.press("down", "up")
        assert "NaN" in desk.text
        assert "∞" in desk.text


async def test_v_changes_the_words() -> None:
    async with dashboard() as desk:
        await desk.press("6", "v")
        for text in ("study pile", "practice pile", "sealed exam", "practice"):
            assert text in desk.text


async def test_help_explains_every_pane() -> None:
    async with dashboard(pictures()) as desk:
        for tabs, words in enumerate(("before scaling", "common size", "were divided", "lowest value of any pixel")):
            await desk.press("6", *["tab"] * tabs, "question_mark")
            assert words in " ".join(desk.text.split())
            await desk.press("escape")
            desk.app.screen.set_focus(None)


@pytest.mark.parametrize("size", [(60, 16), (61, 17), (90, 26), (300, 100), (20, 5), (1, 1)])
async def test_it_stands_any_size(size: tuple[int, int]) -> None:
    async with dashboard(pictures(), size=size) as desk:
        await desk.press("6", "down", "right", "pagedown")
        await desk.train(2)
        assert desk.app.is_running
