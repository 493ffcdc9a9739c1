"""The dashboard: the panes of one run, and what the keys do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, ClassVar, Final, Literal

from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from tui_trainer.bindings import Owner, bindings_of
from tui_trainer.glossary import next_vocabulary, translated
from tui_trainer.panes import Tab
from tui_trainer.runs.connection import ConnectedRun, RunConnection, Updated
from tui_trainer.runs.navigation import NewRun, RunNavigator
from tui_trainer.runs.steering import RunSteering
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.pane_host import PaneHost
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.screens.save_preset import save_network
from tui_trainer.textual_patches import StillUnderDialogs
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.header import notice_of
from tui_trainer.widgets.header import Header
from tui_trainer.widgets.lines import KeyLine, NoticeLine, Tabs
from tui_trainer.widgets.overview import Overview
from tui_trainer.widgets.pane import Pane

SAID_FOR: Final = 5.0
"""Seconds for which a notice stands, unless another one takes its place."""

READY_AFTER: Final = 1.0
"""Seconds for which a new run has the processor, before what the next one needs is made ready."""


class DashboardScreen(KeyedScreen[None], StillUnderDialogs[None]):
    """The panes of one run.

    Args:
        connection: Leads to its worker.
        period: Seconds between two redraws.
        navigator: Leads to other runs.
        tab: What is shown first where not all panes have room.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("dashboard")
    OWNER: ClassVar[Owner] = "dashboard"
    model: DashboardModel

    def __init__(self, connection: RunConnection, period: float, navigator: RunNavigator, tab: Tab = 2) -> None:
        super().__init__(connection.model)
        self.connection = connection
        self.navigator = navigator
        self.steering = RunSteering(connection, self.say)
        self.panes = PaneHost(self, self.model, period, tab)
        self._period = period
        self._said_at = monotonic()
        self._said = self.model.notice

    def compose(self) -> ComposeResult:
        """Make the lines and every pane; ``lay_out`` says which are shown."""
        model, period = self.model, self._period
        yield Header(model, id="header", period=period)
        yield Tabs(model, lambda: self.panes.layout, id="tabs")
        yield from self.panes.make()
        yield NoticeLine(lambda: notice_of(model), id="notice", period=period)
        yield KeyLine(self.keys_now, id="keys", period=period, words=lambda hint: translated(hint, model.vocabulary))
        yield Overview(model, id="overview", period=period)

    async def on_mount(self) -> None:
        """Place the panes, and begin to listen."""
        await self.lay_out()
        self._follow(self.connection.run())

    async def lay_out(self) -> None:
        """Place the panes, and ask for what those in sight show."""
        await self.panes.lay_out()
        await self.connection.watch(self.panes.queries())

    async def on_updated(self, message: Updated) -> None:
        """Draw what has changed; what was said a while ago has been read by now."""
        if self.model.notice is not self._said:
            self._let_it_stand()
        if monotonic() > self._said_at + SAID_FOR and self.model.notice.ink is Ink.MUTED:
            self.model.notice = Notice("")
        if self.panes.are_others:
            await self.lay_out()
        self.invalidate(immediate=message.immediate)

    async def on_link_changed(self) -> None:
        """Draw everything: another worker, another network; while it trains, make ready for the next."""
        self._said_at = monotonic()
        if self.model.link == "live":
            self.set_timer(READY_AFTER, self.navigator.make_ready)
        await self.lay_out()
        self.invalidate()

    async def on_pane_view_changed(self) -> None:
        """Ask for what the panes show now."""
        self.invalidate_keys()
        await self.connection.watch(self.panes.queries())

    async def on_pane_change_requested(self, message: Pane.ChangeRequested) -> None:
        """Ask for a change of the run."""
        await self.steering.request(message.request)

    def on_pane_choice_requested(self, message: Pane.ChoiceRequested) -> None:
        """Ask the user for one of some names."""
        self.app.push_screen(PickerScreen(message.title, message.names, message.chosen), message.take)

    def on_pane_input_invalid(self, message: Pane.InputInvalid) -> None:
        """Say what the field takes."""
        self.say(message.complaint, Ink.WARNING)

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something in the line above the keys, for a while."""
        self.model.has_news = False  # whoever does something has read it
        super().say(text, ink)
        self._let_it_stand()

    def _let_it_stand(self) -> None:
        """Let what is said now stand for a while, whoever says it: this watcher, the worker, or others."""
        self._said_at = monotonic()
        said = self._said = self.model.notice

        def fade() -> None:
            # Also where no frame comes any more: how the run stands is to be read again.
            if self.model.notice is said and not self.navigator.is_busy and self.model.link != "opening":
                super(DashboardScreen, self).say("")

        if said.text and said.ink is not Ink.ERROR:
            self.set_timer(SAID_FOR, fade)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in _AVAILABLE:
            return _AVAILABLE[action](self, *parameters)
        return super().check_action(action, parameters)

    async def action_steer(self, command: str) -> None:
        """Send one of the plain commands."""
        await self.steering.steer(command)

    async def action_turn(self, path: str, direction: int) -> None:
        """Turn a dial by one step of its scale."""
        await self.steering.turn(path, direction)

    async def action_undo(self) -> None:
        """Undo the last change that was asked for here."""
        await self.steering.undo()

    async def action_travel(self, direction: int) -> None:
        """Look at the checkpoint before or after; after the last one comes the present."""
        await self.steering.travel(direction)

    async def action_place(self, tab: Tab) -> None:
        """Show a tab, and give its first pane, or the next one, the focus; or say why there is nothing to show."""
        if (reason := self.panes.why_not(tab)) is not None:
            self.say(reason)
            return
        await self.panes.show(tab=tab)
        self.panes.focus_next(tab)

    async def action_full(self, on: bool) -> None:
        """Give the focused pane the whole screen, or show all panes again."""
        await self.panes.show(full=on)

    def action_switch(self, setting: Literal["log_axis", "vocabulary"]) -> None:
        """Change the loss's axis, or the words."""
        if setting == "log_axis":
            self.model.log_axis = not self.model.log_axis
        else:
            self.model.vocabulary = next_vocabulary(self.model.vocabulary)
        self.invalidate()

    async def action_take_up(self, _begins: bool = False) -> None:
        """Resume a run whose worker is gone, begin one that could not, or reach at once for one out of reach."""
        if self.model.link == "reconnecting":
            self.connection.reconnector.hurry()
        else:
            self._follow(self.connection.resume())

    def action_new(self, kind: NewRun) -> None:
        """Make a new run of this one, and go there; ask first where nobody expects this one to be stopped by it."""

        def make() -> None:
            self.go(self.navigator.make(kind))

        question = self.navigator.question(kind)
        if question:
            self.ask("Branch", question, "branch, and stop this one", make)
        else:
            make()

    def action_save_preset(self) -> None:
        """Save the recipe as it now stands as a preset of one's own."""
        save_network(self, self.model.run)

    def go(self, move: Coroutine[Any, Any, ConnectedRun]) -> None:
        """Go to another run; where nothing comes of it, stay and say why."""

        async def follow_move() -> None:
            self.navigator.is_busy = True
            self.say("one moment…")
            try:
                connected = await move
            except TrainerError as error:
                self.say(sanitize(error), Ink.ERROR)
            else:
                self._said_at = monotonic()
                self._follow(self.connection.switch_to(connected))
                if connected.replaced is not None:
                    connected.message += f" · {await self.navigator.stop(connected.replaced)}"
                    self.say(connected.message)
            finally:
                self.navigator.is_busy = False

        self.run_worker(follow_move(), name="move", group="move")

    def _follow(self, conversation: Coroutine[Any, Any, None]) -> None:
        """Let a conversation with a worker take the place of the one there is."""
        self.run_worker(conversation, name="session", group="session", exclusive=True)


def _is_roomy(screen: DashboardScreen) -> bool:
    return screen.panes.layout.mode != "overview"


def _can_take_up(screen: DashboardScreen, *, begins: bool) -> bool:
    """Return whether a run can be resumed, or where it ``begins``, whether it can be tried once more."""
    model = screen.model
    if model.link == "reconnecting":
        return begins
    may_begin = model.link in {"died", "ended"} or model.other_worker is not None
    return may_begin and model.can_resume and not model.read_only and model.run.is_known is not begins


_AVAILABLE: Final[dict[str, Callable[..., bool]]] = {
    "steer": lambda screen, command: screen.steering.can_steer(command),
    "turn": lambda screen, *_: screen.steering.can_turn(),
    "take_up": lambda screen, begins=False: _can_take_up(screen, begins=begins),
    "travel": lambda screen, direction: screen.steering.can_travel(direction),
    "new": lambda screen, kind: screen.navigator.can_make(kind),
    "undo": lambda screen: screen.steering.can_undo(),
    "save_preset": lambda screen: screen.model.run.is_known and screen.model.run.has_recipe,
    "full": lambda screen, on: screen.panes.can_fill() if on else screen.panes.layout.mode == "full",
    "switch": lambda screen, setting: _is_roomy(screen) and (setting != "log_axis" or screen.panes.has_log_axis),
    "place": lambda screen, tab: _is_roomy(screen) and screen.panes.can_go(tab),
}
