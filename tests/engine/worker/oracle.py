"""What a run must come to: the same trainer, stepped in the test with nobody watching."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.store.runs import Run
from engine.training.trainer import Trainer
from tests.engine.worker.peers import Peer

Turn = tuple[tuple[int, int], str, Any]
"""A dial turned at (epochs, steps of the next one) that are done: where, path, value."""


class Undisturbed:
    """A trainer of the run's recipe and seeds, and the metrics of its epochs.

    Args:
        run: Whose recipe.
        turns: Dials that are turned on the way, in order.
    """

    def __init__(self, run: Run, turns: Sequence[Turn] = ()) -> None:
        seeds = run.description.seeds
        options: dict[str, Any] = {"seed": seeds[0]} if len(seeds) == 1 else {"seeds": seeds}
        self.trainer = Trainer(run.description.trained.spec, **options)
        self._turns = list(turns)
        self._rows: list[NDArray[np.float64]] = []
        self._turn()

    @property
    def rows(self) -> NDArray[np.float64]:
        """(k, S, 5) so far."""
        return np.array(self._rows).reshape(-1, len(self.trainer.seeds), 5)

    def _turn(self) -> None:
        while self._turns and self._turns[0][0] <= (self.trainer.epoch, self.trainer.step_in_epoch):
            _, path, value = self._turns.pop(0)
            self.trainer.change_log.add([self.trainer.changes.plan(path, value)])
            self.trainer.apply(())

    def step(self, times: int = 1) -> None:
        for _ in range(times):
            result = self.trainer.step()
            if result is not None:
                self._rows.append(result.row())
            self._turn()

    def finish(self) -> Undisturbed:
        while self.trainer.ended is None:
            self.step()
        return self


def weights(arrays: dict[str, NDArray[Any]]) -> list[bytes]:
    """Return the bits of each layer's parameters in a frame with the view of weights."""
    return [arrays[name].tobytes() for name in sorted(arrays) if name.startswith("weights.")]


def shown_weights(watcher: Peer) -> list[bytes]:
    """Return the bits of each layer's parameters as the watcher sees them now.

    What a busy machine had no time to make comes with a later frame than the state that it belongs to.
    """
    while not (shown := weights(watcher.frames[-1][1])):
        watcher.frame()
    return shown


def weights_of(trainer: Trainer) -> list[bytes]:
    """Return the bits of each layer's parameters."""
    return [layer[0].tobytes() for layer in trainer.network.parameters.layers]


def told(watcher: Peer) -> NDArray[np.float64]:
    """Return the metrics that a watcher has been told, of epoch 1 on."""
    pieces = [arrays["rows"] for _, arrays in watcher.frames if "rows" in arrays]
    starts = [frame.first_epoch for frame, arrays in watcher.frames if "rows" in arrays]
    assert starts == [1 + sum(map(len, pieces[:number])) for number in range(len(pieces))]
    return np.concatenate(pieces)


def rows_of(run: Run) -> NDArray[np.float64]:
    """Return the metrics that the store has of a run, (k, S, 5)."""
    return Run(run.path).metrics.rows()
