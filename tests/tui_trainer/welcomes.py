"""Welcomes of workers that are none."""

from __future__ import annotations

from engine.protocol.events import Welcome
from engine.protocol.version import PROTOCOL
from engine.spec import override
from presets import load


def make_welcome(
    *,
    seeds: tuple[int, ...] = (42,),
    classes: tuple[str, ...] = ("benign", "malignant"),
    rows: tuple[int, int, int] = (341, 114, 114),
    epochs: int = 50,
) -> Welcome:
    """Return the welcome of a breast-cancer run, or of one that differs in what matters to a report."""
    return Welcome(
        protocol=PROTOCOL,
        version="0",
        run="breast-cancer-1",
        spec=override(load("breast-cancer"), {"training.epochs": epochs}),
        seeds=seeds,
        inputs=30,
        feature_names=(),
        classes=classes,
        rows=rows,
        read_only=False,
    )
