"""Weights of rows from a column: scikit-learn's weighted losses, the textbook's gradient, PyTorch's training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, mean_squared_error

import engine
from engine.array_types import Floats
from engine.errors import InputError
from engine.numerics import textbook
from engine.numerics.losses import make_output_head
from engine.spec import Spec, validate
from engine.training.samples import explained, sample

ROWS = 90
EXITS = {"bce": (1, "sigmoid"), "cce": (3, "softmax"), "mse": (1, "identity"), "mae": (1, "identity")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    draw = np.random.default_rng(7)
    inputs, weights = draw.normal(size=(ROWS, 2)), draw.gamma(2.0, 40.0, ROWS).round(2)
    weights[::9] = 0
    for loss, targets in {
        "bce": np.where(inputs.sum(axis=1) + draw.normal(size=ROWS) > 0, "yes", "no"),
        "cce": np.array(["a", "b", "c"])[draw.integers(0, 3, ROWS)],
        "mse": draw.normal(size=ROWS).round(6),
    }.items():
        lines = [f"{a:.6f},{b:.6f},{w},{t}" for (a, b), w, t in zip(inputs, weights, targets, strict=True)]
        (folder / f"{loss}.csv").write_text("\n".join(["a,b,w,y", *lines]) + "\n")
    return folder


def recipe(folder: Path, loss: str, *, weight: str | None = "w", split: float = 0.3, **training: Any) -> Spec:
    units, activation = EXITS[loss]
    document: dict[str, Any] = {
        "name": "weights",
        "data": {"source": str(folder / f"{'mse' if loss == 'mae' else loss}.csv"), "target": "y", "weight": weight},
        "split": {"validation": split, "test": 0.2},
        "scaler": {"kind": "standard"},
        "network": {"layers": [{"units": 5, "activation": "tanh"}, {"units": units, "activation": activation}]},
        "training": {"loss": loss, "dtype": "float64", "batch_size": 16, "epochs": 3, **training},
    }
    if weight is None:
        del document["data"]["weight"]
        document["data"]["drop"] = ["w"]
    return validate(document, "a test")


def column(trainer: engine.Trainer, part: str) -> Floats:
    """Return the weights of a part's rows, read anew from the file."""
    source: Any = trainer.spec.data
    weights = np.loadtxt(source.source, delimiter=",", skiprows=1, usecols=2)
    subset = trainer.data.train if part == "train" else trainer.data.validation
    assert subset is not None
    return np.asarray(weights[subset.rows])


def oracle(trainer: engine.Trainer, part: str) -> float:
    subset = trainer.data.train if part == "train" else trainer.data.validation
    assert subset is not None
    raw = trainer.data.table.X[subset.rows]
    p, y, weights = trainer.predict(raw), subset.y, column(trainer, part)
    match trainer.spec.training.loss:
        case "bce":
            return float(log_loss(y, p[:, 0], sample_weight=weights, labels=[0, 1]))
        case "cce":
            return float(log_loss(y.argmax(axis=1), p, sample_weight=weights, labels=[0, 1, 2]))
        case "mse":
            return float(mean_squared_error(y, p[:, 0], sample_weight=weights))
    return float(mean_absolute_error(y, p[:, 0], sample_weight=weights))


@pytest.mark.parametrize("loss", EXITS)
def test_losses_are_scikit_learns_weighted_ones(folder: Path, loss: str) -> None:
    trainer = engine.Trainer(recipe(folder, loss))
    *_, last = trainer.epochs()
    assert trainer.data.table.feature_names == ("a", "b")
    assert trainer.evaluate("train").loss == pytest.approx(oracle(trainer, "train"), rel=1e-9)
    assert last.validation is not None
    assert last.validation.loss == pytest.approx(oracle(trainer, "validation"), rel=1e-9)


def losses_of(trainer: engine.Trainer) -> Floats:
    """Return the training losses of all epochs, (E,) or of a band (E, S)."""
    return np.array([result.train.loss for result in trainer.epochs()])


def train_by_the_book(trainer: engine.Trainer, epochs: int) -> tuple[list[textbook.Layer], list[float]]:
    """Train as a book prints it: of each batch the mean of weight · gradient, and plain descent."""
    spec = trainer.spec
    head = make_output_head(spec.network.layers[-1].activation, spec.training.loss)
    views = trainer.network.views(0)
    layers = [textbook.Layer(view.weights.copy(), view.bias.copy(), view.activation) for view in views]
    train, weights = trainer.data.train, column(trainer, "train")
    y = train.y if train.y.ndim == 2 else train.y[:, None]
    weights, size, losses = weights / weights.mean(), int(spec.training.batch_size), []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(y), size):
            rows = slice(start, start + size)
            trace = textbook.forward(layers, train.X[rows])
            total += float(head.row_losses(trace.z[-1].T, y[rows].T) @ weights[rows])
            delta = head.delta(trace.outputs.T, y[rows].T) * weights[rows]
            for layer, gradient in zip(
                layers, textbook.backward_from(layers, trace, delta.T / len(y[rows])), strict=True
            ):
                layer.weights[...] -= spec.training.learning_rate * gradient.weights
                layer.biases[...] -= spec.training.learning_rate * gradient.biases
        losses.append(total / len(y))
    return layers, losses


@pytest.mark.parametrize("loss", EXITS)
@pytest.mark.parametrize("batch_size", [16, "full"])
def test_a_training_is_the_textbooks(folder: Path, loss: str, batch_size: Any) -> None:
    options: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.05, "shuffle": False}
    trainer = engine.Trainer(recipe(folder, loss, batch_size=16, **options))
    if batch_size == "full":
        trainer = engine.Trainer(recipe(folder, loss, batch_size=len(trainer.data.train), **options))
    layers, losses = train_by_the_book(trainer, 3)
    assert [result.train.loss for result in trainer.epochs()] == pytest.approx(losses, rel=1e-9)
    for found, expected in zip(trainer.layers, layers, strict=True):
        np.testing.assert_allclose(found.weights, expected.weights, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found.bias, expected.biases, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("loss", ["bce", "cce", "mse"])
def test_a_band_is_its_seeds_and_epochs_measured_together_are_those_alone(folder: Path, loss: str) -> None:
    spec = recipe(folder, loss, epochs=40, batch_size="full")
    band = losses_of(engine.Trainer(spec, seeds=range(3)))
    alone = np.array([losses_of(engine.Trainer(spec, seed=seed)) for seed in range(3)])
    np.testing.assert_allclose(band.T, alone, rtol=1e-9)
    at_once = engine.Trainer(spec, seed=0).advance(40)
    np.testing.assert_allclose(at_once[:, 0, 0], alone[0], rtol=1e-12)


def test_weights_of_any_scale_are_the_same_training_and_equal_ones_are_none(folder: Path, tmp_path: Path) -> None:
    scaled = (folder / "bce.csv").read_text().splitlines()
    for name, write in {"thousandfold": lambda w: float(w) * 1000, "equal": lambda _: 3}.items():
        cells = [line.split(",") for line in scaled[1:]]
        rows = [",".join([a, b, repr(write(w)), y]) for a, b, w, y in cells]  # type: ignore[no-untyped-call]
        (tmp_path / name).mkdir()
        (tmp_path / name / "bce.csv").write_text("\n".join([scaled[0], *rows]) + "\n")

    def losses(place: Path, weight: str | None = "w") -> list[Any]:
        return [result.train.loss for result in engine.Trainer(recipe(place, "bce", weight=weight)).epochs()]

    assert losses(tmp_path / "thousandfold") == pytest.approx(losses(folder), rel=1e-9)
    assert losses(tmp_path / "equal") == losses(folder, weight=None) != losses(folder)


def test_class_weights_multiply_those_of_rows(folder: Path) -> None:
    trainer = engine.Trainer(recipe(folder, "bce", class_weight=[1.0, 4.0]))
    p, y = trainer.predict(trainer.data.table.X[trainer.data.train.rows])[:, 0], trainer.data.train.y
    weights = column(trainer, "train")
    rows = -np.where(y == 1, np.log(p), np.log1p(-p)) * np.where(y == 1, 4.0, 1.0) * weights / weights.mean()
    assert trainer.evaluate("train").loss == pytest.approx(rows.mean(), rel=1e-9)


@pytest.mark.parametrize("loss", ["bce", "cce", "mse"])
def test_by_hand_a_row_has_its_weight(folder: Path, loss: str) -> None:
    trainer = engine.Trainer(recipe(folder, loss))
    weights = column(trainer, "train")
    row = int(weights.argmax())
    explanation = explained(trainer, sample(trainer, "train", row))
    assert explanation.loss.class_weight == pytest.approx(weights[row] / weights.mean(), rel=1e-12)


def test_accuracy_r2_and_the_exam_count_all_rows_alike(folder: Path) -> None:
    trainer = engine.Trainer(recipe(folder, "bce"))
    y = trainer.data.train.y
    p = trainer.predict(trainer.data.table.X[trainer.data.train.rows])[:, 0]
    assert trainer.evaluate("train").accuracy == pytest.approx(float(((p >= 0.5) == (y == 1)).mean()))
    assert trainer.data.test is not None
    assert trainer.data.test.weights is None


def test_a_run_that_is_resumed_in_the_middle_of_an_epoch_goes_on_bit_for_bit(folder: Path) -> None:
    spec = recipe(folder, "mse", batch_size=7)
    whole, cut = engine.Trainer(spec), engine.Trainer(spec)
    for _ in range(11):
        cut.step()
    resumed = engine.Trainer.from_checkpoint(cut.checkpoint())
    assert [result.train.loss for result in whole.epochs()][1:] == [r.train.loss for r in resumed.epochs()][-2:]
    np.testing.assert_array_equal(whole.network.parameters.flat, resumed.network.parameters.flat)


@pytest.mark.parametrize("loss", ["bce", "cce", "mse", "mae"])
def test_a_training_is_pytorchs(folder: Path, loss: str) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    options: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.05, "shuffle": False, "batch_size": 10**6}
    trainer = engine.Trainer(recipe(folder, loss, **options))
    train, weights = trainer.data.train, torch.tensor(column(trainer, "train"))
    X, y = torch.tensor(train.X), torch.tensor(train.y if train.y.ndim == 2 else train.y[:, None])
    values = [
        torch.tensor(each.copy(), requires_grad=True) for view in trainer.layers for each in (view.weights, view.bias)
    ]
    optimizer, losses = torch.optim.SGD(values, lr=0.05), []
    functional = torch.nn.functional
    for _ in range(3):
        z = torch.tanh(X @ values[0].T + values[1]) @ values[2].T + values[3]
        rows = {
            "bce": lambda z: functional.binary_cross_entropy_with_logits(z, y, reduction="none")[:, 0],
            "cce": lambda z: functional.cross_entropy(z, y.argmax(dim=1), reduction="none"),
            "mse": lambda z: functional.mse_loss(z, y, reduction="none")[:, 0],
            "mae": lambda z: functional.l1_loss(z, y, reduction="none")[:, 0],
        }[loss](z)
        mean = (rows * weights).sum() / weights.sum()
        optimizer.zero_grad()
        mean.backward()
        optimizer.step()
        losses.append(mean.item())
    assert [result.train.loss for result in trainer.epochs()] == pytest.approx(losses, rel=1e-9)


@pytest.mark.parametrize("cell", ["-1", "inf", "many", "nan"])
def test_what_is_no_weight_is_named_with_its_row(folder: Path, tmp_path: Path, cell: str) -> None:
    lines = (folder / "bce.csv").read_text().splitlines()
    fields = lines[4].split(",")
    lines[4] = ",".join([*fields[:2], cell, fields[3]])
    (tmp_path / "bce.csv").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError, match="row 5, column w"):
        engine.Trainer(recipe(tmp_path, "bce"))


def test_a_column_of_nothing_but_zeros_and_the_target_are_refused(folder: Path, tmp_path: Path) -> None:
    lines = [line.split(",") for line in (folder / "bce.csv").read_text().splitlines()]
    rows = [",".join([a, b, "0", y]) for a, b, _, y in lines[1:]]
    (tmp_path / "bce.csv").write_text("\n".join(["a,b,w,y", *rows]) + "\n")
    with pytest.raises(InputError, match=r"data\.weight: every training row has the weight 0"):
        engine.Trainer(recipe(tmp_path, "bce"))
    with pytest.raises(InputError, match="expected another column than the target"):
        recipe(folder, "mse", weight="y")
    with pytest.raises(InputError, match="there is no column 'v'"):
        engine.Trainer(recipe(folder, "bce", weight="v"))


def test_it_is_said_that_losses_are_weighted(folder: Path) -> None:
    trainer = engine.Trainer(recipe(folder, "bce"))
    assert any("rows count in the losses as w says" in note for note in trainer.data.notes)
