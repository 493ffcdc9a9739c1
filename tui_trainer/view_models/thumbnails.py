"""Small pictures of the neurons' fields in the drawn network: how large they are, where they stand, their colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.protocol.queries import FieldsQuery
from engine.spec import Spec
from tui_trainer.themes.inks import HEAT_STEPS
from tui_trainer.view_models.diagram import MOST_NEURONS, Column, columns_of
from tui_trainer.view_models.run import RunModel

SIZES: Final = ((10, 5), (8, 4), (6, 3), (4, 2))
"""Cells across and down, the largest first; two pixels of a column of cells are one above the other."""
GAP: Final = 3
"""Columns at least between two layers, for the lines."""

Levels = NDArray[np.int64]


@dataclass(frozen=True)
class Thumbnails:
    """A network drawn with small pictures.

    Attributes:
        columns: The layers, the input first; each row is the middle one of a neuron's picture.
        width: Cells of a picture, across.
        height: Cells of a picture, down.
    """

    columns: list[Column]
    width: int
    height: int

    @property
    def query(self) -> FieldsQuery:
        """What frames must carry."""
        return FieldsQuery(width=self.width, height=2 * self.height, most=MOST_NEURONS)


def has_plane(run: RunModel) -> bool:
    """Return whether a run's data has two columns, beside those that are derived of them."""
    return run.has_recipe and run.welcome.inputs - len(run.spec.data.derived) == 2 and "boundary" not in run.refusals


def thumbnails(run: RunModel, width: int, height: int) -> Thumbnails | None:
    """Return how a run's network is drawn in so many cells, with the largest pictures that all layers have room for.

    None where the data has no plane to draw, or there is no room.
    """
    widths = [run.welcome.inputs, *(layer.units for layer in run.spec.network.layers)]
    if not has_plane(run):
        return None
    most = min(MOST_NEURONS, max(widths))
    fits = [size for size in SIZES if len(widths) * (size[0] + GAP) <= width and size[1] + 1 <= height]
    size = next((size for size in fits if most * (size[1] + 1) <= height), fits[-1] if fits else None)
    if size is None:
        return None
    return Thumbnails(columns_of(widths, width, height, *size), *size)


def pictures(run: RunModel, drawn: Thumbnails) -> dict[int, NDArray[Any]]:
    """Return the fields (units, height, width) of each layer, if the run has told them in this size."""
    fields = {int(name): array for name, array in run.answers.get("fields", {}).items()}
    shape = 2 * drawn.height, drawn.width
    units = [layer.units for layer in run.spec.network.layers]
    fit = len(fields) == len(units) and all(
        fields[number].shape == (min(MOST_NEURONS, count), *shape) for number, count in enumerate(units)
    )
    return fields if fit else {}


def input_levels(column: int, drawn: Thumbnails) -> Levels | None:
    """Return the field of an input: the first rises to the right, the second upwards; a derived one has none here."""
    across = np.linspace(-HEAT_STEPS, HEAT_STEPS, drawn.width)
    down = np.linspace(HEAT_STEPS, -HEAT_STEPS, 2 * drawn.height)
    if column > 1:
        return None
    return np.rint(np.broadcast_to(across if column == 0 else down[:, None], (len(down), len(across)))).astype(np.int64)


def levels_of(fields: NDArray[Any], spec: Spec, layer: int) -> Levels:
    """Return the colours of a layer's fields (units, height, width), −7 … 7.

    A sigmoid's and softmax's middle is ½, tanh's and all others' 0; what has no bounds is measured by the largest value
    of the layer, of values to predict from their mean on.
    """
    activation = spec.network.layers[layer].activation
    values = np.where(np.isfinite(fields), fields, 0.0).astype(np.float64)
    if activation in {"sigmoid", "softmax", "step"}:
        values = 2 * values - 1
    elif activation != "tanh":
        if layer == len(spec.network.layers) - 1:
            values = values - values.mean()
        values = values / (np.abs(values).max() or 1.0)
    levels: Levels = np.rint(values.clip(-1, 1) * HEAT_STEPS).astype(np.int64)
    return levels
