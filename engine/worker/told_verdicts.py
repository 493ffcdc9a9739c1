"""The verdicts that watchers are told of, and which of them a watcher lacks."""

from __future__ import annotations

from collections.abc import Sequence

from engine.run.verdicts import Convergence, Verdict


class ToldVerdicts:
    """The verdicts of a run, by number, each with the version at which it became what it is.

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
        """What goes wrong in the run, and what went wrong for a while."""
        return tuple(self._by_number.values())

    @property
    def version(self) -> int:
        """Counts how often any of them became another."""
        return max(self._versions.values(), default=0)

    def after(self, version: int) -> tuple[Verdict, ...]:
        """Return those that have become others since a version."""
        return tuple(each for number, each in self._by_number.items() if self._versions[number] > version)

    def take(self, verdicts: Sequence[Verdict], judged: int, convergence: Convergence | None) -> bool:
        """Take over all verdicts, and how far the run was judged; return whether watchers are to hear of it at once.

        Of mere other numbers they hear with the next frame that is due anyway.
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
