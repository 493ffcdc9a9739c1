"""Made-up arrays of the boundary and the data view, of the shapes and names that a worker sends."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.events import Welcome
from engine.protocol.queries import BoundaryQuery, ByHandQuery

Arrays = dict[str, NDArray[Any]]
BOX = (-2.0, 2.0, -1.0, 1.0)
ROWS, TRAIN = 60, 40
FIRST_PICKED = {"wrong": 4, "ambiguous": 8, "batch": 5}


def boundary_arrays(welcome: Welcome, plane: BoundaryQuery, sharpness: float) -> Arrays:
    """Return a view of a plane whose answers turn from 0 to 1 along a wave, the steeper the higher ``sharpness``."""
    outputs = welcome.recipe.network.layers[-1].units
    left, right, bottom, top = BOX
    x, y = np.meshgrid(np.linspace(left, right, plane.width), np.linspace(top, bottom, plane.height))
    points = spread_points()
    field, classes = _answers(x, y, sharpness, outputs)
    p, _ = _answers(points[:, 0], points[:, 1], sharpness, outputs)
    arrays: Arrays = {
        "field": (field if plane.neuron is None else np.maximum(0, x + 0.1 * plane.neuron[1])).astype(np.float32),
        "classes": classes.astype(np.uint8) if plane.neuron is None else np.zeros(x.shape, np.uint8),
        "box": np.array(BOX),
        "points": points,
        "labels": labels_of(points, len(welcome.classes)),
        "parts": (np.arange(ROWS) >= TRAIN).astype(np.uint8),
        "p": p.astype(np.float32),
        "rows": np.arange(ROWS) * 7,
        "columns": np.array(plane.columns or (0, 1)),
    }
    if plane.point is not None:
        own, number = _answers(np.array([plane.point[0]]), np.array([plane.point[1]]), sharpness, outputs)
        arrays["own"] = np.full(outputs, (1 - own[0]) / max(1, outputs - 1), np.float32)
        arrays["own"][int(number[0]) if outputs > 1 else 0] = own[0]
    return {f"boundary.{name}": array for name, array in arrays.items()}


def spread_points() -> NDArray[np.float64]:
    """Return points (60, 2) all over the box."""
    left, right, bottom, top = BOX
    places = np.random.default_rng(3).random((ROWS, 2)) * 0.9 + 0.05
    return np.asarray(places * (right - left, top - bottom) + (left, bottom))


def labels_of(points: NDArray[np.float64], classes: int) -> NDArray[np.float64]:
    """Return classes by the side of the wave, or values from 10 to 110."""
    height = points[:, 1] - 0.5 * np.sin(2 * points[:, 0])
    if not classes:
        return np.asarray(60 + 50 * height / np.abs(height).max())
    return np.asarray(np.clip(np.floor((height + 1) / 2 * classes), 0, classes - 1))


def data_arrays(welcome: Welcome) -> Arrays:
    """Return what is told of data with as many columns and classes as the welcome says."""
    random = np.random.default_rng(5)
    sample, columns, classes = 30, welcome.inputs, max(1, len(welcome.classes))
    values = random.normal(10, 3, (sample, columns)) * (1 + np.arange(columns))
    raw = np.column_stack([values.min(axis=0), values.max(axis=0), values.mean(axis=0), values.std(axis=0)])
    scaled = np.column_stack([np.full(columns, -2.1), np.full(columns, 2.4), np.full(columns, 3e-9), np.ones(columns)])
    counts = np.array([_shared_out(rows, classes) for rows in welcome.rows], np.int64)
    return {
        "data.raw": raw,
        "data.scaled": scaled,
        "data.counts": counts,
        "data.sample": values,
        "data.sample_y": (np.arange(sample) % classes if welcome.classes else values[:, 0])
        .reshape(-1, 1)
        .astype(float),
        "data.sample_rows": np.arange(sample) * 11,
        "data.sample_parts": (np.arange(sample) >= sample // 2).astype(np.uint8),
    }


def _shared_out(rows: int, classes: int) -> list[int]:
    first = rows * 2 // (classes + 1)
    others = [(rows - first) // max(1, classes - 1)] * (classes - 1)
    return [rows - sum(others), *others]


def _answers(
    x: NDArray[np.float64], y: NDArray[np.float64], sharpness: float, outputs: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the shown value and the class."""
    height = y - 0.5 * np.sin(2 * x)
    if outputs > 1:
        number = np.clip(np.floor((height + 1) / 2 * outputs), 0, outputs - 1).astype(np.int64)
        return np.clip(0.5 + 0.05 * sharpness * np.abs(np.sin(5 * height)), 0, 1), number
    p = 1 / (1 + np.exp(-sharpness * height))
    return p, (p >= 0.5).astype(np.int64)


def by_hand_arrays(welcome: Welcome, weights: list[NDArray[Any]], query: ByHandQuery) -> Arrays:
    """Return a row by hand, drawn by its number; row 5 is of the latest batch."""
    row = query.row if query.pick is None else FIRST_PICKED[query.pick] + query.rank
    is_validation = query.part == "validation"
    random = np.random.default_rng(row + 1000 * is_validation)
    x = random.normal(0, 1, welcome.inputs)
    layers = welcome.recipe.network.layers
    outputs = layers[-1].units
    y = np.eye(outputs)[row % outputs] if outputs > 1 else np.array([float(row % 2)])
    arrays: Arrays = {
        "place": np.array([row, 7 * row, is_validation, welcome.rows[is_validation]]),
        "x": x,
        "raw": 10 + 3 * x,
        "y": y,
        "rate": np.array([welcome.recipe.training.learning_rate]),
    }
    if query.typed is not None:
        raw = np.array(query.typed)
        place = np.array([-1, -1, 2, welcome.rows[0]])
        arrays |= {"place": place, "raw": raw, "x": (raw - 10) / 3, "y": np.array(query.truth or [1.0])}
    arrays |= {f"{index}": layer.copy() for index, layer in enumerate(weights)}
    if row == 5:  # the one row of the latest batch
        for index, layer in enumerate(layers[:-1]):
            keep = 1 - layer.dropout
            arrays[f"masks.{index}"] = (random.random(layer.units) < keep) / keep
    return {f"by-hand.{name}": array for name, array in arrays.items()}
