"""The library's presets: all that the tutorials need are there, and each one's data fits its network."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import presets
from engine.data import dataset

SIZES = {
    # preset: (training rows, validation rows, exam rows, inputs, outputs)
    "backprop-2-2-1": (1, 0, 0, 2, 1),
    "breast-cancer": (341, 114, 114, 30, 1),
    "breast-cancer-more-dropout": (341, 114, 114, 30, 1),
    "cats-dogs-deep": (1000, 200, 0, 4096, 1),
    "cats-dogs-neuron": (1000, 200, 0, 4096, 1),
    "cats-dogs-two-layer": (1000, 200, 0, 4096, 1),
    "diabetes": (264, 89, 89, 10, 1),
    "digits": (1077, 360, 360, 64, 10),
    "iris": (90, 30, 30, 4, 3),
    "lines-hidden-layer": (100, 0, 2, 9, 1),
    "lines-perceptron": (100, 0, 2, 9, 1),
    "loan-forward": (3, 0, 0, 2, 1),
    "loan-neuron": (1, 0, 0, 4, 1),
    "mistake-graded-on-study": (341, 114, 341, 30, 1),
    "mistake-leaky-scaler": (341, 114, 114, 30, 1),
    "mistake-relu-exit": (341, 114, 114, 30, 1),
    "mistake-unscaled": (341, 114, 114, 30, 1),
    "one-clerk": (1, 0, 0, 1, 1),
    "plants-blobs": (200, 0, 0, 2, 1),
    "plants-circles": (100, 0, 0, 2, 1),
    "plants-moons": (100, 0, 0, 2, 1),
    "plants-neuron": (100, 0, 0, 2, 1),
    "plants-spirals": (200, 0, 0, 2, 1),
    "plants-spirals-deep": (200, 0, 0, 2, 1),
    "plants-two-layer": (100, 0, 0, 2, 1),
    "spirals-as-published": (500, 0, 0, 2, 1),
    "spirals-repaired": (500, 0, 0, 2, 1),
    "wine": (106, 36, 36, 13, 3),
    "xor": (4, 0, 0, 2, 1),
}


def test_the_library_holds_these_and_no_others() -> None:
    assert sorted(path.stem for path in presets.loader.LIBRARY.glob("*.toml")) == sorted(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_the_data_of_a_preset_fits_its_network(name: str) -> None:
    spec = presets.load(name)
    data = dataset.load(spec, np.random.RandomState(spec.training.seed))
    validation, test = (len(part) if part else 0 for part in (data.validation, data.test))
    outputs = data.train.y.shape[1] if data.train.y.ndim == 2 else 1
    assert (len(data.train), validation, test, data.train.X.shape[1], outputs) == SIZES[name]
    assert spec.name == name


@pytest.mark.parametrize("name", ["breast-cancer-more-dropout", "mistake-leaky-scaler", "mistake-unscaled"])
def test_a_variation_has_the_rows_of_breast_cancer(name: str) -> None:
    honest, varied = (dataset.load(presets.load(preset)) for preset in ("breast-cancer", name))
    for field in dataclasses.fields(honest):
        part, other = getattr(honest, field.name), getattr(varied, field.name)
        if field.name in {"train", "validation", "test"}:
            assert (part.rows == other.rows).all()
            assert (part.y == other.y).all()


def test_mistakes_are_made_on_purpose() -> None:
    honest = dataset.load(presets.load("breast-cancer"))
    leaky = dataset.load(presets.load("mistake-leaky-scaler"))
    unscaled = dataset.load(presets.load("mistake-unscaled"))
    graded = dataset.load(presets.load("mistake-graded-on-study"))
    assert dataset.LEAKY_SCALER_NOTE in leaky.notes
    assert dataset.STUDIED_EXAM_NOTE in graded.notes
    assert graded.test is not None
    assert (graded.test.rows == graded.train.rows).all()
    np.testing.assert_allclose(honest.train.X.mean(axis=0), 0, atol=1e-5)
    assert np.abs(leaky.train.X.mean(axis=0)).max() > 0.01
    assert unscaled.train.X.max() > 1000
    assert presets.load("mistake-relu-exit").network.layers[-1].activation == "relu"
