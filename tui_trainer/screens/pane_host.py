"""The panes of the dashboard: which are mounted, where they stand, what they ask of the worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from typing import Final

from textual import actions

from engine.protocol.queries import MOST_SERIES, AnyQuery, SeriesQuery, simple_queries
from tui_trainer.bindings import Key
from tui_trainer.layout import PaneLayout, compute_layout, takes_the_screen
from tui_trainer.panes import LESSON, PANES, PaneSpec, RunShape, Tab, tab_of, why_not_shown
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.widgets.pane import Pane, TitledPane

AFTER_PANES: Final = "#notice"
"""What the panes stand before in the tree, which is the order in which tab goes through them."""


class PaneHost:
    """Keeps the panes of a screen as the table of panes and the run want them.

    Attributes:
        tab: The tab that is shown where not all panes have room.
        full: The pane that has the whole screen, if one has.
        layout: Where everything stands now.
    """

    def __init__(self, screen: KeyedScreen[None], model: DashboardModel, period: float, tab: Tab) -> None:
        self._screen = screen
        self._model = model
        self._period = period
        self.tab = tab
        self.full: str | None = None
        self.layout = PaneLayout("overview", {})
        self._mounted_for: RunShape | None = None

    def make(self) -> Iterator[Pane]:
        """Yield a widget for each pane of the table."""
        for spec in PANES:
            yield self._make(spec)

    def __iter__(self) -> Iterator[Pane]:
        return iter(self._screen.query(Pane))

    def pane(self, pane_id: str) -> Pane | None:
        """Return a pane by its id, None where the run has nothing for it."""
        return next((pane for pane in self if pane.id == pane_id), None)

    @property
    def are_others(self) -> bool:
        """Whether the run has come to show other panes than those that are mounted: at another checkpoint it may."""
        if self._shape == self._mounted_for:
            return False
        return {pane.id for pane in self} != {spec.id for spec in self._mountable()}

    async def lay_out(self) -> None:
        """Mount what suits the run, and place it; what the run lacks is not there, and leaves no gap."""
        shape = self._shape
        await self._mount()
        self.layout = compute_layout(*self._screen.size, self.tab, shape, full=self.full)
        self._screen.place(self.layout.rects)

    @property
    def has_log_axis(self) -> bool:
        """Whether a pane in sight has an axis that may be logarithmic or linear."""
        return any(pane.has_log_axis for pane in self if pane.id in self.layout.rects)

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return what frames must answer for the panes in sight and for tasks; series are asked for together."""
        shown = [pane for pane in self if pane.id in self.layout.rects]
        views, measured = self._model.learn.measured_in(self._model.run)
        queries = {query.id: query for query in simple_queries(*views)}
        queries |= {query.id: query for pane in shown for query in pane.queries()}
        names = [*measured, *(name for pane in shown for name in pane.series())]
        series = tuple(dict.fromkeys(names))[:MOST_SERIES]
        return (*queries.values(), *([SeriesQuery(names=series)] if series else []))

    def why_not(self, tab: Tab) -> str | None:
        """Return why a tab has nothing to show of this run, None where it has something."""
        return why_not_shown(tab, self._shape)

    def focus_next(self, tab: Tab) -> None:
        """Give the first pane of a tab the focus, or the one after that which has it."""
        shown = [pane for pane in self._of_tab(tab) if pane.display]
        if shown:
            at = next((index for index, pane in enumerate(shown) if pane is self._screen.focused), -1)
            self._screen.set_focus(shown[(at + 1) % len(shown)], scroll_visible=False)  # at once: keys are typed ahead

    def can_go(self, tab: Tab) -> bool:
        """Return whether a tab has something to show, or says why not, that has not the focus already."""
        if tab == tab_of(LESSON) and not self._shape.lesson:
            return False
        return not self._is_alone_at(tab, self._screen.focused_pane)

    def _is_alone_at(self, tab: Tab, pane: TitledPane | None) -> bool:
        """Return whether a pane is all that there is in a tab."""
        return pane is not None and self._of_tab(tab) == [pane]

    def tab_of(self, pane: Pane) -> Tab:
        """Return the tab in which a pane stands."""
        return next(spec.tab for spec in PANES if spec.id == pane.id)

    def can_fill(self) -> bool:
        """Return whether a pane would gain room by having the whole screen."""
        if self.layout.mode in {"overview", "full"}:
            return False
        return not (takes_the_screen(self.layout.tab) and len(self._of_tab(self.layout.tab)) == 1)

    async def show(self, *, tab: Tab | None = None, full: bool = False) -> None:
        """Show a tab where not all panes have room; or the focused pane alone, else the first one of the tab."""
        self.full = None
        if tab is not None and not self._is_beside(tab):
            self.tab = tab
        if full:
            self.full = str((self._screen.focused_pane or self._of_tab(self.layout.tab)[0]).id)
        await self._screen.lay_out()
        self._screen.invalidate()

    def keys_elsewhere(self) -> Iterator[tuple[Key, Pane]]:
        """Yield the keys that would do something in a pane without the focus, each with its pane."""
        focused = self._screen.focused_pane
        panes = {pane.owner: pane for pane in reversed(list(self)) if not focused or pane.owner != focused.owner}
        for key in self._model.keys:
            pane = panes.get(key.owner)
            _, action, parameters = actions.parse(key.action)
            if pane is not None and pane.check_action(action, parameters):
                yield key, pane

    async def do_in(self, pane: Pane, action: str) -> None:
        """Go to a pane, and do something there."""
        await self.show(tab=self.tab_of(pane))
        self._screen.set_focus(pane)  # not later: a field that the action opens would lose it again
        await pane.run_action(action)

    def _is_beside(self, tab: Tab) -> bool:
        """Return whether a tab is the lesson's card, and stands beside the others already."""
        is_card = any(spec.tab == tab and spec.id == LESSON for spec in PANES)
        return is_card and LESSON in self.layout.rects and self.layout.mode != "full" and self.layout.tab != tab

    def _of_tab(self, tab: Tab) -> list[Pane]:
        ids = {spec.id for spec in PANES if spec.tab == tab}
        return [pane for pane in self if pane.id in ids]

    def _make(self, spec: PaneSpec) -> Pane:
        module, _, name = spec.factory.partition(":")
        pane: Pane = getattr(import_module(module), name)(self._model, id=spec.id, period=self._period)
        return pane

    def _mountable(self) -> list[PaneSpec]:
        shape = self._shape
        return [spec for spec in PANES if shape.why_not(spec.needs) is None and shape.lesson >= spec.for_lessons]

    async def _mount(self) -> None:
        mounted = {str(pane.id): pane for pane in self}
        wanted = self._mountable()
        for name, pane in mounted.items():
            if name not in {spec.id for spec in wanted}:
                await pane.remove()
        before = AFTER_PANES
        for spec in reversed(wanted):
            if spec.id not in mounted:
                await self._screen.mount(self._make(spec), before=before)
            before = f"#{spec.id}"
        self._mounted_for = self._shape

    @property
    def _shape(self) -> RunShape:
        return replace(self._model.run.shape, lesson=self._model.learn.at_hand is not None)
