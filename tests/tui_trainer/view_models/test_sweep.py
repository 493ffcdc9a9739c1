from __future__ import annotations

import numpy as np
import pytest

from engine.sweep.axes import Choices, Plan
from engine.sweep.description import SweepDescription
from engine.sweep.exports import csv_text, trial_line
from engine.sweep.field import Field
from engine.sweep.results import TrialResult
from tests.engine.sweep.test_choice import described, result
from tui_trainer.handouts.sweep_drawing import drawing
from tui_trainer.view_models.boundary_grid import boundary_grid, middle_seed
from tui_trainer.view_models.sweep import SweepReport, short_paths, value_text


def grid_description() -> SweepDescription:
    axes = Choices(path="network.units", values=([1], [2])), Choices(path="training.learning_rate", values=(0.1, 1))
    return described().model_copy(update={"plans": (Plan(axes=axes),)})


def field(*levels: int, classes: int = 2) -> Field:
    """Return the field of a seed for each level: the left half answers that, the right half 0."""
    answers = np.zeros((len(levels), 4, 4), np.uint8)
    for seed, level in enumerate(levels):
        answers[seed, :, :2] = level
    return Field(answers, np.array([[0.1, 0.2]], np.float32), np.array([1], np.uint8), classes)


ENDED = {1: result(0.5, 0.1, 0.3), 2: result(0.9, 0.9, 0.9), 4: result(0.2, None, None)}


def test_paths_are_as_short_as_they_are_told_apart_by() -> None:
    assert short_paths(("training.learning_rate", "network.units")) == ("learning_rate", "units")
    assert short_paths(("network.layers.0.units", "network.layers.1.units")) == ("0.units", "1.units")
    assert short_paths(("a.seed", "b.seed", "c.x")) == ("a.seed", "b.seed", "x")
    assert short_paths(("network.biases.0",)) == ("biases.0",)


@pytest.mark.parametrize(
    ("value", "text"),
    [([16, 8], "16-8"), ([0.1, 0.2], "0.1 0.2"), (True, "on"), ([], "none"), (None, "–"), ("relu", "relu")],
)
def test_values_of_the_recipe_as_text(value: object, text: str) -> None:
    assert value_text(value) == text


def test_rows_have_medians_and_ranges_and_say_what_became_of_them() -> None:
    rows = SweepReport(grid_description(), ENDED, {3: 17}).rows
    assert [row.state for row in rows] == ["finished", "finished", "running", "finished"]
    assert (rows[0].loss, rows[0].low, rows[0].high, rows[0].rank) == (0.3, 0.1, 0.5, 1)
    assert rows[2].epochs == 17
    assert (rows[3].rank, rows[3].band) == (None, "0.2000–∞")
    assert [row.trial for row in SweepReport(grid_description(), ENDED).best_first] == [1, 2, 3, 4]


def test_what_is_said_names_the_best_and_those_left_out() -> None:
    stopped = {
        3: TrialResult(state="stopped", seconds=1.0),
        4: TrialResult(state="failed", seconds=0, message="no rows"),
    }
    lines = SweepReport(grid_description(), ENDED | stopped).words()
    assert lines[0].startswith(
        "best by validation loss: trial 1, units 1, learning_rate 0.1: 0.3000 (median; its 3 seeds"
    )
    assert "left out of the choice: trial 3, stopped" in lines
    assert "left out of the choice: trial 4, failed: no rows" in lines


def test_seeds_that_are_not_finite_are_told_and_the_trial_is_chosen_where_most_are() -> None:
    said = "seed 3 is left out, epoch 7: a weight of layer 1 is not finite"
    some = result(0.1, 0.2, 9.0, non_finite=(None, None, 7), epochs=(20, 20, 7), message=said)
    most = result(0.1, 9.0, 9.0, non_finite=(None, 5, 7), epochs=(20, 5, 7), message="seed 2 is left out")
    report = SweepReport(grid_description(), {1: some, 2: most})
    assert [row.state for row in report.rows[:2]] == ["1 of 3 not finite", "2 of 3 not finite"]
    assert (report.rows[0].loss, report.rows[0].band, report.rows[0].rank) == (0.2, "0.1000–∞", 1)
    assert report.rows[1].rank is None
    best, left_out = report.words()
    assert best.endswith("trial 1, units 1, learning_rate 0.1: 0.2000 (median of 3 seeds, 1 of which not finite)")
    assert left_out == "left out of the choice: trial 2, 2 of 3 not finite: seed 2 is left out"
    line = trial_line({}, some)
    assert (line["non_finite"], line["message"]) == ([None, None, 7], said)
    reasons = [row.split(",")[5] for row in csv_text(grid_description(), {1: some}).splitlines()[1:]]
    assert reasons == ["epochs", "epochs", "non_finite"]


def test_two_keys_make_a_table_of_pictures_of_the_middle_seed() -> None:
    grid = boundary_grid(SweepReport(grid_description(), ENDED), {1: field(255, 200, 100), 2: field(0, 0, 0)})
    assert grid is not None
    assert (grid.row_head, grid.column_head, grid.rows, grid.columns) == (
        "units",
        "learning_rate",
        ("1", "2"),
        ("0.1", "1"),
    )
    picture = grid.pictures[0, 0]
    assert picture.seed == middle_seed(ENDED[1]) == 2
    assert picture.answers is not None
    assert picture.answers[0, 0] == pytest.approx(100 / 255)
    assert grid.pictures[1, 0].field is None


def test_other_sweeps_have_the_best_first_and_without_fields_there_is_no_grid() -> None:
    ended = {1: result(0.5, 0.5, 0.5), 2: result(0.1, 0.1, 0.1)}
    grid = boundary_grid(SweepReport(described(), ended), {1: field(9), 2: field(8)}, across=1)
    assert grid is not None
    assert not grid.is_table
    assert [grid.pictures[row, 0].row.trial for row in (0, 1)] == [2, 1]
    assert boundary_grid(SweepReport(described(), ended), {}) is None


def test_the_drawing_frames_the_best_and_harms_nobody() -> None:
    report = SweepReport(grid_description(), ENDED)
    grid = boundary_grid(report, {1: field(255, 255, 255), 2: field(1, 1, 1, classes=3)})
    assert grid is not None
    svg = drawing(grid, "<a> & \x1b[31m", ["<script>"])
    assert svg.startswith("<svg ")
    assert svg.count('stroke-width="3"') == 1
    assert "<script>" not in svg
    assert "\x1b" not in svg
    assert "M0 0h2v1h-2z" in svg  # the left half of the first row, as one stretch
