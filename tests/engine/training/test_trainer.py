"""The library calls, as documented: results, shapes, views, refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import engine
import presets
from engine.errors import InputError
from engine.run.exam import ExamReport
from engine.training.results import EpochResult, Metrics
from engine.training.trainer import Trainer
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe


def test_the_documented_calls() -> None:
    spec = presets.load("breast-cancer", set={"training.epochs": 5})
    trainer = engine.Trainer(spec, seed=42)
    results = list(trainer.epochs())
    assert [result.epoch for result in results] == [1, 2, 3, 4, 5]
    for result in results:
        assert isinstance(result, EpochResult)
        assert isinstance(result.train.loss, float)
        assert result.validation is not None
        assert isinstance(result.validation.accuracy, float)
        assert result.train.r2 is None
    assert trainer.ended == "epochs"
    assert isinstance(trainer.evaluate("train"), Metrics)
    assert trainer.evaluate("validation") == results[-1].validation
    assert trainer.predict(trainer.data.table.X[:3]).shape == (3, 1)
    assert [layer.weights.shape for layer in trainer.layers] == [(16, 30), (8, 16), (1, 8)]
    assert [layer.bias.shape for layer in trainer.layers] == [(16,), (8,), (1,)]
    assert trainer.parameter_count == 641
    assert trainer.data.train.X.shape == (341, 30)
    assert trainer.data.train.y.shape == (341,)
    assert trainer.data.train.X.dtype == np.float32
    assert isinstance(trainer.exam(), ExamReport)


def test_the_documented_calls_with_several_seeds(tmp_path: Any) -> None:
    spec = presets.load("breast-cancer", set={"training.epochs": 2})
    trainer = engine.Trainer(spec, seeds=range(3))
    for result in trainer.epochs():
        for metrics in (result.train, result.validation):
            assert metrics is not None
            assert np.shape(metrics.loss) == np.shape(metrics.score) == (3,)
        assert result.row().shape == (3, 5)
    assert trainer.predict(trainer.data.table.X[:4]).shape == (3, 4, 1)
    assert [layer.weights.shape for layer in trainer.layers] == [(3, 16, 30), (3, 8, 16), (3, 1, 8)]
    assert trainer.layers[0].bias.shape == (3, 16)
    reports = trainer.exam()
    assert isinstance(reports, list)
    assert len(reports) == 3
    trainer.save(tmp_path)
    assert engine.Trainer.load(tmp_path).seeds == (0, 1, 2)


def test_one_seed_of_a_range_still_leads_with_its_axis() -> None:
    trainer = Trainer(recipe(), seeds=range(7, 8))
    assert trainer.layers[0].weights.shape == (1, 7, 2)
    result = next(trainer.epochs())
    assert np.shape(result.train.loss) == (1,)


@pytest.mark.parametrize(
    ("document", "y_shape", "outputs"), [(TWO_CLASSES, (48,), 1), (THREE_CLASSES, (48, 3), 3), (VALUES, (24,), 1)]
)
def test_shapes_of_targets_and_outputs(document: dict[str, Any], y_shape: tuple[int, ...], outputs: int) -> None:
    trainer = Trainer(recipe(document))
    assert trainer.data.train.y.shape == y_shape
    p = trainer.predict(trainer.data.table.X)
    assert p.shape == (len(trainer.data.table.X), outputs)
    if document is THREE_CLASSES:
        np.testing.assert_allclose(p.sum(axis=1), 1)
        np.testing.assert_array_equal(trainer.data.train.y.sum(axis=1), 1)


def test_values_are_graded_by_r2_and_have_no_accuracy() -> None:
    trainer = Trainer(recipe(VALUES))
    result = next(trainer.epochs())
    assert result.train.accuracy is None
    assert isinstance(result.train.r2, float)
    report = trainer.exam()
    assert isinstance(report, ExamReport)
    assert (report.accuracy, report.confusion) == (None, None)
    assert isinstance(report.r2, float)


def test_predict_takes_raw_rows_and_scales_them_as_the_training_rows() -> None:
    trainer = Trainer(recipe())
    list(trainer.epochs())
    X = trainer.data.table.X
    scaled = (X - X[trainer.data.train.rows].mean(axis=0)) / X[trainer.data.train.rows].std(axis=0)
    first, second, last = trainer.layers
    a = np.maximum(scaled @ first.weights.T + first.bias, 0)
    a = np.tanh(a @ second.weights.T + second.bias)
    z = a @ last.weights.T + last.bias
    np.testing.assert_allclose(trainer.predict(X), 1 / (1 + np.exp(-z)), rtol=1e-9)


def test_layers_are_views_that_can_be_written_to() -> None:
    trainer = Trainer(recipe())
    for layer in trainer.layers:
        layer.weights[...] = 0
        layer.bias[...] = 0
    trainer.layers[-1].bias[0] = 3.0
    np.testing.assert_allclose(trainer.predict(trainer.data.table.X), 1 / (1 + np.exp(-3.0)))
    trainer.step()  # a weight set between steps acts at the next one
    assert trainer.layers[-1].bias[0] == pytest.approx(3.0, abs=0.02)


def test_the_exam_is_sealed_from_evaluate() -> None:
    trainer = Trainer(recipe())
    with pytest.raises(InputError, match="test: expected one of train, validation"):
        trainer.evaluate("test")


def test_what_is_not_there_is_none_or_refused() -> None:
    trainer = Trainer(recipe(split={}))
    assert next(trainer.epochs()).validation is None
    with pytest.raises(InputError, match=r"split\.test: this run has no exam"):
        trainer.exam()
    with pytest.raises(InputError, match="validation: expected one of train"):
        trainer.evaluate("validation")


@pytest.mark.parametrize("X", [np.zeros(2), np.zeros((3, 5)), np.zeros((2, 2, 2))])
def test_rows_of_another_width_are_refused(X: Any) -> None:
    with pytest.raises(InputError, match="X: expected rows of 2 columns"):
        Trainer(recipe()).predict(X)


@pytest.mark.parametrize("seeds", [[], [-1], [2**32], [1.5]])
def test_seeds_that_are_none_are_refused(seeds: Any) -> None:
    with pytest.raises(InputError, match="seeds: expected"):
        Trainer(recipe(), seeds=seeds)


def test_a_numpy_integer_is_a_seed(tmp_path: Any) -> None:
    trainer = Trainer(recipe(), seeds=np.arange(2))
    trainer.save(tmp_path)
    assert Trainer.load(tmp_path).seeds == (0, 1)


def test_a_network_with_a_step_goes_forward_only() -> None:
    spec = recipe(training__epochs=0, training__loss="mse", network__layers=[{"units": 1, "activation": "step"}])
    trainer = Trainer(spec)
    assert list(trainer.epochs()) == []
    assert trainer.steps == 0
    assert set(np.unique(trainer.predict(trainer.data.table.X))) <= {0.0, 1.0}
    assert 0 <= float(trainer.evaluate("train").loss) <= 1
    with pytest.raises(InputError, match="no slope to learn from"):
        trainer.step()
    assert trainer.inside.latest_step() is None


def test_no_epochs_means_no_training() -> None:
    trainer = Trainer(recipe(training__epochs=0))
    assert trainer.ended == "epochs"
    assert list(trainer.epochs()) == []
    assert trainer.step() is None  # but a step can be asked for
    assert trainer.state.total_steps == 1


def test_steps_make_an_epoch() -> None:
    trainer = Trainer(recipe())
    assert trainer.steps == 4
    results = [trainer.step() for _ in range(8)]
    assert [result is not None for result in results] == [False, False, False, True] * 2
    assert (trainer.epoch, trainer.step_in_epoch, trainer.state.total_steps) == (2, 0, 8)


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_ones() -> None:
    runs = [Trainer(recipe(), seed=seed) for seed in (1, 1, 2)]
    for run in runs:
        list(run.epochs())
    flats = [run.network.parameters.flat for run in runs]
    np.testing.assert_array_equal(flats[0], flats[1])
    assert (flats[0] != flats[2]).all()


def test_the_seed_moves_neither_data_nor_split() -> None:
    first, second = Trainer(recipe(), seed=1), Trainer(recipe(), seed=2)
    np.testing.assert_array_equal(first.data.table.X, second.data.table.X)
    np.testing.assert_array_equal(first.data.train.rows, second.data.train.rows)


def test_shuffling_takes_every_row_once_an_epoch_in_a_new_order() -> None:
    trainer = Trainer(recipe())
    orders = []
    for _ in range(3):
        rows: list[int] = []
        for _ in range(trainer.steps):
            trainer.step()
            latest = trainer.inside.latest_step()
            assert latest is not None
            rows += latest.rows[0].tolist()
        orders.append(rows)
        assert sorted(rows) == list(range(48))
    assert len({tuple(order) for order in orders}) == 3


def test_without_shuffling_rows_come_as_they_stand() -> None:
    trainer = Trainer(recipe(training__shuffle=False))
    trainer.step()
    trainer.step()
    latest = trainer.inside.latest_step()
    assert latest is not None
    np.testing.assert_array_equal(latest.rows[0], np.arange(13, 26))


def test_a_running_metric_of_a_full_batch_is_the_evaluation_before_the_update() -> None:
    trainer = Trainer(recipe(training__batch_size="full", network__dropout=0.0))
    for _ in range(3):
        before = trainer.evaluate("train")
        result = trainer.step()
        assert result is not None
        assert result.train.loss == pytest.approx(before.loss, rel=1e-12)
        assert result.train.accuracy == before.accuracy


def test_evaluation_does_not_disturb_training() -> None:
    disturbed, left_alone = Trainer(recipe()), Trainer(recipe())
    for _ in range(10):
        disturbed.step()
        left_alone.step()
        disturbed.evaluate("train")
        disturbed.evaluate("validation")
        disturbed.predict(disturbed.data.table.X)
        disturbed.exam()
        disturbed.inside.dead_neurons()
        disturbed.checkpoint()
        np.testing.assert_array_equal(disturbed.network.parameters.flat, left_alone.network.parameters.flat)


def test_dead_neurons_are_those_that_fire_for_no_row() -> None:
    trainer = Trainer(recipe())
    trainer.layers[0].weights[2] = 0
    trainer.layers[0].bias[2] = -1
    dead = trainer.inside.dead_neurons()
    assert dead[0].shape == (1, 7)
    assert dead[0][0, 2]
    assert not dead[1].any()


def test_masks_of_the_latest_step_are_those_that_acted() -> None:
    trainer = Trainer(recipe())
    trainer.step()
    latest = trainer.inside.latest_step()
    assert latest is not None
    for layer in (0, 1):
        assert latest.masks[layer].shape == latest.activations[layer].shape
        assert (latest.activations[layer][latest.masks[layer] == 0] == 0).all()


def test_float32_and_float64_agree_for_a_while() -> None:
    results = [next(Trainer(recipe(training__dtype=dtype)).epochs()) for dtype in ("float32", "float64")]
    assert results[0].train.loss == pytest.approx(results[1].train.loss, rel=1e-5)


def test_fixed_weights_are_taken_as_they_are_and_their_shape_is_checked() -> None:
    layers = [{"units": 1, "activation": "sigmoid"}]
    trainer = Trainer(recipe(network={"layers": layers, "weights": [[[0.5, -1.5]]], "biases": [[2.0]]}))
    np.testing.assert_array_equal(trainer.layers[0].weights, [[0.5, -1.5]])
    np.testing.assert_array_equal(trainer.layers[0].bias, [2.0])
    with pytest.raises(InputError, match=r"network\.weights\.0: expected shape \(1, 2\), got \(1, 3\)"):
        Trainer(recipe(network={"layers": layers, "weights": [[[0.5, -1.5, 1.0]]]}))
    with pytest.raises(InputError, match=r"network\.biases\.0: expected shape \(1,\), got \(2,\)"):
        Trainer(recipe(network={"layers": layers, "biases": [[0.5, -1.5]]}))
    ragged = {"layers": [{"units": 2, "activation": "relu"}, *layers], "weights": [[[1.0, 2.0], [1.0]], [[1.0, 1.0]]]}
    with pytest.raises(InputError, match=r"network\.weights\.0: expected rows of one length"):
        Trainer(recipe(network=ragged))
