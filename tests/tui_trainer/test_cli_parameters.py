"""What arguments mean."""

from __future__ import annotations

import math
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.toml_text import toml_value
from tui_trainer.cli.parameters import pace, setting

numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans()


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(as_toml, value))}]" if isinstance(value, list) else repr(value)


@given(st.recursive(numbers, lambda values: st.lists(values, max_size=4), max_leaves=8))
def test_numbers_and_lists_are_what_toml_has_them_be(value: Any) -> None:
    assert toml_value(as_toml(value)) == value


@given(st.integers(0, 10**9))
def test_a_bare_point_is_a_number(digits: int) -> None:
    assert toml_value(f".{digits}") == float(f"0.{digits}")
    assert toml_value(f"-.{digits}") == -float(f"0.{digits}")
    assert toml_value(f"[.{digits}, 1.{digits}]") == [float(f"0.{digits}"), float(f"1.{digits}")]


@pytest.mark.parametrize(
    "word", ["relu", "full", "he", "glorot_uniform", "x.csv", "./x.csv", "a b", "1\nother = 2", "'"]
)
def test_words_need_no_quotes(word: str) -> None:
    assert toml_value(word) == word


@pytest.mark.parametrize("text", ['"relu"', "'relu'"])
def test_quotes_may_be_there(text: str) -> None:
    assert toml_value(text) == "relu"


@given(st.text())
def test_any_text_is_a_value(text: str) -> None:
    toml_value(text)


def test_a_setting_is_a_path_and_a_value() -> None:
    assert setting("training.learning_rate=.01") == ("training.learning_rate", 0.01)
    assert setting(" data.source = a=b.csv ") == ("data.source", "a=b.csv")


@pytest.mark.parametrize("text", ["", "=", "a", "a=", "=1", " = 1"])
def test_half_a_setting_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected path=value"):
        setting(text)


def test_a_pace_is_a_number_or_max() -> None:
    assert pace("2.5") == 2.5
    assert pace("max") == math.inf


@pytest.mark.parametrize("text", ["0", "-1", "nan", "fast", ""])
def test_no_pace_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="expected max"):
        pace(text)
