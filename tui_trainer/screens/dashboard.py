"""The dashboard: the panes, where they stand, and what the keys do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from time import monotonic
from typing import Any, ClassVar, Final

from textual import actions
from textual.app import ComposeResult

from engine.errors import TrainerError, sanitize
from engine.protocol.commands import Command, NextEpoch, NextStep, Pause, Resume, SetDial, View
from engine.run.edits import EDIT_PATH
from engine.spec import Spec
from tui_trainer.bindings import Key, Owner, bindings_of
from tui_trainer.formatting import signed
from tui_trainer.glossary import translated
from tui_trainer.layout import TABS, PaneId, PaneLayout, Tab, compute_layout
from tui_trainer.runs import presets as preset_service
from tui_trainer.runs.connection import ConnectedRun, RunConnection, Updated
from tui_trainer.runs.navigation import RunNavigator, recipe_now
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.picker import PickerScreen
from tui_trainer.screens.save_preset import SavePresetScreen
from tui_trainer.textual_patches import StillUnderDialogs
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.checkpoint_navigation import next_checkpoint
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.dials import Dial, Value
from tui_trainer.view_models.edits import UndoEntry, announcement, inverse, lost_dropout, price_of_undoing
from tui_trainer.view_models.header import notice_of
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.weights import all_alike, is_weight
from tui_trainer.widgets.architecture import ArchitecturePane
from tui_trainer.widgets.boundary import BoundaryPane
from tui_trainer.widgets.chart import AccuracyPane, ChartPane, LossPane
from tui_trainer.widgets.data import data_panes
from tui_trainer.widgets.dials import DialsPane
from tui_trainer.widgets.header import Header
from tui_trainer.widgets.heatmap import HeatmapPane
from tui_trainer.widgets.lines import KeyLine, NoticeLine, Tabs
from tui_trainer.widgets.neurons import NeuronsPane
from tui_trainer.widgets.overview import Overview
from tui_trainer.widgets.pane import Pane
from tui_trainer.widgets.value_field import FieldPane

COMMANDS: Final[dict[str, type[Command]]] = {
    "pause": Pause,
    "resume": Resume,
    "next-step": NextStep,
    "next-epoch": NextEpoch,
}
OWN: Final = "my-"
"""What the name of a preset of one's own begins with, unless it is given another one."""

SAID_FOR: Final = 5.0
"""Seconds for which a notice stands, unless another one takes its place."""

VIEWS: Final[dict[str, tuple[View, ...]]] = {
    "neurons": ("neurons", "coadaptation"),
    "boundary": ("boundary",),
    "sample": ("data",),
}
"""What frames must carry for a pane; the heatmap knows for itself."""


class DashboardScreen(KeyedScreen[None], StillUnderDialogs[None]):
    """The panes of one run.

    Args:
        connection: The conversation with its worker.
        period: Seconds between two redraws.
        navigator: Leads to other runs; None where there is no store to find them in.
        tab: What is shown first where not all panes have room.
    """

    BINDINGS: ClassVar[list[Any]] = bindings_of("dashboard")
    OWNER: ClassVar[Owner] = "dashboard"

    def __init__(
        self, connection: RunConnection, period: float, navigator: RunNavigator | None = None, tab: Tab = 2
    ) -> None:
        super().__init__(connection.model)
        self.connection = connection
        self._period = period
        self._tab = tab
        self._full: PaneId | None = None
        self._navigator = navigator
        self._is_switching = False
        self.pane_layout = PaneLayout("overview", {})
        self._said_at = monotonic()

    def compose(self) -> ComposeResult:
        """Make every pane; ``_arrange`` says which are shown."""
        model, period = self.model, self._period
        yield Header(model, id="header", period=period)
        yield Tabs(model, lambda: self._tab, id="tabs")
        yield ArchitecturePane(model, id="architecture", period=period)
        yield DialsPane(model, id="dials", period=period)
        yield LossPane(model, id="loss", period=period)
        yield AccuracyPane(model, id="accuracy", period=period)
        yield HeatmapPane(model, id="heatmap", period=period)
        yield NeuronsPane(model, id="neurons", period=period)
        yield BoundaryPane(model, id="boundary", period=period)
        yield from data_panes(model, period)
        yield NoticeLine(lambda: notice_of(model), id="notice", period=period)
        yield KeyLine(self.keys_now, id="keys", period=period, words=lambda hint: translated(hint, model.vocabulary))
        yield Overview(model, id="overview", period=period)

    @property
    def tab(self) -> Tab:
        """What is shown where not all panes have room."""
        return self._tab

    async def on_mount(self) -> None:
        """Place the panes, and begin to listen."""
        await self.lay_out()
        self._follow(self.connection.run())

    def on_updated(self, message: Updated) -> None:
        """Draw what has changed; what was said a while ago has been read by now."""
        if monotonic() > self._said_at + SAID_FOR and self.model.notice.ink is Ink.MUTED:
            self.model.notice = Notice("")
        self.invalidate(immediate=message.immediate)

    async def on_link_changed(self) -> None:
        """Draw everything: another worker, another network."""
        await self.lay_out()
        self.invalidate(immediate=True)

    async def on_dials_pane_value_changed(self, message: DialsPane.ValueChanged) -> None:
        """Ask for the dial's new value."""
        await self._set_dial(message.dial, message.value)

    def on_field_pane_input_invalid(self, message: FieldPane.InputInvalid) -> None:
        """Say what the field takes."""
        self.say(message.complaint, Ink.WARNING)

    async def on_architecture_pane_edited(self, message: ArchitecturePane.Edited) -> None:
        """Ask for an edit of the network."""
        run = self.model.run
        if run is not None:
            before = self.model.planned(run)
            self.say(announcement(before, message.edit))
            self.model.undo_stack.append(UndoEntry(EDIT_PATH, message.edit.model_dump(), before))
            await self.connection.edit(message.edit)

    async def on_boundary_pane_query_changed(self, message: BoundaryPane.QueryChanged) -> None:
        """Ask for another plane through the inputs."""
        await self.connection.set_boundary_query(message.plane)

    def on_boundary_pane_choice_requested(self, message: BoundaryPane.ChoiceRequested) -> None:
        """Ask for a column or a neuron."""
        self.app.push_screen(PickerScreen(message.title, message.names, message.chosen), message.take)

    def on_chart_pane_view_changed(self) -> None:
        """Draw all charts, and the keys that do something now."""
        for chart in self.query(ChartPane):
            chart.invalidate(immediate=True)
        self.invalidate_keys()

    async def on_heatmap_pane_view_changed(self) -> None:
        """Ask for what is looked at now."""
        self.invalidate_keys()
        await self._watch()

    async def on_heatmap_pane_edited(self, message: HeatmapPane.Edited) -> None:
        """Ask for the weight's new value."""
        self.say(f"{message.name} → {signed(message.value)}")
        self.model.undo_stack.append(UndoEntry(message.path, message.value, message.before, message.name))
        await self.connection.set_weight(message.path, message.value)

    def keys_elsewhere(self) -> Iterator[tuple[Key, Pane]]:
        """Yield the keys that would do something in another pane, each with its pane."""
        at = self.focused.owner if isinstance(self.focused, Pane) else None
        panes = {pane.owner: pane for pane in reversed(self.query(Pane)) if pane.owner != at}
        for key in self.model.keys:
            pane = panes.get(key.owner)
            _, action, parameters = actions.parse(key.action)
            if pane is not None and pane.check_action(action, parameters):
                yield key, pane

    async def do_in(self, pane: Pane, action: str) -> None:
        """Go to a pane, and do something there."""
        await self._show(next(tab for tab, names in TABS.items() if pane.id in names))
        pane.focus()
        await pane.run_action(action)

    def is_at(self, tab: Tab) -> bool:
        """Return whether a place has but one pane, and that has the focus: then there is nowhere to go."""
        return self.focused is not None and TABS[tab] == (self.focused.id,)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in _AVAILABLE:
            return _AVAILABLE[action](self, *parameters)
        return super().check_action(action, parameters)

    async def action_steer(self, command: str) -> None:
        """Send one of the plain commands."""
        self.say("")
        await self.connection.send(COMMANDS[command]())

    async def action_turn(self, path: str, direction: int) -> None:
        """Turn a dial by one step of its scale."""
        dial, run = self.model.dial(path), self.model.run
        if dial is not None and run is not None:
            await self._set_dial(dial, dial.turn(self.model.value(dial, run), direction))

    async def action_undo(self) -> None:
        """Undo the last edit, turn of a dial or change of a weight that was asked for here."""
        undo_entry, run = self.model.undo_stack.pop(), self.model.run
        dial = self.model.dial(undo_entry.path)
        if undo_entry.path == EDIT_PATH and run is not None:
            await self._undo_edit(undo_entry, run)
        elif is_weight(undo_entry.path) and run is not None:
            self.say(f"undone: {undo_entry.name} → {signed(undo_entry.before)}{all_alike(run)}")
            await self.connection.set_weight(undo_entry.path, undo_entry.before)
        elif dial is not None:
            self.say(f"undone: {self.model.dial_name(dial)} → {dial.show(undo_entry.before)}")
            await self.connection.set_dial(dial, undo_entry.before)

    async def action_place(self, tab: Tab) -> None:
        """Go to a place: show it where panes share the room, and give its first pane, or the next one, the focus."""
        await self._show(tab)
        panes = [self.query_one(f"#{name}", Pane) for name in TABS[tab]]
        shown = [pane for pane in panes if pane.display]
        if shown:
            at = next((index for index, pane in enumerate(shown) if pane.has_focus), -1)
            shown[(at + 1) % len(shown)].focus()

    async def action_full(self) -> None:
        """Give the focused pane the whole screen, else the first one of the place."""
        focused: Any = self.focused.id if isinstance(self.focused, Pane) else None
        self._full = focused or TABS[self._tab][0]
        await self.lay_out()
        self.invalidate(immediate=True)

    async def action_leave_full(self) -> None:
        """Show all panes again."""
        self._full = None
        await self.lay_out()
        self.invalidate(immediate=True)

    def action_log_axis(self) -> None:
        """Change the loss's axis."""
        self.model.log_axis = not self.model.log_axis
        self.query_one(LossPane).invalidate(immediate=True)

    def action_vocabulary(self) -> None:
        """Change the words."""
        self.model.vocabulary = "plain" if self.model.vocabulary == "standard" else "standard"
        self.invalidate(immediate=True)

    async def action_take_up(self) -> None:
        """Resume a run whose worker is gone."""
        self._follow(self.connection.resume())

    async def action_travel(self, direction: int) -> None:
        """Look at the checkpoint before or after; after the last one comes the present."""
        self.say("")
        await self.connection.visit(_next_checkpoint(self.model, direction))

    def action_branch(self) -> None:
        """Make a new run from the checkpoint looked at, and go there."""
        if self._navigator is not None:
            self.go(self._navigator.branch())

    def action_restart(self, new_seed: bool) -> None:
        """Make a new run of the recipe as it now stands, and go there."""
        if self._navigator is not None:
            self.go(self._navigator.restart(new_seed=new_seed))

    def action_save_preset(self) -> None:
        """Save the recipe as it now stands as a preset of one's own."""
        run = self.model.run
        if run is None:
            return

        def named(name: str | None) -> None:
            if name is not None:
                self.run_worker(self._save_preset(recipe_now(run), name), name="preset")

        own = run.spec.name if run.spec.name.startswith(OWN) else f"{OWN}{run.spec.name}"
        self.app.push_screen(SavePresetScreen(own[:80]), named)

    async def _save_preset(self, spec: Spec, name: str) -> None:
        try:
            self.say(await preset_service.save_preset(spec, name), Ink.GOOD)
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)

    def go(self, move: Coroutine[Any, Any, ConnectedRun]) -> None:
        """Go to another run; where nothing comes of it, stay and say why."""
        self.run_worker(self._go(move), name="move", group="move")

    @property
    def can_move(self) -> bool:
        """Whether other runs can be made of this one now."""
        return not (self._navigator is None or self._is_switching or self.model.run is None or self.model.read_only)

    async def _go(self, move: Coroutine[Any, Any, ConnectedRun]) -> None:
        self._is_switching = True
        self.say("one moment…")
        try:
            connected = await move
        except TrainerError as error:
            self.say(sanitize(error), Ink.ERROR)
        else:
            self._said_at = monotonic()
            self._follow(self.connection.switch_to(connected))
        finally:
            self._is_switching = False

    def _follow(self, conversation: Coroutine[Any, Any, None]) -> None:
        """Let a conversation with a worker take the place of the one there is."""
        self.run_worker(conversation, name="session", group="session", exclusive=True)

    async def _show(self, tab: Tab) -> None:
        """Show the panes of a place where not all have room."""
        self._tab = tab
        self._full = None
        await self.lay_out()
        self.invalidate(immediate=True)

    async def lay_out(self) -> None:
        """Place the panes, and ask for what those in sight show."""
        layers = len(self.model.run.spec.network.layers) if self.model.run else 3
        inputs = self.model.run.welcome.inputs if self.model.run else 1
        pictures = self.model.run is not None and self.model.run.welcome.image_shape is not None
        self.pane_layout = compute_layout(
            *self.size, self._tab, layers, inputs=inputs, pictures=pictures, full=self._full
        )
        rects = self.pane_layout.rects
        self.place(rects)
        self.query_one(Tabs).first = 1 if self.pane_layout.mode == "tabs" else 2
        await self._watch()

    async def _watch(self) -> None:
        """Ask for what the panes in sight show, and for nothing else."""
        rects = self.pane_layout.rects
        views = [view for name, views in VIEWS.items() if name in rects for view in views]
        if "heatmap" in rects:
            views = [*self.query_one(HeatmapPane).views(), *views]
        await self.connection.watch(tuple(dict.fromkeys(views)))

    def say(self, text: str, ink: Ink = Ink.MUTED) -> None:
        """Say something in the line above the keys, for a while."""
        super().say(text, ink)
        self._said_at = monotonic()
        notice = self.model.notice
        if text and ink is not Ink.ERROR:
            self.set_timer(SAID_FOR, lambda: self._fade(notice))

    def _fade(self, notice: Notice) -> None:
        """Take away what was said here, also where no frame comes any more: how the run stands is to be read again."""
        if self.model.notice is notice and not self._is_switching:
            self.say("")

    async def _set_dial(self, dial: Dial, value: Value) -> None:
        self.say(f"{self.model.dial_name(dial)} → {dial.show(value)}")
        if self.model.run is not None:
            self.model.undo_stack.append(UndoEntry(dial.path, value, self.model.value(dial, self.model.run)))
        await self.connection.set_dial(dial, value)

    async def _undo_edit(self, undo_entry: UndoEntry, run: RunModel) -> None:
        self.say(f"undone: {price_of_undoing(undo_entry.before, undo_entry.value)}")
        for edit in inverse(undo_entry.before, run.welcome.inputs, undo_entry.value):
            await self.connection.edit(edit)
        for path, rate in lost_dropout(undo_entry.before, undo_entry.value):
            await self.connection.send(SetDial(path=path, value=rate))


def _steer_now(screen: DashboardScreen, command: str) -> bool:
    model = screen.model
    frame = model.run.frame if model.run else None
    if frame is None or not (model.may_command and model.in_training):
        return False
    return command not in {"pause", "resume"} or (command == "pause") == (frame.state == "running")


def _next_checkpoint(model: DashboardModel, direction: int) -> int | None:
    run, frame = model.run, model.run.frame if model.run else None
    return next_checkpoint(run.checkpoints, frame.epoch, model.visiting, direction) if run and frame else None


_AVAILABLE: Final[dict[str, Callable[..., bool]]] = {
    "steer": _steer_now,
    "turn": lambda screen, *_: screen.model.may_steer and screen.model.in_training,
    "take_up": lambda screen: (
        screen.model.link in {"died", "ended"} and screen.model.can_resume and not screen.model.read_only
    ),
    "travel": lambda screen, direction: (
        screen.model.may_command and _next_checkpoint(screen.model, direction) != screen.model.visiting
    ),
    "branch": lambda screen: (
        screen.can_move and (screen.model.visiting is not None or bool(screen.model.run.checkpoints))
    ),
    "restart": lambda screen, _: screen.can_move,
    "undo": lambda screen: screen.model.may_steer and bool(screen.model.undo_stack),
    "save_preset": lambda screen: screen.model.run is not None,
    "full": lambda screen: (
        screen.pane_layout.mode not in {"overview", "full"} and "boundary" not in screen.pane_layout.rects
    ),
    "leave_full": lambda screen: screen.pane_layout.mode == "full",
    "log_axis": lambda screen: "loss" in screen.pane_layout.rects,
    "place": lambda screen, tab: screen.pane_layout.mode != "overview" and not screen.is_at(tab),
    "vocabulary": lambda screen: screen.pane_layout.mode != "overview",
}
