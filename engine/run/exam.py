"""The opened exam: the report on the sealed test part."""

from __future__ import annotations

from typing import Any

from engine.run.frozen import Frozen


class ExamResult(Frozen):
    """The opened exam. ``confusion[true][predicted]``; with several seeds, one entry a seed.

    ``mae`` and ``rmse``, the errors of values, are in the data's own units, also where the loss is in scaled ones.
    """

    epoch: int
    loss: Any
    accuracy: Any
    r2: Any = None
    confusion: Any = None
    precision: Any = None
    recall: Any = None
    f1: Any = None
    roc_auc: Any = None
    mae: Any = None
    rmse: Any = None
