from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.names import expected_name, is_name, nearest_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My_Run", "my-run"),
        ("Größe 2", "grosse-2"),
        ("--a--b--", "a-b"),
        ("x" * 120, "x" * 100),
        ("naïve.CSV", "naive-csv"),
        ("花", None),
        ("", None),
    ],
)
def test_the_nearest_name(text: str, name: str | None) -> None:
    assert nearest_name(text) == name


@given(text=st.text(max_size=120))
def test_the_nearest_name_is_one_and_a_name_of_letters_is_its_own(text: str) -> None:
    near = nearest_name(text)
    assert near is None or is_name(near)
    assert near is None or nearest_name(near) == near
    assert is_name(text) == (re.fullmatch(r"[a-z0-9][a-z0-9-]{0,99}", text) is not None)


def test_what_is_no_name_brings_one_that_would_do() -> None:
    assert expected_name("My_Run", "iris-1") == "expected small letters, digits and dashes; my-run would do"
    assert expected_name("?", "iris-1") == "expected small letters, digits and dashes; as in iris-1"
    assert "at most 5" in expected_name("abcdefg", "iris-1", 5)
