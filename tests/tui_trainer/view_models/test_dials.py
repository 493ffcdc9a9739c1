from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import presets
from engine.errors import InputError
from engine.protocol.commands import MoreEpochs, SetDial, SetPace
from engine.run.changes import Change, TurnDial, acts_at, make_change
from engine.run.changes import SetPace as SetPaceChange
from engine.spec import override
from tests.tui_trainer.fake_client import make_spec, make_welcome
from tui_trainer.view_models.dials import (
    Dial,
    consequence,
    describe,
    dials_of,
    headline,
    headlines,
    read_derived,
    short_name,
    turn_batch,
    turn_count,
    turn_derived,
    turn_fraction,
    turn_pace,
    turn_penalty,
    turn_rate,
    value_at,
    without_repeats,
)
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


@given(st.floats(1e-9, 1e9))
def test_a_rate_turns_by_half_or_double_and_back(value: float) -> None:
    up = turn_rate(value, +1)
    assert 1 < up / value <= 2.5 + 1e-6
    assert turn_rate(turn_rate(up, +1), -1) == up
    assert turn_rate(value, -1) < value


@pytest.mark.parametrize(
    ("turn", "values"),
    [
        (turn_rate, [0.001, 0.002, 0.005, 0.01, 0.02]),
        (turn_penalty, [0.0, 1e-5, 2e-5, 5e-5, 1e-4]),
        (turn_fraction, [0.0, 0.05, 0.1, 0.15]),
        (turn_count, [0, 1, 2, 5, 10, 20]),
        (partial(turn_pace, steps=1), [1.0, 2.0, 5.0]),
        (partial(turn_pace, steps=11), [1 / 11, 2 / 11, 5 / 11, 10 / 11, 1.0, 2.0]),
        (partial(turn_pace, steps=11), [500.0, 1000.0]),
    ],
)
def test_scales(turn: Any, values: list[Any]) -> None:
    assert [turn(value, +1) for value in values[:-1]] == pytest.approx(values[1:])
    assert [turn(value, -1) for value in values[1:]] == pytest.approx(values[:-1])


def test_scales_end() -> None:
    assert turn_pace(1000.0, +1, steps=11) is None
    assert turn_pace(None, -1, steps=11) == 1000
    assert turn_pace(None, +1, steps=11) is None
    assert turn_pace(1 / 11, -1, steps=11) == 1 / 11
    assert turn_pace(0.01, -1, steps=11) == 0.01
    assert turn_fraction(0.95, +1) == 0.95
    assert turn_fraction(0.0, -1) == 0.0
    assert turn_penalty(0.0, -1) == 0.0
    assert turn_count(0, -1) == 0


def test_values_off_the_scale_turn_to_its_next_value() -> None:
    assert turn_rate(0.003, +1) == 0.005
    assert turn_fraction(0.22, -1) == pytest.approx(0.2)
    assert turn_fraction(0.22, +1) == pytest.approx(0.25)


@given(st.integers(2, 5000))
def test_batch_sizes_are_powers_of_two_up_to_all_rows(rows: int) -> None:
    seen: list[Any] = [1]
    while seen[-1] != "full":
        seen.append(turn_batch(seen[-1], +1, rows))
    assert [turn_batch(value, -1, rows) for value in seen[1:]] == seen[:-1]
    assert all(value.bit_count() == 1 and value < rows for value in seen[1:-1])


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


def paced(epoch: int, before: float | None, value: float | None, author: str = "ada") -> SetPaceChange:
    return SetPaceChange(epoch=epoch, step=0, author=author, before=before, value=value)


def test_presses_on_the_way_to_a_pace_are_one_line_of_the_log() -> None:
    dials = dials_of(make_spec(), ROWS)
    rate = TurnDial(epoch=3, step=0, path="training.learning_rate", value=0.3, before=0.2)
    presses = [paced(3, 20.0, 50.0), paced(3, 50.0, 100.0), paced(3, 100.0, None)]
    back = [paced(5, None, 100.0), paced(5, 100.0, None)]
    log = without_repeats([*presses, rate, rate, *back, paced(6, None, 100.0), paced(6, 100.0, 50.0, "bob")])
    assert [headline(change, dials) for change in log] == [
        "pace 20/s → full speed",
        "lr 0.2 → 0.3",
        "lr 0.2 → 0.3",
        "pace full speed → 100/s",
        "pace 100/s → 50/s",
    ]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([None, 1.0, 2.0, 5.0])), max_size=30))
def test_the_log_on_the_screen_leads_from_the_first_pace_to_the_last(presses: list[tuple[int, float | None]]) -> None:
    pace: float | None = 1.0
    changes = list[Change]()
    for epoch, value in sorted(presses, key=lambda press: press[0]):
        changes.append(paced(epoch, pace, value))
        pace = value
    told = without_repeats(changes)
    assert [change.before for change in told] == [1.0, *(change.value for change in told)][: len(told)]
    assert (told[-1].value if told else 1.0) == pace
    assert len({change.epoch for change in told}) == len(told)


def test_changes_are_described_as_their_dials_show_them() -> None:
    dials = dials_of(make_spec(), ROWS)
    change = TurnDial(epoch=3, step=0, path="network.layers.0.dropout", value=0.3, before=0.2)
    assert describe(change, dials) == ("20%", "30%")
    strange = TurnDial(epoch=3, step=0, path="network.layers", value={"\x1b[2J": "[red]"}, before=None)
    assert all(text.isprintable() for text in describe(strange, dials))
    odd = TurnDial(epoch=3, step=0, path="training.learning_rate", value="fast", before=None)
    assert describe(odd, dials) == ("None", "fast")


@pytest.mark.parametrize(
    ("path", "name"),
    [("training.learning_rate", "lr"), ("network.layers.1.dropout", "drop 2"), ("training.l2", "l2"), ("x", "x")],
)
def test_short_names(path: str, name: str) -> None:
    assert short_name(path) == name


def test_all_changes_of_an_epoch_have_a_line_and_those_of_a_dial_share_one() -> None:
    dials = dials_of(make_spec(), 100)
    changes = [
        make_change(path, value, epoch=4, step=0, before=before)
        for path, before, value in [
            ("training.learning_rate", 0.1, 0.2),
            ("training.batch_size", 32, 64),
            ("training.learning_rate", 0.2, 1000.0),
            ("training.optimizer", "adam", "sgd"),
        ]
    ]
    assert headlines(changes, dials) == [
        ["lr 0.1→0.2→1000", "lr→1000", "lr"],
        ["batch 32→64", "batch→64", "batch"],
        ["optimiser adam→sgd", "optimiser→sgd", "optimiser"],
    ]


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


def test_derived_columns_turn_through_the_usual_ones_and_back() -> None:
    first = turn_derived((), 1)
    assert first == ("x1^2", "x2^2")
    assert turn_derived(first, -1) == ()
    assert turn_derived(("exp(x1)",), 1) == first
    assert read_derived("x1^2, x1*x2") == ("x1^2", "x1*x2")
    assert read_derived(" none ") == read_derived("") == ()


def test_a_turn_of_the_data_says_what_it_means_for_the_run() -> None:
    assert "draws all rows anew, exam included" in consequence("data.noise")
    assert "new inputs come in with weights of 0" in consequence("data.derived")
    assert consequence("training.l2") == ""
