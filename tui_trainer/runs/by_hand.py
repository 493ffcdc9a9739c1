"""The sample that is taken apart by hand: asked of the worker, followed while it trains, or held as it was."""

from __future__ import annotations

from engine.protocol.queries import ByHandQuery
from tui_trainer.runs.connection import RunConnection
from tui_trainer.view_models.by_hand import ByHandModel
from tui_trainer.view_models.by_hand_source import ID, held, is_answered, queries_for, refusal, sample_of


class SampleFeed:
    """Keeps a by-hand model up to date from the answers of a run's worker.

    Args:
        connection: Leads to the worker.
        by_hand: The model to keep.

    Attributes:
        query: Which sample is asked for.
        follows: Whether its numbers follow the training; they stand while something is tried, in any case.
        masked: Whether it has its dropout of the latest batch on.
    """

    def __init__(self, connection: RunConnection, by_hand: ByHandModel) -> None:
        self.query = ByHandQuery()
        self.follows = True
        self.masked = False
        self._connection = connection
        self._model = connection.model
        self._by_hand = by_hand
        self._seen: object = None
        self._picked = ByHandQuery()

    async def look_at(self, query: ByHandQuery) -> None:
        """Ask for another sample."""
        self.query = query
        await self._connection.watch(queries_for(query, self._model.run), of=ID)

    async def look_at_row(self, row: int) -> None:
        """Ask for a row of the same part."""
        await self.look_at(ByHandQuery(part=self.query.part, row=row))

    async def pick(self, pick: str) -> None:
        """Ask for the first row of a kind (see ``ByHandQuery.pick``); for the next one, where that is shown already.

        One of the latest batch has its mask on.
        """
        before, self.masked = self._picked, self.masked or pick == "batch"
        part = "train" if pick == "batch" else self.query.part
        rank = before.rank + 1 if (before.pick, before.part) == (pick, part) else 0
        self._picked = ByHandQuery.model_validate({"part": part, "pick": pick, "rank": rank})
        await self.look_at(self._picked)

    async def take(self) -> str | None:
        """Take in the newest answer.

        Returns:
            None where there is nothing new; why there is no such sample; empty where it is shown.
        """
        run = self._model.run
        answer = run.answered.get(ID)
        if answer is None or answer is self._seen or not is_answered(run, self.query):
            return None
        self._seen = answer
        if refused := refusal(run):
            if self.query.pick is not None:
                self._picked = ByHandQuery()
                await self._stay()
            return refused
        if self.query.pick is not None:  # the row itself from now on: which one is picked changes as it trains
            is_of_batch = self.query.pick == "batch"
            await self.look_at(ByHandQuery(part=self.query.part, row=int(run.answers[ID]["place"][0])))
            self.show_latest(is_fresh=is_of_batch)
            self.follows = self.follows and not is_of_batch  # its mask is of this batch, in this network
        else:
            await self.look_at(self.query)  # with the weights, where they did not come with it
            self.show_latest()
        return ""

    def show_latest(self, *, is_fresh: bool = False) -> None:
        """Show the newest numbers; of a sample that stands its row in the network as it was, unless it is fresh."""
        sample = sample_of(self._model, masked=self.masked)
        if sample is None:
            return
        before = self._by_hand.workings.sample if self._by_hand.workings else None
        if before is not None and not (self.is_live or is_fresh):
            sample = held(before, sample)
            if sample is before:
                return
        self._by_hand.show(sample)

    async def close(self) -> None:
        """Ask for nothing any more."""
        await self._connection.watch((), of=ID)

    @property
    def is_live(self) -> bool:
        """Whether the numbers follow the training."""
        by_hand = self._by_hand
        return self.follows and not (by_hand.workings and by_hand.known.changes) and not by_hand.veil.is_down

    async def _stay(self) -> None:
        """Ask again for the sample that is shown."""
        if self._by_hand.workings is not None:
            await self.look_at_row(self._by_hand.known.sample.row)
