"""WTFunk is Deep Learning: the neuron on plants, the two-layer sweep, deeper networks on four kinds of data."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import presets
from engine.numerics import textbook
from engine.numerics.activations import ACTIVATIONS
from engine.numerics.gradcheck import numeric_gradient
from engine.numerics.initializers import INITIALIZERS, initial_biases
from engine.numerics.losses import make_exit
from engine.numerics.parameters import Parameters
from engine.spec import Spec, override
from engine.training.trainer import Trainer
from tests.reference.cases import case, slow

Floats = NDArray[np.floating[Any]]


def test_sigmoid_of_two() -> None:
    case("W01").matches(a2=ACTIVATIONS["sigmoid"].value(np.array(2.0)))


def test_the_plants() -> None:
    data = Trainer(presets.load("plants-neuron")).data
    case("W02").matches(sum_X=data.table.X.sum(), first_row=data.table.X[0])
    assert str(data.table.X.shape) == case("W02").recomputed["X_shape"]


def test_the_published_start_is_seed_two_but_for_its_bias() -> None:
    stream = np.random.RandomState(2)
    W = INITIALIZERS["normal"](stream, 1, 2)
    case("W03").matches(W=W, b=initial_biases("normal", stream, 1))


PUBLISHED_START = {"network.weights": [[[-0.41675785, -0.05626683]]], "network.biases": [[0.78522798]]}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("W04_neuron_published_init", PUBLISHED_START),
        ("W04_neuron_published_init_1step", {**PUBLISHED_START, "training.epochs": 1}),
        ("W04_neuron_seed0", {"training.seed": 0}),
        ("W04_neuron_seed2", {"training.seed": 2}),
    ],
)
def test_a_neuron_learns_plants(name: str, change: dict[str, Any]) -> None:
    trainer = Trainer(presets.load("plants-neuron", set=change))
    losses = [result.train.loss for result in trainer.epochs()]
    (layer,) = trainer.layers
    found: dict[str, Any] = {"W": layer.weights, "b": layer.bias, "loss0": losses[0], "loss99": losses[-1]}
    found |= {"loss50": losses[50] if len(losses) > 50 else None, "acc": trainer.evaluate("train").accuracy}
    found["p"] = trainer.predict([[2, 1]])
    expected = case(name)
    expected.matches(**{key: value for key, value in found.items() if key in expected.recomputed})


def test_shapes_of_parameters() -> None:
    expected = case("W09").recomputed
    for sizes, count in expected["param_counts"].items():
        widths = [int(width) for width in sizes.strip("[]").split(",")]
        assert Parameters(widths, 1, np.dtype(np.float32)).flat.size == count
    layers = [layer[0, :, :-1] for layer in Parameters((2, 32, 32, 1), 1, np.dtype(np.float32)).layers]
    assert [str(weights.shape) for weights in layers] == [expected["W1"], expected["W2"], expected["W3"]]


def test_the_general_backprop() -> None:
    stream, sizes = np.random.RandomState(3), (2, 5, 4, 1)
    layers = [
        textbook.Layer(INITIALIZERS["normal"](stream, out, fan_in), initial_biases("normal", stream, out), "sigmoid")
        for fan_in, out in pairwise(sizes)
    ]
    X = np.asarray(stream.randn(2, 7)).T
    y = (np.asarray(stream.rand(1, 7)).T > 0.5).astype(np.float64)
    exit_ = make_exit("sigmoid", "bce")
    gradients = textbook.backward(layers, textbook.forward(layers, X), y, exit_)
    loss = textbook.mean_loss(layers, X, y, exit_)
    case("W16").matches(loss=loss, dW1_00=gradients[0].weights[0, 0], db3=gradients[2].biases)
    for layer, gradient in zip(layers, gradients, strict=True):
        numeric = numeric_gradient(lambda: textbook.mean_loss(layers, X, y, exit_), layer.weights)
        np.testing.assert_allclose(gradient.weights, numeric, atol=1e-9)


# Two layers

MOONS = {"source": "moons", "samples": 200, "noise": 0.2, "seed": 0}


def two_layers(data: str, units: int, rate: float) -> Spec:
    """Return the recipe for one more epoch than updates: the last number is taken before an update, too."""
    change: dict[str, Any] = {"network.units": [units], "training.learning_rate": rate, "training.epochs": 1001}
    if data == "moons200":
        change["data"] = MOONS
    return presets.load("plants-two-layer", set=change)


@pytest.mark.parametrize(("name", "data"), [("W12_ref_circles100", "circles100"), ("W12_ref_moons200", "moons200")])
def test_two_layers_iteration_by_iteration(name: str, data: str) -> None:
    results = list(Trainer(two_layers(data, 32, 0.1), seed=0).epochs())
    for iteration, expected in case(name).recomputed.items():
        found = results[int(iteration)].train
        assert found.loss == pytest.approx(expected["loss"], rel=1e-7)
        assert found.accuracy == pytest.approx(expected["acc"], rel=1e-12)


SWEEP = sorted(case("W11").recomputed)
QUICK = [name for name in SWEEP if "n1=1|" in name or "n1=4|" in name or name.endswith("n1=32|lr=0.1")]


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in QUICK else slow) for name in SWEEP])
def test_two_layers_of_any_width_and_rate(name: str) -> None:
    """The mean accuracy over seeds 0–39 at iteration 1000, the very runs; rounding may tip a point or two of them.

    At a rate of 10 a thousand steps make more of rounding than that.
    """
    _, data, units, rate = name.split("|")
    trainer = Trainer(
        two_layers(data, int(units.removeprefix("n1=")), float(rate.removeprefix("lr="))), seeds=range(40)
    )
    *_, last = trainer.epochs()
    assert last.train.accuracy is not None
    points = 40 * len(trainer.data.train)
    expected = case("W11").recomputed[name]["1000"]["accuracy_mean"]
    margin = 0.005 if rate == "lr=10" else 2.5 / points
    assert float(np.mean(last.train.accuracy)) == pytest.approx(expected, abs=margin)


# Deeper networks

DEEP = {
    "W13_deep_blobs200_2-64-64-1": ("plants-blobs", {}, 500),
    "W13_deep_circles100_2-64-64-1": ("plants-circles", {}, 1000),
    "W13_deep_moons100_2-64-64-1": ("plants-moons", {}, 1000),
    "W13_deep_spiral_cs231n_2-64-64-1": ("plants-spirals", {"source": "spirals-cs231n"}, 500),
    "W13_deep_spiral_sqrt780_2-64-64-1": ("plants-spirals", {"source": "spirals-sqrt780"}, 500),
    "W13_deep_spiral_2theta_pi_2-64-64-1": ("plants-spirals", {"source": "spirals-2theta-pi"}, 500),
    "W13_deep_spiral_2turn_unit_2-64-64-1": ("plants-spirals", {"source": "spirals-2turn-unit"}, 500),
    "W13_deep_spiral_cs231n_2-128x4-1": ("plants-spirals-deep", {"source": "spirals-cs231n"}, 0),
    "W13_deep_spiral_sqrt780_2-128x4-1": ("plants-spirals-deep", {"source": "spirals-sqrt780"}, 0),
    "W13_deep_spiral_2theta_pi_2-128x4-1": ("plants-spirals-deep", {"source": "spirals-2theta-pi"}, 0),
    "W13_deep_spiral_2turn_unit_2-128x4-1": ("plants-spirals-deep", {"source": "spirals-2turn-unit"}, 0),
}
"""Preset, its data, and the last iteration that is looked at when there is little time."""


def assert_deep_run(name: str, last_iteration: int) -> None:
    """Compare the means over the very seeds of the case at each of its iterations."""
    preset, data, _ = DEEP[name]
    expected = case(name).recomputed
    spec = override(presets.load(preset), {"data": data} if data else {"training.shuffle": False})
    spec = override(spec, {"training.epochs": last_iteration + 1})
    trainer = Trainer(spec, seeds=range(expected["seeds"]))
    for result in trainer.epochs():
        iteration = result.epoch - 1
        if f"loss@{iteration}" not in expected:
            continue
        loss, accuracy = expected[f"loss@{iteration}"], expected[f"acc@{iteration}"]
        margin = 1e-4 if iteration <= 1000 else 1e-2  # rounding grows
        assert float(np.mean(result.train.loss)) == pytest.approx(loss["mean"], rel=margin)
        assert float(np.min(result.train.loss)) == pytest.approx(loss["min"], rel=margin)
        assert float(np.max(result.train.loss)) == pytest.approx(loss["max"], rel=margin)
        assert float(np.mean(result.train.score)) == pytest.approx(accuracy["mean"], abs=max(margin, 0.002))


@pytest.mark.parametrize("name", DEEP)
def test_deeper_networks(name: str) -> None:
    assert_deep_run(name, DEEP[name][2])


@slow
@pytest.mark.parametrize("name", DEEP)
def test_deeper_networks_to_their_end(name: str) -> None:
    assert_deep_run(name, case(name).recomputed["iters"])
