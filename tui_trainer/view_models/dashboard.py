"""What all panes of the dashboard look at: the run, the link to its worker, and the user's choices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.protocol.events import OtherWorker
from engine.run.capabilities import Capability
from engine.run.changes import Change
from engine.spec import Spec
from tui_trainer.bindings import KEYS, Key
from tui_trainer.glossary import Vocabulary, translated, word
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.absence import Away
from tui_trainer.view_models.chart_view import ChartView
from tui_trainer.view_models.data import Selection
from tui_trainer.view_models.dial_scales import Value
from tui_trainer.view_models.dials import Dial, derived_dial, dials_of
from tui_trainer.view_models.edits import planned
from tui_trainer.view_models.learn import LearnModel
from tui_trainer.view_models.link_state import Link, LinkState
from tui_trainer.view_models.pending import VISIT, Pending
from tui_trainer.view_models.run import RunModel, empty_run
from tui_trainer.view_models.runs import RunLine

if TYPE_CHECKING:
    from tui_trainer.view_models.sweeps import SweepLine  # with the engine's sweeps


@dataclass(frozen=True)
class Notice:
    """The line above the keys: what has just happened, or what to do.

    Attributes:
        text: What it says.
        ink: Its ink.
        stands: Whether it says how the run stands: then it keeps to one line, and gives up what follows a dot.
        keys: What to press, at the end of the line.
    """

    text: str
    ink: Ink = Ink.MUTED
    stands: bool = False
    keys: str = ""


@dataclass
class DashboardModel:
    """State shared by the panes.

    Attributes:
        title: The run's name, harmless to print.
        read_only: Whether this watcher may only look.
        run: The run; an empty one until its worker has answered.
        link: How the worker is.
        link_state: The way to it: on which machine it is, and what is being done where the link to it is lost.
        silence: Seconds for which the worker has not answered, or is being started; 0 where that is not long.
        reading: What a worker that is being started reads, and how far it is; empty where that takes no time.
        why: One line about a link that died.
        watcher: Who looks; empty where that is not known.
        screen: Which of his screens this is, as changes that are made here are signed.
        away: The latest absence of this watcher, during which something happened in the run; None without one.
        has_news: Whether what happened meanwhile is to be told now.
        can_resume: Whether a dead or ended run can be taken up again from here.
        notice: The line above the keys.
        vocabulary: Standard or plain words.
        log_axis: Whether the loss has a logarithmic axis.
        charts: How the charts are looked at.
        selection: The row of the data that is looked at.
        pending: What was asked for here: not yet confirmed, or to be undone.
        keys: The table of keys, as its user has remapped it.
        learn: The courses, and the lesson at hand.
        listed_runs: The runs of the store, as they were listed last.
        listed_sweeps: Its sweeps.
    """

    title: str
    read_only: bool = False
    run: RunModel = field(default_factory=empty_run)
    link: Link = "opening"
    link_state: LinkState = field(default_factory=LinkState)
    silence: int = 0
    reading: str = ""
    why: str = ""
    watcher: str = ""
    screen: str = ""
    away: Away | None = None
    has_news: bool = False
    can_resume: bool = False
    notice: Notice = Notice("starting the worker…")
    vocabulary: Vocabulary = "standard"
    log_axis: bool = True
    charts: ChartView = field(default_factory=ChartView)
    selection: Selection = field(default_factory=Selection)
    pending: Pending = field(default_factory=Pending)
    keys: tuple[Key, ...] = KEYS
    learn: LearnModel = field(default_factory=LearnModel)
    listed_runs: list[RunLine] = field(default_factory=list)
    listed_sweeps: list[SweepLine] = field(default_factory=list)

    def glyph(self, key_id: str) -> str:
        """Return a key as it is shown."""
        return next(key.glyph for key in self.keys if key.id == key_id)

    def word(self, key: str) -> str:
        """Return the name of a term in the vocabulary chosen."""
        return word(key, self.vocabulary)

    @property
    def has_frame(self) -> bool:
        """Whether there is anything to show yet."""
        return self.run.has_frame

    def show(self, run: RunModel) -> None:
        """Make this the run that is shown; the curves laid over the last one stay, but for its own."""
        if self.run is not run:
            run.overlays = [overlay for overlay in self.run.overlays if overlay.name != run.welcome.run]
            self.pending.forget_undo()
        self.run = run
        self.title = self.link_state.named(run.welcome.run)

    @property
    def may_command(self) -> bool:
        """Whether commands would be heard."""
        return self.link == "live" and self.has_frame and not self.read_only

    @property
    def may_steer(self) -> bool:
        """Whether the network shown can be changed: the past cannot."""
        return self.may_command and self.visiting is None and self.can("steer")

    @property
    def may_edit(self) -> bool:
        """Whether the architecture of the network shown can be changed."""
        return self.may_steer and self.can("edit")

    def can(self, capability: Capability) -> bool:
        """Return whether the run is capable of something; if not, ``RunModel.refusals`` says why."""
        return capability not in self.run.refusals

    @property
    def visiting(self) -> int | None:
        """The epoch of the checkpoint that is looked at, or asked for; None is the present."""
        epoch: int | None = self.pending.value(VISIT, self.run.frame.visiting)
        return epoch

    @property
    def other_worker(self) -> OtherWorker | None:
        """The worker of another version that trains the run at this moment; it can be looked at, and taken over."""
        is_at_work = self.link == "live" and self.run.frame.state in {"running", "paused"}
        return self.run.welcome.other_worker if is_at_work else None

    @property
    def in_training(self) -> bool:
        """Whether the run is on its way: not finished, stopped or dead."""
        return self.link == "live" and self.run.frame.state in {"running", "paused"}

    @property
    def is_running(self) -> bool:
        """Whether the run trains at this moment."""
        return self.run.frame.state == "running"

    @property
    def why_no_step(self) -> str:
        """Why there is no batch to show the insides of."""
        return translated(self._why_no_step, self.vocabulary)

    @property
    def _why_no_step(self) -> str:
        if self.visiting is not None:
            return "a checkpoint keeps no batch"
        if "neurons" in self.run.awaited:
            return "one moment…"
        frame = self.run.frame
        if self.run.is_forward_only:
            return "forward only: no step is taken"
        was_taken = bool(frame.epoch or frame.step)
        if frame.state in {"finished", "stopped"}:
            return "it has ended: no step is kept" if was_taken else "no step was taken"
        return "no step to show yet" if was_taken else "no step taken yet"

    @property
    def dials(self) -> list[Dial]:
        """The dials of this run."""
        return dials_of(self.run.spec, self.run.welcome.rows[0]) if self.run.has_recipe else []

    def planned(self, run: RunModel) -> Spec:
        """Return the recipe with everything in it that waits or was asked for."""
        return planned(run, self.pending.edits)

    def dial_name(self, dial: Dial) -> str:
        """Return a dial's name, with its number where there are several."""
        return f"{self.word(dial.term)} {dial.number}" if dial.number else self.word(dial.term)

    def dial(self, path: str) -> Dial | None:
        """Return the dial of this path, if the run has it."""
        dials = [*self.dials, *([derived_dial()] if self.run.has_recipe else [])]
        return next((dial for dial in dials if dial.path == path), None)

    def value(self, dial: Dial, run: RunModel) -> Value:
        """Return what a dial was last set to: what was asked for, or waits for its epoch, or holds."""
        if dial.path in self.pending:
            return self.pending.value(dial.path)
        waiting = self.waiting(dial.path)
        return waiting.value if waiting else dial.value_in(run)

    def waiting(self, path: str) -> Change | None:
        """Return the latest change of this dial that waits for its epoch."""
        waiting = [change for change in self.run.frame.pending if change.path == path]
        return waiting[-1] if waiting else None
