"""Errors that the user can do something about: one harmless line each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from engine.errors import InputError, RunBusyError, TrainerError, WorkerError, describe_validation, sanitize
from engine.spec import Spec


@given(text=st.text(), limit=st.integers(1, 300))
def test_printable_is_one_line_without_control_characters(text: str, limit: int) -> None:
    line = sanitize(text, limit)
    assert len(line) <= limit
    assert line.isprintable()


@given(text=st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=50))
def test_printable_leaves_plain_text_alone(text: str) -> None:
    assert sanitize(text) == text


def test_escape_codes_cannot_reach_the_terminal() -> None:
    assert sanitize("a\x1b[2Jb\nc\td\u202ee") == "a�[2Jb c d�e"
    assert sanitize("x" * 300, 5) == "xxxx…"


def test_all_of_them_are_one_family() -> None:
    for error in (InputError, RunBusyError, WorkerError):
        assert issubclass(error, TrainerError)


def complaint(document: object) -> str:
    with pytest.raises(ValidationError) as raised:
        Spec.model_validate(document)
    return describe_validation(raised.value)


def test_a_complaint_names_the_key_and_what_was_expected() -> None:
    network = {"layers": [{"units": 1, "activation": "sigmoid"}]}
    document = {"name": "x", "data": {"source": "xor"}, "network": network, "training": {"loss": "bce"}}
    assert complaint({**document, "training": {"loss": "bce", "epochs": "many"}}) == (
        "training.epochs: expected a whole number (got 'many')"
    )
    assert (
        complaint({**document, "training": {"loss": "bce", "epocs": 3}})
        == "training.epocs: unknown key; did you mean epochs?"
    )
    assert complaint({**document, "training": {}}) == 'training.loss: this key is required, as in loss = "bce"'
    assert (
        complaint({**document, "data": {"source": "xor", "noise": -1}})
        == "data.noise: expected a number from 0 on (got -1)"
    )
    assert complaint({**document, "split": {"tst": 0.1}}) == "split.tst: unknown key; did you mean test?"
    both = {**document, "split": {"tst": 0.1, "vaildation": 0.1}}
    assert complaint(both) == "split.tst: unknown key; did you mean test?"
    assert complaint({**document, "split": {"x": 0.1}}).startswith("split.x: unknown key (there: validation, test, ")
    assert complaint({**document, "trainin": {}}) == "trainin: unknown key; did you mean training?"
    layers = [{"units": 1, "activaton": "sigmoid"}]
    assert complaint({**document, "network": {"layers": layers}}).startswith(
        "network.layers.0.activaton: unknown key; "
    )
    assert complaint({**document, "training": {"loss": "bce", "epochs": True}}).startswith("training.epochs: expected")
    both = {**document, "training": {"loss": "bse", "epochs": "many"}}
    assert complaint(both).endswith("(and 1 more)")


@given(key=st.text(min_size=1, max_size=80), value=st.text(max_size=300))
def test_a_complaint_is_one_harmless_line_whatever_was_given(key: str, value: str) -> None:
    class Model(BaseModel, extra="forbid"):
        number: int

    for document in ({"number": value or "x"}, {"number": 1, key: value}):
        try:
            Model.model_validate(document)
        except ValidationError as error:
            line = describe_validation(error)
            assert line.isprintable()
            assert len(line) <= 400
