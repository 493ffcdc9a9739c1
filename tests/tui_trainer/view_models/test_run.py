"""A run as the panes see it."""

from __future__ import annotations

import numpy as np
import pytest

from engine.protocol.events import Answer, Frame, Scores
from engine.protocol.queries import SeriesQuery
from tests.tui_trainer.view_models.test_header import frame
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


@pytest.mark.parametrize("refusal", [None, "series: this run has none"])
def test_series_are_known_by_name_and_empty_where_the_worker_has_none(refusal: str | None) -> None:
    run = RunModel(make_welcome())
    query = SeriesQuery(names=("gradient_norm.0", "gradient_norm.1"))
    arrays = {"series.1.epochs": np.array([3.0, 7.0]), "series.1.values": np.array([[0.5], [0.25]])}
    run.apply(frame(answers=(Answer(query=query, refusal=refusal),)), {} if refusal else arrays)
    assert list(run.series) == list(query.names)
    assert run.series["gradient_norm.0"].latest() is None
    assert run.series["gradient_norm.1"].latest() == (None if refusal else 0.25)
