"""Changes in a few words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.run.changes import Change, TurnDial, make_change
from engine.run.changes import SetPace as SetPaceChange
from tests.tui_trainer.fake_client import make_spec
from tui_trainer.view_models.change_texts import describe, headline, headlines, short_name, without_repeats
from tui_trainer.view_models.dials import dials_of


def paced(epoch: int, before: float | None, value: float | None, author: str = "ada") -> SetPaceChange:
    return SetPaceChange(epoch=epoch, step=0, author=author, before=before, value=value)


def test_presses_on_the_way_to_a_pace_are_one_line_of_the_log() -> None:
    dials = dials_of(make_spec(), 341)
    rate = TurnDial(epoch=3, step=0, path="training.learning_rate", value=0.3, before=0.2)
    presses = [paced(3, 20.0, 50.0), paced(3, 50.0, 100.0), paced(3, 100.0, None)]
    back = [paced(5, None, 100.0), paced(5, 100.0, None)]
    log = without_repeats([*presses, rate, rate, *back, paced(6, None, 100.0), paced(6, 100.0, 50.0, "bob")])
    assert [headline(change, dials) for change in log] == [
        "pace 20/s → full speed",
        "lr 0.2 → 0.3",
        "lr 0.2 → 0.3",
        "pace full speed → 100/s",
        "pace 100/s → 50/s",
    ]


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from([None, 1.0, 2.0, 5.0])), max_size=30))
def test_the_log_on_the_screen_leads_from_the_first_pace_to_the_last(presses: list[tuple[int, float | None]]) -> None:
    pace: float | None = 1.0
    changes = list[Change]()
    for epoch, value in sorted(presses, key=lambda press: press[0]):
        changes.append(paced(epoch, pace, value))
        pace = value
    told = without_repeats(changes)
    assert [change.before for change in told] == [1.0, *(change.value for change in told)][: len(told)]
    assert (told[-1].value if told else 1.0) == pace
    assert len({change.epoch for change in told}) == len(told)


def test_changes_are_described_as_their_dials_show_them() -> None:
    dials = dials_of(make_spec(), 341)
    change = TurnDial(epoch=3, step=0, path="network.layers.0.dropout", value=0.3, before=0.2)
    assert describe(change, dials) == ("20%", "30%")
    strange = TurnDial(epoch=3, step=0, path="network.layers", value={"\x1b[2J": "[red]"}, before=None)
    assert all(text.isprintable() for text in describe(strange, dials))
    odd = TurnDial(epoch=3, step=0, path="training.learning_rate", value="fast", before=None)
    assert describe(odd, dials) == ("None", "fast")


@pytest.mark.parametrize(
    ("path", "name"),
    [("training.learning_rate", "lr"), ("network.layers.1.dropout", "drop 2"), ("training.l2", "l2"), ("x", "x")],
)
def test_short_names(path: str, name: str) -> None:
    assert short_name(path) == name


def test_all_changes_of_an_epoch_have_a_line_and_those_of_a_dial_share_one() -> None:
    dials = dials_of(make_spec(), 100)
    changes = [
        make_change(path, value, epoch=4, step=0, before=before)
        for path, before, value in [
            ("training.learning_rate", 0.1, 0.2),
            ("training.batch_size", 32, 64),
            ("training.learning_rate", 0.2, 1000.0),
            ("training.optimizer", "adam", "sgd"),
        ]
    ]
    assert headlines(changes, dials) == [
        ["lr 0.1→0.2→1000", "lr→1000", "lr"],
        ["batch 32→64", "batch→64", "batch"],
        ["optimiser adam→sgd", "optimiser→sgd", "optimiser"],
    ]
