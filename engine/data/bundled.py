"""Data sets that come with scikit-learn.

scikit-learn takes about a second to import, so it is imported where it is used: in the worker, never in a screen.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from engine.data.table import Table


class BreastCancer(BaseModel):
    """Breast Cancer Wisconsin (Diagnostic): 569 cases, 30 measurements of cell nuclei, 1 = malignant.

    scikit-learn has 1 = benign; the tutorials have 1 = malignant, the class to be found.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: Literal["breast-cancer"]

    def load(self, _stream: np.random.RandomState | None = None) -> Table:
        """Return the 569 rows in scikit-learn's order."""
        from sklearn.datasets import load_breast_cancer

        bunch = load_breast_cancer()
        return Table(
            X=bunch.data.astype(np.float64),
            y=1.0 - bunch.target.astype(np.float64),
            feature_names=tuple(map(str, bunch.feature_names)),
            classes=("benign", "malignant"),
        )
