"""What the networks of a trial answer over the two columns of their data, as one small file."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.training.trainer import Trainer
from engine.views.fields import grid_over_two_columns

SIZE = 48
"""Points of a field across, and as many down."""
MOST_SEEDS = 16
MOST_POINTS = 300
FULL = 255
"""What the probability 1 is stored as."""


@dataclass(frozen=True)
class Field:
    """Answers over the plane of two columns, and the training rows in it.

    Attributes:
        answers: (S, H, W) from the top left corner on: of two classes the probability of the second, in 255ths; of
            more the likeliest class.
        points: (N, 2), training rows, each from 0 at the left or the top to 1.
        labels: (N,), their classes.
        classes: The number of classes.
    """

    answers: NDArray[np.uint8]
    points: NDArray[np.float32]
    labels: NDArray[np.uint8]
    classes: int

    def encode(self) -> bytes:
        """Return the file."""
        arrays = {"answers": self.answers, "points": self.points, "labels": self.labels}
        return save(
            {name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"classes": str(self.classes)}
        )

    @classmethod
    def decode(cls, data: bytes) -> Field:
        """Return what a file holds.

        Raises:
            ValueError: It is damaged.
        """
        try:
            arrays = load(data)
            header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
            classes = int(header["__metadata__"]["classes"])
            return cls(arrays["answers"], arrays["points"], arrays["labels"], classes)
        except (SafetensorError, KeyError, TypeError) as error:
            raise ValueError(f"damaged field ({error})") from None


def measure(trainer: Trainer, places: NDArray[np.intp] | None = None) -> Field | None:
    """Return the field of a trained band; None where the data has other columns than two, or no classes.

    Args:
        trainer: The band.
        places: (S,) rising, where its seeds stand among those of the trial: others have been left out, and answer 0.
    """
    data = trainer.data
    classes = len(data.table.classes)
    if data.table.base_columns != 2 or not 2 <= classes <= FULL:
        return None
    X = grid_over_two_columns(data, SIZE, SIZE)
    outputs = trainer.network.forward_plan(data.scaler.transform(X)).outputs()[:MOST_SEEDS]  # (S, K, N)
    if classes == 2:
        p = outputs[:, 0] if outputs.shape[1] == 1 else outputs[:, 1]
        answers = np.rint(np.clip(np.nan_to_num(p), 0.0, 1.0) * FULL)
    else:
        answers = outputs.argmax(axis=1)
    chosen = np.linspace(0, len(data.train.rows) - 1, min(len(data.train.rows), MOST_POINTS)).astype(np.intp)
    rows = data.train.rows[chosen]
    corner, opposite = X[0, :2], X[-1, :2]
    points = (data.scaler.filled(data.table.X[rows])[:, :2] - corner) / (opposite - corner)
    places = np.arange(len(outputs)) if places is None else places[: len(outputs)]
    fields = np.zeros((places[-1] + 1, SIZE, SIZE), np.uint8)
    fields[places] = answers.reshape(len(outputs), SIZE, SIZE)
    return Field(
        fields[:MOST_SEEDS],
        points.astype(np.float32),
        data.table.y[rows].reshape(len(rows)).astype(np.uint8),
        classes,
    )
