"""The program in plain NumPy: it answers as the run did, and training anew ends with the same parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.spec import Spec
from tests.engine.export.runs import difference, exported, functions, printed, trained
from tests.engine.training.recipes import THREE_CLASSES, TWO_CLASSES, VALUES, recipe

HIDDEN, EXIT = {"units": 5, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}
TWO = {**TWO_CLASSES, "network": {"layers": [HIDDEN, EXIT]}}
TWO_VALUES = {
    **VALUES,
    "data": {"source": "moons", "samples": 60, "seed": 2},
    "network": {"layers": [{"units": 4, "activation": "tanh"}, {"units": 2, "activation": "sigmoid"}]},
}

EXACT: dict[str, Spec] = {
    "two classes": recipe(TWO),
    "three classes": recipe(THREE_CLASSES),
    "values": recipe(VALUES),
    "scaled values": recipe(VALUES, scaler__targets="standard"),
    "two outputs for two classes": recipe(TWO_VALUES),
    "no hidden layer": recipe(TWO, network__layers=[EXIT]),
    **{
        f"hidden {name}": recipe(TWO, network__layers=[{"units": 4, "activation": name}, EXIT])
        for name in ("identity", "sigmoid", "relu", "leaky_relu")
    },
    **{
        f"{exit_name} with {loss}": recipe(
            TWO,
            network__layers=[HIDDEN, {**EXIT, "activation": exit_name}],
            training__loss=loss,
        )
        for exit_name, loss in [
            *(("relu", loss) for loss in ("bce", "mse", "mae")),
            *(("identity", loss) for loss in ("bce", "mse", "mae")),
            *((name, loss) for name in ("sigmoid", "tanh", "leaky_relu") for loss in ("mse", "mae")),
        ]
    },
    **{f"by {name}": recipe(TWO, training__optimizer=name) for name in ("sgd", "momentum", "rmsprop", "adam", "adamw")},
    **{
        f"rate {kind}": recipe(TWO, training__schedule={"kind": kind, "factor": 0.5, "every": 2}, training__epochs=5)
        for kind in ("step", "exponential", "cosine", "inverse")
    },
    **{
        f"start {name}": recipe(
            TWO, network__initializer=name, network__initializer_scale=0.5, network__bias_initializer="normal"
        )
        for name in ("xavier", "he", "lecun", "normal", "zeros", "glorot_uniform")
    },
    "penalties and clipping": recipe(TWO, training__l1=0.001, training__l2=0.01, training__clip=0.1),
    "class weights": recipe(THREE_CLASSES, training__class_weight=[1.0, 2.0, 0.5]),
    "balanced classes, smoothed": recipe(TWO, training__class_weight="balanced", training__label_smoothing=0.1),
    "smoothed labels": recipe(THREE_CLASSES, training__label_smoothing=0.2),
    "a slope of its own": recipe(THREE_CLASSES, network__negative_slope=0.2),
    "full batch": recipe(TWO, training__batch_size="full"),
    "rows as they stand": recipe(TWO, training__shuffle=False),
    "legacy streams": recipe(TWO, training__streams="legacy", network__initializer="normal"),
    "pixels": recipe(TWO, scaler__kind="minmax"),
    "raw": recipe(TWO, scaler__kind="none"),
    "fixed start": recipe(
        TWO,
        network__layers=[EXIT],
        network__weights=[[[0.5, -0.25]]],
        network__biases=[[0.125]],
    ),
    "derived columns": recipe(TWO, data__derived=["x1^2", "-x1*x2/3", "sin(x1 + 2)^2", "1/(2 - (x1 - x2))"]),
    "early stopping": recipe(
        TWO,
        training__epochs=60,
        training__learning_rate=0.3,
        training__stopping={"patience": 4},
    ),
    "out of epochs while patient": recipe(TWO, training__epochs=4, training__stopping={"patience": 30}),
}


@pytest.mark.parametrize("name", EXACT)
def test_it_answers_as_the_run_did_and_trains_to_the_same_parameters(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, trainer = trained(EXACT[name])
    assert exported(run, "numpy", tmp_path / "mine") == ()
    program = functions(tmp_path / "mine")
    data, stored = np.load(tmp_path / "mine/data.npz"), np.load(tmp_path / "mine/weights.npz")
    layers = range(1, len(trainer.layers) + 1)
    weights = [stored[f"{letter}{layer}"] for layer in layers for letter in "Wb"]
    answers = trainer.predict(trainer.data.table.X[np.concatenate([trainer.data.train.rows, _held_out(trainer)])])
    np.testing.assert_allclose(program["predict"](weights, data["X"]), answers, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(data["answers"], answers, rtol=1e-12)
    anew = program["train"]()
    for parameter, expected in zip(anew, weights, strict=True):
        np.testing.assert_allclose(parameter, expected, rtol=1e-6, atol=1e-8)
    assert f"epoch {trainer.epoch}" in capsys.readouterr().out


def _held_out(trainer: Any) -> Any:
    return trainer.data.validation.rows


@pytest.mark.parametrize("mask", ["example", "step", "epoch"])
def test_with_dropout_it_learns_too_and_says_that_masks_are_others(
    mask: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, _ = trained(recipe(network__dropout_mask=mask, training__epochs=40))
    (remark,) = exported(run, "numpy", tmp_path / "mine")
    assert "masks" in remark
    assert remark in (tmp_path / "mine/main.py").read_text()
    program = functions(tmp_path / "mine")
    program["train"]()
    losses = [float(line.split(";")[0].rpartition(" ")[2]) for line in capsys.readouterr().out.splitlines()]
    assert losses[-1] < 0.7 * losses[0]
    masks = program["draw_masks"](np.random.default_rng(1), 4000)
    assert set(np.unique(masks[0])) == {0, 1 / 0.75}
    assert abs(masks[0].mean() - 1) < 0.02
    assert (masks[-1] == 1).all()


def test_it_runs_where_there_is_nothing_but_numpy(tmp_path: Path) -> None:
    run, _ = trained(recipe(training__dtype="float32"))
    exported(run, "numpy", tmp_path / "mine")
    assert difference(printed(tmp_path / "mine")) < 1e-6
    assert "epoch 3: loss" in printed(tmp_path / "mine", "--train")


def test_of_several_seeds_one_is_taken(tmp_path: Path) -> None:
    run, trainer = trained(recipe(TWO), seeds=(4, 9))
    first, other = exported(run, "numpy", tmp_path / "first"), exported(run, "numpy", tmp_path / "other", seed=9)
    assert first == ("the run has 2 networks; this is the one of seed 4",)
    assert other == ("the run has 2 networks; this is the one of seed 9",)
    for folder, place in (("first", 0), ("other", 1)):
        stored = np.load(tmp_path / folder / "weights.npz")
        np.testing.assert_array_equal(stored["W1"], trainer.layers[0].weights[place])
        np.testing.assert_allclose(functions(tmp_path / folder)["train"]()[0], stored["W1"], rtol=1e-9)


def test_a_network_that_only_goes_forward_says_that_there_is_nothing_to_train(tmp_path: Path) -> None:
    network = {"layers": [{"units": 1, "activation": "step"}]}
    run, _ = trained(recipe({**TWO, "network": network, "training": {"loss": "mse", "epochs": 0}}))
    exported(run, "numpy", tmp_path / "mine")
    assert difference(printed(tmp_path / "mine")) == 0
    assert printed(tmp_path / "mine", "--train").startswith("this network only goes forward")


def test_where_the_data_has_gone_made_up_rows_are_answered(tmp_path: Path) -> None:
    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(30))
    (tmp_path / "x.csv").write_text(f"p,q,class\n{rows}")
    spec = recipe({**TWO, "data": {"source": str(tmp_path / "x.csv"), "target": "class"}})
    run, trainer = trained(spec)
    (tmp_path / "x.csv").unlink()
    (remark,) = exported(run, "numpy", tmp_path / "mine")
    assert "x.csv" in remark
    data = np.load(tmp_path / "mine/data.npz")
    np.testing.assert_allclose(data["answers"], trainer.predict(data["X"]), rtol=1e-12)
    assert difference(printed(tmp_path / "mine")) < 1e-12
    assert "could not be read" in printed(tmp_path / "mine", "--train")


def test_what_was_changed_on_the_way_is_told(tmp_path: Path) -> None:
    run, _ = trained(recipe({**TWO, "changes": [{"epoch": 2, "set": {"training.learning_rate": 0.02}}]}))
    (remark,) = exported(run, "numpy", tmp_path / "mine")
    assert remark.endswith("training.learning_rate = 0.02 from epoch 2")


EDITS: dict[str, tuple[Spec, str, Any, str]] = {
    "wider": (
        recipe(TWO),
        "network.edit",
        {"kind": "set-units", "layer": 0, "units": 9},
        "set units (layer 1, units 9)",
    ),
    "narrower": (recipe(TWO), "network.edit", {"kind": "set-units", "layer": 0, "units": 2}, "set units"),
    "one layer more": (recipe(TWO), "network.edit", {"kind": "add-layer", "layer": 0, "keep": False}, "add layer"),
    "another activation": (
        recipe(TWO),
        "network.edit",
        {"kind": "set-activation", "layer": 0, "activation": "relu"},
        "set activation (layer 1, activation relu)",
    ),
    "a fixed start that does not fit any more": (
        EXACT["fixed start"],
        "data.derived",
        ["x1*x2"],
        "data.derived = ['x1*x2']",
    ),
    "other rows": (recipe(TWO), "data.noise", 0.5, "data.noise = 0.5"),
}


@pytest.mark.parametrize("name", EDITS)
def test_a_network_that_was_edited_while_it_learned_answers_and_trains_as_it_stands(name: str, tmp_path: Path) -> None:
    spec, path, value, said = EDITS[name]
    run, trainer = trained(spec, change=(path, value))
    (remark,) = exported(run, "numpy", tmp_path / "mine")
    assert f"{said}" in remark
    assert remark.endswith(" epoch 2")
    data, stored = np.load(tmp_path / "mine/data.npz"), np.load(tmp_path / "mine/weights.npz")
    np.testing.assert_array_equal(stored["W1"], trainer.layers[0].weights)
    program = functions(tmp_path / "mine")
    weights = [stored[f"{letter}{layer}"] for layer in range(1, len(trainer.layers) + 1) for letter in "Wb"]
    np.testing.assert_allclose(program["predict"](weights, data["X"]), data["answers"], rtol=1e-9, atol=1e-12)
    anew = program["train"]()
    assert [parameter.shape for parameter in anew] == [parameter.shape for parameter in weights]


def test_missing_values_are_filled_in(tmp_path: Path) -> None:
    rows = "".join(f"{'' if i % 5 == 0 else i},{i % 7},{'ab'[i % 2]}\n" for i in range(30))
    (tmp_path / "x.csv").write_text(f"p,q,class\n{rows}")
    run, _ = trained(recipe({**TWO, "data": {"source": str(tmp_path / "x.csv"), "target": "class", "missing": "mean"}}))
    exported(run, "numpy", tmp_path / "mine")
    assert difference(printed(tmp_path / "mine")) < 1e-12


def test_names_from_outside_do_no_harm(tmp_path: Path) -> None:
    nasty = '"""\\import os; os.abort()\\'
    rows = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(30))
    path = tmp_path / f"{nasty.replace('/', '')}.csv"
    path.write_text(f"p,q,class\n{rows}")
    run, _ = trained(recipe({**TWO, "data": {"source": str(path), "target": "class"}}))
    path.unlink()
    exported(run, "numpy", tmp_path / "mine")
    assert difference(printed(tmp_path / "mine")) < 1e-12
