"""What a run's data are, as far as one has to know who only looks at it."""

from __future__ import annotations

from engine.run.frozen import Frozen


class DataFacts(Frozen):
    """Names and numbers of a run's data, without the data.

    Attributes:
        inputs: Columns that the network sees.
        feature_names: Their names; empty where they have none.
        classes: Names of the classes; empty for values.
        rows: Rows of the training, validation and test part.
        image_shape: (height, width) where a row is a picture.
        notes: What the reader of the data should know, one line each.
    """

    inputs: int
    feature_names: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    rows: tuple[int, int, int] = (0, 0, 0)
    image_shape: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()
