from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.run.changes import EditNetwork
from engine.run.edits import SetUnits
from tui_trainer.view_models.edit_costs import EditCosts


def widened(epoch: int) -> EditNetwork:
    return EditNetwork(epoch=epoch, step=0, edit=SetUnits(layer=0, units=4))


def rows(*losses: float) -> NDArray[np.float64]:
    return np.array([[[0, 0, loss, 0, 0]] for loss in losses], np.float64).reshape(-1, 1, 5)


def test_the_cost_of_an_edit_is_the_loss_of_the_epochs_on_either_side() -> None:
    costs = EditCosts()
    costs.apply([], 1, rows(0.5, 0.4))
    costs.apply([widened(3)], 3, rows(0.7, 0.6))
    assert costs.line(3) == "validation loss 0.4000 → 0.7000"


def test_the_cost_is_told_once_the_first_epoch_with_the_edit_is_over() -> None:
    costs = EditCosts()
    costs.apply([widened(3)], 1, rows(0.5, 0.4))
    assert costs.line(3) == ""
    costs.apply([], 3, rows())
    assert costs.line(3) == ""
    costs.apply([], 3, rows(0.7))
    assert costs.line(3) == "validation loss 0.4000 → 0.7000"


def test_without_a_validation_part_there_is_no_cost_to_tell() -> None:
    costs = EditCosts()
    costs.apply([widened(2)], 1, rows(math.nan, math.nan))
    assert costs.line(2) == ""
