from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import presets
from engine.errors import InputError
from engine.protocol.commands import MoreEpochs, SetDial, SetPace
from engine.run.changes import acts_at
from engine.spec import override
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.dials import Dial, consequence, dials_of, value_at
from tui_trainer.view_models.run import RunModel

ROWS = 341
STEPS = 11
"""Of an epoch, at a batch of 32."""


def run() -> RunModel:
    return RunModel(make_welcome())


def dial(path: str) -> Dial:
    return next(dial for dial in dials_of(make_spec(), ROWS) if dial.path == path)


def test_every_live_hyperparameter_has_a_dial() -> None:
    assert [dial.path for dial in dials_of(make_spec(), ROWS)] == [
        "training.learning_rate",
        "training.optimizer",
        "training.batch_size",
        "network.layers.0.dropout",
        "network.layers.1.dropout",
        "training.l1",
        "training.l2",
        "training.clip",
        "training.label_smoothing",
        "training.beta1",
        "training.beta2",
        "training.epsilon",
        "training.schedule.kind",
        "training.stopping.patience",
        "training.epochs",
        "pace",
    ]


@pytest.mark.parametrize(
    ("path", "text", "value"),
    [
        ("training.learning_rate", "0.003", 0.003),
        ("training.learning_rate", " 3e-3 ", 0.003),
        ("training.batch_size", "64", 64),
        ("training.batch_size", "full", "full"),
        ("network.layers.0.dropout", "30%", 0.3),
        ("network.layers.0.dropout", ".3", 0.3),
        ("training.l2", "off", 0),
        ("training.optimizer", "SGD", "sgd"),
        ("training.epochs", "1,000", 1000),
        ("pace", "12/s", 12.0),
        ("pace", "max", None),
        ("pace", "5 steps/s", 5 / STEPS),
        ("pace", "1 Step", 1 / STEPS),
    ],
)
def test_reading_what_was_typed(path: str, text: str, value: Any) -> None:
    read = dial(path).read(text, run())
    assert read == pytest.approx(value) if isinstance(value, float) else read == value


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("training.learning_rate", "-1"),
        ("training.learning_rate", "nan"),
        ("training.learning_rate", "fast"),
        ("training.learning_rate", ""),
        ("training.batch_size", "0"),
        ("training.batch_size", "2.5"),
        ("network.layers.0.dropout", "1"),
        ("training.optimizer", "adamant"),
        ("training.epochs", "0"),
        ("training.epochs", "1e99"),
        ("pace", "0"),
        ("pace", "inf"),
        ("pace", "soon"),
        ("pace", "step"),
        ("pace", "0 steps/s"),
    ],
)
def test_what_a_dial_does_not_take_is_said_in_one_line(path: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        dial(path).read(text, run())
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 10


@given(st.text(max_size=20))
def test_no_text_breaks_a_dial(text: str) -> None:
    for each in dials_of(make_spec(), ROWS):
        with suppress(InputError):
            assert each.show(each.read(text, run()))


@given(st.data())
def test_what_is_shown_reads_back(data: st.DataObject) -> None:
    each = data.draw(st.sampled_from(dials_of(make_spec(), ROWS)))
    value = each.value_in(run())
    for direction in data.draw(st.lists(st.sampled_from([1, -1]), max_size=16)):
        value = each.turn(value, direction)
    assert each.read(each.show(value), run()) == (pytest.approx(value) if isinstance(value, float) else value)


def test_commands() -> None:
    assert dial("training.learning_rate").command(0.1) == SetDial(path="training.learning_rate", value=0.1)
    assert dial("training.epochs").command(70) == MoreEpochs(epochs=70)
    assert dial("pace").command(None) == SetPace(pace=None)


def test_a_turned_value_is_one_the_spec_takes() -> None:
    for each in dials_of(make_spec(), ROWS)[:9]:
        value = each.turn(each.value_in(run()), +1)
        override(make_spec(), {each.path: value})


def data_dials(preset: str) -> dict[str, Dial]:
    spec = presets.load(preset)
    return {dial.path: dial for dial in dials_of(spec, 100) if dial.path.startswith("data.")}


@pytest.mark.parametrize(
    ("preset", "paths"),
    [
        ("plants-moons", ["samples", "noise", "seed", "derived"]),
        ("plants-circles", ["samples", "noise", "factor", "seed", "derived"]),
        ("plants-blobs", ["samples", "cluster_std", "seed", "derived"]),
        ("lines-perceptron", ["samples", "noise", "seed"]),
        ("cats-dogs-neuron", ["train", "seed"]),
        ("iris", []),
        ("loan-forward", []),
    ],
)
def test_data_that_is_drawn_has_dials_of_its_own(preset: str, paths: list[str]) -> None:
    assert list(data_dials(preset)) == [f"data.{path}" for path in paths]


@pytest.mark.parametrize("preset", ["plants-moons", "plants-circles", "plants-blobs", "cats-dogs-neuron"])
def test_whatever_a_data_dial_is_turned_to_can_be_changed_and_is_taken(preset: str) -> None:
    spec = presets.load(preset)
    for path, dial in data_dials(preset).items():
        assert acts_at(path) == "epoch"
        value = value_at(spec, path)
        for direction in (1, 1, -1, -1, -1):
            value = dial.turn(value, direction)
            assert value_at(override(spec, {path: value}), path) == value
            assert dial.show(value)


def test_a_turn_of_the_data_says_what_it_means_for_the_run() -> None:
    assert "draws all rows anew, exam included" in consequence("data.noise")
    assert "new inputs come in with weights of 0" in consequence("data.derived")
    assert consequence("training.l2") == ""
