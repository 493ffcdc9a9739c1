"""A run as the panes see it."""

from __future__ import annotations

import pytest

from engine.protocol.events import Frame, Scores
from tests.tui_trainer.welcomes import make_welcome
from tui_trainer.view_models.run import RunModel


@pytest.mark.parametrize(
    ("losses", "words"),
    [([0.1, 0.2, 0.3], "3 seeds"), ([None, 0.2, 0.3], "2 of 3 seeds"), ([None, None, None], "3 seeds")],
)
def test_seeds_that_have_stopped_early_are_not_among_those_training(losses: list[float | None], words: str) -> None:
    run = RunModel(make_welcome(seeds=(1, 2, 3)))
    assert run.seeds_training == "3 seeds"
    run.frame = Frame.model_construct(latest=(Scores(loss=losses, accuracy=None), None))
    assert run.seeds_training == words
