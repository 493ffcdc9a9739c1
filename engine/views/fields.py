"""The field of every neuron over two columns, as small pictures: what each of them has learned to tell apart."""

from __future__ import annotations

import numpy as np

from engine.array_types import Arrays, Floats
from engine.data.dataset import Dataset
from engine.data.derived import recompute
from engine.errors import InputError
from engine.numerics.forward import ForwardPlan
from engine.protocol.queries import FieldsQuery
from engine.training.network import Network
from engine.training.trainer import Trainer

MARGIN = 0.1


class Fields:
    """The fields that were last asked for, compiled once and evaluated as often as they are shown."""

    def __init__(self) -> None:
        self._made_for: tuple[Network, Dataset, FieldsQuery] | None = None
        self._plan: ForwardPlan | None = None

    def arrays(self, trainer: Trainer, query: FieldsQuery) -> Arrays:
        """Return the activations of the first neurons of each layer over the two columns, as the network now answers.

        Raises:
            InputError: The data has other columns than two, beside derived ones.
        """
        if trainer.data.table.base_columns != 2:
            raise InputError("fields: the data has other columns than two")
        plan = self._plan_for(trainer, query)
        outputs = trainer.data.in_own_units(plan.outputs().swapaxes(-1, -2)).swapaxes(-1, -2)
        shape = query.height, query.width
        return {
            f"{number}": layer[0][: query.most].reshape(-1, *shape).astype(np.float32)
            for number, layer in enumerate([*plan.activations(), outputs])
        }

    def _plan_for(self, trainer: Trainer, query: FieldsQuery) -> ForwardPlan:
        made_for = trainer.network, trainer.data, query.model_copy(update={"id": query.kind, "most": 1})
        if self._plan is None or self._made_for != made_for:
            X = grid_over_two_columns(trainer.data, query.width, query.height)
            self._plan = trainer.network.forward_plan(trainer.data.scaler.transform(X))
            self._made_for = made_for
        return self._plan


def grid_over_two_columns(data: Dataset, width: int, height: int) -> Floats:
    """Return raw rows (height · width, n) from the top left corner on: the training rows' box and a margin."""
    X = data.scaler.filled(data.table.X)
    training_points = X[data.train.rows, :2]
    low, high = training_points.min(axis=0), training_points.max(axis=0)
    margin = np.where(high > low, (high - low) * MARGIN, 1.0)
    (left, bottom), (right, top) = low - margin, high + margin
    rows = np.zeros((width * height, X.shape[1]))
    across, down = np.meshgrid(np.linspace(left, right, width), np.linspace(top, bottom, height))
    rows[:, 0], rows[:, 1] = across.ravel(), down.ravel()
    recompute(data.table, rows, ())
    return rows
