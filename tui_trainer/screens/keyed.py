"""A full screen whose keys, footer and help come from the table of keys: what dashboard and lists share."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import actions, on
from textual.widgets import Input

from tui_trainer.bindings import Key, Owner
from tui_trainer.glossary import next_vocabulary
from tui_trainer.layout import Rect
from tui_trainer.runs.connection import Updated
from tui_trainer.screens.base import TrainerScreen
from tui_trainer.screens.confirm import ConfirmScreen
from tui_trainer.screens.help import Explained, HelpScreen
from tui_trainer.textual_patches import Result
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import Notice
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.lines import KeyLine, NoticeLine
from tui_trainer.widgets.pane import TitledPane

_log = logging.getLogger(__name__)


class KeyedScreen(TrainerScreen[Result]):
    """Canvases over the whole screen, a notice and the keys that do something now in its last two lines.

    Subclasses name the ``OWNER`` of their keys, yield their canvases (a ``NoticeLine`` and a ``KeyLine`` among them) in
    ``compose``, place them in ``lay_out``, and say in ``check_action`` which of their actions do something now.
    """

    AUTO_FOCUS = ""  # nothing has the focus before it is asked for
    OWNER: ClassVar[Owner]
    DEFAULT_CSS = """
    KeyedScreen { background: $background; layout: vertical; overflow: hidden; }
    KeyedScreen > Canvas { position: absolute; background: $background; }
    """

    def __init__(self, model: KeyedModel) -> None:
        super().__init__()
        self.model = model

    async def lay_out(self) -> None:
        """Place the canvases for the present size."""
        raise NotImplementedError

    @on(Updated)
    def _say_what_holds_now(self) -> None:
        self.query_one(NoticeLine).invalidate()

    @property
    def focused_pane(self) -> TitledPane | None:
        """The pane that has the focus, if one has: its keys work beside the screen's own."""
        return self.focused if isinstance(self.focused, TitledPane) else None

    @property
    def explained(self) -> Explained | None:
        """What the help explains before the keys."""
        return self.focused_pane

    @property
    def is_typing(self) -> bool:
        """Whether a text field has the keys."""
        return isinstance(self.focused, Input)

    @property
    def is_open(self) -> bool:
        """Whether it is still there: what was asked for may come after a screen has been left."""
        return bool(self.query(KeyLine))

    def keys_now(self) -> list[tuple[Key, str]]:
        """Return the keys that do something now, each with its action as the app runs it."""
        if self.is_typing:
            return [(key, f"focused.{key.action}") for key in self.model.keys if key.owner == "field"]
        pane = self.focused_pane
        owners = {self.OWNER, pane.owner if pane else self.OWNER}
        useful = [key for key in self.model.keys if key.owner in owners and self.does_something(key)]
        taken = {name for key in useful if key.owner != self.OWNER for name in key.keys.split(",")}
        heard = [key for key in useful if key.owner != self.OWNER or key.keys.split(",")[0] not in taken]
        return [(key, self._full_action(key)) for key in heard]

    def does_something(self, key: Key) -> bool:
        """Return whether a key of the screen, or of the focused pane, does something now."""
        namespace, action, parameters = actions.parse(key.action)
        if namespace:
            return bool(self.app.check_action(action, parameters))
        target = self if key.owner == self.OWNER else self.focused
        try:
            return target is not None and bool(target.check_action(action, parameters))
        except Exception:  # a pane that cannot be drawn does not know what its keys would do either
            if not Canvas.SURVIVES:
                raise
            _log.exception("whether %s does something is not known", key.action)
            return False

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something in the line above the keys."""
        self.model.notice = Notice(text, ink)
        self.query_one(NoticeLine).invalidate(immediate=True)

    def ask(self, title: str, question: str, yes: str, then: Callable[[], object]) -> None:
        """Ask before something is lost for good; do it where the answer is yes."""

        def answered(sure: bool | None) -> None:
            if sure:
                then()

        self.app.push_screen(ConfirmScreen(title, question, yes), answered)

    def invalidate(self, *, immediate: bool = True) -> None:
        """Draw everything; where someone waits, what takes long once the rest is on the screen, and no oftener."""
        canvases = [child for child in self.children if isinstance(child, Canvas)]  # a query takes five times as long
        last = [canvas for canvas in canvases if canvas.PAINTED_LAST]
        for canvas in canvases:
            if canvas not in last:
                canvas.invalidate(immediate=immediate)
        if not immediate:
            _invalidate_all(last)
        elif last:
            self.call_after_refresh(_invalidate_all, last)

    def invalidate_keys(self) -> None:
        """Draw the keys that do something now."""
        self.query_one(KeyLine).invalidate(immediate=True)

    def place(self, rects: Mapping[str, Rect]) -> None:
        """Give each canvas its rectangle; one that has none is not shown."""
        for canvas in self.query(Canvas):
            rect = rects.get(str(canvas.id))
            canvas.display = rect is not None and rect.width > 0 and rect.height > 0
            if rect is not None:
                canvas.place(rect)

    async def on_resize(self) -> None:
        """Place everything anew."""
        await self.lay_out()

    def on_screen_resume(self) -> None:
        """Draw what has changed while a dialog was open."""
        self.invalidate()

    def on_descendant_focus(self) -> None:
        """Show the keys of what has the focus now."""
        self.invalidate_keys()

    def on_pane_bindings_changed(self) -> None:
        """Show the keys that do something now."""
        self.invalidate_keys()

    def action_words(self) -> None:
        """Change the words."""
        self.model.vocabulary = next_vocabulary(self.model.vocabulary)
        self.invalidate()

    def action_help(self) -> None:
        """Explain what has the focus, and the keys."""
        self.app.push_screen(HelpScreen(self.model, self.explained, [key for key, _ in self.keys_now()]))

    def _full_action(self, key: Key) -> str:
        """Return a key's action with the node that defines it, so that a click can run it from anywhere."""
        if actions.parse(key.action)[0]:
            return key.action
        return f"{'screen' if key.owner == self.OWNER else 'focused'}.{key.action}"


def _invalidate_all(canvases: Sequence[Canvas]) -> None:
    for canvas in canvases:
        canvas.invalidate()
