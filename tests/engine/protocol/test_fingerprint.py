"""The fingerprint of all messages: what differs between builds shows in it, and nothing else does."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, create_model

from engine.protocol.commands import Request
from engine.protocol.events import AnyEvent
from engine.protocol.fingerprint import describe, fingerprint


class Inner(BaseModel):
    word: Literal["one", "two"]


class Outer(BaseModel):
    inner: tuple[Inner, ...] = ()
    size: Annotated[int, Field(ge=0, lt=9)] | None = None


def test_every_field_is_told_with_its_types_and_words_through_all_that_can_be_reached() -> None:
    assert describe(Outer) == [
        ("Inner", [("word", "one", "two")]),
        ("Outer", [("inner", "Inner"), ("size", "NoneType", "int")]),
    ]


def test_a_field_more_another_type_and_another_word_are_told_and_another_limit_is_not() -> None:
    def told(**fields: object) -> object:
        return describe(create_model("Outer", **fields))  # type: ignore[call-overload]

    alike = told(a=(int, 0), b=(Literal["x"], "x"))
    assert told(b=(Literal["x"], "x"), a=(Annotated[int, Field(ge=7)], 7)) == alike
    assert told(a=(int, 0), b=(Literal["x"], "x"), c=(int, 0)) != alike
    assert told(a=(float, 0), b=(Literal["x"], "x")) != alike
    assert told(a=(int, 0), b=(Literal["x", "y"], "x")) != alike


def test_it_is_of_both_sides_and_of_recipes_and_changes_within_them() -> None:
    described = describe(Request, AnyEvent)
    assert {"Hello", "Frame", "Welcome", "Spec", "TurnDial", "Verdict", "BoundaryQuery"} <= {
        name for name, _ in described
    }
    assert describe(AnyEvent, Request) == described
    assert len(fingerprint()) == 8
