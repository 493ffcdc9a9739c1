"""Rows written into the preset itself: a handful of cases to follow by hand."""

from __future__ import annotations

import numpy as np

from engine.data.registry import Stream, loads
from engine.data.table import Table, column_names
from engine.spec.sources.bundled import Rows


@loads(Rows)
def load_rows(source: Rows, _stream: Stream = None) -> Table:
    """Return the rows in the order they are written."""
    return Table(
        X=np.array(source.X),
        y=np.array(source.y),
        feature_names=source.features or column_names(len(source.X[0])),
        classes=source.classes,
        notes=(source.note,) if source.note else (),
    )
