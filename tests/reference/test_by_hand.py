"""By hand, the tutorials' chains link by link, by ``engine.numerics.by_hand`` and ``wiggle``."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import presets
from engine.numerics.by_hand import Explanation, explain
from engine.numerics.initializers import INITIALIZERS, initial_biases
from engine.numerics.losses import OutputHead, make_output_head
from engine.numerics.textbook import Layer
from engine.numerics.wiggle import check, wiggle
from engine.training import samples
from engine.training.trainer import Trainer
from tests.reference.cases import case

BCE = make_output_head("sigmoid", "bce")


def explained(preset: str, row: int = 0) -> Explanation:
    trainer = Trainer(presets.load(preset))
    return samples.explained(trainer, samples.sample(trainer, "train", row))


def one_clerk() -> tuple[list[Layer], np.ndarray, np.ndarray, OutputHead]:
    trainer = Trainer(presets.load("one-clerk"))
    row = samples.sample(trainer, "train", 0)
    return samples.layers_of(trainer), row.x, row.y, samples.output_head(trainer)


def test_one_clerk_there_and_back() -> None:
    found = explained("one-clerk")
    (first, last), (hidden, output) = found.forward, found.backward
    case("R03").matches(z1=first.z, a1=first.a, z2=last.z, p=last.a, L=found.loss.value)
    case("R04").matches(
        dL_dp=found.loss.gradient,
        dp_dz2=found.loss.jacobian,
        dz2_dw2=last.inputs,
        delta=found.loss.product,
        dL_dw2=output.weights,
        dL_db2=output.biases,
        err_a1=hidden.error,
        err_z1=hidden.delta,
        dL_dw1=hidden.weights,
        dL_db1=hidden.biases,
    )
    (new_first, new_last), layers = found.updates, list(found.updates)
    after = explain(layers, found.x, found.y, BCE, found.rate)
    case("R05").matches(
        w1=new_first.weights,
        b1=new_first.biases,
        w2=new_last.weights,
        b2=new_last.biases,
        p_after_all_four=after.outputs,
        L_after_all_four=after.loss.value,
        L_drop=found.loss.value - after.loss.value,
    )


@pytest.mark.parametrize(("name", "layer", "index"), [("R06c", 1, (0, 0)), ("R06d", 1, (0,)), ("R06e", 0, (0, 0))])
def test_wiggling_a_dial_of_one_clerk(name: str, layer: int, index: tuple[int, ...]) -> None:
    found = wiggle(*one_clerk(), layer, index, width=0.1)
    case(name).matches(L=found.above, measured=found.one_sided[1], chain=found.slope, central=found.measured)


def test_your_turn_with_another_delta() -> None:
    layers, x, y, head = one_clerk()
    hidden = explain(layers, x, y, head, 0.1, delta=np.array([-0.40])).backward[0]
    case("R08").matches(err_a1=hidden.error, err_z1=hidden.delta, dL_dw1=hidden.weights)


@pytest.mark.parametrize(("p", "key"), [(0.9, "slope_p09"), (0.1, "slope_p01")])
def test_the_anchors_of_the_first_slope(p: float, key: str) -> None:
    layer = Layer(np.zeros((1, 1)), np.array([np.log(p / (1 - p))]), "sigmoid")
    case("R07").matches(**{key: explain([layer], np.ones(1), np.ones(1), BCE, 0.1).loss.gradient})


@pytest.mark.parametrize(("p", "key"), [(0.5, "sig_slope_p05"), (0.99, "sig_slope_p099")])
def test_the_anchors_of_the_second_slope(p: float, key: str) -> None:
    layer = Layer(np.zeros((1, 1)), np.array([np.log(p / (1 - p))]), "sigmoid")
    case("R07").matches(**{key: explain([layer], np.ones(1), np.ones(1), BCE, 0.1).loss.jacobian})


def test_one_patient_of_the_big_network() -> None:
    layer = Layer(np.zeros((1, 1)), np.array([np.log(0.622 / 0.378)]), "sigmoid")
    case("R09").matches(loss=explain([layer], np.ones(1), np.ones(1), BCE, 0.1).loss.value)


def test_the_untrained_perceptron_of_the_lines() -> None:
    found = case("A02")
    layer = Layer(np.array([found.recomputed["weights"]]), np.zeros(1), "sigmoid")
    vertical, horizontal = np.tile([0.0, 1.0, 0.0], 3), np.repeat([0.0, 1.0, 0.0], 3)
    up = explain([layer], vertical, np.ones(1), BCE, 0.5)
    across = explain([layer], horizontal, np.zeros(1), BCE, 0.5)
    found.matches(
        pred_vertical=up.outputs,
        pred_horizontal=across.outputs,
        error_vertical=up.y - up.outputs,
        error_horizontal=across.y - across.outputs,
        grad_weights=up.backward[0].weights,
        grad_bias=up.backward[0].biases,
        w1_old=layer.weights[0, 1],
        w1_new=up.updates[0].weights[0, 1],
    )


def test_the_loan_and_what_each_input_adds_to_it() -> None:
    (step,) = explained("loan-neuron").forward
    case("B01").matches(
        contributions=step.contributions, weighted_sum=step.contributions.sum(), z=step.z, output=step.a
    )


def test_the_three_applicants() -> None:
    columns = [explained("loan-forward", row).forward for row in range(3)]
    case("B04").matches(
        W1=columns[0][0].weights,
        W2=columns[0][1].weights,
        Z1=np.transpose([first.z for first, _ in columns]),
        A1=np.transpose([first.a for first, _ in columns]),
        Z2=np.transpose([last.z for _, last in columns]),
        A2=np.transpose([last.a for _, last in columns]),
    )


def test_backprop_through_two_hidden_neurons() -> None:
    found = explained("backprop-2-2-1")
    (first, last), (hidden, output), (new_first, new_last) = found.forward, found.backward, found.updates
    after = explain(list(found.updates), found.x, found.y, BCE, found.rate)
    case("B07").matches(
        Z1=first.z,
        A1=first.a,
        Z2=last.z,
        A2=last.a,
        L=found.loss.value,
        dL_dA2=found.loss.gradient,
        dA2_dZ2=found.loss.jacobian,
        dL_dZ2=found.loss.product,
        dL_dW2=output.weights,
        dL_db2=output.biases,
        dL_dA1=hidden.error,
        dL_dZ1=hidden.delta,
        dL_dW1=hidden.weights,
        dL_db1=hidden.biases,
        W1_new=new_first.weights,
        b1_new=new_first.biases,
        W2_new=new_last.weights,
        b2_new=new_last.biases,
        A2_new=after.outputs,
        L_new=after.loss.value,
        improvement=found.loss.value - after.loss.value,
    )


def test_the_neuron_of_the_plants_after_its_first_step() -> None:
    """A full-batch step is the mean of the steps that each row alone would take."""
    trainer = Trainer(presets.load("plants-neuron", set={"training.seed": 0}))
    rows = [samples.explained(trainer, samples.sample(trainer, "train", row)) for row in range(len(trainer.data.train))]
    case("W04_neuron_seed0").matches(loss0=np.mean([row.loss.value for row in rows]))
    trainer.step()
    np.testing.assert_allclose(
        np.mean([row.updates[0].weights for row in rows], axis=0), trainer.layers[0].weights, rtol=1e-9
    )


def test_every_slope_of_the_general_formula_is_what_a_wiggle_measures() -> None:
    stream, sizes = np.random.RandomState(3), (2, 5, 4, 1)
    layers = [
        Layer(INITIALIZERS["normal"](stream, out, fan_in), initial_biases("normal", stream, out), "sigmoid")
        for fan_in, out in pairwise(sizes)
    ]
    X = np.asarray(stream.randn(2, 7)).T
    Y = (np.asarray(stream.rand(1, 7)).T > 0.5).astype(np.float64)
    rows = [explain(layers, x, y, BCE, 0.1) for x, y in zip(X, Y, strict=True)]
    case("W16").matches(
        loss=np.mean([row.loss.value for row in rows]),
        dW1_00=np.mean([row.backward[0].weights[0, 0] for row in rows]),
        db3=np.mean([row.backward[2].biases for row in rows]),
    )
    for x, y in zip(X, Y, strict=True):
        *_, done = check(layers, x, y, BCE)
        assert done.checked == done.total == 2 * 5 + 5 + 5 * 4 + 4 + 4 + 1
        assert done.worst is not None
        assert abs(done.worst.measured - done.worst.slope) < 1e-9
