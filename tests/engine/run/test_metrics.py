from __future__ import annotations

import pytest

from engine.run.metrics import METRICS, Metric, MetricSet


def test_the_columns_of_a_trained_run_are_in_the_order_of_its_rows() -> None:
    assert METRICS.names == ("train_loss", "train_score", "validation_loss", "validation_score", "learning_rate")
    assert [METRICS.index(name) for name in METRICS] == list(range(len(METRICS)))
    assert {metric.name: (metric.part, metric.better) for metric in METRICS.metrics}["validation_loss"] == (
        "validation",
        "lower",
    )


@pytest.mark.parametrize("names", [("loss", "loss"), ("loss", "Loss"), ("epoch", "loss"), ("Seed",)])
def test_columns_have_names_that_a_table_can_tell_apart(names: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="expected metrics of different names"):
        MetricSet([Metric(name=name) for name in names])


@pytest.mark.parametrize("name", ["", "a\x1b[2J", 'a"b', "x" * 81])
def test_a_name_is_one_short_line(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Metric(name=name)


def test_there_is_no_column_of_another_name() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        METRICS.index("f1")
