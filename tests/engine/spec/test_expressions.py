"""Formulas of derived columns."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.spec.expressions import Call, Column, Number, Operation, columns_in, parse, split
from tests.properties import examples


def test_a_power_binds_tighter_than_a_product_and_a_sign() -> None:
    square = Operation("^", Column("x1"), Number(2.0))
    assert parse("3*x1^2") == Operation("*", Number(3.0), square)
    assert parse("-x1^2") == Call("-", square)


@pytest.mark.parametrize(("written", "same"), [("x1²", "x1^2"), ("x1 · x2", "x1*x2"), ("x1 − 2×x2", "x1-2*x2")])
def test_the_signs_of_print_are_read_as_those_of_keyboards(written: str, same: str) -> None:
    assert parse(written) == parse(same)


def test_a_name_in_quotes_may_be_any_text() -> None:
    assert list(columns_in(parse("\"mean radius^2, worst\" / 'a · b'"))) == ["mean radius^2, worst", "a · b"]


def test_formulas_are_divided_at_commas_outside_quotes() -> None:
    assert split('x1^2, "a, b"*x2,, sin(x1)') == ("x1^2", '"a, b"*x2', "sin(x1)")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("x1^", "expected a formula of columns, as in x1"),
        ("(x1", "expected a formula of columns"),
        ("", "expected a formula of columns"),
        ("7", "names none"),
        ("x1 if x2 else 3", "expected a formula"),
        ("x1.real", "expected a formula"),
        ("x1[0]", "expected a formula"),
        ("lambda: x1", "expected a formula"),
        ("x1 + True", "expected a formula"),
        ("x1 + 2j", "expected a formula"),
        ("sin(x1, x2)", "expected a formula"),
        ("sinn(x1)", "no function 'sinn'; did you mean sin?"),
        ("__import__('os')", "no function '__import__'"),
        ("x1*1e999", "expected finite numbers"),
        ("x1*" + "9" * 190 + "." * 20, "at most 200 characters"),
        ("x1\x00", "expected a formula"),
    ],
)
def test_what_is_no_formula_is_refused_in_one_line(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(").replace("?", r"\?")) as raised:
        parse(text)
    assert "\n" not in str(raised.value)


@settings(max_examples=examples(60))
@given(st.text(max_size=30))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    with suppress(ValueError):
        assert list(columns_in(parse(text)))
