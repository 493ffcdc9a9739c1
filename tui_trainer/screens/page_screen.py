"""A full screen with a page of text that scrolls, alone or beside something else."""

from __future__ import annotations

from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.widgets.page import Page


class PageScreen(KeyedScreen[None]):
    """Scrolls its page by lines and by screenfuls, and explains it in the help.

    Subclasses yield a ``Page`` in ``compose``.
    """

    @property
    def page(self) -> Page:
        """The text."""
        return self.query_one(Page)

    @property
    def explained(self) -> Page:
        """What the help explains."""
        return self.page

    async def on_mount(self) -> None:
        """Place everything; keys scroll the page."""
        self.page.focus()
        await self.lay_out()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in {"scroll", "page"}:
            return self.page.can_scroll(int(str(parameters[0])))
        return super().check_action(action, parameters)

    def action_scroll(self, step: int) -> None:
        """Scroll by a line."""
        self.page.scroll_lines(step)
        self.invalidate_keys()

    def action_page(self, step: int) -> None:
        """Scroll by a screenful."""
        self.page.scroll_pages(step)
        self.invalidate_keys()
