"""A run as its watcher knows it: what the frames have said so far, folded together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import Change, Frame, StepPlace, Welcome
from engine.spec import Spec
from tui_trainer.view_models.history import History

Arrays = Mapping[str, NDArray[Any]]


class RunModel:
    """Everything a watcher has been told about a run.

    Attributes:
        welcome: What the run is.
        spec: The spec as it now stands.
        frame: The latest frame, None before the first.
        history: Metrics of all epochs.
        changes: Every dial that was turned, in order.
        weights: (out, in + 1) by layer, the bias last; the newest that came.
        masks: (units, B) by hidden layer, 1 = at work.
        activations: (units, B) likewise.
        dead: (units,) likewise, 1 = fires for no row of the training set.
        clerk_rows: (B,) the table's row numbers of the batch that the masks speak of.
        place: Where that batch stood.
    """

    def __init__(self, welcome: Welcome) -> None:
        self.welcome = welcome
        self.spec: Spec = welcome.spec
        self.frame: Frame | None = None
        self.history = History()
        self.changes: list[Change] = []
        self.weights: dict[int, NDArray[Any]] = {}
        self.masks: dict[int, NDArray[Any]] = {}
        self.activations: dict[int, NDArray[Any]] = {}
        self.dead: dict[int, NDArray[Any]] = {}
        self.clerk_rows: NDArray[np.int64] = np.empty(0, np.int64)
        self.place: StepPlace | None = None
        self._snapshots = {
            "weights": self.weights,
            "masks": self.masks,
            "activations": self.activations,
            "dead": self.dead,
        }

    @property
    def epochs(self) -> int:
        """The epoch at which the run ends."""
        return self.frame.epochs if self.frame else self.spec.training.epochs

    @property
    def has_validation(self) -> bool:
        """Whether the run has a validation part."""
        return self.welcome.rows[1] > 0

    def fold(self, frame: Frame, arrays: Arrays) -> None:
        """Take in a frame and its arrays."""
        self.frame = frame
        self.spec = frame.spec or self.spec
        self.changes.extend(frame.changes)
        self._fold_metrics(frame, arrays)
        self._fold_snapshots(arrays)
        self.place = frame.clerks or self.place

    def _fold_metrics(self, frame: Frame, arrays: Arrays) -> None:
        if "rows" in arrays:
            self.history.add_rows(frame.first_epoch, arrays["rows"])
        elif "bins" in arrays:
            self.history.add_bins(frame.first_epoch, frame.bin_width, arrays["bins"], frame.epoch)

    def _fold_snapshots(self, arrays: Arrays) -> None:
        for name, array in arrays.items():
            kind, _, layer = name.partition(".")
            if kind in self._snapshots and layer.isdecimal():
                self._snapshots[kind][int(layer)] = array
        self.clerk_rows = arrays.get("clerk_rows", self.clerk_rows)
