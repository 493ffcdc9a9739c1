"""The patients of the breast cancer data: their split, patient number 203, and the weight of one of 114."""

from __future__ import annotations

from typing import Any

import numpy as np

import presets
from engine.data import dataset
from engine.data.dataset import Dataset
from engine.errors import InputError
from engine.numerics.losses import make_output_head

READINGS = {
    "unstrat_80_20_then_.25": (False, 0.2),
    "strat_80_20_then_.25": (True, 0.2),
    "unstrat_60_40_then_.5": (False, 0.4),
    "strat_60_40_then_.5": (True, 0.4),
}
"""Readings of "split in two steps": stratified or not, and the share that is set aside first."""


def split() -> dict[str, Any]:
    """Return the sizes of the three parts, and of each reading how many are malignant and who comes first.

    Raises:
        InputError: The recipe has fewer than three parts.
    """
    figures: dict[str, Any] = {}
    for name, (stratify, aside) in READINGS.items():
        if aside != 0.2:  # the preset's own recipe is the other one; sizes are all that this one is known by
            continue
        data = _data({"split.stratify": stratify})
        parts = (data.train, data.validation, data.test)
        if data.validation is None or data.test is None:
            raise InputError("breast-cancer: expected three parts")
        figures[f"{name} malignant"] = [int(part.y.sum()) for part in parts if part is not None]
        for part, label in zip(parts, ("train", "val", "test"), strict=True):
            figures[f"{name} first5_{label}"] = part.rows[:5].tolist() if part is not None else []
        figures.setdefault("sizes", [len(part) for part in parts if part is not None])
    return figures


def patient_203() -> dict[str, Any]:
    """Return what patient 203 is, and her neighbours, in case the numbers are off by one; and her symmetry."""
    data = _data({"scaler.fit": "all"})
    table, test = data.table, data.test
    names = {202: "row202_truth", 203: "truth", 204: "row204_truth"}
    figures: dict[str, Any] = {name: table.classes[int(table.y[row])] for row, name in names.items()}
    scaled = dict(zip(table.feature_names, data.scaler.transform(table.X[203:204])[0], strict=True))
    exam = np.array([]) if test is None else test.rows
    return figures | {
        "mean_symmetry_z": scaled["mean symmetry"],
        "worst_symmetry_z": scaled["worst symmetry"],
        "patients of the exam": len(exam),
        "row 203 is in the exam": bool(203 in exam),
    }


def exam_of_114() -> dict[str, Any]:
    """Return what three wrong answers of 114 amount to."""
    test = _data({}).test
    patients = 0 if test is None else len(test)
    wrong = 3
    return {"acc": 1 - wrong / patients, "one_patient": 1 / patients, "wrong_per_100": 100 * wrong / patients}


def relu_before_logarithm() -> dict[str, Any]:
    """Return what a raw 14.7 costs: by the bare formula, and clipped as Keras clips."""
    head, raw = make_output_head("relu", "bce"), np.array([[14.7]])
    bare = float(-np.log(raw[0, 0]))
    clipped = [float(head.row_losses(raw, np.array([[truth]]))[0]) for truth in (1.0, 0.0)]
    return {
        "minus_ln": bare,
        "sign": "negative" if bare < 0 else "positive",
        "keras_clipped_y1": clipped[0],
        "keras_clipped_y0": clipped[1],
    }


def _data(changes: dict[str, Any]) -> Dataset:
    return dataset.load(presets.load("breast-cancer", set=changes))
