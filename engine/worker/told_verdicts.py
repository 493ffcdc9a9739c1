"""The verdicts that watchers are told of, and which of them a watcher lacks."""

from __future__ import annotations

from collections.abc import Sequence

from engine.run.verdicts import Verdict


class ToldVerdicts:
    """The verdicts of a run, by number, each with the version at which it became what it is."""

    def __init__(self) -> None:
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

    def take(self, verdicts: Sequence[Verdict]) -> bool:
        """Take over all verdicts; return whether one has begun or passed, and not merely has other numbers."""
        version, is_news = self.version + 1, False
        for verdict in verdicts:
            before = self._by_number.get(verdict.number)
            if before == verdict:
                continue
            self._by_number[verdict.number] = verdict
            self._versions[verdict.number] = version
            is_news |= before is None or before.until != verdict.until
        return is_news
