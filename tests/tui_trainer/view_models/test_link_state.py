from __future__ import annotations

import pytest

from tui_trainer.view_models.link_state import LinkState, back, backoff


def test_pauses_grow_up_to_half_a_minute() -> None:
    pauses = [backoff(attempt) for attempt in range(12)]
    assert pauses[:3] == [0, 1, 2]
    assert pauses == sorted(pauses)
    assert pauses[-3:] == [30, 30, 30]


def test_a_run_is_named_as_watch_takes_it() -> None:
    assert LinkState().named("wine-1") == "wine-1"
    assert LinkState("ada@box").named("wine-1") == "ada@box:wine-1"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (LinkState("box"), "reconnecting to box…"),
        (LinkState("box", lost_for=8), "reconnecting to box…, lost 8 s ago"),
        (
            LinkState("box", attempt=3, lost_for=75, retry_in=4, why="no route\x1b[2J to host"),
            "reconnecting to box in 4 s, lost 75 s ago: no route�[2J to host · enter tries now",
        ),
    ],
)
def test_what_is_said_of_an_outage(state: LinkState, said: str) -> None:
    assert state.outage("enter") == said


def test_what_is_said_once_it_is_back() -> None:
    assert back(412, 31.2, "epochs") == "back after 32 s · +412 epochs while you were away"
    assert back(0, 3.0, "epochs") == "back after 3 s"
