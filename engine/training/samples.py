"""One row of a training's data, chosen and taken apart by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Indices
from engine.data.table import Subset
from engine.errors import InputError
from engine.numerics.by_hand import Explanation, Penalties, explain, float64_layers
from engine.numerics.losses import OutputHead
from engine.numerics.textbook import Layer
from engine.training.targets import targets
from engine.training.trainer import Trainer

Part = Literal["train", "validation"]
Pick = Literal["wrong", "ambiguous", "batch"]


@dataclass(frozen=True)
class Sample:
    """A row of the training or the validation part; the exam stays sealed.

    Attributes:
        part: Which part; "typed" for one that is in none.
        row: Its place in the part, from 0.
        rows: Rows that the part has.
        table_row: Its number in the table; −1 where it is not from there.
        x: (n,) as the network sees it, float64.
        raw: (n,) in the units of the table, missing values filled in as the network sees them.
        y: (K,) targets, float64.
    """

    part: Part | Literal["typed"]
    row: int
    rows: int
    table_row: int
    x: Floats
    raw: Floats
    y: Floats


def sample(trainer: Trainer, part: Part, row: int) -> Sample:
    """Return a row of a part.

    Raises:
        InputError: There is no such part or row.
    """
    subset = _subset(trainer, part)
    if not 0 <= row < len(subset):
        raise InputError(f"row: expected 0 to {len(subset) - 1}, as {part} has {len(subset)} rows (got {row})")
    table_row = int(subset.rows[row])
    return Sample(
        part=part,
        row=row,
        rows=len(subset),
        table_row=table_row,
        x=subset.X[row].astype(np.float64),
        raw=trainer.data.scaler.filled(trainer.data.table.X[table_row : table_row + 1])[0].astype(np.float64),
        y=targets(subset)[row].astype(np.float64),
    )


def picked_rows(trainer: Trainer, part: Part, pick: Pick) -> Indices:
    """Return rows of a part by what the first seed's network answers to them, dropout off.

    Wrong: those that are answered wrong, the largest loss first; of values all, the largest loss first. Ambiguous: all,
    the least sure first: by the distance of p from ½, or between the likeliest and the next class. Batch: those of the
    latest step, as they stood in it.

    Raises:
        InputError: There is no such part or batch, or values are to be ambiguous.
    """
    subset = _subset(trainer, part)
    if pick == "batch":
        return _latest_batch(trainer, part)
    z, y, head = trainer.inside.last_z(part)[0].astype(np.float64), targets(subset).T, output_head(trainer)
    with np.errstate(all="ignore"):
        if pick == "wrong":
            losses = head.row_losses(z, y.astype(np.float64))
            losses = np.nan_to_num(losses if subset.weights is None else losses * subset.weights, nan=np.inf)
            order = np.argsort(-losses, kind="stable")
            return order if not trainer.classification else order[_is_wrong(head, z, y)[order]]
        if not trainer.classification:
            raise InputError("pick: a value is neither one class nor the other; expected wrong")
        p = head.value(z)
    return np.argsort(np.nan_to_num(_margins(p), nan=np.inf), kind="stable")


def picked(trainer: Trainer, part: Part, pick: Pick, rank: int) -> Sample:
    """Return the row of this rank, from 0, among ``picked_rows``.

    Raises:
        InputError: There are not so many.
    """
    rows = picked_rows(trainer, part, pick)
    if rank >= len(rows):
        rows_text = f"{len(rows)} of the {part} rows" if len(rows) else f"none of the {part} rows"
        what = "in the latest batch" if pick == "batch" else pick
        raise InputError(f"pick: {rows_text} {'are' if len(rows) > 1 else 'is'} {what} (asked for number {rank + 1})")
    return sample(trainer, part, int(rows[rank]))


def _latest_batch(trainer: Trainer, part: Part) -> Indices:
    latest = trainer.inside.latest_step()
    if part != "train":
        raise InputError("pick: a batch has training rows; expected the part train")
    if latest is None:
        raise InputError("pick: no step has been done here yet, so there is no latest batch")
    return np.asarray(latest.rows[0], np.intp)


def _is_wrong(head: OutputHead, z: Floats, y: Floats) -> NDArray[np.bool_]:
    """Return (B,) whether the class that is answered is another than the target's; of z and y (K, B)."""
    true = y.argmax(axis=0) if len(y) > 1 else y[0] >= 0.5
    return np.asarray(head.classes(z) != true)


def _margins(p: Floats) -> Floats:
    """Return (B,) how sure outputs p (K, B) are."""
    if len(p) == 1:
        return np.asarray(np.abs(p[0] - 0.5))
    ordered = np.sort(p, axis=0)
    return np.asarray(ordered[-1] - ordered[-2])


def output_head(trainer: Trainer) -> OutputHead:
    """Return the last activation and the loss that is minimised, with the weights of the classes."""
    return trainer.state.head


def head_of_row(trainer: Trainer, chosen: Sample) -> OutputHead:
    """Return the output head as it is for one row: the weight of the row, if it has one, is that of every class."""
    head = output_head(trainer)
    if chosen.part == "typed" or (weights := _subset(trainer, chosen.part).weights) is None:
        return head
    of_classes = head.class_weights or (1.0,) * max(2, len(chosen.y))
    return replace(head, class_weights=tuple(float(weights[chosen.row]) * weight for weight in of_classes))


def layers_of(trainer: Trainer) -> list[Layer]:
    """Return the network of the first seed in float64, copied."""
    activations = [layer.activation for layer in trainer.network.architecture.layers]
    parameters = [layer[0] for layer in trainer.network.parameters.layers]
    return float64_layers(parameters, activations, trainer.spec.network.negative_slope)


def explained(trainer: Trainer, chosen: Sample, masks: Sequence[Floats | None] | None = None) -> Explanation:
    """Return the way of a row through the network of the first seed and back.

    Args:
        trainer: Its network as it stands, and the rate of the epoch that is under way or comes next.
        chosen: The row.
        masks: Of dropout, (units,) a layer; None for no dropout.
    """
    training = trainer.spec.training
    penalties = Penalties(training.l1, training.l2)
    rate = trainer.learning_rate
    return explain(layers_of(trainer), chosen.x, chosen.y, head_of_row(trainer, chosen), rate, penalties, masks)


def latest_masks(trainer: Trainer, chosen: Sample) -> list[Floats | None] | None:
    """Return the masks that dropout drew for a row in the latest step, one a layer; None where it had no part in it.

    (out,) each, 0 or 1/(1 − p), or None where a layer drops nothing.
    """
    latest = trainer.inside.latest_step() if chosen.part == "train" else None
    if latest is None:
        return None
    places = np.flatnonzero(latest.rows[0] == chosen.row)
    if not len(places):
        return None
    masks = [latest.masks.get(number) for number in range(len(trainer.spec.network.layers))]
    return [None if mask is None else mask[0][:, places[0]].astype(np.float64) for mask in masks]


def _subset(trainer: Trainer, part: Part) -> Subset:
    subset = trainer.data.train if part == "train" else trainer.data.validation
    if subset is None:
        raise InputError("part: this run has no validation rows; expected train")
    return subset
