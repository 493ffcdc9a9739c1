"""The spec: every option of a preset, its defaults and limits; dotted paths; complaints in one line."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputError
from engine.spec import OUTPUT_LOSSES, Spec, override, validate, value_at

DOCUMENTED = """
name = "breast-cancer"
[data]
source = "breast-cancer"
[split]
validation = 0.2
test = 0.2
seed = 42
stratify = false
[scaler]
kind = "standard"
fit = "train"
[network]
initializer = "glorot_uniform"
bias_initializer = "zeros"
dropout_mask = "example"
layers = [
  {units = 16, activation = "relu", dropout = 0.2},
  {units = 8, activation = "relu", dropout = 0.2},
  {units = 1, activation = "sigmoid"},
]
[training]
loss = "bce"
optimizer = "adam"
epsilon = 1e-7
learning_rate = 0.001
batch_size = 32
epochs = 50
shuffle = true
seed = 42
dtype = "float32"
[[changes]]
epoch = 51
set = {"network.dropout" = 0.3}
"""
BASE: dict[str, Any] = {
    "name": "base",
    "data": {"source": "xor"},
    "network": {"layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}]},
    "training": {"loss": "bce"},
}


def spec_of(**tables: Any) -> Spec:
    return validate({**BASE, **tables}, "test")


def complaint(document: Any) -> str:
    with pytest.raises(InputError) as raised:
        validate(document, "file.toml")
    line = str(raised.value)
    assert line.isprintable()
    assert line.startswith("file.toml: ")
    return line.removeprefix("file.toml: ")


def test_the_documented_preset_is_a_spec_and_comes_back_from_json() -> None:
    spec = validate(tomllib.loads(DOCUMENTED), "documented")
    assert [layer.units for layer in spec.network.layers] == [16, 8, 1]
    assert spec.training.epsilon == 1e-7
    assert Spec.model_validate(json.loads(spec.model_dump_json())) == spec
    assert Spec.model_validate(spec.model_dump(mode="json")) == spec


OPTIONS: dict[str, tuple[list[Any], list[Any]]] = {
    "split.validation": ([0, 0.2, 0.99], [-0.1, 1.0, "some"]),
    "split.seed": ([0, 2**32 - 1], [-1, 2**32, 1.5]),
    "split.stratify": ([True, False], ["perhaps"]),
    "scaler.kind": (["none", "standard", "minmax", "divide"], ["robust"]),
    "scaler.fit": (["train", "all"], ["test"]),
    "scaler.divisor": ([255, 0.5, "max"], [0, -1, "min", float("inf")]),
    "network.initializer": (["glorot_uniform", "xavier", "he", "lecun", "normal", "zeros"], ["orthogonal"]),
    "network.initializer_scale": ([0.01, 2], [0, -1, float("nan"), float("inf")]),
    "network.bias_initializer": (["zeros", "normal"], ["ones"]),
    "network.dropout_mask": (["example", "step", "epoch"], ["batch"]),
    "network.layers.0.units": ([1, 100_000], [0, -3, 2.5, 100_001]),
    "network.layers.0.activation": (
        ["identity", "sigmoid", "tanh", "relu", "leaky_relu"],
        ["gelu", "softmax", "step"],
    ),
    "network.layers.0.dropout": ([0, 0.99], [-0.1, 1.0]),
    "network.dropout": ([0.5, [0.3]], [1.0, [0.3, 0.3], "much"]),
    "network.units": ([[3], [4, 4], []], [3, [0], ["3"], "3"]),
    "training.loss": (["bce", "mse", "mae"], ["hinge", "cce"]),
    "training.optimizer": (["sgd", "momentum", "rmsprop", "adam"], ["adagrad"]),
    "training.learning_rate": ([1e-9, 10], [0, -1, float("nan"), float("inf")]),
    "training.momentum": ([0, 0.999], [1, -0.1]),
    "training.beta1": ([0, 0.999], [1, -0.1]),
    "training.beta2": ([0, 0.9999], [1, -0.1]),
    "training.epsilon": ([1e-12, 1], [0, -1]),
    "training.batch_size": ([1, 10**6, "full"], [0, -1, "half", 1.5]),
    "training.epochs": ([0, 10**9], [-1, 10**9 + 1, 1.5]),
    "training.shuffle": ([True, False], ["maybe"]),
    "training.seed": ([0, 2**32 - 1], [-1, 2**32]),
    "training.dtype": (["float32", "float64"], ["float16"]),
    "training.streams": (["modern", "legacy", "legacy-shared"], ["ancient"]),
    "training.l1": ([0, 1], [-1, float("inf")]),
    "training.l2": ([0, 1], [-1, float("nan")]),
    "training.clip": ([0, 1], [-1, float("inf")]),
    "training.schedule.kind": (["constant", "step", "exponential", "cosine", "inverse"], ["warmup"]),
    "training.schedule.factor": ([0, 2], [-1]),
    "training.schedule.every": ([1, 5], [0]),
    "training.stopping.patience": ([0, 5], [-1]),
    "training.stopping.minimum_change": ([0, 0.1], [-0.1]),
    "training.stopping.restore_best": ([True, False], ["best"]),
}


@pytest.mark.parametrize(("path", "value"), [(path, value) for path in OPTIONS for value in OPTIONS[path][0]])
def test_an_option_takes(path: str, value: Any) -> None:
    after = override(spec_of(), {path: value})
    held = value_at(after, path)
    layers = len(after.network.layers) - 1
    assert held == ([value] * layers if path == "network.dropout" and not isinstance(value, list) else value)
    assert Spec.model_validate(after.model_dump(mode="json")) == after


@pytest.mark.parametrize(("path", "value"), [(path, value) for path in OPTIONS for value in OPTIONS[path][1]])
def test_an_option_refuses(path: str, value: Any) -> None:
    spec = spec_of()
    with pytest.raises(InputError) as raised:
        override(spec, {path: value})
    line = str(raised.value)
    assert line.isprintable()
    assert path.rpartition(".")[2] in line
    assert spec == spec_of()


@pytest.mark.parametrize("exit_", OUTPUT_LOSSES)
@pytest.mark.parametrize("loss", ["bce", "cce", "mse", "mae"])
def test_exits_and_losses_that_fit_and_that_do_not(exit_: Any, loss: Any) -> None:
    document = {
        **BASE,
        "network": {"layers": [{"units": 1, "activation": exit_}]},
        "training": {"loss": loss, "epochs": 0},
    }
    if loss in OUTPUT_LOSSES[exit_]:
        assert validate(document, "x").training.loss == loss
    else:
        assert complaint(document).startswith(f"training.loss: output {exit_} takes {OUTPUT_LOSSES[exit_][0]}")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ({"name": "Breast Cancer"}, "name: expected small letters, digits and dashes; breast-cancer would do"),
        ({"network": {"layers": []}}, "network.layers: tuple should have at least 1 item"),
        (
            {"network": {"layers": [{"units": 2, "activation": "softmax"}, {"units": 1, "activation": "sigmoid"}]}},
            "network: layers.0.activation: softmax belongs at the exit",
        ),
        (
            {"network": {"layers": [{"units": 1, "activation": "sigmoid", "dropout": 0.1}]}},
            "network: layers: the exit has no dropout",
        ),
        ({"network": {**BASE["network"], "weights": [[[1.0]]]}}, "network: weights: expected one entry per layer (2)"),
        ({"network": {**BASE["network"], "biases": [[0.0]] * 3}}, "network: biases: expected one entry per layer (2)"),
        ({"split": {"validation": 0.5, "test": 0.5}}, "split: validation + test must leave rows to train on"),
        ({"changes": [{"epoch": 2, "set": {}}]}, "changes.0.set: dictionary should have at least 1 item"),
        (
            {"changes": [{"epoch": 0, "set": {"training.l2": 1}}]},
            "changes.0.epoch: expected a number from 1 on (got 0)",
        ),
        ({"changes": [{"epoch": 2, "set": {"training.l3": 1}}]}, "changes (epoch 2): training.l3: unk"),
        (
            {"changes": [{"epoch": 2, "set": {"training.l2": -1}}]},
            "changes (epoch 2): training.l2: exp",
        ),
        ({"traning": {}}, "traning: unknown key"),
        ({"network": {"layers": [{"units": 1, "activation": "step"}]}}, "training.loss: output step takes mse or"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(tables: dict[str, Any], expected: str) -> None:
    assert complaint({**BASE, **tables}).startswith(expected)


def test_a_step_goes_forward_only() -> None:
    layers = [{"units": 1, "activation": "step"}]
    document = {**BASE, "network": {"layers": layers}, "training": {"loss": "mse", "epochs": 1}}
    assert "no slope to learn from" in complaint(document)


def test_changes_are_kept_in_order_and_checked_one_after_another() -> None:
    later, sooner = {"epoch": 9, "set": {"training.l2": 0.2}}, {"epoch": 3, "set": {"training.l2": 0.1}}
    assert [change.epoch for change in spec_of(changes=[later, sooner]).changes] == [3, 9]


def test_nothing_is_changed_after_validation() -> None:
    spec = spec_of()
    with pytest.raises(ValueError, match="frozen"):
        spec.training.epochs = 3
    override(spec, {"training.epochs": 3})
    assert spec.training.epochs == 100


def test_units_of_all_hidden_layers() -> None:
    wider = override(spec_of(), {"network.units": [16, 8, 4]})
    assert [(layer.units, layer.activation) for layer in wider.network.layers] == [
        (16, "tanh"), (8, "tanh"), (4, "tanh"), (1, "sigmoid"),
    ]  # fmt: skip
    assert value_at(wider, "network.units") == [16, 8, 4]
    assert value_at(override(wider, {"network.units": []}), "network.units") == []
    first = override(override(spec_of(), {"network.units": []}), {"network.units": [5]})
    assert first.network.layers[0].activation == "relu"


def test_several_paths_act_in_their_order() -> None:
    spec = override(spec_of(), {"network.units": [3, 3], "network.dropout": [0.1, 0.2], "network.layers.1.units": 7})
    assert value_at(spec, "network.units") == [3, 7]
    assert value_at(spec, "network.dropout") == [0.1, 0.2]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("nonsense", "there: name, data, split"),
        ("training.nonsense", "there: loss, optimizer"),
        ("network.layers.5.units", "there: 0 to 1"),
        ("network.layers.first.units", "there: 0 to 1"),
        ("training.loss.deeper", "there is no 'deeper'"),
        ("network.weights.0", "there is no '0'"),
        ("", "there is no ''"),
        ("..", "there is no ''"),
        ("\x1b[31m", "there is no '�[31m'"),
    ],
)
def test_a_path_that_leads_nowhere_says_what_there_is(path: str, hint: str) -> None:
    with pytest.raises(InputError) as raised:
        value_at(spec_of(), path)
    assert hint in str(raised.value)
    assert str(raised.value).isprintable()


KEYS = st.sampled_from(
    ["network", "training", "layers", "0", "1", "-1", "01", "units", "dropout", "loss", "schedule", "kind", "data",
     "changes", "weights", "", "x", "\x1b", "٣", "²", "[0]", "epochs", "split", "name", "source"]
)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(path=st.lists(KEYS, max_size=5).map(".".join), value=VALUES)
def test_any_path_with_any_value_is_a_spec_or_one_line(path: str, value: Any) -> None:
    spec = spec_of()
    after = spec_or_line(lambda: override(spec, {path: value}))
    if isinstance(after, Spec):
        assert Spec.model_validate(after.model_dump(mode="json")) == after
    spec_or_line(lambda: value_at(spec, path))


@given(document=VALUES, table=st.sampled_from(["name", "data", "split", "network", "training", "changes", None]))
def test_any_document_is_a_spec_or_one_line(document: Any, table: str | None) -> None:
    spec_or_line(lambda: validate({**BASE, table: document} if table else document, "any"))


def spec_or_line(attempt: Callable[[], Any]) -> Any:
    """Return what ``attempt`` returns, or the one line with which it refuses."""
    try:
        return attempt()
    except InputError as error:
        line = str(error)
    assert line.isprintable()
    assert len(line) < 600
    return line
