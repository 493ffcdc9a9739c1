"""Rahul's ML blog: one clerk by hand, wiggle checks, dropout, and the breast cancer runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import presets
from engine.numerics import textbook
from engine.numerics.activations import ACTIVATIONS, sigmoid
from engine.numerics.dropout import DropoutMasks
from engine.numerics.gradcheck import central_difference
from engine.numerics.losses import LOSSES, make_output_head
from engine.run.exam import ExamReport
from engine.training.trainer import Trainer
from tests.reference.cases import assert_inside, assert_mean, case

Floats = NDArray[np.floating[Any]]


def cell(value: float) -> Floats:
    return np.array([[value]])


def bce(p: float, y: float) -> float:
    return float(LOSSES["bce"].row_losses(cell(p), cell(y))[0])


def sigmoid_at(z: float) -> float:
    return float(sigmoid(np.array(z)))


def one_clerk() -> Trainer:
    return Trainer(presets.load("one-clerk"))


def loss_of(trainer: Trainer) -> float:
    loss = trainer.evaluate("train").loss
    assert isinstance(loss, float)
    return loss


def test_parameters_of_the_real_network() -> None:
    trainer = Trainer(presets.load("breast-cancer"))
    rooms = [layer.weights.size + layer.bias.size for layer in trainer.layers]
    case("R01").matches(room1=rooms[0], room2=rooms[1], room3=rooms[2], total=trainer.parameter_count)
    case("R02").matches(passes=2 * trainer.parameter_count * len(trainer.data.train))


def test_one_clerk_forward() -> None:
    trainer = one_clerk()
    trace = textbook.forward(trainer.network.textbook_layers(0), trainer.data.train.X)
    z1, z2 = (float(z[0, 0]) for z in trace.z)
    a1, p = (float(a[0, 0]) for a in trace.a)
    case("R03").matches(
        z1=z1, a1=a1, z2=z2, p=p, L=loss_of(trainer), exp_m_z2=1 / p - 1, one_plus=1 / p, L_from_rounded_p=bce(0.802, 1)
    )
    assert trainer.predict([[0.5]])[0, 0] == pytest.approx(p, rel=1e-12)


def test_one_clerk_backward() -> None:
    trainer = one_clerk()
    layers = trainer.network.textbook_layers(0)
    trace = textbook.forward(layers, trainer.data.train.X)
    first, last = textbook.backward(layers, trace, trainer.data.train.y[:, None], make_output_head("sigmoid", "bce"))
    derivative = ACTIVATIONS["sigmoid"].derivative
    assert derivative is not None
    case("R04").matches(
        dL_dp=LOSSES["bce"].gradient(trace.outputs.T, cell(1.0)),
        dp_dz2=derivative(trace.outputs),
        dz2_dw2=trace.inputs[1],
        delta=last.delta,
        dL_dw2=last.weights,
        dL_db2=last.biases,
        err_a1=last.delta @ layers[1].weights,
        err_z1=first.delta,
        dL_dw1=first.weights,
        dL_db1=first.biases,
    )


def test_one_step_moves_all_four_dials() -> None:
    trainer = one_clerk()
    before = loss_of(trainer)
    list(trainer.epochs())
    first, last = trainer.layers
    case("R05").matches(
        w1=first.weights,
        b1=first.bias,
        w2=last.weights,
        b2=last.bias,
        p_after_all_four=trainer.predict([[0.5]]),
        L_after_all_four=loss_of(trainer),
        L_drop=before - loss_of(trainer),
    )


def test_wiggling_the_pieces() -> None:
    p = cell(0.802)
    rate = central_difference(lambda: float(LOSSES["bce"].row_losses(p, cell(1.0))[0]), p, (0, 0), width=0.01)
    case("R06a").matches(
        l792=bce(0.792, 1), l812=bce(0.812, 1), rate=rate, formula=LOSSES["bce"].gradient(cell(0.802), cell(1.0))
    )
    z = np.array([1.4])
    rate = central_difference(lambda: sigmoid_at(z[0]), z, (0,), width=0.1)
    derivative = ACTIVATIONS["sigmoid"].derivative
    assert derivative is not None
    case("R06b").matches(
        p13=sigmoid_at(1.3), p15=sigmoid_at(1.5), rate=rate, formula=derivative(sigmoid(np.array(1.4)))
    )


@pytest.mark.parametrize(
    ("name", "layer", "index"), [("R06c", 1, (0, 0)), ("R06d", 1, (0, 1)), ("R06e", 0, (0, 0))]
)  # fmt: skip
def test_wiggling_a_dial(name: str, layer: int, index: tuple[int, int]) -> None:
    trainer = one_clerk()
    dials = trainer.network.parameters.layers[layer][0]
    before = loss_of(trainer)
    central = central_difference(lambda: loss_of(trainer), dials, index, width=0.1)
    trainer.step()
    gradients = trainer.gradients()
    assert gradients is not None
    chain = trainer.network.parameters.split(gradients)[layer][0][index]
    trainer = one_clerk()
    trainer.network.parameters.layers[layer][0][index] += 0.1
    found = case(name)
    found.matches(L=loss_of(trainer), measured=(loss_of(trainer) - before) / 0.1, chain=chain, central=central)
    if "z2" in found.recomputed:
        trace = textbook.forward(trainer.network.textbook_layers(0), trainer.data.train.X)
        found.matches(z2=trace.z[1], p=trace.outputs, e=np.exp(-trace.z[1]))


def test_anchors_and_your_turn() -> None:
    gradient, sigmoid_derivative = LOSSES["bce"].gradient, ACTIVATIONS["sigmoid"].derivative
    assert sigmoid_derivative is not None
    case("R07").matches(
        slope_p09=gradient(cell(0.9), cell(1.0)),
        slope_p01=gradient(cell(0.1), cell(1.0)),
        sig_slope_p05=sigmoid_derivative(cell(0.5)),
        sig_slope_p099=sigmoid_derivative(cell(0.99)),
    )
    case("R09").matches(loss=bce(0.622, 1))
    trainer = one_clerk()
    layers = trainer.network.textbook_layers(0)
    trace = textbook.forward(layers, trainer.data.train.X)
    # The exercise gives δ = −0.40: a truth that lies 0.40 above p.
    first, last = textbook.backward(layers, trace, trace.outputs + 0.40, make_output_head("sigmoid", "bce"))
    case("R08").matches(err_a1=last.delta @ layers[1].weights, err_z1=first.delta, dL_dw1=first.weights)


@pytest.mark.parametrize(("rate", "name"), [(0.2, "r20"), (0.25, "r25")])
def test_head_counts_of_sixteen_clerks(rate: float, name: str) -> None:
    draws = 40_000
    masks = DropoutMasks({0: (16, rate)}, [draws], 1, "example", np.dtype(np.float32))
    masks.draw([np.random.default_rng(0)], first_of_epoch=True)
    dropped = (masks.block(0, 0)[0] == 0).sum(axis=0)
    expected = case("R10").recomputed
    deviation = np.sqrt(16 * rate * (1 - rate))
    assert dropped.mean() == pytest.approx(expected[name], abs=4 * deviation / np.sqrt(draws))
    if name == "r20":
        assert dropped.std() == pytest.approx(expected["r20_binomial_sd"], rel=0.02)
        share = expected["r20_p_exactly3"]
        assert (dropped == 3).mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / draws))


def test_numbers_that_explode_do_not_explode_here() -> None:
    expected = case("R12").recomputed
    case("R12").matches(S_m80=sigmoid_at(-80.0), one_minus_S_p80=1 - sigmoid_at(80.0))
    single = float(sigmoid(np.array([-80], np.float32))[0])
    assert single == pytest.approx(expected["S_m80_float32"], rel=1e-4)
    for dtype in ("float64", "float32"):
        assert (float(sigmoid(np.array([80], dtype))[0]) == 1) is expected[f"S_p80_is_exactly_1_{dtype}"]
    assert str(float(sigmoid(np.array([-500], np.float32))[0])) == case("R13").recomputed["output"]
    assert {expected["bce_y0_at_clip"], case("R13").recomputed["loss_y1"]} == {"inf"}  # by the tutorial's formulas
    edge = case("R11").recomputed["ln_float32_max"]
    head = make_output_head("sigmoid", "bce")
    for z in np.array([-500, 80, edge - 0.01, edge + 0.01, -edge - 0.01], np.float32):
        for y in (0.0, 1.0):
            loss = float(head.row_losses(np.full((1, 1), z), np.full((1, 1), y, np.float32))[0])
            assert loss == pytest.approx(abs(z) if (z > 0) != (y > 0) else 0, abs=1e-30)


def test_relu_at_the_exit_is_graded_as_keras_does() -> None:
    head, expected = make_output_head("relu", "bce"), case("R14")
    expected.matches(
        keras_clipped_y1=head.row_losses(cell(14.7), cell(1.0)), keras_clipped_y0=head.row_losses(cell(14.7), cell(0.0))
    )
    assert (
        expected.recomputed["minus_ln"] < 0 < head.row_losses(cell(14.7), cell(1.0))[0]
    )  # no reward for leaving 0 … 1


@pytest.mark.parametrize("stratify", [False, True])
def test_the_split(stratify: bool) -> None:
    data = Trainer(presets.load("breast-cancer", set={"split.stratify": stratify})).data
    assert data.validation is not None
    assert data.test is not None
    parts = (data.train, data.validation, data.test)
    expected = case("R15").recomputed["strat_80_20_then_.25" if stratify else "unstrat_80_20_then_.25"]
    assert [len(part) for part in parts] == expected["sizes"]
    assert [int(part.y.sum()) for part in parts] == expected["malignant"]
    for part, name in zip(parts, ("first5_train", "first5_val", "first5_test"), strict=True):
        assert part.rows[:5].tolist() == expected[name]


def test_patient_203() -> None:
    data = Trainer(presets.load("breast-cancer", set={"scaler.fit": "all"})).data
    expected = case("R18").recomputed
    for row, name in ((202, "row202_truth"), (203, "truth"), (204, "row204_truth")):
        assert data.table.classes[int(data.table.y[row])] == expected[name]
    scaled = dict(zip(data.table.feature_names, data.scaler.transform(data.table.X[203:204])[0], strict=True))
    assert data.test is not None
    assert 203 in data.test.rows
    case("R18").matches(mean_symmetry_z=scaled["mean symmetry"], worst_symmetry_z=scaled["worst symmetry"])


# The real runs, over seeds 0–19


class Band:
    """What twenty seeds of a preset end with."""

    def __init__(self, preset: str) -> None:
        trainer = Trainer(presets.load(preset), seeds=range(20))
        *_, last = trainer.epochs()
        assert last.validation is not None
        reports = trainer.exam()
        assert isinstance(reports, list)
        assert all(isinstance(report, ExamReport) for report in reports)
        self.train_loss_history = last.train.loss
        self.train_loss_eval = trainer.evaluate("train").loss
        self.train_acc = trainer.evaluate("train").accuracy
        self.practice_loss = last.validation.loss
        self.practice_acc = last.validation.accuracy
        self.exam_loss = np.array([report.loss for report in reports])
        self.exam_acc = np.array([report.accuracy for report in reports])


@pytest.fixture(scope="module")
def breast_cancer() -> Band:
    return Band("breast-cancer")


@pytest.fixture(scope="module")
def more_dropout() -> Band:
    return Band("breast-cancer-more-dropout")


METRICS = ("train_loss_history", "train_loss_eval", "practice_loss", "exam_acc", "train_acc")


def test_breast_cancer_ends_inside_its_bands(breast_cancer: Band) -> None:
    for metric in METRICS:
        values, band = getattr(breast_cancer, metric), case("R16_bc_dr2_50ep").recomputed[metric]
        assert_inside(band, values)
        # A hundred-odd seeds have a straggler or two that twenty may not have: their mean is its own median's.
        assert np.median(values) == pytest.approx(band["p50"], abs=0.5 * (band["p95"] - band["p5"]))


def test_an_exam_is_graded_in_whole_patients(breast_cancer: Band) -> None:
    """One patient of 114 is worth 0.0088, so that 0.974 means three wrong answers, and is one of a few possible."""
    expected = case("R19").recomputed
    wrong = (1 - breast_cancer.exam_acc) / expected["one_patient"]
    np.testing.assert_allclose(wrong, np.round(wrong), atol=1e-6)
    three = np.round(wrong) == 3
    assert three.any()
    np.testing.assert_allclose(breast_cancer.exam_acc[three], expected["acc"], rtol=1e-9)
    np.testing.assert_allclose(100 * (1 - breast_cancer.exam_acc[three]), expected["wrong_per_100"], rtol=1e-9)


def test_more_dropout_ends_inside_its_bands(more_dropout: Band) -> None:
    for metric in METRICS:
        assert_inside(case("R16_bc_dr2_50ep_then_dr3_20ep").recomputed[metric], getattr(more_dropout, metric))


def test_the_gap_does_not_close(breast_cancer: Band, more_dropout: Band) -> None:
    expected = case("R17").recomputed
    for band, name in ((breast_cancer, "gap_before"), (more_dropout, "gap_after")):
        gap = np.mean(band.practice_loss) - np.mean(band.train_loss_history)
        assert gap == pytest.approx(expected[name], abs=0.02)


def test_a_leaky_scaler_pays_nothing(breast_cancer: Band) -> None:
    leaky, expected = Band("mistake-leaky-scaler"), case("R20").recomputed
    for metric in ("exam_acc", "exam_loss", "practice_loss"):
        difference = getattr(leaky, metric) - getattr(breast_cancer, metric)
        assert_inside(expected[f"delta_{metric}"], difference)
        assert_mean(expected[f"delta_{metric}"], difference, runs=20)
    identical = (leaky.exam_acc == breast_cancer.exam_acc).mean()
    share = expected["frac_identical_acc"]
    assert identical == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) * (1 / 20 + 1 / 100)))


def test_most_networks_learn_with_relu_at_the_exit() -> None:
    band = Band("mistake-relu-exit")
    assert np.median(band.exam_acc) == pytest.approx(0.95, abs=0.02)
    assert (np.asarray(band.train_loss_eval) >= 0).all()


def test_unscaled_inputs_train_badly_but_do_not_explode() -> None:
    unscaled, expected = Band("mistake-unscaled"), case("R23").recomputed
    for metric in (*METRICS, "practice_acc", "exam_loss"):
        assert_inside(expected[metric], getattr(unscaled, metric))
        assert_mean(expected[metric], getattr(unscaled, metric), runs=20)
