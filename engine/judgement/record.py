"""The record of a run's verdicts: which stand, which have passed, and what a later look adds."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from engine.run.verdicts import MOST_VERDICTS, Verdict, VerdictName

LEAST_GAP, GAP_SHARE = 10, 0.1
"""What comes back within so many epochs, or this share of those done, is the same verdict still."""
REFRESHED_AFTER = 1.05
"""Times the epochs of its latest numbers, after which those of a standing verdict are taken anew."""

Key = tuple[VerdictName, int | None]


class VerdictRecord:
    """The verdicts of a run, each with its number.

    What is recorded depends on the run alone, and not on when anybody looked: a verdict is told of the epoch at which
    the rules had numbers enough for it, however much later that was noticed.

    Args:
        verdicts: Those that were recorded already.
    """

    def __init__(self, verdicts: Iterable[Verdict] = ()) -> None:
        self._by_number = {verdict.number: verdict for verdict in verdicts}
        self._refreshed: dict[int, int] = {}

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """All of them, by their numbers."""
        return tuple(self._by_number.values())

    def layers(self, name: VerdictName) -> set[int]:
        """Return the layers of which a verdict stands."""
        return {each.layer for each in self._standing([name]) if each.layer is not None}

    def update(self, found: Sequence[Verdict], names: Collection[VerdictName], epoch: int) -> list[Verdict]:
        """Take in what the rules of these names have found at the end of an epoch; return what has begun or passed."""
        changed: dict[int, Verdict] = {}
        for verdict in sorted(found, key=lambda each: each.told):
            for updated in self._take(verdict, epoch):
                changed[updated.number] = updated
        open_keys = {_key(verdict) for verdict in found if verdict.until is None}
        for verdict in self._standing(names):
            if _key(verdict) not in open_keys:
                changed[verdict.number] = self._put(verdict, until=epoch)
        return list(changed.values())

    def refreshed(self) -> list[Verdict]:
        """Return verdicts that stand with numbers later than those when they began."""
        return [each for each in self._by_number.values() if each.until is None and each.lately]

    def _take(self, found: Verdict, epoch: int) -> list[Verdict]:
        """Take in one verdict; return it where it has begun or passed, or where its numbers are worth telling."""
        last = self._last(_key(found))
        if last is not None and last.until is None:
            if found.until is not None:
                return [self._put(last, until=found.until, lately=found.lately)] if found.until > last.since else []
            return self._refresh(last, found, epoch)
        if last is not None and last.until is not None:
            if found.until is not None and found.until <= last.until:
                return []
            if self._continues(last, found, epoch) or len(self._by_number) >= MOST_VERDICTS:
                return [self._put(last, until=found.until, lately=found.lately)]
        if len(self._by_number) >= MOST_VERDICTS:
            return []
        return [self._put(_dated(found, epoch), number=len(self._by_number) + 1)]

    def _refresh(self, standing: Verdict, found: Verdict, epoch: int) -> list[Verdict]:
        """Take later numbers of a verdict that stands, now and then."""
        due = epoch > REFRESHED_AFTER * self._refreshed.get(standing.number, standing.told)
        is_other = (found.lately, found.cure) != (standing.lately, standing.cure)
        if found.lately and is_other and due:
            self._refreshed[standing.number] = epoch
            self._put(standing, lately=found.lately, cure=found.cure)
        return []

    def _continues(self, last: Verdict, found: Verdict, epoch: int) -> bool:
        """Return whether what is found is what has passed a moment ago."""
        since = found.since or epoch
        return last.until is not None and since - last.until <= max(LEAST_GAP, GAP_SHARE * found.told)

    def _last(self, key: Key) -> Verdict | None:
        return next((each for each in reversed(self._by_number.values()) if _key(each) == key), None)

    def _standing(self, names: Collection[VerdictName]) -> list[Verdict]:
        return [each for each in self._by_number.values() if each.until is None and each.name in names]

    def _put(self, verdict: Verdict, **values: object) -> Verdict:
        changed = verdict.model_copy(update=values)
        self._by_number[changed.number] = changed
        return changed


def _key(verdict: Verdict) -> Key:
    return verdict.name, verdict.layer


def _dated(found: Verdict, epoch: int) -> Verdict:
    """Return what the recipe shows with the epoch at which it came to show it."""
    return found if found.since or not epoch else found.model_copy(update={"since": epoch, "told": epoch})
