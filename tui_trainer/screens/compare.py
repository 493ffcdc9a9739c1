"""Several runs side by side: their curves over one another, and below them what differs and who is better."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.glossary import next_vocabulary
from tui_trainer.layout import Rect, last_lines
from tui_trainer.runs.service import RunService
from tui_trainer.screens.page_screen import PageScreen
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.compare_chart import CompareModel, Turn
from tui_trainer.view_models.compare_text import comparison_lines
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.styled_text import StyledLine
from tui_trainer.widgets.compare_chart import CompareChart
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.page import Page

ABOUT: Final = (
    "The curves of several runs over one another: by epoch, by step (mini-batch), or by the time that training took, "
    "without pauses. Of several seeds the line is the median, and the band goes from the lowest to the highest. Below "
    "stands how each run ended, and whether one is better by more than its seeds' own spread: seeds that both have are "
    "compared one by one, by Wilcoxon's signed-rank test, which counts all ways in which the signs could have fallen. "
    "Then the values in which the recipes differ, what was changed on the way, and the past that branches share. The "
    "exam takes no part: who chooses by it has none left."
)
AGAIN: Final = 2.0
"""Seconds between two readings of runs that train on; more where a reading takes long."""
READING_SHARE: Final = 10
"""They are so far apart that reading takes at most a tenth of the time."""
BOTH: Final = 20
"""Rows of a screen that has room for chart and text; on a lower one ``f`` shows the other."""

Shown = Literal["both", "chart", "text"]


class CompareScreen(PageScreen):
    """Some runs of a store, compared.

    Args:
        runs: The store.
        model: The table of keys and the words.
        names: The runs, two or more.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("compare")
    OWNER: ClassVar[Owner] = "compare"

    def __init__(self, runs: RunService, model: KeyedModel, names: Sequence[str]) -> None:
        super().__init__(model)
        self.compared = CompareModel(tuple(names), vocabulary=model.vocabulary)
        self._runs = runs
        self._shown: Shown = "both"
        self._notice = Notice("reading…")

    def compose(self) -> ComposeResult:
        """Make the chart, the text and the lines."""
        yield CompareChart(self.compared, self._look, id="chart")
        yield Page("Comparison", subtitle=self._subtitle, lines=self._lines, about=ABOUT, id="page")
        yield NoticeLine(lambda: self._notice, id="notice")
        yield KeyLine(self.keys_now, id="keys")

    async def on_mount(self) -> None:
        """Place everything, and read the runs."""
        await super().on_mount()
        self.run_worker(self._read(), name="compare", group="compare")

    async def lay_out(self) -> None:
        """Place the chart above the text, or one of them alone."""
        screen = Rect(0, 0, self.size.width, self.size.height)
        body = screen.rows(0, screen.height - 2).columns(1, screen.width - 1)
        rects = last_lines(screen)
        if self.shown == "both":
            middle = body.height // 2
            rects |= {"chart": body.rows(0, middle), "page": body.rows(middle + (body.height >= 30), body.height)}
        else:
            rects["chart" if self.shown == "chart" else "page"] = body
        self.place(rects)
        self.invalidate()

    @property
    def shown(self) -> Shown:
        """What is on the screen: on a low one chart and text have no room beside one another."""
        return "chart" if self._shown == "both" and self.size.height < BOTH else self._shown

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something in the line above the keys; what the dashboard says stays as it is."""
        self._notice = Notice(text, ink)
        self.query_one(NoticeLine).invalidate(immediate=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in {"scroll", "page"} and self.shown == "chart":
            return False
        if action in {"turn", "cross", "uncross", "zoom", "pan", "fit"} and self.shown == "text":
            return False
        if action == "turn":
            return self.compared.can_turn(str(parameters[0]))
        if action in {"pan", "fit", "uncross"}:
            view = self.compared.view
            return (view.cursor if action == "uncross" else view.window) is not None
        if action in {"cross", "zoom"}:
            return bool(self.compared.drawn())
        return super().check_action(action, parameters)

    def action_cross(self, direction: int) -> None:
        """Move the crosshair by a column; show it where there was none."""
        compared, whole = self.compared, self.compared.whole()
        columns = self.query_one(CompareChart).columns
        by = max(1, round(compared.view.shown(whole).epochs / columns))
        compared.view.move_cursor(direction * by, whole, whole.last)
        self._look()

    def action_uncross(self) -> None:
        """Take the crosshair away."""
        self.compared.view.cursor = None
        self._look()

    def action_zoom(self, direction: int) -> None:
        """Show half as much of the axis or twice as much, around the crosshair, else the end."""
        view, whole = self.compared.view, self.compared.whole()
        if view.cursor is None:
            view.zoom(0.5**direction, whole.last, whole)
        else:
            view.zoom_on(0.5**direction, view.cursor, whole)
        self._look()

    def action_pan(self, direction: int) -> None:
        """Show what lies before, or after."""
        self.compared.view.pan(direction / 4, self.compared.whole())
        self._look()

    def action_fit(self) -> None:
        """Show all of the axis again."""
        self.compared.view.window = None
        self._look()

    def action_turn(self, what: Turn) -> None:
        """Take the next horizontal axis, metric, part of the data, smoothing, or kind of vertical axis."""
        self.compared.turn(what)
        self._look()

    async def action_full(self) -> None:
        """Show chart and text, the text alone, the chart alone; on a low screen chart or text."""
        order: tuple[Shown, ...] = ("both", "text", "chart") if self.size.height >= BOTH else ("chart", "text")
        self._shown = order[(order.index(self.shown) + 1) % len(order)]
        await self.lay_out()

    def action_words(self) -> None:
        """Change the words."""
        self.model.vocabulary = self.compared.vocabulary = next_vocabulary(self.model.vocabulary)
        self.invalidate()

    def action_back(self) -> None:
        """Go back to where one came from."""
        self.dismiss(None)

    async def _read(self) -> None:
        """Read the runs; again and again while one of them trains on."""
        begun = time.monotonic()
        try:
            runs = await self._runs.compare(self.compared.names)
        except TrainerError as error:
            if self.is_open:
                self.say(sanitize(error), Ink.ERROR)
            return
        if not self.is_open:
            return
        if self.compared.comparison is None:
            self.say("")
        self.compared.adopt(runs)
        self.invalidate()
        if any(run.state in {"running", "paused"} for run in runs):
            wait = max(AGAIN, READING_SHARE * (time.monotonic() - begun))
            self.set_timer(wait, lambda: self.run_worker(self._read(), name="compare", group="compare"))

    def _look(self) -> None:
        """Draw what is looked at otherwise."""
        self.query_one(CompareChart).invalidate(immediate=True)
        self.invalidate_keys()

    def _subtitle(self) -> str:
        return f"{len(self.compared.names)} runs"

    def _lines(self, width: int) -> list[StyledLine]:
        comparison = self.compared.comparison
        return [] if comparison is None else comparison_lines(comparison, self.compared.word, width)
