"""A band of seeds equals the runs that each seed would do alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import presets
from engine.errors import InputError
from engine.run.exam import ExamReport
from engine.spec import Spec, override
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe

SEEDS = (0, 1, 5, 17)

RECIPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "dropout an example, adam": (TWO_CLASSES, {}),
    "dropout a step, rmsprop": (TWO_CLASSES, {"training.optimizer": "rmsprop", "network.dropout_mask": "step"}),
    "dropout an epoch, momentum": (TWO_CLASSES, {"training.optimizer": "momentum", "network.dropout_mask": "epoch"}),
    "full batch, sgd": (TWO_CLASSES, {"training.optimizer": "sgd", "training.batch_size": "full"}),
    "l1, l2, clip, drawn biases": (
        TWO_CLASSES,
        {"training.l1": 0.01, "training.l2": 0.1, "training.clip": 0.1, "network.bias_initializer": "normal"},
    ),
    "three classes": (THREE_CLASSES, {}),
    "values": (VALUES, {"training.loss": "mae"}),
    "old streams": (TWO_CLASSES, {"training.streams": "legacy"}),
}


def assert_band_equals_singles(spec: Spec, steps: int, tolerance: float) -> None:
    """Compare after every step; ``tolerance`` is relative to the largest parameter."""
    band = Trainer(spec, seeds=SEEDS)
    alone = [Trainer(spec, seed=seed, data=band.data) for seed in SEEDS]
    for _ in range(steps):
        result = band.step()
        results = [one.step() for one in alone]
        ours = band.network.parameters.flat
        theirs = np.concatenate([one.network.parameters.flat for one in alone])
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance * np.abs(theirs).max())
        if result is not None:
            rows = np.concatenate([one.row() for one in results if one is not None])
            np.testing.assert_allclose(result.row(), rows, rtol=max(tolerance, 1e-9), atol=tolerance)


@pytest.mark.parametrize("name", RECIPES)
def test_a_band_equals_its_singles(name: str) -> None:
    document, options = RECIPES[name]
    assert_band_equals_singles(override(recipe(document), options) if options else recipe(document), 40, 1e-9)


def test_breast_cancer_over_the_first_hundred_steps_in_float64() -> None:
    assert_band_equals_singles(presets.load("breast-cancer", set={"training.dtype": "float64"}), 100, 1e-9)


def test_breast_cancer_over_the_first_hundred_steps_in_float32() -> None:
    """Rounding differs where the matrix products do; it must stay rounding."""
    assert_band_equals_singles(presets.load("breast-cancer"), 100, 1e-4)


def test_a_band_takes_its_exam_seed_by_seed() -> None:
    spec = recipe()
    band = Trainer(spec, seeds=SEEDS)
    list(band.epochs())
    reports = band.exam()
    assert isinstance(reports, list)
    for seed, report in zip(SEEDS, reports, strict=True):
        alone = Trainer(spec, seed=seed, data=band.data)
        list(alone.epochs())
        expected = alone.exam()
        assert isinstance(expected, ExamReport)
        assert report.loss == pytest.approx(expected.loss)
        assert report.confusion == expected.confusion


def test_the_seeds_of_a_band_do_not_depend_on_their_neighbours() -> None:
    first, second = Trainer(recipe(), seeds=[3, 4]), Trainer(recipe(), seeds=[9, 3, 8])
    list(first.epochs())
    list(second.epochs())
    np.testing.assert_allclose(first.network.parameters.flat[0], second.network.parameters.flat[1], rtol=1e-9)


def test_data_and_parameters_from_one_stream_make_no_band() -> None:
    with pytest.raises(InputError, match="legacy-shared draws the data with the seed"):
        Trainer(recipe(training__streams="legacy-shared"), seeds=[0, 1])
