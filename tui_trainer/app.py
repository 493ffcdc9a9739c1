"""The app: it mounts the screens, owns the session, and knows how one leaves."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from textual import events

from engine.errors import sanitize
from engine.protocol.commands import Stop
from engine.run.status import RunState
from tui_trainer.keyed_app import KeyedApp
from tui_trainer.keys_ahead import KeysAhead
from tui_trainer.runs.absence import AbsenceWatch
from tui_trainer.runs.connection import Connect, LinkChanged, Resume, RunConnection, RunTarget, Updated
from tui_trainer.runs.last_seen import LastSeen
from tui_trainer.runs.lessons import LessonBook
from tui_trainer.runs.navigation import RunNavigator
from tui_trainer.screens.curing import Curing
from tui_trainer.screens.dashboard import DashboardScreen
from tui_trainer.screens.keyed import KeyedScreen
from tui_trainer.screens.leave import Choice, LeaveScreen
from tui_trainer.screens.lesson_host import LessonHost
from tui_trainer.screens.news import News
from tui_trainer.screens.presets import PresetsScreen
from tui_trainer.screens.runs import RunsScreen
from tui_trainer.screens.table_screen import TableScreen
from tui_trainer.settings import Settings
from tui_trainer.terminal_distance import is_far
from tui_trainer.textual_patches import hear_escape_sooner
from tui_trainer.themes.inks import Ink
from tui_trainer.ui_config import UiConfig
from tui_trainer.view_models.dashboard import DashboardModel, Notice
from tui_trainer.view_models.learn import LearnModel
from tui_trainer.view_models.link_state import LinkState

if TYPE_CHECKING:
    from tui_trainer.runs.service import RunService

DEFAULT_CONFIG: Final = UiConfig()
LOCAL_HERTZ = 10.0
FAR_HERTZ = 4.0


@dataclass(frozen=True)
class DashboardExit:
    """How the dashboard was left.

    Attributes:
        kind: The worker goes on without us (or had nothing left to do), was stopped from here, or has died.
        state: The run's state when last seen, None where there never was one.
        message: One line about what failed.
        run: The name of the run that was left: not always the one that was opened.
    """

    kind: Literal["detached", "stopped", "failed"]
    state: RunState | None = None
    message: str | None = None
    run: str | None = None


@dataclass(frozen=True)
class Memory:
    """What is remembered from one time to the next.

    Attributes:
        save_settings: Takes the settings as they were left.
        last_seen: What this watcher saw of the runs before; None where nothing is remembered.
        screen: Which of the watcher's screens this is; see ``DashboardModel.screen``.
    """

    save_settings: Callable[[Settings], object] = lambda _: None
    last_seen: LastSeen | None = None
    screen: str = ""


class TrainerApp(KeyedApp[DashboardExit]):
    """One dashboard.

    It has many methods, because each screen that a key leads to is an action of the app, by Textual's naming.
    """

    def __init__(
        self,
        connect: Connect,
        resume: Resume | None,
        *,
        title: str,
        refresh: float | None,
        read_only: bool,
        runs: RunService | None = None,
        lessons: LessonBook | None = None,
        config: UiConfig = DEFAULT_CONFIG,
    ) -> None:
        super().__init__(config)
        self.title = sanitize(title)
        self.model = DashboardModel(
            title=self.title,
            read_only=read_only,
            vocabulary=self.settings.vocabulary,
            log_axis=self.settings.log_axis,
            keys=config.keys,
            learn=lessons.learn if lessons else LearnModel(),
        )
        complaint = config.loaded.complaint or ""
        self.connection = RunConnection(connect, resume, self.model, self._on_connection_message, complaint)
        self._last_seen: tuple[str, RunState | None] | None = None
        self.runs = runs
        self._book = lessons
        self.navigator = RunNavigator(runs, self.model)
        is_nearby = not is_far(os.environ)
        self._period = 1 / (refresh or (LOCAL_HERTZ if is_nearby else FAR_HERTZ))
        if is_nearby:
            hear_escape_sooner()
        self._stopping = False
        self._keys_ahead = KeysAhead()
        self.lists_first = False

    def on_mount(self) -> None:
        """Open the dashboard."""
        self.dashboard = DashboardScreen(self.connection, self._period, self.navigator, self.settings.place)
        self.lessons = LessonHost(self.dashboard, self._book)
        self.news = News(self.dashboard)
        self.curing = Curing(self.dashboard)
        self.push_screen(self.dashboard)
        if self.lists_first:
            self.action_runs()
        self.run_worker(self.lessons.begin(), name="lesson")

    async def on_event(self, event: events.Event) -> None:
        """Let a key wait that only a run which has told something can answer."""
        if isinstance(event, events.Key) and not event.is_forwarded and self._waits(event):
            return
        await super().on_event(event)

    def _waits(self, event: events.Key) -> bool:
        if self.model.has_frame or self.model.link not in {"opening", "live"} or self.screen is not self.dashboard:
            return False
        now = [key for key, _ in self.dashboard.keys_now() if event.key in key.keys.split(",")]
        if event.key.startswith("ctrl+") or any(key.id == "leave" for key in now):
            return False
        return self._keys_ahead.keep(event, acts_now=bool(now))

    @property
    def settings_to_save(self) -> Settings:
        """The settings as they are to be remembered: what was chosen, and how the screen was left."""
        model = self.model
        settings = {"vocabulary": model.vocabulary, "log_axis": model.log_axis, "place": self.dashboard.panes.tab}
        return self.settings.model_copy(update=settings)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether an action does something now."""
        if action in _AVAILABLE:
            return _AVAILABLE[action](self)
        if action in {"learn", "ask", "close_lesson"}:
            return self.lessons.can(action)
        return super().check_action(action, parameters)

    def action_runs(self) -> None:
        """List the runs, and go to the one that is chosen."""
        if self.runs is not None:
            self._list(RunsScreen(self.runs, self.model, self.action_sweeps), self._open)

    def action_news(self) -> None:
        """Tell again what happened in the run while its watcher was away."""
        self.news.tell()

    def action_presets(self) -> None:
        """List the presets, and begin a run of the one that is chosen."""
        self._list(PresetsScreen(self.model), lambda preset: self.dashboard.go(self.navigator.begin(preset)))

    def action_exam(self) -> None:
        """Show the exam of the run that is shown: sealed, or as it was opened last."""
        if isinstance(self.screen, TableScreen):
            self.screen.dismiss(None)
        from tui_trainer.screens.exam import ExamScreen  # not needed to paint the first screen

        self.push_screen(ExamScreen(self.connection, self._period))

    def action_verdicts(self) -> None:
        """List all that went wrong in the run, and do what is chosen against it."""
        from tui_trainer.screens.verdicts import VerdictsScreen  # not needed to paint the first screen

        self._list(VerdictsScreen(self.model, self.curing), self.curing.begin)

    def action_cure(self) -> None:
        """Do what the gravest verdict that stands says to try."""
        self.curing.begin()

    def action_learn(self) -> None:
        """List the courses, and open the lesson that is chosen."""
        self.lessons.list()

    def action_ask(self) -> None:
        """Ask the questions of the lesson at hand."""
        self.lessons.ask()

    async def action_close_lesson(self) -> None:
        """Close the lesson at hand; its run goes on."""
        await self.lessons.close()

    def action_labs(self) -> None:
        """List the labs; one leads into each."""
        from tui_trainer.screens.labs import LabsScreen  # with all labs: not needed to paint the first screen

        self._list(LabsScreen(self.model), lambda _: None)

    def action_sweeps(self, first: str | None = None) -> None:
        """List the sweeps; one leads into each, and from there to a run of one of its trials.

        Args:
            first: The sweep that is shown at once.
        """
        from tui_trainer.runs.sweeps import SweepService
        from tui_trainer.screens.sweeps import SweepsScreen  # with the engine's sweeps: not needed at first

        sweeps = SweepService()

        def chosen(trial: str) -> None:
            name, _, number = trial.partition("@")
            self.dashboard.go(self.navigator.begin_trial(sweeps.trial(name, int(number))))

        self._list(SweepsScreen(sweeps, self.model, first), chosen)

    def action_lab(self, name: str) -> None:
        """Open a lab; one comes back to where one was."""
        from tui_trainer.screens.lab import LabScreen

        self.push_screen(LabScreen(self.model, name))

    def action_by_hand(self, layer: int | None = None, neuron: int = 0, column: int = 0) -> None:
        """Take a sample of the run that is shown apart by hand; at a weight, where one is given."""
        if isinstance(self.screen, TableScreen):
            self.screen.dismiss(None)
        from tui_trainer.screens.by_hand import ByHandScreen  # not needed to paint the first screen

        weight = None if layer is None else (layer, neuron, column)
        self.push_screen(ByHandScreen(self.connection, self._period, weight))

    def action_leave(self) -> None:
        """Ask what to leave behind; where no worker is at work there is nothing to ask."""
        if isinstance(self.screen, LeaveScreen):
            return
        if self.model.link == "died":
            self._leave_as("failed")
        elif self._stopping or not self.model.in_training or self.model.read_only or not self.model.can("steer"):
            self._leave_as("detached")
        else:
            self.push_screen(LeaveScreen(paused=self.model.run.frame.state == "paused"), self._left)

    def _list(self, screen: TableScreen, then: Callable[[str], None]) -> None:
        """Show a list over the dashboard, in place of the one that is there."""
        if isinstance(self.screen, TableScreen):
            self.screen.dismiss(None)
        self.push_screen(screen, lambda name: then(name) if name else None)

    def _open(self, name: str) -> None:
        self.dashboard.go(self.navigator.open(name))

    async def _left(self, choice: Choice | None) -> None:
        if choice == "detach":
            self._leave_as("detached")
        elif choice == "stop":
            self._stopping = True
            self.model.notice = Notice("saving and stopping… (q leaves at once)", Ink.MUTED)
            await self.connection.send(Stop())

    def _on_connection_message(self, message: Any) -> None:
        if self._stopping and isinstance(message, LinkChanged) and self.model.link in {"ended", "died"}:
            self._leave_as("stopped" if self.model.link == "ended" else "failed")
        if self.model.has_frame or self.model.link == "died":
            for key in self._keys_ahead.take():
                self.post_message(key)
        self._ring_at_the_end()
        self.lessons.look()
        self.news.look()
        self.dashboard.post_message(message)
        if isinstance(self.screen, KeyedScreen) and self.screen is not self.dashboard:
            is_immediate = not isinstance(message, Updated) or message.immediate
            self.screen.post_message(Updated(immediate=is_immediate))

    def _ring_at_the_end(self) -> None:
        stands = (self.model.title, self.model.run.frame.state)
        if self.settings.bell and (self._last_seen, stands[1]) == ((stands[0], "running"), "finished"):
            self.bell()
        self._last_seen = stands

    def leave_at_once(self) -> None:
        """Leave the run at work: a lost terminal is no reason to stop training."""
        self._leave_as("detached")

    def _leave_as(self, kind: Literal["detached", "stopped", "failed"]) -> None:
        run = self.model.run
        why = self.model.why if kind == "failed" else None
        self.exit(DashboardExit(kind, run.frame.state if run.has_frame else None, why, self.model.title))


_AVAILABLE: Final[dict[str, Callable[[TrainerApp], bool]]] = {
    "runs": lambda app: app.runs is not None,
    "sweeps": lambda app: app.runs is not None,
    "news": lambda app: app.news.can_tell,
    "presets": lambda app: app.navigator.can_replace,
    "exam": lambda app: app.model.has_frame,
    "verdicts": lambda app: app.model.has_frame,
    "cure": lambda app: app.curing.can(),
    "by_hand": lambda app: app.model.has_frame and app.model.run.has_recipe,
}


def run_dashboard(
    target: RunTarget,
    *,
    refresh: float | None,
    read_only: bool = False,
    runs: RunService | None = None,
    lessons: LessonBook | None = None,
    config: UiConfig = DEFAULT_CONFIG,
    memory: Memory = Memory(),
    lists_first: bool = False,
) -> DashboardExit:
    """Show a run until the user leaves.

    Args:
        target: The way to the run; its client is opened once the screen is painted.
        refresh: Redraws a second at most; None for what suits the terminal.
        read_only: Only look.
        runs: The store in which other runs are found and made; None where the screen has no store.
        lessons: The courses; None where none are at hand.
        config: How it is to look, and which keys do what.
        memory: What is remembered; after a crash the settings are those found, with the default place.
        lists_first: Whether the list of runs is shown over it at first.
    """
    app = TrainerApp(
        target.connect,
        target.resume,
        title=LinkState(target.host).named(target.run),
        refresh=refresh,
        read_only=read_only,
        runs=runs,
        lessons=lessons,
        config=config,
    )
    app.connection.adopt(target)
    app.lists_first = lists_first
    if memory.last_seen is not None:
        app.model.watcher, app.model.screen = memory.last_seen.watcher, memory.screen
        app.connection.absence = AbsenceWatch(app.model, memory.last_seen)
    dashboard_exit = app.run()
    # The place remembered may be what it died of.
    start_again = config.loaded.settings.model_copy(update={"place": Settings().place})
    memory.save_settings(start_again if dashboard_exit is None else app.settings_to_save)
    return dashboard_exit or DashboardExit("failed", message="the dashboard ended with an error")
