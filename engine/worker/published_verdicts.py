"""The verdicts of a run as watchers see them, versioned, so that each watcher is sent what it lacks."""

from __future__ import annotations

from collections.abc import Sequence

from engine.run.verdicts import Convergence, Verdict


class PublishedVerdicts:
    """The verdicts of a run by number, each with the version in which it last changed.

    Attributes:
        judged: The epoch up to which the run has been judged.
        convergence: Where its training loss is going.
    """

    def __init__(self) -> None:
        self.judged = 0
        self.convergence: Convergence | None = None
        self._by_number: dict[int, Verdict] = {}
        self._versions: dict[int, int] = {}

    @property
    def all(self) -> tuple[Verdict, ...]:
        """Every verdict, those that have passed too."""
        return tuple(self._by_number.values())

    @property
    def version(self) -> int:
        """The number of the latest change of any verdict; 0 before the first."""
        return max(self._versions.values(), default=0)

    def after(self, version: int) -> tuple[Verdict, ...]:
        """Return the verdicts that have changed since a version."""
        return tuple(each for number, each in self._by_number.items() if self._versions[number] > version)

    def take(self, verdicts: Sequence[Verdict], judged: int, convergence: Convergence | None) -> bool:
        """Replace all verdicts, and note how far the run was judged.

        Returns:
            Whether watchers are to be sent a frame for it: a verdict has begun or ended, or more has been judged. Where
            only a verdict's figures differ, the next frame that is due anyway carries them.
        """
        version, is_news = self.version + 1, (judged, convergence) != (self.judged, self.convergence)
        self.judged, self.convergence = judged, convergence
        for verdict in verdicts:
            before = self._by_number.get(verdict.number)
            if before == verdict:
                continue
            self._by_number[verdict.number] = verdict
            self._versions[verdict.number] = version
            is_news |= before is None or before.until != verdict.until
        return is_news
