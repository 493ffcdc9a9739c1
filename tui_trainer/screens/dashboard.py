"""The dashboard: the panes, where they stand, and what the keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from textual import actions
from textual.app import ComposeResult
from textual.screen import Screen

from engine.protocol.commands import Command, NextEpoch, NextStep, Pause, Resume, View
from tui_trainer.bindings import KEYS, Key, bindings_of
from tui_trainer.screens.help import HelpScreen
from tui_trainer.session import Session, Updated
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.arrangement import PLACES, Arrangement, Box, Place, arrange
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.widgets.architecture import ArchitecturePane
from tui_trainer.widgets.canvas import Canvas
from tui_trainer.widgets.chart import AccuracyPane, LossPane
from tui_trainer.widgets.clerks import ClerksPane
from tui_trainer.widgets.dials import DialsPane
from tui_trainer.widgets.header import Header
from tui_trainer.widgets.heatmap import HeatmapPane
from tui_trainer.widgets.lines import KeyLine, NoticeLine, Tabs
from tui_trainer.widgets.overview import Overview
from tui_trainer.widgets.pane import Pane

COMMANDS: Final[dict[str, type[Command]]] = {
    "pause": Pause,
    "resume": Resume,
    "next-step": NextStep,
    "next-epoch": NextEpoch,
}
VIEWS: Final[dict[str, View]] = {"heatmap": "weights", "clerks": "clerks"}
"""What frames must carry for a pane."""


class DashboardScreen(Screen[None]):
    """The panes of one run.

    Args:
        session: The conversation with its worker.
        period: Seconds between two redraws.
    """

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[Any]] = bindings_of("dashboard")
    CSS = """
    DashboardScreen { background: #121212; layout: vertical; overflow: hidden; }
    DashboardScreen > Canvas { position: absolute; background: #121212; }
    """

    def __init__(self, session: Session, period: float) -> None:
        super().__init__()
        self.session = session
        self.model: DashboardModel = session.model
        self._period = period
        self._place: Place = 2
        self.arrangement = Arrangement("overview", {})

    def compose(self) -> ComposeResult:
        """Make every pane; ``_arrange`` says which are shown."""
        model, period = self.model, self._period
        yield Header(model, id="header", period=period)
        yield Tabs(model, lambda: self._place, id="tabs")
        yield ArchitecturePane(model, id="architecture", period=period)
        yield DialsPane(model, id="dials", period=period)
        yield LossPane(model, id="loss", period=period)
        yield AccuracyPane(model, id="accuracy", period=period)
        yield HeatmapPane(model, id="heatmap", period=period)
        yield ClerksPane(model, id="clerks", period=period)
        yield NoticeLine(model, id="notice", period=period)
        yield KeyLine(self.keys_now, id="keys", period=period)
        yield Overview(model, id="overview", period=period)

    async def on_mount(self) -> None:
        """Place the panes, and begin to listen."""
        await self._arrange()
        self.run_worker(self.session.run(), name="session")

    async def on_resize(self) -> None:
        """Place the panes anew."""
        await self._arrange()

    def on_screen_resume(self) -> None:
        """Draw what has changed while a dialog was open."""
        self._touch(urgent=True)

    def on_updated(self, message: Updated) -> None:
        """Draw what has changed."""
        self._touch(urgent=message.urgent)

    async def on_link_changed(self) -> None:
        """Draw everything: another worker, another network."""
        await self._arrange()
        self._touch(urgent=True)

    def on_descendant_focus(self) -> None:
        """Show the keys of the pane that has the focus now."""
        self._touch_keys()

    async def on_dials_pane_turned(self, message: DialsPane.Turned) -> None:
        """Ask for the dial's new value."""
        self._say("")
        await self.session.set_dial(message.dial, message.value)

    def on_dials_pane_misread(self, message: DialsPane.Misread) -> None:
        """Say what the dial takes."""
        self._say(message.complaint, Ink.WARNING)

    def keys_now(self) -> list[tuple[Key, str]]:
        """Return the keys that do something now, each with its action as the app runs it."""
        focused = self.focused
        owner = focused.id if isinstance(focused, Pane) else None
        here = [key for key in KEYS if key.owner in {"dashboard", owner}]
        return [(key, _full_action(key)) for key in here if self._does_something(key)]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in _AVAILABLE:
            return _AVAILABLE[action](self, *parameters)
        return super().check_action(action, parameters)

    async def action_steer(self, command: str) -> None:
        """Send one of the plain commands."""
        self._say("")
        await self.session.send(COMMANDS[command]())

    async def action_turn(self, path: str, direction: int) -> None:
        """Turn a dial by one step of its scale."""
        dial, run = self.model.dial(path), self.model.run
        if dial is not None and run is not None:
            self._say("")
            await self.session.set_dial(dial, dial.turn(self.model.value(dial, run), direction))

    async def action_place(self, place: Place) -> None:
        """Go to a place: show it where panes share the room, and give its first pane, or the next one, the focus."""
        self._place = place
        await self._arrange()
        panes = [self.query_one(f"#{name}", Pane) for name in PLACES[place]]
        shown = [pane for pane in panes if pane.display]
        if shown:
            at = next((index for index, pane in enumerate(shown) if pane.has_focus), -1)
            shown[(at + 1) % len(shown)].focus()
        self._touch(urgent=True)

    def action_log_axis(self) -> None:
        """Change the loss's axis."""
        self.model.log_axis = not self.model.log_axis
        self.query_one(LossPane).touch(urgent=True)

    def action_vocabulary(self) -> None:
        """Change the words."""
        self.model.vocabulary = "plain" if self.model.vocabulary == "standard" else "standard"
        self._touch(urgent=True)

    def action_help(self) -> None:
        """Explain the pane that has the focus, and the keys."""
        focused = self.focused if isinstance(self.focused, Pane) else None
        self.app.push_screen(HelpScreen(self.model, focused, [key for key, _ in self.keys_now()]))

    async def action_take_up(self) -> None:
        """Resume a run whose worker is gone."""
        self.run_worker(self.session.resume(), name="session")

    async def _arrange(self) -> None:
        layers = len(self.model.run.spec.network.layers) if self.model.run else 3
        self.arrangement = arrange(self.size.width, self.size.height, self._place, layers)
        boxes = self.arrangement.boxes
        for pane in self.query(Canvas):
            _put_in(pane, boxes.get(pane.id))  # type: ignore[call-overload]
        self.query_one(Tabs).first = 1 if self.arrangement.mode == "tabs" else 2
        await self.session.watch(tuple(view for name, view in VIEWS.items() if name in boxes))

    def _compositor_refresh(self) -> None:
        # Under a dialog the picture stands still: Textual 8.2 answers a change there by sending the whole screen again,
        # and marks it as changed while doing so, sixty times a second for as long as the dialog is open.
        if self.app.screen is self:
            super()._compositor_refresh()

    def _touch(self, *, urgent: bool) -> None:
        for pane in self.query(Canvas):
            pane.touch(urgent=urgent)

    def _touch_keys(self) -> None:
        self.query_one(KeyLine).touch(urgent=True)

    def _say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        self.model.notice = Notice(text, ink)
        self.query_one(NoticeLine).touch(urgent=True)

    def _does_something(self, key: Key) -> bool:
        namespace, action, parameters = actions.parse(key.action)
        if namespace:
            return True  # an action of the app, always at hand
        target = self if key.owner == "dashboard" else self.focused
        return target is not None and bool(target.check_action(action, parameters))


def _full_action(key: Key) -> str:
    """Return the action with the place where it is defined, so that a click can run it from anywhere."""
    if actions.parse(key.action)[0]:
        return key.action
    return f"{'screen' if key.owner == 'dashboard' else 'focused'}.{key.action}"


def _put_in(pane: Canvas, box: Box | None) -> None:
    pane.display = box is not None and box.width > 0 and box.height > 0
    if box is not None:
        pane.styles.offset = (box.x, box.y)
        pane.styles.width = box.width
        pane.styles.height = box.height


def _steer_now(screen: DashboardScreen, command: str) -> bool:
    model = screen.model
    frame = model.run.frame if model.run else None
    if frame is None or not (model.may_steer and model.in_training):
        return False
    return command not in {"pause", "resume"} or (command == "pause") == (frame.state == "running")


_AVAILABLE: Final[dict[str, Callable[..., bool]]] = {
    "steer": _steer_now,
    "turn": lambda screen, *_: screen.model.may_steer and screen.model.in_training,
    "take_up": lambda screen: (
        screen.model.link in {"died", "ended"} and screen.model.can_resume and not screen.model.read_only
    ),
    "log_axis": lambda screen: "loss" in screen.arrangement.boxes,
    "place": lambda screen, _: screen.arrangement.mode != "overview",
    "vocabulary": lambda screen: screen.arrangement.mode != "overview",
}
