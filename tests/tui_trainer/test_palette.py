"""The palette finds an action by what people call it, and nothing beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from textual.command import Hit

import presets
from engine.protocol.commands import MoreEpochs
from tests.tui_trainer.driving import Desk, dashboard
from tests.tui_trainer.fake_client import make_spec
from tui_trainer.bindings import KEYS
from tui_trainer.screens.palette import ActionProvider, lab_entries, palette_entries
from tui_trainer.view_models.dials import dials_of
from tui_trainer.view_models.palette import ALSO, score


def found(desk: Desk, query: str) -> list[str]:
    """Return the titles of what a query finds, the best first."""
    entries = list(palette_entries(desk.app, desk.app.screen))
    scores = {entry.title: score(query, entry.title, entry.also) for entry in entries}
    return sorted((title for title in scores if scores[title]), key=lambda title: -scores[title])


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("exam", "Exam"),
        ("test", "Exam"),
        ("test set", "Exam"),
        ("confusion", "Exam"),
        ("quit", "Leave"),
        ("exit", "Leave"),
        ("lr", "Raise the learning rate"),
        ("learning rate", "Raise the learning rate"),
        ("step length", "Raise the learning rate"),
        ("seeds", "new seed"),
        ("epochs", "Dials: epochs"),
        ("batch", "Dials: batch size"),
        ("Dropout", "Dials: dropout 1"),
        ("momentum", "optimi"),
        ("adam", "optimi"),
        ("fork", "A new run from the epoch"),
        ("plain words", "Plain words"),
    ],
)
async def test_an_action_is_found_by_what_people_call_it(query: str, title: str) -> None:
    async with dashboard() as desk:
        titles = found(desk, query)
        assert any(title in one for one in titles[:6])
        assert len(titles) <= 12, titles


async def test_what_is_typed_and_taken_is_done() -> None:
    async with dashboard() as desk:
        await desk.press("ctrl+p")
        await desk.pilot.press(*"quit")
        while "key q" not in desk.text:
            await desk.pilot.pause()
        await desk.press("enter")
        while "training goes on without this screen" not in desk.text:
            await desk.pilot.pause()


async def test_a_dial_that_is_taken_can_be_typed_at_once() -> None:
    async with dashboard(size=(80, 24)) as desk:
        entry = next(e for e in palette_entries(desk.app, desk.app.screen) if e.title == "Dials: epochs")
        entry.run()
        await desk.settle()
        await desk.press(*["backspace"] * 2, *"90", "enter")
        assert desk.sent(MoreEpochs) == [MoreEpochs(epochs=90)]


def test_every_alias_belongs_to_a_key_or_a_dial() -> None:
    specs = [make_spec(), presets.load("plants-moons"), presets.load("cats-dogs-neuron")]
    dials = {dial.path for spec in specs for dial in dials_of(spec, 341)}
    assert ALSO.keys() <= {key.id for key in KEYS} | dials


def test_a_word_that_is_nowhere_finds_nothing() -> None:
    assert score("lr", "Lower the pace") == 0
    assert score("test rate", "Exam", "test") == 0
    assert score("", "Exam") == 0


@pytest.mark.parametrize(
    ("query", "name"),
    [("vanishing", "vanishing-gradient"), ("underflow", "likelihood"), ("learning rates", "learning-rate")],
)
async def test_a_lab_is_found_by_what_it_is_about_and_opened(query: str, name: str) -> None:
    async with dashboard() as desk:
        entries = list(lab_entries(desk.app, desk.app.screen))
        best = max(entries, key=lambda entry: score(query, entry.title, entry.also))
        best.run()
        await desk.settle()
        assert f"Lab {name} " in desk.lines[0]


async def test_the_field_is_there_before_the_actions_are(monkeypatch: pytest.MonkeyPatch) -> None:
    async def discover(_: ActionProvider) -> AsyncIterator[Hit]:
        await asyncio.Event().wait()
        yield Hit(0.0, "", lambda: None)

    monkeypatch.setattr(ActionProvider, "discover", discover)
    async with dashboard() as desk:
        await desk.press("ctrl+p")
        assert "Search for commands" in desk.text
