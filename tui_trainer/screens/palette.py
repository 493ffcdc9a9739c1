"""The command palette: every action, found by its words and by what else people call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple, Protocol, cast

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider, SearchIcon
from textual.screen import Screen
from textual.widgets import Input

from tui_trainer.glossary import translated
from tui_trainer.screens.base import TrainerScreen
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.settings import Settings, choices
from tui_trainer.textual_patches import OverStillPicture
from tui_trainer.view_models.change_texts import short_name
from tui_trainer.view_models.keyed import KeyedModel
from tui_trainer.view_models.palette import ALSO, both_names, score


class PaletteEntry(NamedTuple):
    """An action in the palette.

    Attributes:
        title: The line that is shown.
        note: What stands below it: the key.
        run: Does it.
        also: Further words that find it.
    """

    title: str
    note: str
    run: Callable[[], Any]
    also: str = ""


class ActionApp(Protocol):
    """What an app must have so that its actions can be found."""

    settings: Settings

    @property
    def model(self) -> KeyedModel:
        """What its screens look at."""

    def choose(self, **values: Any) -> None:
        """Change settings."""

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call something once the palette has gone."""

    async def run_action(self, action: str) -> bool:
        """Run an action."""


def palette_entries(app: ActionApp, screen: Screen[Any]) -> Iterator[PaletteEntry]:
    """Yield everything that can be done now, wherever the focus is."""
    words = partial(translated, vocabulary=app.model.vocabulary)
    if isinstance(screen, KeyedScreen):
        for key, action in screen.keys_now():
            run = partial(app.call_later, app.run_action, action)
            yield PaletteEntry(
                words(key.help), f"key {key.glyph}", run, f"{key.help} {key.hint} {ALSO.get(key.id, '')}"
            )
    if isinstance(screen, DashboardScreen):
        for key, pane in screen.panes.keys_elsewhere():
            run_in_pane = partial(app.call_later, screen.panes.do_in, pane, key.action)
            also = f"{key.help} {key.hint} {ALSO.get(key.id, '')}"
            yield PaletteEntry(f"{pane.title()}: {words(key.help)}", f"key {key.glyph} there", run_in_pane, also)
        yield from _dial_entries(app, screen)
    for title, values in choices(app.settings):
        yield PaletteEntry(title, "remembered", partial(app.choose, **values), "settings colours colors signs")


def _dial_entries(app: ActionApp, screen: DashboardScreen) -> Iterator[PaletteEntry]:
    """Yield the dials, each to be typed."""
    pane, model = screen.panes.pane("dials"), screen.model
    if pane is None or not model.may_steer:
        return
    for dial in model.dials:
        edit_dial = partial(app.call_later, screen.panes.do_in, pane, f"edit('{dial.path}')")
        also = f"{both_names(dial.term)} {short_name(dial.path)} {ALSO.get(dial.path, '')}"
        note = f"now {dial.show(model.value(dial, model.run))}; type another value there"
        yield PaletteEntry(f"{pane.title()}: {model.dial_name(dial)}", note, edit_dial, also)


def lab_entries(app: ActionApp, screen: Screen[Any]) -> Iterator[PaletteEntry]:
    """Yield the labs, each to be opened; they are looked for by typing, and not listed with everything else."""
    if not isinstance(screen, DashboardScreen):
        return
    from tui_trainer.view_models.labs import lab_lines  # with all labs: the palette opens without them

    for line in lab_lines():
        run = partial(app.call_later, app.run_action, f"app.lab('{line.name}')")
        yield PaletteEntry(f"Lab: {line.lab.title}", f"tui-trainer lab {line.name}", run, f"{line.text} labs")


class ActionProvider(Provider):
    """Finds actions by whole words or how they begin; only where nothing has them, by letters in order."""

    async def discover(self) -> Hits:
        """Yield every action, by its title."""
        for entry in sorted(self._entries(), key=lambda entry: entry.title):
            yield DiscoveryHit(entry.title, entry.run, help=entry.note)

    async def search(self, query: str) -> Hits:
        """Yield the actions that a query may mean."""
        matcher = self.matcher(query)
        entries = [*self._entries(), *lab_entries(cast("ActionApp", self.app), self.screen)]
        scores = [score(query, entry.title, entry.also) for entry in entries]
        if not any(scores):
            scores = [matcher.match(entry.title) for entry in entries]
        for entry, likeness in zip(entries, scores, strict=True):
            if likeness > 0:
                yield Hit(likeness, matcher.highlight(entry.title), entry.run, help=entry.note)

    def _entries(self) -> list[PaletteEntry]:
        return list(palette_entries(cast("ActionApp", self.app), self.screen))


class StillPalette(CommandPalette, OverStillPicture[Any], TrainerScreen[Any]):
    """The command palette, with a cursor that does not blink: what stands still sends nothing.

    Its field is there before the actions are: Textual hides it until all of them are in the list, which took two thirds
    of the time from the key.
    """

    def __init__(self) -> None:
        super().__init__(classes="-ready")

    def on_mount(self) -> None:
        """Stop the blinking, and begin the line as a filter does: few fonts have the sign that stands there."""
        self.query_one(Input).cursor_blink = False
        self.query_one(SearchIcon).icon = "/"
