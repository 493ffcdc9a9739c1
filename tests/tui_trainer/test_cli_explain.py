"""``tui-trainer explain``: the tutorials' figures digit for digit, any row of a preset, file or run, as a handout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import presets
from engine.numerics.losses import make_output_head
from engine.numerics.textbook import Layer, mean_loss
from engine.spec import override, validate
from engine.store.runs import Run, RunStore
from engine.training.trainer import Trainer
from engine.worker.facts import data_facts
from tests.reference.cases import case
from tests.tui_trainer.handouts.drawings import parsed
from tui_trainer.cli import main

Line = dict[str, Any]


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[Line]:
    capsys.readouterr()
    assert main(["explain", *arguments, "--json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return [json.loads(line) for line in captured.out.splitlines()]


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 0
    return capsys.readouterr().out


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["explain", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.splitlines()
    return line


def of(lines: list[Line], kind: str, layer: int | None = None) -> Line:
    (found,) = (line for line in lines if line["kind"] == kind and line.get("layer") == layer)
    return found


def trained_run(epochs: int, *kept: int, name: str = "mine", **settings: Any) -> tuple[Run, list[list[np.ndarray]]]:
    """Return a run with checkpoints of some epochs, and the layers after every epoch."""
    spec = presets.load("iris", set={"training.epochs": epochs, **settings})
    run, trainer = RunStore().create(spec, [spec.training.seed], name=name), Trainer(spec)
    layers = [[layer[0].copy() for layer in trainer.network.parameters.layers]]
    run.checkpoints.save(trainer.checkpoint(), keep="first")
    for result in trainer.epochs():
        layers.append([layer[0].copy() for layer in trainer.network.parameters.layers])
        if result.epoch in kept:
            run.checkpoints.save(trainer.checkpoint(), keep="change")
    run.metrics.append(1, np.zeros((epochs, 1, 5)))
    run.metrics.record_state(state="finished", epoch=epochs)
    run.metrics.close()
    return run, layers


# The tutorials


def test_one_clerk_is_the_tutorials_chain(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys, "one-clerk")
    assert [line["kind"] for line in lines] == [
        *("sample", "forward", "forward", "loss", "backward", "backward", "update", "update")
    ]
    first, last = of(lines, "forward", 1), of(lines, "forward", 2)
    case("R03").matches(z1=first["z"], a1=first["a"], z2=last["z"], p=last["a"], L=of(lines, "loss")["value"])
    hidden, output = of(lines, "backward", 1), of(lines, "backward", 2)
    case("R04").matches(delta=output["delta"], dL_dw2=output["weights"], dL_db2=output["biases"])
    case("R04").matches(err_z1=hidden["delta"], dL_dw1=hidden["weights"], dL_db1=hidden["biases"])
    first, last = of(lines, "update", 1), of(lines, "update", 2)
    case("R05").matches(w1=first["weights"], b1=first["biases"], w2=last["weights"], b2=last["biases"])


def test_backprop_2_2_1_is_the_tutorials_chain(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys, "backprop-2-2-1")
    first, last = of(lines, "forward", 1), of(lines, "forward", 2)
    found = case("B07")
    found.matches(Z1=first["z"], A1=first["a"], Z2=last["z"], A2=last["a"], L=of(lines, "loss")["value"])
    hidden, output = of(lines, "backward", 1), of(lines, "backward", 2)
    found.matches(dL_dZ2=output["delta"], dL_dW2=output["weights"], dL_db2=output["biases"])
    found.matches(dL_dZ1=hidden["delta"], dL_dW1=hidden["weights"], dL_db1=hidden["biases"])
    first, last = of(lines, "update", 1), of(lines, "update", 2)
    found.matches(W1_new=first["weights"], b1_new=first["biases"], W2_new=last["weights"], b2_new=last["biases"])


def test_the_loans_go_forward_only_with_their_figures(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys, "loan-neuron")
    assert [line["kind"] for line in lines] == ["sample", "forward", "loss"]
    case("B01").matches(z=of(lines, "forward", 1)["z"], output=of(lines, "forward", 1)["a"])
    of_applicants = [explained(capsys, "loan-forward", "--row", str(row)) for row in range(3)]
    for key, layer, letter in (("Z1", 1, "z"), ("A1", 1, "a"), ("Z2", 2, "z"), ("A2", 2, "a")):
        columns = [of(lines, "forward", layer)[letter] for lines in of_applicants]
        case("B04").matches(**{key: np.transpose(columns)})


def test_the_perceptron_of_the_lines_is_as_it_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    for row in range(20):
        lines = explained(capsys, "lines-perceptron", "--row", str(row))
        x, y = of(lines, "sample")["x"], of(lines, "sample")["y"]
        back = of(lines, "backward", 1)
        (p,) = of(lines, "forward", 1)["a"]
        np.testing.assert_allclose(back["weights"], [np.multiply(x, p - y[0])], rtol=1e-12)


# Any network


@pytest.mark.parametrize(
    ("preset", "settings"),
    [
        ("iris", {}),
        ("iris", {"training.class_weight": [0.5, 2.0, 3.0]}),
        ("breast-cancer", {"training.class_weight": "balanced", "training.l2": 0.1}),
        ("diabetes", {}),
        ("diabetes", {"training.loss": "mae"}),
        ("mistake-relu-exit", {}),
    ],
)
def test_the_lines_are_the_slopes_of_the_rows_loss_and_a_plain_step(
    preset: str, settings: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    options = [word for path, value in settings.items() for word in ("--set", f"{path}={json.dumps(value)}")]
    lines = explained(capsys, preset, "--part", "validation", "--row", "2", *options)
    trainer = Trainer(presets.load(preset, set=settings))
    spec, weights = trainer.spec, trainer.state.class_weights
    sample, layers = of(lines, "sample"), [_as_float64(layer) for layer in trainer.network.textbook_layers(0)]
    x, y = np.array([sample["x"]]), np.array([sample["y"]])
    head = make_output_head(spec.network.layers[-1].activation, spec.training.loss)
    factor = weights[int(y[0].argmax() if y.size > 1 else y[0, 0])] if weights else 1.0
    assert of(lines, "loss") == {
        "kind": "loss",
        "name": spec.training.loss,
        "value": pytest.approx(factor * mean_loss(layers, x, y, head)),
    }
    random = np.random.default_rng(0)
    for number, layer in enumerate(layers, start=1):
        back, after = of(lines, "backward", number), of(lines, "update", number)
        for _ in range(3):
            index = tuple(int(random.integers(size)) for size in layer.weights.shape)
            before = layer.weights[index]
            ends = []
            for moved in (1e-6, -1e-6):
                layer.weights[index] = before + moved
                ends.append(factor * mean_loss(layers, x, y, head))
            layer.weights[index] = before
            slope = np.array(back["weights"])[index]
            assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-4, abs=1e-7)
        np.testing.assert_allclose(
            after["weights"], layer.weights - spec.training.learning_rate * np.array(back["weights"])
        )


def _as_float64(layer: Layer) -> Layer:
    return Layer(layer.weights.astype(np.float64), layer.biases.astype(np.float64), layer.activation)


def test_every_weight_and_bias_is_wiggled(capsys: pytest.CaptureFixture[str]) -> None:
    line = explained(capsys, "iris", "--wiggle")[-1]
    assert line["kind"] == "wiggle"
    assert line["checked"] == 83
    assert line["largest_relative_error"] < 1e-6
    assert line["at"][:3] in {"W1[", "W2[", "b1[", "b2["}


def test_rows_are_picked_by_being_wrong_or_ambiguous(capsys: pytest.CaptureFixture[str]) -> None:
    losses = [of(explained(capsys, "iris", "--pick", "wrong", "--row", str(n)), "loss")["value"] for n in range(4)]
    assert losses == sorted(losses, reverse=True)
    p = of(explained(capsys, "breast-cancer", "--pick", "ambiguous"), "forward", 3)["a"][0]
    assert p == pytest.approx(0.5, abs=0.05)


# Runs


@pytest.mark.parametrize("checkpoints", [(3, 6), (3,)])
def test_a_run_is_taken_as_it_stands(checkpoints: tuple[int, ...], capsys: pytest.CaptureFixture[str]) -> None:
    _, layers = trained_run(6, *checkpoints)
    lines = explained(capsys, "mine")
    x, last = np.array(of(lines, "sample")["x"]), layers[6][0].astype(np.float64)
    np.testing.assert_allclose(of(lines, "forward", 1)["z"], last[:, :-1] @ x + last[:, -1], rtol=1e-9)
    assert "epoch 6, seed" in told(capsys, "mine")


@pytest.mark.parametrize("epoch", [0, 3, 4, 5])
def test_a_run_is_taken_at_an_epoch_whether_or_not_it_has_a_checkpoint(
    epoch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _, layers = trained_run(6, 3, 6)
    lines = explained(capsys, "mine", "--epoch", str(epoch))
    x, then = np.array(of(lines, "sample")["x"]), layers[epoch][0].astype(np.float64)
    np.testing.assert_allclose(of(lines, "forward", 1)["z"], then[:, :-1] @ x + then[:, -1], rtol=1e-9)


def test_a_value_that_is_no_number_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    run, _ = trained_run(1, 1)
    trainer = Trainer.from_checkpoint(run.checkpoints.load(1))
    trainer.network.parameters.flat[...] = np.nan
    run.checkpoints.save(trainer.checkpoint())
    assert of(explained(capsys, "mine"), "loss")["value"] is None
    assert "NaN" in told(capsys, "mine")


# Told, and written


def test_the_text_has_each_formula_with_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "one-clerk", "--wiggle")
    for line in (
        "z1[0] = 1·0.5 + 0.3 = 0.8",
        "a1[0] = max(0, 0.8) = 0.8",
        "a2[0] = 1 / (1 + e^−1.4) = 0.802184",
        "L = −ln 0.802184 = 0.220417",
        "∂L/∂z = ∂L/∂p · ∂p/∂z = (−1.2466) · 0.158685 = −0.197816",
        "p − y = 0.802184 − 1 = −0.197816",
        "∂L/∂a1[0] = 1.5·(−0.197816) = −0.296724",
        "With every parameter moved, p is 0.815878",
    ):
        assert line in text
    after = case("R05").recomputed
    assert f"{after['p_after_all_four']:.6g}" in text
    assert f"{after['L_after_all_four']:.6g}" in text


def test_smoothed_labels_and_weighted_classes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    smoothing = ("--set", "training.label_smoothing=0.1")
    text = told(capsys, "one-clerk", *smoothing, "--set", "training.class_weight=[1.0, 2.0]")
    p, y = 0.8021838885585818, 0.95
    loss = -2 * (y * np.log(p) + (1 - y) * np.log(1 - p))
    assert "y = 1, smoothed 0.95" in text
    assert f"L = 2 · −(0.95·ln 0.802184 + 0.05·ln(1 − 0.802184)) = {loss:.6g}" in text
    assert f"2 · (p − smoothed y) = 2 · (0.802184 − 0.95) = −{2 * (y - p):.6g}" in text
    assert of(explained(capsys, "one-clerk", *smoothing), "backward", 2)["delta"] == [pytest.approx(p - y)]
    assert " − 0.933333·ln " in told(capsys, "iris", *smoothing)


def test_the_slope_of_leaky_relu_is_the_recipes(capsys: pytest.CaptureFixture[str]) -> None:
    values = ("layers.0.activation=leaky_relu", "negative_slope=0.3", "weights=[[[-1.0]], [[1.5]]]")
    options = [word for value in values for word in ("--set", f"network.{value}")]
    lines = explained(capsys, "one-clerk", *options, "--wiggle")
    assert of(lines, "forward", 1)["a"] == [pytest.approx(0.3 * -0.2)]
    assert of(lines, "backward", 1)["delta"] == [pytest.approx(of(lines, "backward", 2)["delta"][0] * 1.5 * 0.3)]
    assert of(lines, "wiggle")["largest_relative_error"] < 1e-7
    text = told(capsys, "one-clerk", *options)
    assert "a1 = z where z > 0, else 0.3·z" in text
    assert "f′ = 1 where a > 0, else 0.3" in text


def test_a_sure_mistake_is_told_without_a_logarithm_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def weights(z: float) -> tuple[str, ...]:
        return "--set", f"network.weights=[[[1.0]], [[{z / 0.8}]]]", "--set", "network.biases=[[0.3], [0.0]]"

    sure = told(capsys, "one-clerk", *weights(-800.0))
    assert "p is 0 or 1 to rounding, so L is worked out from z: L = 800" in sure
    assert of(explained(capsys, "one-clerk", *weights(-800.0)), "loss")["value"] == pytest.approx(800)


def test_what_each_input_adds_is_told_of_a_neuron_that_stands_alone(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [line.split() for line in told(capsys, "loan-neuron").splitlines()]
    assert ["debt", "−5e−5", "12000", "−0.6", "down"] in rows
    assert ["credit", "score", "0.01", "680", "6.8", "up"] in rows


def test_large_networks_are_told_by_what_tells_most(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "breast-cancer", "--wiggle")
    assert "These are 40 of 496, the steepest; --json has all of them." in text
    assert "641 parameters were moved" in text
    assert max(map(len, text.splitlines())) <= 120


@pytest.mark.parametrize("preset", [name for name in presets.names() if not name.startswith("cats-dogs")])
def test_every_preset_can_be_told(preset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, preset).startswith(f"{preset}, epoch 0, seed ")


def test_a_handout_has_formulas_tables_and_the_drawn_network(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, formula in (("lesson.md", "L = −ln 0.702033"), ("lesson.html", "L = −ln 0.702033")):
        assert main(["explain", "backprop-2-2-1", "--output", str(tmp_path / name)]) == 0
        assert capsys.readouterr().out == ""
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert formula in written
        drawing = parsed(written[written.index("<svg") : written.index("</svg>") + len("</svg>")])
        assert "0.6" in {each.text for each in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert "http-equiv" not in written
    assert "src=" not in written


def test_a_row_that_is_a_picture_is_drawn_with_its_slopes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "lines-perceptron", "--output", str(tmp_path / "lesson.html")]) == 0
    written = (tmp_path / "lesson.html").read_text(encoding="utf-8")
    back = of(explained(capsys, "lines-perceptron"), "backward", 1)["weights"][0]
    grid = parsed(written[written.rindex("<svg") : written.rindex("</svg>") + len("</svg>")])
    title, *numbers = [each.text for each in grid.iter("{http://www.w3.org/2000/svg}text")]
    assert title == "∂L/∂W1, pixel by pixel"
    assert [float((number or "").replace("−", "-")) for number in numbers] == pytest.approx(back, rel=0.01)


# Refused


def test_what_cannot_be_explained_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trained_run(2, 2)
    for arguments, expected in (
        (("irs",), "there is no preset or run 'irs'; did you mean iris?"),
        (("iris", "--row", "90"), "row: expected 0 to 89"),
        (("xor", "--part", "validation"), "no validation rows"),
        (("iris", "--epoch", "3"), "--epoch: a recipe is taken before its first epoch"),
        (("mine", "--epoch", "3"), "run mine: epoch: expected 0 to 2"),
        (("mine", "--set", "training.epochs=3"), "--set: a run is taken as it was trained"),
        (("loan-neuron", "--wiggle"), "--wiggle: this network only goes forward"),
        (("iris", "--output", str(tmp_path / "x.pdf")), "--output: expected a file that ends in .md or .html"),
        (("iris", "--output", str(tmp_path / "no" / "x.md")), "cannot be written"),
        (("iris", "--row", "-1"), "expected a whole number from 0 on"),
        (("\x1b[2J",), "there is no preset or run"),
        ((str(tmp_path / "none.toml"),), "cannot be read"),
        ((str(tmp_path / "rows.csv"),), "expected a recipe, and this is data"),
    ):
        assert expected in complaint(capsys, *arguments), arguments


# A row of one's own


def moved_run(folder: Path) -> None:
    """Make a run of a file, and take the file away."""
    path = folder / "plants.csv"
    path.write_text("p,q,kind\n" + "".join(f"{i / 10},{i * 7 % 5},{'ab'[i % 2]}\n" for i in range(40)))
    spec = validate(presets.infer(path).document, where="a test")
    spec = override(spec, {"training.epochs": 2, "training.class_weight": [1.0, 3.0]})
    trainer = Trainer(spec)
    run = RunStore().create(spec, trainer.seeds, name="moved")
    rows = [result.row() for result in trainer.epochs()]
    run.checkpoints.save(trainer.checkpoint())
    run.metrics.append(1, np.stack(rows))
    run.metrics.record_state(state="finished", epoch=2, data=data_facts(trainer))
    run.metrics.close()
    path.rename(folder / "elsewhere.csv")


def test_a_row_that_is_typed_in_is_explained_like_the_same_row_of_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    there = explained(capsys, "iris", "--row", "3", "--wiggle")
    data = Trainer(presets.load("iris")).data
    row = int(data.train.rows[3])
    values = " ".join(map(str, data.table.X[row].tolist()))
    typed = explained(
        capsys, "iris", "--inputs", values, "--truth", data.table.classes[int(data.table.y[row])], "--wiggle"
    )
    assert (typed[0]["part"], typed[0]["row"]) == ("typed", None)
    assert typed[0]["x"] == pytest.approx(there[0]["x"], rel=1e-12)
    for one, other in zip(typed[1:], there[1:], strict=True):
        assert one.keys() == other.keys()
        for key in one.keys() - {"at", "largest_relative_error"}:
            if isinstance(one[key], list):
                np.testing.assert_allclose(np.ravel(one[key]), np.ravel(other[key]), rtol=1e-9, atol=1e-12)


def test_a_run_whose_data_have_gone_takes_a_row_of_ones_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moved_run(tmp_path)
    assert "plants.csv" in complaint(capsys, "moved")
    (heavy, light) = (of(explained(capsys, "moved", "--inputs", "1.5 2", "--truth", kind), "loss") for kind in "ba")
    p = of(explained(capsys, "moved", "--inputs", "1.5 2"), "forward", 2)["a"][0]
    assert heavy["value"] == pytest.approx(-3 * np.log(p))
    assert light["value"] == pytest.approx(-np.log(1 - p))
    assert "A row that was typed in: b, so y = 1" in told(capsys, "moved", "--inputs", "1.5 2", "--truth", "b")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--inputs", "1 2 3"], "--inputs: expected 4 numbers with blanks between them (got 3)"),
        (["--inputs", "1 2 3 x"], "--inputs: expected a number"),
        (["--inputs", "1 2 3 4", "--truth", "setoza"], "--truth: there is no class 'setoza'; did you mean setosa?"),
        (["--truth", "setosa"], "--truth: it is that of a row of your own; expected --inputs, too"),
    ],
)
def test_what_is_no_row_of_ones_own_is_said_in_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert line in complaint(capsys, "iris", *arguments)
