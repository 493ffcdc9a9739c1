"""Dials of a lab: turned along their scales, typed, and what comes out of them."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from presets import labs
from presets.labs.contract import Lab, LabDial, LabResult, Settings
from tests.properties import examples
from tui_trainer.view_models.lab import LabModel, can_turn, computed, turned, typed_text

RATE = LabDial(key="rate", label="rate", kind="number", default=0.3, low=1e-4, high=2.0, scale="log")
STEPS = LabDial(key="steps", label="steps", kind="integer", default=8, low=0, high=10)
START = LabDial(key="start", label="start", kind="number", default=2.5, low=-3, high=3, step=0.5)
NAME = LabDial(key="name", label="name", kind="choice", default="b", choices=("a", "b", "c"))
SWITCH = LabDial(key="on", label="on", kind="switch", default=False)
LIST = LabDial(key="list", label="list", kind="list", default=(0.9, 0.3))
DIALS = (RATE, STEPS, START, NAME, SWITCH, LIST)


def nothing(_: Settings) -> LabResult:
    return LabResult(values={})


def lab_of(compute: Callable[[Settings], LabResult] = nothing) -> Lab:
    return Lab(name="x", title="x", dials=DIALS, compute=compute)


@pytest.mark.parametrize(
    ("dial", "value", "up", "down"),
    [
        (RATE, 0.3, 0.5, 0.2),
        (RATE, 2.0, 2.0, 1.0),
        (RATE, 1e-4, 2e-4, 1e-4),
        (STEPS, 8, 9, 7),
        (STEPS, 10, 10, 9),
        (START, 2.5, 3.0, 2.0),
        (START, 0.2, 0.5, 0.0),
        (START, -3.0, -2.5, -3.0),
        (NAME, "c", "a", "b"),
        (SWITCH, False, True, True),
        (LIST, (0.9, 0.3), (0.9, 0.3), (0.9, 0.3)),
    ],
)
def test_a_dial_turns_to_the_next_value_of_its_scale(dial: LabDial, value: object, up: object, down: object) -> None:
    assert (turned(dial, value, 1), turned(dial, value, -1)) == (up, down)  # type: ignore[arg-type]
    assert can_turn(dial, value, 1) == (up != value)  # type: ignore[arg-type]


def test_a_logarithmic_dial_goes_through_zero() -> None:
    dial = LabDial(key="z", label="z", kind="number", default=0.0, low=-10, high=10, scale="log", step=0.1)
    assert turned(dial, 0.0, 1) == 0.1
    assert turned(dial, 0.0, -1) == -0.1
    assert turned(dial, -0.2, 1) == -0.1
    assert turned(dial, -0.2, -1) == -0.5


@given(st.sampled_from([RATE, STEPS, START]), st.floats(0, 1), st.sampled_from([1, -1]))
@settings(max_examples=examples(60))
def test_a_turn_stays_in_bounds_and_goes_the_way_it_is_turned(dial: LabDial, share: float, direction: int) -> None:
    value = dial.low + share * (dial.high - dial.low)
    following = turned(dial, round(value) if dial.kind == "integer" else value, direction)
    assert isinstance(following, int | float)
    assert dial.low <= following <= dial.high
    assert dial.parsed(typed_text(following)) == pytest.approx(following)


@pytest.mark.parametrize("name", labs.names())
def test_every_dial_of_every_lab_can_be_typed_as_it_stands_and_turned(name: str) -> None:
    lab = labs.lab(name)
    for dial in lab.dials:
        assert dial.parsed(typed_text(dial.default)) == dial.default
        for direction in (1, -1):
            following = turned(dial, dial.default, direction)
            assert dial.parsed(typed_text(following)) == following
            if dial.kind != "list":
                assert can_turn(dial, dial.default, 1) or can_turn(dial, dial.default, -1)


def test_what_is_typed_is_taken_or_refused_in_one_line() -> None:
    model = LabModel(lab_of())
    model.type(RATE, "0.05")
    model.type(LIST, "1, 2, 3")
    assert (model.value(RATE), model.value(LIST)) == (0.05, (1.0, 2.0, 3.0))
    with pytest.raises(InputError, match=r"rate: expected a number from 0\.0001 to 2"):
        model.type(RATE, "much")
    assert model.value(RATE) == 0.05
    model.reset()
    assert model.is_at_first


def test_a_result_is_of_its_settings_and_a_lab_that_was_left_gives_none() -> None:
    model = LabModel(lab_of())
    first = model.settings
    assert model.is_stale
    model.adopt(model.lab, first, LabResult(values={}))
    assert not model.is_stale
    model.set(STEPS, 9)
    assert model.is_stale
    model.adopt(model.lab, model.settings, "no such thing")
    assert (model.problem, model.is_stale) == ("no such thing", False)
    assert model.result is not None
    left = model.lab
    model.open(lab_of())
    model.adopt(left, left.defaults, LabResult(values={}))
    assert model.result is None


@pytest.mark.parametrize("error", [InputError("steps: too many"), ValueError("no\x1b[31m"), ZeroDivisionError("by 0")])
def test_what_cannot_be_computed_is_one_harmless_line(error: Exception) -> None:
    def compute(_: Settings) -> LabResult:
        raise error

    said = computed(lab_of(compute), Settings({}))
    assert isinstance(said, str)
    assert said.isprintable()
    assert str(error).partition("\x1b")[0] in said


def test_overflow_in_a_lab_is_no_error() -> None:
    def compute(_: Settings) -> LabResult:
        return LabResult(values={"x": {"y": float(np.exp(np.float32(1000)))}})

    assert computed(lab_of(compute), Settings({})) == LabResult(values={"x": {"y": math.inf}})
