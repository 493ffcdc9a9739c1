"""AgenticWorks, Part 5: losses, descent, and the perceptron that cannot learn its lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import presets
from engine.numerics import textbook
from engine.numerics.losses import LOSSES, make_output_head
from engine.numerics.optimizers import OPTIMIZERS, Rates
from engine.run.exam import ExamReport
from engine.training.trainer import Trainer
from tests.reference.cases import case

Floats = NDArray[np.floating[Any]]

VERTICAL = [[0, 1, 0, 0, 1, 0, 0, 1, 0]]
HORIZONTAL = [[0, 0, 0, 1, 1, 1, 0, 0, 0]]


def row_loss(name: str, p: float, y: float) -> float:
    return float(LOSSES[name].row_losses(np.array([[p]]), np.array([[y]]))[0])


def bowl_descent(rate: float, steps: int, start: float = 2.5) -> list[float]:
    """Return w before the first and after each step down w² + 0.5."""
    w = np.full((1, 1), start)
    optimizer = OPTIMIZERS["sgd"](w, Rates())
    optimizer.learning_rate[...] = rate
    path = [float(w[0, 0])]
    for _ in range(steps):
        optimizer.gradient[...] = 2 * w
        for function, arguments in optimizer.operations():
            function(*arguments)
        path.append(float(w[0, 0]))
    return path


PATTERNS = ("V0", "V1", "V2", "H0", "H1", "H2")


def picture(pattern: str) -> Floats:
    """Return the nine pixels of a line: V0 is the left column, H0 the top row."""
    image: Floats = np.zeros((3, 3))
    (image.T if pattern[0] == "V" else image)[int(pattern[1])] = 1
    return image.ravel()


def test_the_lines_in_the_tutorial_s_order() -> None:
    expected, data = case("A01").recomputed, Trainer(presets.load("lines-perceptron")).data.train
    sequence = expected["sequence"].split()
    np.testing.assert_array_equal(data.X, [picture(pattern) for pattern in sequence])
    np.testing.assert_array_equal(data.y, [pattern[0] == "V" for pattern in sequence])
    assert {pattern: sequence.count(pattern) for pattern in PATTERNS} == expected["pattern_counts"]


def best_neuron(patterns: Sequence[str]) -> Trainer:
    """Return a neuron that has learned the patterns as well as a neuron can."""
    rows = {"source": "rows", "X": [picture(pattern).tolist() for pattern in patterns]}
    rows |= {"y": [float(pattern[0] == "V") for pattern in patterns], "classes": ["horizontal", "vertical"]}
    change = {"data": rows, "training.batch_size": "full", "training.epochs": 2000}
    trainer = Trainer(presets.load("lines-perceptron", set=change))
    list(trainer.epochs())
    return trainer


def test_no_neuron_can_tell_all_six_lines_apart() -> None:
    """Each five of them, any can; the best for the tutorial's rows gives up the line that is rarest there."""
    expected, data = case("A10").recomputed, Trainer(presets.load("lines-perceptron")).data.train
    six = best_neuron(PATTERNS).evaluate("train")
    assert (six.accuracy == 1) is expected["all_six_separable"]
    # The six pull against each other: the best that gradient descent comes to is to say "perhaps" to all.
    assert six.loss == pytest.approx(np.log(2), abs=1e-3)
    fives = [best_neuron([pattern for pattern in PATTERNS if pattern != left_out]) for left_out in PATTERNS]
    assert all(five.evaluate("train").accuracy == 1 for five in fives) is expected["any_five_separable"]
    images = np.array([picture(pattern) for pattern in PATTERNS])
    upright = np.array([pattern[0] == "V" for pattern in PATTERNS])
    right = [((five.predict(images)[:, 0] >= 0.5) == upright).mean() for five in fives]
    assert max(right) == pytest.approx(expected["max_linear_accuracy_patterns"], rel=1e-9)
    best = max(((five.predict(data.X)[:, 0] >= 0.5) == (data.y == 1)).mean() for five in fives)
    assert best == pytest.approx(expected["max_linear_accuracy_this_dataset"], rel=1e-12)


def test_brute_force_over_ten_dials() -> None:
    dials = Trainer(presets.load("lines-perceptron")).parameter_count
    case("A14").matches(n_params=dials, combos=100.0**dials)


def test_an_untrained_perceptron_from_the_stream_that_drew_the_lines() -> None:
    trainer = Trainer(presets.load("lines-perceptron", set={"training.streams": "legacy-shared"}))
    (layer,) = trainer.layers
    vertical, horizontal = (float(trainer.predict(image)[0, 0]) for image in (VERTICAL, HORIZONTAL))
    layers, X = trainer.network.textbook_layers(0), np.array(VERTICAL, np.float64)
    trace = textbook.forward(layers, X)
    (gradient,) = textbook.backward(layers, trace, np.ones((1, 1)), make_output_head("sigmoid", "bce"))
    case("A02").matches(
        weights=layer.weights,
        pred_vertical=vertical,
        pred_horizontal=horizontal,
        error_vertical=1 - vertical,
        error_horizontal=-horizontal,
        grad_weights=gradient.weights,
        grad_bias=gradient.biases,
        w1_old=layer.weights[0, 1],
        w1_new=layer.weights[0, 1] - 0.5 * gradient.weights[0, 1],
    )


def test_mse_of_five_samples() -> None:
    p, y = np.array([[0.9, 0.6, 0.3, 0.1, 0.5]]), np.array([[1.0, 1, 0, 0, 1]])
    squared = LOSSES["mse"].row_losses(p, y)
    # The error of a sample, truth less answer, is what the delta of the matched exit has with its sign turned.
    errors = -make_output_head("sigmoid", "bce").delta(p, y)
    case("A03").matches(errors=errors, squared=squared, sum=squared.sum(), mse=squared.mean())


def test_the_error_table() -> None:
    p, y = np.array([[1.0, 0.9, 0.3, 0.0]]), np.ones((1, 4))
    case("A04").matches(errors=-make_output_head("sigmoid", "bce").delta(p, y))


def test_surprise() -> None:
    expected = case("A05")
    expected.matches(
        b99=row_loss("bce", 0.99, 1),
        b50=row_loss("bce", 0.5, 1),
        b01=row_loss("bce", 0.01, 1),
        good=row_loss("bce", 0.9, 1),
        bad=row_loss("bce", 0.1, 1),
        ratio_bad_good=row_loss("bce", 0.1, 1) / row_loss("bce", 0.9, 1),
        mse_001=row_loss("mse", 0.01, 1),
        mse_01=row_loss("mse", 0.1, 1),
    )
    for p, surprise, _ in expected.recomputed["neglog_table"]:
        assert row_loss("bce", p, 1) == pytest.approx(surprise, rel=1e-9)


def test_the_descent_table() -> None:
    path, expected = bowl_descent(0.3, 8), case("A06")
    rows = [[step, w, 2 * w, -0.3 * 2 * w, w * w + 0.5] for step, w in enumerate(path[:6])]
    expected.matches(rows=rows, plot_path_8=path, w_after_5=path[5], w_after_loop=path[6])
    start, fifth, last = (path[step] ** 2 + 0.5 for step in (0, 5, 6))
    expected.matches(start_loss=start, loss_after_5=fifth, loss_after_loop=last)


@pytest.mark.parametrize("rate", ["0.9", "0.3", "0.05", "1", "0.1", "0.001"])
def test_learning_rates_on_the_bowl(rate: str) -> None:
    expected, w = case("A07").recomputed[rate], bowl_descent(float(rate), 15)[-1]
    assert w == pytest.approx(expected["w"], rel=1e-9)
    assert w * w + 0.5 == pytest.approx(expected["loss"], rel=1e-9)


def test_the_perceptron_learns_what_it_can() -> None:
    trainer = Trainer(presets.load("lines-perceptron"))
    before = trainer.evaluate("train").accuracy
    results = {result.epoch: result.train for result in trainer.epochs()}
    (layer,) = trainer.layers
    expected = case("A08")
    epochs = {f"epoch{epoch}": [results[epoch].loss, results[epoch].accuracy] for epoch in (1, 10, 20, 30, 40, 50)}
    losses = {epoch: float(result.loss) for epoch, result in results.items()}
    expected.matches(
        before=before,
        after=trainer.evaluate("train").accuracy,
        weights_3x3=layer.weights,
        bias=layer.bias,
        loss_min=min(losses.values()),
        loss_min_epoch=min(losses, key=losses.__getitem__),
        **epochs,
    )
    case("A09").matches(vertical=trainer.predict(VERTICAL), horizontal=trainer.predict(HORIZONTAL))
    report = trainer.exam()
    assert isinstance(report, ExamReport)
    assert report.confusion == [[1, 0], [0, 1]]  # the two canonical lines, both on their side
