"""Runs compared from the command line; their numbers are written here, not trained."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

import presets
from engine.run.changes import make_change
from engine.run.data_facts import DataFacts
from engine.run.metrics import METRICS
from engine.store.records import RunEvent
from engine.store.runs import Run, RunStore
from tests.engine.worker.reported import make_reported
from tui_trainer.cli import main
from tui_trainer.view_models.compare import ComparedRun, Comparison
from tui_trainer.view_models.history import History

FACTS = DataFacts(inputs=30, classes=("malignant", "benign"), rows=(341, 114, 114))


def make(name: str, losses: Sequence[Sequence[float]], *, first: int = 1, parent: str = "", **set_: Any) -> Run:
    """Return a finished run of breast-cancer with these validation losses, by epoch and seed.

    Its scores are 1 − loss, its training losses half as large.
    """
    spec = presets.load("breast-cancer", set={path.replace("__", "."): value for path, value in set_.items()})
    seeds = range(first, first + len(losses[0]))
    run = RunStore().create(spec, list(seeds), name=name, parent=parent or None)
    loss = np.array(losses, np.float64)
    run.metrics.append(1, np.stack([loss / 2, 1 - loss / 2, loss, 1 - loss, np.full_like(loss, 0.01)], axis=2))
    run.metrics.record_state(state="finished", data=FACTS)
    run.metrics.close()
    return run


def compared(capsys: pytest.CaptureFixture[str], *names: str) -> dict[str, Any]:
    assert main(["compare", *names, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def text_of(capsys: pytest.CaptureFixture[str], *names: str) -> str:
    assert main(["compare", *names]) == 0
    return capsys.readouterr().out


def test_the_line_has_differences_and_each_runs_best_and_last_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.5], [0.2], [0.3]])
    make("b", [[0.4], [0.3]], training__learning_rate=0.1, network__units=[4])
    found = compared(capsys, "a", "b")
    assert found["differences"] == [
        ["network.units", [[16, 8], [4]]],
        ["network.dropout", [[0.2, 0.2], [0.2]]],
        ["network.activations", [["relu", "relu", "sigmoid"], ["relu", "sigmoid"]]],
        ["training.learning_rate", [0.001, 0.1]],
    ]
    a, b = found["runs"]
    assert (a["run"], a["epoch"], a["seed"]) == ("a", 3, 1)
    assert a["best"] == {
        "epoch": 2,
        "train": {"loss": 0.1, "accuracy": 0.9},
        "validation": {"loss": 0.2, "accuracy": 0.8},
    }
    assert (a["last"]["epoch"], a["last"]["validation"]["loss"]) == (3, 0.3)
    assert (b["best"]["epoch"], b["last"]["epoch"]) == (2, 2)


def test_of_several_seeds_there_are_lists_and_they_are_compared_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.9] * 8, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]])
    make("b", [[0.9] * 8, [0.11, 0.22, 0.33, 0.44, 0.55, 0.66, 0.77, 0.5]], first=2)
    found = compared(capsys, "a", "b")
    assert found["runs"][0]["last"]["validation"]["loss"] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    by_loss, by_score = found["paired"]
    assert (by_loss["metric"], by_score["metric"]) == ("loss", "score")
    assert by_loss["seeds"] == [2, 3, 4, 5, 6, 7, 8]
    assert by_loss["differences"] == pytest.approx([-0.09, -0.08, -0.07, -0.06, -0.05, -0.04, -0.03])
    assert by_loss["p"] == pytest.approx(2 / 2**7)
    assert by_loss["better"] == by_score["better"] == "b"
    assert "b better than a on all 7 seeds, by 0.0600" in text_of(capsys, "a", "b")


def test_of_three_the_best_by_its_median_is_held_against_each_other_one(capsys: pytest.CaptureFixture[str]) -> None:
    for name, loss in (("middle", 0.3), ("worst", 0.5), ("best", 0.1)):
        make(name, [[loss] * 6])
    pairs = compared(capsys, "middle", "worst", "best")["paired"]
    assert [(pair["first"], pair["second"], pair["better"]) for pair in pairs[:2]] == [
        ("best", "middle", "best"),
        ("best", "worst", "best"),
    ]


def test_where_patience_is_set_a_seed_is_judged_by_its_own_best_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    patience: dict[str, Any] = {"training__stopping__patience": 2}
    make("a", [[0.3, 0.5], [0.4, 0.2], [math.nan, 0.6]], **patience)  # the first seed has stopped after two epochs
    make("b", [[0.9, 0.9], [0.35, 0.35]], **patience)
    found = compared(capsys, "a", "b")
    assert found["paired"][0]["differences"] == pytest.approx([0.05, 0.15])
    assert found["runs"][0]["last"]["validation"]["loss"] == [0.4, 0.6]  # its last one, not one it did not train
    assert "Validation loss of the best epoch" in text_of(capsys, "a", "b")


def test_a_seed_that_diverged_is_worse_than_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.3, 0.3]])
    run = make("b", [[0.2, 0.2]])
    details = {"seeds": [2], "layer": None, "cause": "the loss overflowed"}
    run.metrics.record_event(RunEvent(at=datetime.now(UTC), kind="non-finite", epoch=1, details=details))
    run.metrics.close()
    by_loss, _ = compared(capsys, "a", "b")["paired"]
    assert by_loss["differences"] == [pytest.approx(-0.1), None]  # infinite
    assert "1 diverged" in text_of(capsys, "a", "b")


def test_what_makes_their_numbers_hard_to_compare_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.3]])
    make("b", [[0.2], [0.1]], split__validation=0.1, training__label_smoothing=0.1)
    cautions = " ".join(compared(capsys, "a", "b")["cautions"])
    assert "split.validation: the rows may be others" in cautions
    assert "training.label_smoothing: their losses are not of one kind" in cautions
    assert "epoch 1 and epoch 2" in cautions


def test_nobody_is_better_by_numbers_of_another_kind(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.5, 0.4]] * 2)
    make("b", [[0.3, 0.2]] * 2, training__label_smoothing=0.1)
    kinds = {pair["metric"] for pair in compared(capsys, "a", "b")["paired"]}
    assert kinds == {"score"}
    spec = presets.load("wine", set={"training.epochs": 2})
    run = RunStore().create(spec, [1, 2], name="c")
    run.metrics.append(1, np.full((2, 2, 5), 0.25))
    run.metrics.record_state(state="finished", epoch=2)
    run.metrics.close()
    assert compared(capsys, "a", "c")["paired"] == []
    assert "seed by seed" not in text_of(capsys, "a", "c")


def test_weights_of_rows_make_other_losses_of_the_same_rows() -> None:
    weighted, plain = ({"data.weight": weight} for weight in ("care", None))
    known = {"title": "x", "state": "finished", "seeds": (1,), "changes": (), "columns": METRICS, "history": History()}
    judged = np.full((1, len(METRICS)), np.nan)
    runs = [
        ComparedRun(name, recipe=recipe, last=None, best=None, judged=judged, **known)  # type: ignore[arg-type]
        for name, recipe in (("a", weighted), ("b", plain))
    ]
    assert Comparison(tuple(runs)).cautions() == ["data.weight: their losses are not of one kind; compare scores"]


def test_the_recipe_is_that_which_it_has_come_to_and_changes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.3], [0.2]])
    run = make("b", [[0.3], [0.1]])
    run.metrics.record_change(make_change("training.learning_rate", 0.5, epoch=2, step=0))
    run.metrics.record_change(make_change("training.learning_rate", 0.7, epoch=9, step=0))  # its time has not come
    run.metrics.close()
    assert compared(capsys, "a", "b")["differences"] == [["training.learning_rate", [0.001, 0.5]]]
    assert "b epoch 2: training.learning_rate = 0.5" in text_of(capsys, "a", "b")


def test_runs_that_differ_in_how_many_rows_they_learn_from_make_a_learning_curve(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make("all", [[0.10, 0.12]])  # what validation and exam leave of all rows: .6
    make("few", [[0.50, 0.70]], split__train=0.05)
    make("some", [[0.20, 0.30]], split__train=0.2)
    text = text_of(capsys, "all", "few", "some")
    _, _, curve = text.partition("Learning curve")
    assert [line.split()[0] for line in curve.splitlines()[2:5]] == ["0.05", "0.2", "0.6"]
    assert "0.6000 (0.5000–0.7000)" in curve
    assert "rows may be others" not in text
    make("other", [[0.2, 0.3]], split__train=0.1, training__learning_rate=0.1)
    assert "Learning curve" not in text_of(capsys, "all", "few", "some", "other")


def test_branches_say_what_past_they_share(capsys: pytest.CaptureFixture[str]) -> None:
    make("root", [[0.3]] * 9)
    make("one", [[0.2]] * 9, parent="root@6")
    make("two", [[0.2]] * 9, parent="root@4")
    make("twig", [[0.2]] * 9, parent="two@7")
    text = text_of(capsys, "one", "twig", "root")
    assert "twig and one are one up to epoch 4: branches" in text
    assert "root and one are one up to epoch 6" in text


def test_what_another_program_reports_is_compared_too(capsys: pytest.CaptureFixture[str]) -> None:
    make_reported(RunStore(), "theirs")
    make("a", [[0.3]])
    found = compared(capsys, "theirs", "a")
    assert found["runs"][0]["run"] == "theirs"
    assert "source" in dict(found["differences"])


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (["a"], "expected two or more runs"),
        (["a", "a"], "expected two or more runs"),
        (["a", "missing"], "run missing: there is none of this name"),
    ],
)
def test_what_cannot_be_compared_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], names: list[str], line: str
) -> None:
    make("a", [[0.3]])
    assert main(["compare", *names]) == 2
    assert line in capsys.readouterr().err


def test_a_run_before_its_first_epoch_is_compared_by_its_recipe(capsys: pytest.CaptureFixture[str]) -> None:
    make("a", [[0.3]])
    RunStore().create(presets.load("iris"), [1], name="new")
    found = compared(capsys, "a", "new")
    assert found["runs"][1]["last"] is None
    assert found["paired"] == []
    assert "new" in text_of(capsys, "a", "new")
