"""Dials of labs: what they take, how they refuse, and that every lab holds to the contract."""

from __future__ import annotations

import json
import math
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.names import is_name
from presets import labs
from presets.labs.contract import LabDial, Plot, Table
from tests.properties import examples
from tests.reference.cases import CASES

NUMBER = LabDial(key="rate", label="rate", kind="number", default=0.3, low=0.001, high=2)
WHOLE = LabDial(key="steps", label="steps", kind="integer", default=8, low=0, high=200)
CHOICE = LabDial(key="function", label="function", kind="choice", default="relu", choices=("relu", "sigmoid"))
SWITCH = LabDial(key="clip", label="clip", kind="switch", default=True)
LIST = LabDial(key="rates", label="rates", kind="list", default=(0.1, 0.5), low=0, high=10, lengths=(1, 3))
UNITS = LabDial(key="units", label="units", kind="list", default=(30.0, 16.0), low=1, high=99, whole=True)


@pytest.mark.parametrize(
    ("dial", "text", "expected"),
    [
        (NUMBER, ".5", 0.5),
        (NUMBER, "1e-2", 0.01),
        (NUMBER, 1, 1),
        (WHOLE, "12", 12),
        (WHOLE, 12.0, 12),
        (CHOICE, "sigmoid", "sigmoid"),
        (SWITCH, "off", False),
        (SWITCH, "True", True),
        (LIST, "[.1, .2]", (0.1, 0.2)),
        (LIST, ".1 .2", (0.1, 0.2)),
        (LIST, [0.1], (0.1,)),
        (LIST, 3, (3,)),
        (UNITS, "4,2,1", (4, 2, 1)),
    ],
)
def test_a_dial_takes_texts_and_what_toml_has(dial: LabDial, text: object, expected: object) -> None:
    assert dial.parsed(text) == expected


@pytest.mark.parametrize(
    ("dial", "text", "line"),
    [
        (NUMBER, "abc", "rate: expected a number from 0.001 to 2 (got abc)"),
        (NUMBER, "nan", "rate: expected a number from 0.001 to 2 (got nan)"),
        (NUMBER, 3, "rate: expected a number from 0.001 to 2 (got 3)"),
        (NUMBER, True, "rate: expected a number from 0.001 to 2 (got True)"),
        (WHOLE, "1.5", "steps: expected a whole number from 0 to 200 (got 1.5)"),
        (CHOICE, "rleu", "function: expected relu, sigmoid; did you mean relu? (got rleu)"),
        (SWITCH, "maybe", "clip: expected on or off (got maybe)"),
        (LIST, "", "rates: expected 1 to 3 numbers from 0 to 10, as in 0.1,0.5 (got )"),
        (LIST, [1, 2, 3, 4], "rates: expected 1 to 3 numbers from 0 to 10, as in 0.1,0.5 (got 1,2,3,4)"),
        (LIST, {"a": 1}, "rates: expected 1 to 3 numbers from 0 to 10, as in 0.1,0.5 (got {'a': 1})"),
        (UNITS, "4,.5", "units: expected 1 to 20 whole numbers from 1 to 99, as in 30,16 (got 4,.5)"),
        (NUMBER, "\x1b[2J", "rate: expected a number from 0.001 to 2 (got �[2J)"),
    ],
)
def test_a_dial_refuses_in_one_line(dial: LabDial, text: object, line: str) -> None:
    with pytest.raises(InputError) as refused:
        dial.parsed(text)
    assert str(refused.value) == line


def test_a_lab_or_a_dial_that_does_not_exist_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match="there is no lab 'decsent'; did you mean descent"):
        labs.lab("decsent")
    with pytest.raises(InputError, match="rat: the lab descent has no such dial; did you mean rate"):
        labs.lab("descent").with_settings({"rat": 1})
    with pytest.raises(InputError, match=r"xyz: the lab descent has no such dial \(there: rate, start"):
        labs.lab("descent").with_settings({"xyz": 1})


def in_words(lab: labs.Lab) -> bool:
    return is_name(lab.name) and bool(lab.title) and all(dial.label and dial.help for dial in lab.dials)


@pytest.mark.parametrize("name", labs.names())
def test_a_lab_has_a_name_words_and_defaults_within_their_bounds(name: str) -> None:
    lab = labs.lab(name)
    assert lab.name == name
    assert in_words(lab)
    assert lab.with_settings(dict(lab.defaults)) == lab.defaults
    assert len({dial.key for dial in lab.dials}) == len(lab.dials)


def check_table(table: Table) -> None:
    assert all(len(row) == len(table.columns) for row in table.rows), table.title
    assert table.rows


def check_plot(plot: Plot) -> None:
    assert all(len(curve.x) == len(curve.y) for curve in plot.curves), plot.title
    assert all(len(curve.x) <= 5000 for curve in plot.curves)
    assert any(any(map(math.isfinite, curve.y)) for curve in plot.curves), plot.title
    assert len({curve.name for curve in plot.curves}) == len(plot.curves)
    assert len(plot.title) <= 36  # half a screen
    assert len(plot.y_label) <= 7


@pytest.mark.parametrize("name", labs.names())
def test_a_lab_shows_tables_plots_and_figures_that_are_json(name: str) -> None:
    lab = labs.lab(name)
    result = lab.compute(lab.defaults)
    for table in result.tables:
        check_table(table)
    for plot in result.plots:
        check_plot(plot)
    assert result.values
    assert result.notes
    texts = [*result.notes, *result.formulas, *(text for table in result.tables for text in table.columns)]
    assert not any(unicodedata.combining(char) for text in texts for char in text)  # cells have no place for marks
    json.dumps(result.values, allow_nan=False)
    assert set(result.values) <= set(CASES) | {name}


COSTLY = {"seeds": 4, "rows": 30}
"""Dials by which a lab takes long, and how far they are turned here."""


def texts(dial: LabDial) -> st.SearchStrategy[object]:
    """Return settings within a dial's bounds."""
    low, high = max(dial.low, -1e6), min(dial.high, COSTLY.get(dial.key, 1e6))
    numbers = st.floats(low, high, allow_nan=False)
    whole = st.integers(math.ceil(low), math.floor(high))
    return {
        "number": numbers,
        "integer": whole,
        "choice": st.sampled_from(dial.choices) if dial.choices else st.none(),
        "switch": st.booleans(),
        "list": st.lists(whole if dial.whole else numbers, min_size=dial.lengths[0], max_size=dial.lengths[1]),
    }[dial.kind]


@pytest.mark.parametrize("name", labs.names())
@settings(max_examples=examples(10))
@given(data=st.data())
def test_no_setting_within_its_bounds_breaks_a_lab(name: str, data: st.DataObject) -> None:
    lab = labs.lab(name)
    values = data.draw(st.fixed_dictionaries({dial.key: texts(dial) for dial in lab.dials}))
    result = lab.compute(lab.with_settings(values))
    json.dumps(result.values, allow_nan=False)
    for table in result.tables:
        check_table(table)
    assert all(len(curve.x) == len(curve.y) for plot in result.plots for curve in plot.curves)
