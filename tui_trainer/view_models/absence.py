"""What a watcher had seen of a run, and how long it has been away."""

from __future__ import annotations

from dataclasses import dataclass

from tui_trainer.view_models.run import RunModel


@dataclass(frozen=True)
class Seen:
    """How far a watcher has seen a run.

    Attributes:
        created: When the run was made, which tells it from another of its name; empty where that is not known.
        epoch: The latest epoch it saw.
        changes: How many changes.
        at: When that was, in seconds since 1970.
    """

    created: str
    epoch: int
    changes: int
    at: float

    @classmethod
    def now(cls, run: RunModel, at: float) -> Seen:
        """Return how far a run is seen at this moment."""
        created = run.welcome.created
        return cls(created.isoformat() if created else "", run.frame.epoch, len(run.changes), at)


@dataclass(frozen=True)
class Away:
    """An absence that has ended.

    Attributes:
        seen: What the watcher had seen before it.
        epoch: The epoch at its end.
        at: When it ended, in seconds since 1970.
    """

    seen: Seen
    epoch: int
    at: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return max(0.0, self.at - self.seen.at)


def away_since(run: RunModel, seen: Seen, at: float) -> Away | None:
    """Return the absence that ends now; None where nothing has happened in the run since, or it is another one."""
    now = Seen.now(run, at)
    is_same = seen.created == now.created and seen.epoch <= now.epoch and seen.changes <= now.changes
    has_news = seen.epoch < now.epoch or seen.changes < now.changes
    return Away(seen, now.epoch, at) if is_same and has_news else None
