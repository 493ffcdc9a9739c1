"""Where randomness comes from."""

from __future__ import annotations

import json

import numpy as np

from engine.training.random_streams import RandomStreams
from engine.training.trainer import Trainer
from tests.engine.training.recipes import recipe


def test_parameters_shuffling_and_dropout_have_streams_of_their_own() -> None:
    streams = RandomStreams("modern", [0, 1])
    draws = [stream.random(4) for stream in (*streams.shuffle, *streams.dropout)]
    draws += [np.asarray(stream.uniform(0, 1, 4)) for stream in streams.initial]
    assert len({draw.tobytes() for draw in draws}) == 6


def test_legacy_draws_parameters_layer_by_layer_weights_first() -> None:
    spec = recipe(training__streams="legacy", network__initializer="normal", network__bias_initializer="normal")
    trainer = Trainer(spec, seed=11)
    random = np.random.RandomState(11)
    for layer in trainer.layers:
        np.testing.assert_array_equal(layer.weights, random.randn(*layer.weights.shape))
        np.testing.assert_array_equal(layer.bias, random.randn(*layer.bias.shape))


def test_legacy_draws_no_biases_where_they_are_zero() -> None:
    trainer = Trainer(recipe(training__streams="legacy", network__initializer="normal"), seed=11)
    random = np.random.RandomState(11)
    for layer in trainer.layers:
        np.testing.assert_array_equal(layer.weights, random.randn(*layer.weights.shape))


def test_legacy_shared_draws_the_data_first() -> None:
    spec = recipe(
        data={"source": "spirals-repaired", "samples": 40},
        training__streams="legacy-shared",
        network__initializer="normal",
        scaler__kind="none",
    )
    trainer = Trainer(spec, seed=4)
    random = np.random.RandomState(4)
    random.randn(20)
    random.randn(20)
    np.testing.assert_array_equal(trainer.layers[0].weights, random.randn(7, 2))
    assert (trainer.data.table.X != Trainer(spec, seed=5).data.table.X).any()


def test_states_are_json_and_go_on_where_they_were() -> None:
    streams, other = RandomStreams("modern", [3]), RandomStreams("modern", [4])
    for stream in (streams.shuffle[0], streams.dropout[0]):
        stream.random(5)
    other.restore(json.loads(json.dumps(streams.state())))
    np.testing.assert_array_equal(other.shuffle[0].permutation(50), streams.shuffle[0].permutation(50))
    np.testing.assert_array_equal(other.dropout[0].random(5), streams.dropout[0].random(5))
