"""Class weights: scikit-learn's formula, PyTorch's and the textbook's gradient, finite differences, and by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

import engine
from engine.array_types import Floats
from engine.numerics import textbook
from engine.numerics.gradcheck import central_difference
from engine.numerics.losses import OutputHead, make_output_head
from engine.run.exam import ExamReport
from engine.spec import Spec, override, validate
from engine.training.class_weights import class_weights
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe
from tests.properties import examples
from tests.reference.straightforward import row_losses

WEIGHTS = {"bce": (0.25, 3.0), "cce": (0.5, 1.0, 7.0)}


def hidden(*layers: tuple[int, str]) -> dict[str, Any]:
    """Return the recipe of two classes with these hidden layers: each kind has programs of its own."""
    units = [{"units": width, "activation": activation} for width, activation in layers]
    return {**TWO_CLASSES, "network": {"layers": [*units, {"units": 1, "activation": "sigmoid"}]}}


CASES = [
    pytest.param(
        document,
        exit_,
        loss,
        id="-".join([*(layer["activation"] for layer in document["network"]["layers"][:-1]), exit_]),
    )
    for document, exit_, loss in [
        (TWO_CLASSES, "sigmoid", "bce"),
        (TWO_CLASSES, "relu", "bce"),
        (hidden((7, "tanh")), "sigmoid", "bce"),
        (hidden((5, "sigmoid"), (4, "sigmoid")), "sigmoid", "bce"),
        (hidden((7, "relu"), (4, "relu")), "sigmoid", "bce"),
        (THREE_CLASSES, "softmax", "cce"),
    ]
]


def weighted(document: dict[str, Any] = TWO_CLASSES, weights: object = None, **values: Any) -> Spec:
    """Return a recipe whose classes weigh what is given, or else ``WEIGHTS`` of its loss."""
    chosen = WEIGHTS[document["training"]["loss"]] if weights is None else weights
    return recipe(document, training__class_weight=chosen, **values)


def rows_of(classes: list[int], names: int, **training: Any) -> Spec:
    """Return a recipe on rows of these classes, all of them for training."""
    units, exit_, loss = (1, "sigmoid", "bce") if names == 2 else (names, "softmax", "cce")
    return validate(
        {
            "name": "rows",
            "data": {
                "source": "rows",
                "X": [[float(index)] for index in range(len(classes))],
                "y": classes,
                "classes": [f"class {number}" for number in range(names)],
            },
            "network": {"initializer": "zeros", "layers": [{"units": units, "activation": exit_}]},
            "training": {"loss": loss, "dtype": "float64", "batch_size": "full", "optimizer": "sgd", **training},
        },
        "rows",
    )


def weighted_head(trainer: engine.Trainer) -> OutputHead:
    activation, loss = trainer.spec.network.layers[-1].activation, trainer.spec.training.loss
    base = make_output_head(activation, loss)
    return OutputHead(base.activation, base.loss, WEIGHTS[loss])


def targets(trainer: engine.Trainer) -> Floats:
    y = trainer.data.train.y
    return y if y.ndim == 2 else y[:, None]


def copied_layers(trainer: engine.Trainer, seed: int = 0) -> list[textbook.Layer]:
    views = trainer.network.views(seed)
    return [textbook.Layer(view.weights.copy(), view.bias.copy(), view.activation) for view in views]


def gradients_of_seed(trainer: engine.Trainer, seed: int = 0) -> list[Floats]:
    gradients = trainer.gradients()
    assert gradients is not None
    return [layer[seed] for layer in trainer.network.parameters.split(gradients)]


@given(classes=st.lists(st.integers(0, 2), min_size=1, max_size=60))
def test_balanced_is_scikit_learns_formula_over_the_classes_that_have_rows(classes: list[int]) -> None:
    present = np.unique(classes)
    expected = np.ones(3)
    expected[present] = compute_class_weight("balanced", classes=present, y=np.array(classes))
    spec = rows_of(classes, 3, class_weight="balanced")
    assert class_weights(spec.training, engine.Trainer(spec).data) == pytest.approx(tuple(expected), rel=1e-15)


def test_balanced_counts_the_training_rows_alone() -> None:
    trainer = engine.Trainer(weighted(weights="balanced"))
    y = trainer.data.train.y
    assert len(y) < len(trainer.data.table.y)
    expected = compute_class_weight("balanced", classes=np.array([0.0, 1.0]), y=y)
    assert trainer.state.class_weights == pytest.approx(tuple(expected))


def test_a_step_by_hand() -> None:
    """Four rows x = 0 … 3, the last of class 1, weights and bias 0: p = ½, balanced weights 4/(2·3) and 4/(2·1).

    The gradient of w is the mean over four rows of weight · (p − y) · x: (⅔·½·(0 + 1 + 2) − 2·½·3) / 4 = −½, that of
    the bias (⅔·½·3 − 2·½) / 4 = 0; the loss (3·⅔ + 2) / 4 · ln 2 = ln 2.
    """
    trainer = engine.Trainer(rows_of([0, 0, 0, 1], 2, class_weight="balanced", epochs=1))
    result = trainer.step()
    assert result is not None
    assert result.train.loss == pytest.approx(np.log(2), rel=1e-14)
    np.testing.assert_allclose(gradients_of_seed(trainer)[0], [[-0.5, 0.0]], atol=1e-15)


def test_the_mean_divides_by_the_number_of_rows_not_by_the_sum_of_weights() -> None:
    trainer = engine.Trainer(rows_of([0, 0, 0, 1], 2, class_weight=[10, 10]))
    plain = engine.Trainer(rows_of([0, 0, 0, 1], 2))
    trainer.step()
    plain.step()
    np.testing.assert_allclose(gradients_of_seed(trainer)[0], 10 * gradients_of_seed(plain)[0], rtol=1e-14)
    assert trainer.evaluate("train").loss != plain.evaluate("train").loss


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("batch", [1, 13, "full"])
@pytest.mark.parametrize("dropout", [0.0, 0.25])
@pytest.mark.parametrize(("document", "exit_", "loss"), CASES)
def test_every_steps_gradient_is_the_textbooks(
    document: dict[str, Any], exit_: str, loss: str, dropout: float, batch: object, seeds: int
) -> None:
    last = len(document["network"]["layers"]) - 1
    values = {f"network__layers__{last}__activation": exit_, "network__dropout": dropout, "training__batch_size": batch}
    trainer = engine.Trainer(weighted(document, **values), seeds=range(seeds))
    head, Y = weighted_head(trainer), targets(trainer)
    for _ in range(trainer.steps + 1):
        layers = [copied_layers(trainer, seed) for seed in range(seeds)]
        trainer.step()
        latest = trainer.inside.latest_step()
        assert latest is not None
        for seed in range(seeds):
            rows = latest.rows[seed]
            masks = [latest.masks[index][seed].T if index in latest.masks else None for index in range(last + 1)]
            trace = textbook.forward(layers[seed], trainer.data.train.X[rows], masks)
            for ours, expected in zip(
                gradients_of_seed(trainer, seed), textbook.backward(layers[seed], trace, Y[rows], head), strict=True
            ):
                book = np.column_stack([expected.weights, expected.biases])
                np.testing.assert_allclose(ours, book, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("document", "exit_", "loss"), CASES)
def test_the_gradient_is_that_of_the_weighted_loss_by_finite_differences(
    document: dict[str, Any], exit_: str, loss: str
) -> None:
    last = len(document["network"]["layers"]) - 1
    changed = {f"network__layers__{last}__activation": exit_, "network__dropout": 0, "training__batch_size": "full"}
    trainer = engine.Trainer(weighted(document, network__layers__0__activation="tanh", **changed))
    layers, X, y = copied_layers(trainer), trainer.data.train.X, targets(trainer)
    numbers = y.argmax(axis=1) if y.shape[1] > 1 else y[:, 0].astype(int)
    of_rows = np.array(WEIGHTS[loss])[numbers]

    def mean_loss() -> float:
        z = textbook.forward(layers, X).z[-1]
        with np.errstate(all="ignore"):
            losses = (
                row_losses(loss, exit_, z, y)
                if exit_ != "relu"
                else make_output_head("relu", "bce").row_losses(z.T, y.T)
            )
        return float((of_rows * losses).sum() / len(y))

    assert trainer.evaluate("train").loss == pytest.approx(mean_loss(), rel=1e-9)
    before = mean_loss()
    result = trainer.step()
    assert result is not None
    assert result.train.loss == pytest.approx(before, rel=1e-9)
    for layer, gradient in zip(layers, gradients_of_seed(trainer), strict=True):
        for index in np.ndindex(layer.weights.shape):
            slope = central_difference(mean_loss, layer.weights, index)
            assert gradient[index] == pytest.approx(slope, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES])
def test_the_gradient_is_pytorchs(document: dict[str, Any]) -> None:
    """Of PyTorch's sum of weighted losses over the number of rows; its own mean divides by the sum of weights."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    values = {"network__layers__0__activation": "tanh", "network__dropout": 0, "training__batch_size": "full"}
    trainer = engine.Trainer(weighted(document, **values))
    X, y = torch.tensor(trainer.data.train.X), torch.tensor(targets(trainer))
    layers = [
        [torch.tensor(array, requires_grad=True) for array in (layer.weights, layer.biases)]
        for layer in copied_layers(trainer)
    ]
    linear = torch.nn.functional.linear
    z = linear(X, *layers[0])
    for weights, biases in layers[1:]:
        z = linear(torch.tanh(z), weights, biases)
    if y.shape[1] == 1:
        of_rows = torch.where(y == 1, WEIGHTS["bce"][1], WEIGHTS["bce"][0])
        loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y, weight=of_rows, reduction="sum")
    else:
        of_classes = torch.tensor(WEIGHTS["cce"], dtype=torch.float64)
        loss = torch.nn.functional.cross_entropy(z, y.argmax(1), weight=of_classes, reduction="sum")
    (loss / len(y)).backward()
    result = trainer.step()
    assert result is not None
    assert result.train.loss == pytest.approx(float(loss.detach()) / len(y), rel=1e-12)
    for ours, (weights, biases) in zip(gradients_of_seed(trainer), layers, strict=True):
        theirs = np.column_stack([weights.grad.numpy(), biases.grad.numpy()])
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES])
@pytest.mark.parametrize("batch", [13, "full"])
def test_a_whole_training_is_the_textbooks(document: dict[str, Any], batch: int | str) -> None:
    values = {"network__dropout": 0, "training__batch_size": batch, "training__shuffle": False}
    trainer = engine.Trainer(weighted(document, training__optimizer="sgd", training__epochs=20, **values))
    layers, rows = copied_layers(trainer), np.arange(len(trainer.data.train))
    size = len(rows) if batch == "full" else 13
    batches = [rows[start : start + size] for start in range(0, len(rows), size)]
    X, update = trainer.data.train.X, textbook.Update("sgd", trainer.learning_rate)
    history = textbook.train(layers, X, targets(trainer), weighted_head(trainer), update, [batches] * 20)
    table = trainer.advance(20)
    np.testing.assert_allclose(table[:, 0, 0], history, rtol=1e-9)
    for ours, theirs in zip(copied_layers(trainer), layers, strict=True):
        np.testing.assert_allclose(ours.weights, theirs.weights, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES])
@pytest.mark.parametrize("seeds", [None, [5, 6]])
def test_deferred_metrics_and_going_on_from_a_checkpoint_give_the_same_bits(
    document: dict[str, Any], seeds: list[int] | None
) -> None:
    spec = weighted(document, training__epochs=24, training__dtype="float32")
    one_by_one, at_once = engine.Trainer(spec, seeds=seeds), engine.Trainer(spec, seeds=seeds)
    rows = np.stack([result.row() for result in one_by_one.epochs()])
    np.testing.assert_array_equal(at_once.advance(24), rows)
    half = engine.Trainer(spec, seeds=seeds)
    half.advance(3)
    half.step()
    resumed = engine.Trainer.from_checkpoint(half.checkpoint())
    list(resumed.epochs())
    np.testing.assert_array_equal(resumed.network.parameters.flat, one_by_one.network.parameters.flat)


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES])
def test_weights_of_1_change_no_bit(document: dict[str, Any]) -> None:
    ones = [1] * len(WEIGHTS[document["training"]["loss"]])
    plain, with_ones = engine.Trainer(recipe(document)), engine.Trainer(weighted(document, ones))
    np.testing.assert_array_equal(plain.advance(3), with_ones.advance(3))
    np.testing.assert_array_equal(plain.network.parameters.flat, with_ones.network.parameters.flat)


@pytest.mark.parametrize("document", [TWO_CLASSES, THREE_CLASSES])
def test_a_run_without_weights_compiles_no_operation_more(document: dict[str, Any]) -> None:
    lengths = []
    for spec in (recipe(document), weighted(document)):
        learner = engine.Trainer(spec).state.require_learner()
        lengths.append(len(learner.plan._batches[0].program))
    assert lengths[1] == lengths[0] + 3


def test_validation_loss_is_weighted_too_and_the_exam_and_the_accuracy_are_not() -> None:
    plain, heavy = (engine.Trainer(recipe(training__class_weight=weights)) for weights in (None, [1, 50]))
    assert heavy.evaluate("validation").loss > 5 * plain.evaluate("validation").loss
    assert heavy.evaluate("validation").accuracy == plain.evaluate("validation").accuracy
    assert heavy.exam() == plain.exam()


def test_a_rare_class_is_found_more_often_when_classes_are_balanced() -> None:
    random = np.random.default_rng(0)
    rare = np.arange(600) % 60 == 7
    X = random.normal(size=(600, 2)) + 1.5 * rare[:, None]
    spec = validate(
        {
            "name": "rare",
            "data": {"source": "rows", "X": X.tolist(), "y": rare.astype(int).tolist(), "classes": ["no", "yes"]},
            "split": {"test": 0.3, "stratify": True},
            "network": {"layers": [{"units": 1, "activation": "sigmoid"}]},
            "training": {"loss": "bce", "learning_rate": 0.02, "epochs": 40},
        },
        "rare",
    )
    recalls = []
    for chosen in (spec, override(spec, {"training.class_weight": "balanced"})):
        trainer = engine.Trainer(chosen)
        list(trainer.epochs())
        report = trainer.exam()
        assert isinstance(report, ExamReport)
        assert report.recall is not None
        recalls.append(report.recall)
    assert recalls[1] > recalls[0]


@pytest.mark.parametrize(
    ("document", "value", "complaint"),
    [
        (TWO_CLASSES, [1, 2, 3], r"class_weight: expected 2 numbers, one for each class \(.*\), got 3"),
        (THREE_CLASSES, [1, 2], "class_weight: expected 3 numbers, one for each class"),
        (TWO_CLASSES, [], "class_weight: expected 2 numbers"),
        (TWO_CLASSES, [1, 0], r"class_weight\.1: expected a number above 0 \(got 0\)"),
        (TWO_CLASSES, [1, -2], r"class_weight\.1: expected a number above 0 \(got -2\)"),
        (TWO_CLASSES, [float("inf"), 1], r"class_weight\.0: expected a finite number"),
        (TWO_CLASSES, [float("nan"), 1], r"class_weight\.0: expected a (finite )?number"),
        (TWO_CLASSES, ["a", 1], r"class_weight\.0: expected a number"),
        (TWO_CLASSES, "balancd", "class_weight: expected 'balanced' .*did you mean balanced"),
        (TWO_CLASSES, 5, "class_weight: expected a list"),
        (TWO_CLASSES, True, "class_weight: expected another value than true"),
        (VALUES, "balanced", r"training\.class_weight: expected a loss of classes, bce or cce \(got mse\)"),
        (VALUES, [1, 2], "class_weight: expected a loss of classes"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(document: dict[str, Any], value: object, complaint: str) -> None:
    with pytest.raises(engine.InputError, match=complaint) as raised:
        engine.Trainer(recipe(document, training__class_weight=value))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("weight", [1e-60, 1e60])
def test_a_weight_that_the_runs_numbers_cannot_hold_is_refused(weight: float) -> None:
    with pytest.raises(engine.InputError, match="positive numbers that float32 can hold"):
        engine.Trainer(weighted(weights=[1, weight], training__dtype="float32"))
    assert engine.Trainer(weighted(weights=[1, weight])).state.class_weights == (1, weight)


@pytest.mark.parametrize("number", range(examples(4)))
def test_weights_survive_writing_and_reading_a_recipe(number: int) -> None:
    weights = tuple(np.random.default_rng(number).uniform(0.01, 100, 2).tolist())
    spec = weighted(weights=weights)
    assert validate(spec.model_dump(mode="json"), "again") == spec
