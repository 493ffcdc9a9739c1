"""What is shown of the data, and what is not."""

from __future__ import annotations

import numpy as np

from engine.training.trainer import Trainer
from engine.views import data as data_view


def test_the_data_view_leaves_the_exam_sealed(trainer: Trainer) -> None:
    shown, data = data_view.data(trainer), trainer.data
    assert data.test is not None
    assert shown["counts"].sum(axis=1).tolist() == [341, 114, 114]
    assert shown["counts"][0].tolist() == [216, 125]
    assert not set(shown["sample_rows"].tolist()) & set(data.test.rows.tolist())
    np.testing.assert_allclose(shown["scaled"][:, 2:], [[0, 1]] * 30, atol=1e-9)
    np.testing.assert_array_equal(shown["raw"][:, 0], data.table.X[data.train.rows].min(axis=0))
