"""Changes as they are recorded, and how a log of them is followed from a checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.errors import InputError
from engine.run.changes import (
    RECIPE,
    Change,
    ChangeLog,
    EditNetwork,
    SetPace,
    SetWeight,
    TurnDial,
    make_change,
    parse_change,
    spec_after,
)
from engine.run.edits import SetUnits
from engine.spec import validate
from tests.engine.training.recipes import recipe

RATE = "training.learning_rate"
INPUTS = 2


def change_log(**values: Any) -> ChangeLog:
    return ChangeLog(recipe(**values), INPUTS)


def turned(*rates: float, number: int = 0) -> list[Change]:
    """Return turns of the learning rate at one place, numbered from ``number`` on, or not at all."""
    return [
        TurnDial(number=number + index if number else 0, epoch=1, step=2, path=RATE, value=rate)
        for index, rate in enumerate(rates)
    ]


@pytest.mark.parametrize(
    ("path", "value", "kind"),
    [
        (RATE, 0.1, TurnDial),
        ("network.edit", {"kind": "set-units", "layer": 0, "units": 3}, EditNetwork),
        ("weights.0.1.2", 0.5, SetWeight),
        ("pace", None, SetPace),
    ],
)
def test_a_path_and_a_value_make_a_change_of_their_kind(path: str, value: Any, kind: type) -> None:
    change = make_change(path, value, epoch=3, step=1, number=7)
    assert type(change) is kind
    assert change.path == path
    assert parse_change(change.model_dump(mode="json")) == change


def test_a_change_as_it_was_written_before_there_were_kinds_is_read() -> None:
    written = {"epoch": 2, "step": 0, "before": None, "by": "user"}
    edit = {"kind": "set-units", "layer": 0, "keep": True, "units": 3}
    layers = [{"units": 7, "activation": "relu", "dropout": 0.0}, {"units": 1, "activation": "sigmoid", "dropout": 0.0}]
    found = parse_change({**written, "path": "network.edit", "value": edit, "before": layers})
    assert isinstance(found, EditNetwork)
    assert found.edit == SetUnits(layer=0, units=3)
    assert [layer.units for layer in found.before] == [7, 1]
    weight = SetWeight(epoch=2, step=0, layer=0, row=1, column=2, value=1.0)
    assert parse_change({**written, "path": "weights.0.1.2", "value": 1}) == weight
    dial = TurnDial(epoch=2, step=0, path=RATE, value=0.1, author=RECIPE)
    assert parse_change({**written, "by": "recipe", "path": RATE, "value": 0.1}) == dial


@pytest.mark.parametrize("value", ["much", None, float("nan"), float("inf"), 10**400])
def test_a_weight_takes_finite_numbers(value: Any) -> None:
    with pytest.raises(InputError, match=r"weights\.0\.0\.0: expected a finite number"):
        make_change("weights.0.0.0", value, epoch=1, step=0)


def test_what_describes_no_change_is_refused() -> None:
    with pytest.raises(ValidationError):
        parse_change({"kind": "explode", "epoch": 1})


def test_weights_and_the_pace_leave_the_spec_as_it_is() -> None:
    spec = recipe()
    for path, value in (("weights.0.1.2", 0.5), ("pace", 3.0)):
        assert spec_after(spec, INPUTS, make_change(path, value, epoch=1, step=0)) == spec


def test_numbers_follow_the_order_of_the_log_and_begin_with_the_recipes() -> None:
    log = change_log(changes=[{"epoch": 2, "set": {RATE: 0.5, "network.dropout": 0.0}}])
    assert [(change.number, change.author) for change in log.pending] == [(1, RECIPE), (2, RECIPE)]
    planned = log.plan(RATE, 0.1, (1, 1), author="ada")
    assert (planned.number, planned.author) == (3, "ada")
    log.add([planned])
    assert log.plan("training.batch_size", 7, (1, 1)).number == 4
    assert log.plan("training.batch_size", 8, (1, 1)).number == 5  # two plans are two changes, whatever becomes of them


def test_nobody_has_the_recipes_name() -> None:
    with pytest.raises(InputError, match="recipe"):
        change_log().plan(RATE, 0.1, (1, 0), author=RECIPE)


def test_a_change_is_known_by_its_number_whatever_it_says() -> None:
    log = change_log()
    log.follow(turned(0.1, 0.2, 0.1, number=1))
    log.follow(turned(0.1, 0.2, 0.1, number=1))
    assert [change.value for change in log.pending] == [0.1, 0.2, 0.1]
    log.follow(turned(0.2, number=4))
    assert [change.number for change in log.pending] == [1, 2, 3, 4]


def test_changes_restored_without_numbers_are_known_by_their_content_each_once() -> None:
    log = change_log()
    log.restore(turned(0.1, 0.2), turned(0.1))
    log.follow(turned(0.1, 0.2, 0.1, 0.1, number=1))
    assert [(change.number, change.value) for change in log.done] == [(1, 0.1), (2, 0.2)]
    assert [(change.number, change.value) for change in log.pending] == [(3, 0.1), (4, 0.1)]
    assert log.plan(RATE, 0.3, (1, 2)).number == 5


def test_the_recipes_changes_restored_without_numbers_have_the_first_ones() -> None:
    spec = validate({**recipe().model_dump(), "changes": []}, "recipe")
    log = ChangeLog(spec, INPUTS)
    ours = TurnDial(epoch=2, step=0, path=RATE, value=0.5, author=RECIPE)
    log.restore([*turned(0.1), ours], [])
    log.follow(turned(0.1, number=2))
    assert [(change.number, change.author) for change in log.done] == [(2, "user"), (1, RECIPE)]
