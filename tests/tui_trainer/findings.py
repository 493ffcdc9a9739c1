"""What may have been found in a file of houses."""

from __future__ import annotations

from engine.spec.finding import ColumnFinding, DataFinding

HOUSES = (
    ColumnFinding(name="id", kind="identifier", used=False, why="whole numbers that count up, an identifier"),
    ColumnFinding(name="size", kind="number"),
    ColumnFinding(name="garden", kind="boolean", missing=3),
)


def finding(classes: tuple[tuple[str, int], ...] = ()) -> DataFinding:
    """Return it: a price to predict, or two classes."""
    exit_ = {"units": 1, "activation": "sigmoid" if classes else "identity"}
    targets = {} if classes else {"targets": "standard"}
    return DataFinding(
        path="houses.csv",
        form=("separated by comma", "utf-8"),
        rows=240,
        columns=HOUSES,
        targets=("garden",) if classes else ("price",),
        classes=classes,
        choices=("network: 2→8→1", "training: adam"),
        document={
            "name": "houses",
            "data": {"source": "/houses.csv", "target": "price"},
            "split": {"validation": 0.2, "test": 0.2},
            "scaler": {"kind": "standard", **targets},
            "network": {"layers": [exit_]},
            "training": {"loss": "bce" if classes else "mse"},
        },
    )
