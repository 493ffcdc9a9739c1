"""What all panes of the dashboard look at: the run, the link to its worker, and the choices of the one who watches."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.protocol.events import Change
from tui_trainer.glossary import Vocabulary, word
from tui_trainer.themes.palette import Ink
from tui_trainer.view_models.dials import Dial, Value, dials_of
from tui_trainer.view_models.run import RunModel

Link = Literal["opening", "live", "ended", "died"]
"""Whether a worker is being started, answers, has left after the end of the run, or has died."""


@dataclass(frozen=True)
class Notice:
    """The line above the keys: what has just happened, or what to do."""

    text: str
    ink: Ink = Ink.MUTED


@dataclass
class DashboardModel:
    """State shared by the panes.

    Attributes:
        title: The run's name, harmless to print.
        read_only: Whether this watcher may only look.
        run: The run, None until its worker has answered.
        link: How the worker is.
        why: One line about a link that died.
        can_resume: Whether a dead or ended run can be taken up again from here.
        notice: The line above the keys.
        vocabulary: Standard or plain words.
        log_axis: Whether the loss has a logarithmic axis.
        requested: Values asked for but not yet confirmed, by the dial's path.
    """

    title: str
    read_only: bool = False
    run: RunModel | None = None
    link: Link = "opening"
    why: str = ""
    can_resume: bool = False
    notice: Notice = Notice("starting the worker…")
    vocabulary: Vocabulary = "standard"
    log_axis: bool = True
    requested: dict[str, Value] = field(default_factory=dict)

    def word(self, key: str) -> str:
        """Return the name of a term in the vocabulary chosen."""
        return word(key, self.vocabulary)

    @property
    def has_frame(self) -> bool:
        """Whether there is anything to show yet."""
        return self.run is not None and self.run.frame is not None

    @property
    def may_steer(self) -> bool:
        """Whether commands would be heard."""
        return self.link == "live" and self.has_frame and not self.read_only

    @property
    def in_training(self) -> bool:
        """Whether the run is on its way: not finished, stopped or dead."""
        frame = self.run.frame if self.run else None
        return self.link == "live" and frame is not None and frame.state in {"running", "paused"}

    @property
    def dials(self) -> list[Dial]:
        """The dials of this run."""
        return dials_of(self.run.spec, self.run.welcome.rows[0]) if self.run else []

    def dial(self, path: str) -> Dial | None:
        """Return the dial of this path, if the run has it."""
        return next((dial for dial in self.dials if dial.path == path), None)

    def value(self, dial: Dial, run: RunModel) -> Value:
        """Return what a dial was last set to: what was asked for, or waits for its epoch, or holds."""
        if dial.path in self.requested:
            return self.requested[dial.path]
        waiting = self.pending(dial.path)
        return waiting.value if waiting else dial.value_in(run)

    def pending(self, path: str) -> Change | None:
        """Return the latest change of this dial that waits for its epoch."""
        frame = self.run.frame if self.run else None
        waiting = [change for change in frame.pending if change.path == path] if frame else []
        return waiting[-1] if waiting else None
