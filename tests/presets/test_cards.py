"""Cards: what they may say, and what is said of one that is damaged."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from engine.errors import InputError
from presets.cards import Card, Question, card_of

CARD = """
[card]
kind = "tutorial"
summary = "a summary"
what = "what it is"
watch = ["the loss"]
try = ["raise the rate", "lower it again"]
questions = [
  {ask = "Which?", choices = ["this", "that"], right = 2, why = "because"},
  {ask = "How many?", answer = 641, why = "496 + 136 + 9"},
]

[[claims]]
case = "somebody else's"
"""


def card(**changes: Any) -> Card:
    document = tomllib.loads(CARD)
    document["card"] |= changes
    return card_of(document, "mine.toml")


def question(**changes: Any) -> Question:
    return card(questions=[{"ask": "Which?", "why": "because", **changes}]).questions[0]


def test_a_card_has_what_its_table_says() -> None:
    found = card()
    assert (found.what, found.watch) == ("what it is", ("the loss",))
    assert found.try_ == ("raise the rate", "lower it again")
    assert [entry.solution for entry in found.questions] == ["that", "641"]


def test_a_card_reads_back_as_it_was_written() -> None:
    assert card_of({"card": card().model_dump(exclude_defaults=True)}, "again") == card()


def test_a_document_without_a_card_has_an_empty_one() -> None:
    assert card_of({"claims": []}, "x") == Card()


@pytest.mark.parametrize(("guess", "is_right"), [(1, False), (2, True), (0, False), (3, False)])
def test_a_choice_is_right_where_it_is_the_one(guess: float, is_right: bool) -> None:
    assert card().questions[0].is_right(guess) is is_right


@pytest.mark.parametrize(("guess", "is_right"), [(0.25, True), (0.26, True), (0.24, True), (0.2601, False)])
def test_a_number_is_right_as_far_as_the_question_lets_it_be(guess: float, is_right: bool) -> None:
    assert question(answer=0.25, within=0.01).is_right(guess) is is_right


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"tries": ["x"]}, "tries: unknown key"),
        ({"try_": ["x"]}, "try_: unknown key"),
        ({"what": "x" * 1201}, "what"),
        ({"watch": "a text"}, "watch"),
        ({"questions": [{"ask": "Which?", "why": "so"}]}, "questions"),
        ({"questions": [{"ask": "Which?", "why": "so", "choices": ["a", "b"]}]}, "right"),
        ({"questions": [{"ask": "Which?", "why": "so", "choices": ["a", "b"], "right": 3}]}, "from 1 to 2"),
        ({"questions": [{"ask": "Which?", "why": "so", "choices": ["a"], "right": 1}]}, "two choices"),
        ({"questions": [{"ask": "Which?", "why": "so", "choices": ["a", "b"], "right": 1, "answer": 2}]}, "either"),
        ({"questions": [{"ask": "Which?", "why": "so", "answer": float("nan")}]}, "finite"),
        ({"questions": [{"ask": "", "why": "so", "answer": 1}]}, "ask"),
    ],
)
def test_a_damaged_card_is_one_line_with_file_and_key(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(InputError) as error:
        card(**changes)
    assert str(error.value).startswith("mine.toml: ")
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_text_from_outside_is_harmless() -> None:
    assert "\x1b" not in card(what="red \x1b[31m").what
    assert "\x1b" not in card(watch=["red \x1b[31m"]).watch[0]
    assert "\x1b" not in question(choices=["\x1b]0;x\x07", "b"], right=2).choices[0]
