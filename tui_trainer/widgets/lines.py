"""The single lines around the panes: tabs, the notice, the keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events

from tui_trainer.bindings import Key, grouped
from tui_trainer.formatting import cell_width, first_lines, fitting_parts, within, wrapped_text
from tui_trainer.glossary import TERMS
from tui_trainer.layout import PaneLayout, Rect
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import Grid

Span = tuple[int, int, str]
"""First column, the column after the last, and the action a click there runs."""


class ClickLine(Canvas):
    """A line of which parts can be clicked."""

    def __init__(self, *, id: str, period: float = 0.0) -> None:
        super().__init__(id=id, period=period)
        self._spans: list[Span] = []

    async def on_click(self, event: events.Click) -> None:
        """Run the action under the mouse."""
        for start, end, action in self._spans:
            if start <= event.x < end:
                await self.run_action(action)
                return


class Tabs(ClickLine):
    """The tabs there are, the one shown in the accent colour."""

    def __init__(self, model: DashboardModel, layout: Callable[[], PaneLayout], *, id: str) -> None:
        super().__init__(id=id)
        self._model = model
        self._layout = layout

    def paint(self, grid: Grid) -> None:
        """Draw a number and a name for each tab."""
        self._spans = []
        layout = self._layout()
        x = 1 if layout.mode == "tabs" else 0
        for tab in layout.tabs:
            title = self._model.word(tab.title) if tab.title in TERMS else tab.title
            start = x
            x = grid.put(x, 0, f"{tab.key} ", Ink.MUTED)
            x = grid.put(x, 0, title.capitalize(), Ink.ACCENT if tab.key == layout.tab else Ink.TEXT)
            self._spans.append((start, x, f"screen.place({tab.key})"))
            x += 3 if grid.width >= 72 else 1


class NoticeLine(Canvas):
    """What has just happened, or what to do: in a line, or as many more as it takes, over what stands above."""

    MOST_OF_THE_SCREEN: ClassVar[float] = 0.5
    MOST_FOR_KEYS: ClassVar[float] = 0.6
    """Of the line; of longer ones the last parts give way, so that the text can be read."""

    def __init__(self, notice: Callable[[], Notice], *, id: str, period: float = 0.0) -> None:
        super().__init__(id=id, period=period)
        self._notice = notice
        self._home = Rect(0, 0, 0, 1)
        self._rows = 1

    def place(self, rect: Rect) -> None:
        """Stand in a rectangle of the screen, and above it as far as the text needs."""
        self._home, self._rows = rect, self._rows_needed(rect.width)
        super().place(Rect(rect.x, rect.y + rect.height - self._rows, rect.width, self._rows))

    def invalidate(self, *, immediate: bool = False) -> None:
        """Paint again, see ``Canvas.invalidate``; grow upwards, or shrink, to what the text takes."""
        if self._home.width and self._rows_needed(self._home.width) != self._rows:
            self.place(self._home)  # which makes it paint, once it has its size
        else:
            super().invalidate(immediate=immediate)

    def paint(self, grid: Grid) -> None:
        """Draw the lines, and at the end of the last one the keys, which keep their room."""
        notice = self._notice()
        if notice.keys:
            keys = within(fitting_parts(notice.keys, int(self.MOST_FOR_KEYS * grid.width)), grid.width - 2)
            room = grid.width - 4 - cell_width(keys)
            grid.put(1, 0, within(notice.text, room), notice.ink)
            grid.put_right(grid.width - 1, 0, keys, Ink.KEY)
            return
        for y, line in enumerate(first_lines(self._lines(grid.width), grid.height, grid.width - 2)):
            grid.put(1, y, line, notice.ink)

    def _rows_needed(self, width: int) -> int:
        most = int(self.app.size.height * self.MOST_OF_THE_SCREEN)
        return max(1, min(len(self._lines(width)), most))

    def _lines(self, width: int) -> list[str]:
        notice = self._notice()
        if notice.keys:
            return [notice.text]
        text = fitting_parts(notice.text, width - 2) if notice.stands else notice.text
        return wrapped_text(text, max(1, width - 2))


class KeyLine(ClickLine):
    """The keys that do something now."""

    def __init__(
        self,
        keys: Callable[[], list[tuple[Key, str]]],
        *,
        id: str,
        period: float = 0.0,
        words: Callable[[str], str] = str,
    ) -> None:
        super().__init__(id=id, period=period)
        self._keys = keys
        self._words = words

    def paint(self, grid: Grid) -> None:
        """Draw as many as there is room for, the most dispensable left out first."""
        keys = self._keys()
        actions = {key.id: action for key, action in keys}
        self._spans = []
        x = 1
        for group in self._fitting(grouped(key for key, _ in keys), grid.width - 2):
            for key in group:
                end = grid.put(x, 0, key.glyph, Ink.KEY)
                self._spans.append((x, end, actions[key.id]))
                x = end + 1
            end = grid.put(x, 0, self._hint(group), Ink.MUTED)
            self._spans.append((x, end, actions[group[-1].id]))
            x = end + 2

    def _fitting(self, groups: list[list[Key]], width: int) -> list[list[Key]]:
        """Return the groups that fit, the most dispensable left out first, of equals the last."""
        groups = list(groups)
        while groups and self._width(groups) > width:
            spares = [group[0].spare for group in groups]
            del groups[len(spares) - 1 - spares[::-1].index(max(spares))]
        return groups

    def _width(self, groups: list[list[Key]]) -> int:
        keys = sum(len(key.glyph) + 1 for group in groups for key in group)
        return keys + sum(len(self._hint(group)) + 2 for group in groups) - 2

    def _hint(self, group: list[Key]) -> str:
        """Return what a group of keys is for, in the words chosen."""
        return self._words(group[-1].hint)
