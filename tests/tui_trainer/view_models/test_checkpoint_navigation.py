from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.checkpoint_navigation import next_checkpoint

CHECKPOINTS = (0, 10, 20, 30)


@pytest.mark.parametrize(
    ("at", "direction", "expected"),
    [(None, -1, 30), (30, -1, 20), (0, -1, 0), (0, 1, 10), (30, 1, None), (None, 1, None), (15, -1, 10), (15, 1, 20)],
)
def test_steps_of_a_walk(at: int | None, direction: int, expected: int | None) -> None:
    assert next_checkpoint(CHECKPOINTS, 34, at, direction) == expected


def test_the_checkpoint_of_the_present_is_no_past() -> None:
    assert next_checkpoint(CHECKPOINTS, 30, None, -1) == 20
    assert next_checkpoint(CHECKPOINTS, 30, 20, +1) is None


def test_where_there_is_no_past_there_is_nowhere_to_go() -> None:
    assert next_checkpoint((), 5, None, -1) is None
    assert next_checkpoint((5,), 5, None, -1) is None


@given(st.sets(st.integers(0, 99), min_size=1).map(sorted), st.integers(0, 100))
def test_back_to_the_start_and_forward_again_passes_every_checkpoint(checkpoints: list[int], present: int) -> None:
    past = [epoch for epoch in checkpoints if epoch < present]
    back: list[int | None] = [None]
    while (at := next_checkpoint(checkpoints, present, back[-1], -1)) != back[-1]:
        back.append(at)
    assert back[1:] == past[::-1]
    forward = [back[-1]]
    while forward[-1] is not None:
        forward.append(next_checkpoint(checkpoints, present, forward[-1], +1))
    assert forward == back[::-1]
    assert all(a != b for a, b in pairwise(back))
