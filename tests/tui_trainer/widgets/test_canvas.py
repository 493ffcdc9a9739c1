from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.geometry import Region

from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid

NEVER = 1e9


class Sign(Canvas):
    """Shows a text, and remembers what it asked Textual to draw again."""

    DEFAULT_CSS = "Sign { width: 20; height: 2; }"

    def __init__(self, *, period: float) -> None:
        super().__init__(period=period)
        self.text = "one"
        self.refreshed: list[tuple[Region, ...]] = []

    def paint(self, grid: Grid) -> None:
        grid.put(0, 0, self.text)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Sign:
        self.refreshed.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class SignApp(App[None]):
    def __init__(self, period: float) -> None:
        super().__init__()
        self.sign = Sign(period=period)

    def compose(self) -> ComposeResult:
        yield self.sign


def shown(sign: Sign) -> str:
    return sign.render_line(0).text.rstrip()


async def test_a_change_refreshes_its_cells_alone() -> None:
    app = SignApp(period=0)
    async with app.run_test():
        app.sign.refreshed.clear()
        app.sign.text = "ome"
        app.sign.invalidate()
        assert shown(app.sign) == "ome"
        assert app.sign.refreshed == [(Region(1, 0, 1, 1),)]


async def test_no_change_refreshes_nothing() -> None:
    app = SignApp(period=0)
    async with app.run_test():
        app.sign.refreshed.clear()
        app.sign.invalidate(immediate=True)
        assert app.sign.refreshed == []


async def test_within_the_period_only_what_is_urgent_is_painted() -> None:
    app = SignApp(period=NEVER)
    async with app.run_test():
        app.sign.text = "two"
        app.sign.invalidate()
        assert shown(app.sign) == "one"
        app.sign.invalidate(immediate=True)
        assert shown(app.sign) == "two"


async def test_the_last_touch_of_a_period_is_painted_when_it_is_over() -> None:
    app = SignApp(period=0.02)
    async with app.run_test() as pilot:
        app.sign.invalidate(immediate=True)
        for text in ("two", "three"):
            app.sign.text = text
            app.sign.invalidate()
        while shown(app.sign) != "three":
            await pilot.pause(0.005)


async def test_out_of_sight_nothing_is_painted_and_back_in_sight_it_is() -> None:
    app = SignApp(period=0)
    async with app.run_test() as pilot:
        app.sign.display = False
        await pilot.pause()
        app.sign.text = "two"
        app.sign.invalidate(immediate=True)
        assert shown(app.sign) == "one"
        app.sign.display = True
        await pilot.pause()
        assert shown(app.sign) == "two"


async def test_one_that_cannot_be_painted_says_so_and_the_screen_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Canvas, "SURVIVES", True)
    app = SignApp(period=0)
    async with app.run_test():
        app.sign.text = None  # type: ignore[assignment]
        app.sign.invalidate(immediate=True)
        assert shown(app.sign) == "this cannot be drawn"
        app.sign.text = "again"
        app.sign.invalidate(immediate=True)
        assert shown(app.sign) == "again"
