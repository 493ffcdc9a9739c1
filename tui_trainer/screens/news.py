"""What happened while the watcher was away, above the keys of the dashboard: for a while, and again when asked for."""

from __future__ import annotations

from typing import Final

from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.view_models.away import news_lines

STANDS_FOR: Final = 40.0
"""Seconds for which it stands there, unless something is done on the dashboard."""


class News:
    """Tells what happened meanwhile.

    Args:
        dashboard: Where it is told.
    """

    def __init__(self, dashboard: DashboardScreen) -> None:
        self._dashboard = dashboard
        self._is_fading = False

    @property
    def can_tell(self) -> bool:
        """Whether there is anything to tell."""
        return bool(news_lines(self._dashboard.model))

    def look(self) -> None:
        """Have what has come to be told stand for a while."""
        if self._dashboard.model.has_news and not self._is_fading:
            self._is_fading = True
            self._dashboard.set_timer(STANDS_FOR, self._fade)

    def tell(self) -> None:
        """Tell it again."""
        self._dashboard.say("")
        self._dashboard.model.has_news = True
        self._dashboard.invalidate()
        self.look()

    def _fade(self) -> None:
        self._is_fading = self._dashboard.model.has_news = False
        self._dashboard.invalidate()
