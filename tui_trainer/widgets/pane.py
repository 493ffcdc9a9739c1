"""Titled panes: those of any screen, and those of the dashboard, which show a run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.message import Message

from engine.protocol.queries import AnyQuery, simple_queries
from tui_trainer.panes import leading_key, views_of
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.requests import ChangeRequest
from tui_trainer.view_models.run import RunModel
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.grid import BLANK, Grid

MORE = " ↓ more"


class TitledPane(Canvas, can_focus=True):
    """A canvas with a title, in the accent colour while it has the focus, and a rule across.

    The keys of its ``owner`` in the table work while it has the focus.
    """

    OWNER: ClassVar[str] = ""
    """Whose keys in the table work here, where it is not the pane's id."""

    _drawn: object = None

    class BindingsChanged(Message, namespace="pane"):
        """Something was done in the pane that has the focus: other keys may do something now."""

    class InputInvalid(Message, namespace="pane"):
        """The text in the field is no value for it."""

        def __init__(self, complaint: str) -> None:
            self.complaint = complaint
            super().__init__()

    class ChoiceRequested(Message, namespace="pane"):
        """One of some names is to be chosen; ``take`` gets its number, None where none was."""

        def __init__(self, title: str, names: Sequence[str], chosen: int, take: Callable[[int | None], None]) -> None:
            self.title = title
            self.names = names
            self.chosen = chosen
            self.take = take
            super().__init__()

    @property
    def owner(self) -> str:
        """Whose keys in the table work here."""
        return self.OWNER or self.id or ""

    def title(self) -> str:
        """Return the title."""
        raise NotImplementedError

    def key_of_title(self) -> str:
        """Return the key that leads here, empty where none does."""
        return ""

    def help_text(self) -> str:
        """Return a few sentences on what this pane shows."""
        raise NotImplementedError

    def invalidate(self, *, immediate: bool = False) -> None:
        """Paint again, see ``Canvas.invalidate``."""
        super().invalidate(immediate=immediate)
        if immediate and self.has_focus:
            self.post_message(self.BindingsChanged())

    def keys_depend_on(self, drawn: object) -> None:
        """Say that other keys may do something now, where what these depend on was drawn otherwise the last time."""
        if drawn != self._drawn:
            self._drawn = drawn
            if self.has_focus:
                self.post_message(self.BindingsChanged())

    def paint_title(self, grid: Grid) -> int:
        """Draw title and rule; return the column after the title."""
        quiet = Ink.ACCENT if self.has_focus else Ink.FAINT
        grid.put(0, 0, "─" * grid.width, quiet)
        key = self.key_of_title()
        x = grid.put(0, 0, f"{key} ", Ink.MUTED) if key else 0
        return grid.put(x, 0, f"{self.title()} ", Ink.ACCENT if self.has_focus else Ink.BRIGHT)

    def paint_subtitle(self, grid: Grid, end: int, subtitle: str) -> None:
        """Draw as many parts of a short text at the rule's right end as fit behind the title, which ends at ``end``."""
        grid.put_right(grid.width, 0, f" {_fitting(subtitle, grid.width - end - 1)}".rstrip(), Ink.MUTED)

    def paint_more(self, grid: Grid, rows: int) -> None:
        """Say at the end of the last row that there is more below, where there is, and room to say so."""
        if rows > 0 and (grid.codes[-1:, -len(MORE) :] == BLANK).all():
            grid.put_right(grid.width, grid.height - 1, MORE, Ink.MUTED)


class Pane(TitledPane):
    """A pane of the dashboard: what it shows is of the run.

    Subclasses draw their contents in ``paint_body``; ``subtitle`` is a short text at the rule's right end.
    """

    class ViewChanged(Message):
        """Something else is looked at: frames may have to answer other queries."""

    class ChangeRequested(Message):
        """The run is to be another."""

        def __init__(self, request: ChangeRequest) -> None:
            self.request = request
            super().__init__()

    def __init__(self, model: DashboardModel, *, id: str, period: float = 0.0) -> None:
        super().__init__(id=id, period=period)
        self.model = model
        self._key = leading_key(id)

    @property
    def has_log_axis(self) -> bool:
        """Whether what is shown has an axis that the user may have logarithmic or linear."""
        return False

    def key_of_title(self) -> str:
        """Return the number of its tab."""
        return self._key

    def queries(self) -> tuple[AnyQuery, ...]:
        """Return what frames must answer for what is shown: what the table of panes has, unless a pane knows better."""
        return simple_queries(*views_of(self.id))

    def series(self) -> tuple[str, ...]:
        """Return the names of the series that frames must carry for what is shown."""
        return ()

    def subtitle(self, run: RunModel) -> str:  # noqa: ARG002 (most panes say nothing)
        """Return what stands at the right end of the rule."""
        return ""

    def paint_body(self, grid: Grid, run: RunModel) -> None:
        """Draw below the title."""
        raise NotImplementedError

    def paint(self, grid: Grid) -> None:
        """Draw title, rule and contents."""
        run = self.model.run
        end = self.paint_title(grid)
        if run.is_known:
            self.paint_subtitle(grid, end, self.subtitle(run))
            self.paint_body(grid.window(0, 1), run)


def _fitting(subtitle: str, room: int) -> str:
    """Return as many of the parts of a subtitle as there is room for, the first ones."""
    while len(subtitle) > room and subtitle:
        subtitle = subtitle.rpartition(" · ")[0]
    return subtitle
