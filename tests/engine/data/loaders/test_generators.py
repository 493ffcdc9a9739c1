"""Generators against the tutorials' own points, and their options."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.array_types import Floats
from engine.data.registry import load_table
from engine.spec.sources.generators import (
    Blobs,
    Circles,
    Generator,
    Lines,
    Moons,
    Plants,
    Spirals,
    Spirals2ThetaPi,
    Spirals2TurnUnit,
    SpiralsAsPublished,
    SpiralsCs231n,
    SpiralsRepaired,
    SpiralsSqrt780,
    Xor,
)
from tests.engine.data.reference import CASES

ALL = (
    Lines,
    Plants,
    Blobs,
    Circles,
    Moons,
    Xor,
    Spirals2ThetaPi,
    Spirals2TurnUnit,
    SpiralsAsPublished,
    SpiralsCs231n,
    SpiralsRepaired,
    SpiralsSqrt780,
)


def pattern(image: Floats) -> str:
    """Return V or H and the place of a line, V0 for the left column."""
    columns, rows = image.reshape(3, 3).sum(axis=0), image.reshape(3, 3).sum(axis=1)
    return f"V{columns.argmax()}" if columns.max() == 3 else f"H{rows.argmax()}"


def test_the_lines_are_those_of_the_tutorial_in_its_order() -> None:
    case = CASES["A01_dataset"]["recomputed"]
    table = load_table(Lines(samples=100, seed=42))
    names = [pattern(image) for image in table.X]
    assert names == case["sequence"].split()
    assert Counter(names) == case["pattern_counts"]
    assert [name[0] == "V" for name in names] == [y == 1 for y in table.y]
    assert table.image_shape == (3, 3)


def test_parameters_may_follow_from_the_stream_the_lines_were_drawn_from() -> None:
    stream = np.random.RandomState(42)
    load_table(Lines(seed=7), stream)
    np.testing.assert_allclose(stream.randn(9) * 0.1, CASES["A02_untrained"]["recomputed"]["weights"], rtol=1e-8)


def test_noise_leaves_each_line_the_brightest_and_all_pixels_in_range() -> None:
    clean, noisy = load_table(Lines(samples=60, noise=0.0)), load_table(Lines(samples=60, noise=0.1))
    assert noisy.X.min() >= 0
    assert noisy.X.max() <= 1
    assert set(np.unique(clean.X)) == {0.0, 1.0}
    upright = noisy.X.reshape(-1, 3, 3).sum(axis=1).max(axis=1) > noisy.X.reshape(-1, 3, 3).sum(axis=2).max(axis=1)
    assert (upright == noisy.y.astype(bool)).all()


def test_the_exam_on_the_lines_through_the_middle() -> None:
    table = load_table(Lines(canonical_exam=True))
    exam = table.subsets["test"]
    assert [pattern(image) for image in table.X[exam]] == ["V1", "H1"]
    assert list(table.y[exam]) == [1, 0]
    assert (table.X[:100] == load_table(Lines()).X).all()


def test_the_plants_are_those_of_the_tutorial() -> None:
    case = CASES["W02_blobs"]["recomputed"]
    table = load_table(Plants())
    assert table.X.shape == (100, 2)
    assert table.X.sum() == pytest.approx(case["sum_X"], rel=1e-9)
    np.testing.assert_allclose(table.X[0], case["first_row"], rtol=1e-9)
    means = [table.X[table.y == kind].mean(axis=0) for kind in (0, 1)]
    np.testing.assert_allclose(means, case["centers_class"], rtol=1e-9)


def initial_loss(X: Floats, y: Floats, seed: int) -> float:
    """Return the cross-entropy of a 2-64-64-1 sigmoid network with weights and biases from N(0, 1)."""
    stream, activation = np.random.RandomState(seed), X.T
    for out, fan_in in ((64, 2), (64, 64), (1, 64)):
        z = stream.randn(out, fan_in) @ activation + stream.randn(out, 1)
        activation = 1 / (1 + np.exp(-z))
    return float(np.mean(np.logaddexp(0, z[0]) - y * z[0]))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("blobs200", Blobs(samples=200, cluster_std=1.5, seed=42)),
        ("circles100", Circles(samples=100, noise=0.1, factor=0.3)),
        ("moons100", Moons(samples=100, noise=0.1)),
        ("spiral_cs231n", SpiralsCs231n(samples=200)),
        ("spiral_sqrt780", SpiralsSqrt780(samples=200)),
        ("spiral_2theta_pi", Spirals2ThetaPi(samples=200)),
        ("spiral_2turn_unit", Spirals2TurnUnit(samples=200)),
    ],
)
def test_the_points_give_the_loss_that_was_computed_for_them(name: str, source: Generator) -> None:
    case = CASES["W13_initial_loss"]["recomputed"][name]
    table = load_table(source)
    losses = [initial_loss(table.X, table.y, seed) for seed in range(case["seeds"])]
    assert np.mean(losses) == pytest.approx(case["mean"], rel=1e-8)


def test_the_published_spirals_point_by_point() -> None:
    case = CASES["B13_spiral_run"]["recomputed"]
    X = load_table(SpiralsAsPublished(), np.random.RandomState(42)).X
    np.testing.assert_allclose(X[0], case["first_point"], rtol=1e-8)
    assert X.sum() == pytest.approx(case["sum_X"], rel=1e-8)


def test_the_published_spirals_lie_on_one_curve_and_the_repaired_do_not() -> None:
    case = CASES["B14_spiral_geometry"]["recomputed"]
    published, repaired = (
        load_table(source(samples=2002, noise=0.0)) for source in (SpiralsAsPublished, SpiralsRepaired)
    )
    shared = [nearest(point, published.X[published.y == 0]) < 0.01 for point in published.X[published.y == 1]]
    assert np.mean(shared) == pytest.approx(case["overlap_fraction"], abs=0.01)
    outer = [point for point in repaired.X[repaired.y == 1] if point @ point > 0.1]
    assert min(nearest(point, repaired.X[repaired.y == 0]) for point in outer) > 0.2
    assert (published.X[published.y == 0] == repaired.X[repaired.y == 0]).all()


def nearest(point: Floats, others: Floats) -> float:
    return float(np.sqrt(((others - point) ** 2).sum(axis=1)).min())


def test_repaired_spirals_are_the_published_ones_from_the_same_stream() -> None:
    published, repaired = load_table(SpiralsAsPublished()), load_table(SpiralsRepaired())
    first = published.y == 0
    assert (published.X[first] == repaired.X[first]).all()
    excess = np.hypot(*published.X[~first].T) - np.hypot(*repaired.X[~first].T)
    np.testing.assert_allclose(excess[10:], 0.25, atol=1e-9)  # half a turn of the two; near 0 noise turns radii over


def test_xor_is_its_truth_table() -> None:
    table = load_table(Xor())
    assert [(*map(int, x), int(y)) for x, y in zip(table.X, table.y, strict=True)] == [
        (0, 0, 0),
        (0, 1, 1),
        (1, 0, 1),
        (1, 1, 0),
    ]


@pytest.mark.parametrize("source", ALL, ids=lambda source: source.__name__)
@given(samples=st.integers(2, 60), seed=st.integers(0, 2**32 - 1))
def test_any_size_and_seed_gives_a_table(source: type[Generator], samples: int, seed: int) -> None:
    halves = not issubclass(source, Spirals)
    table = load_table(source(samples=samples, seed=seed))
    assert len(table.X) == len(table.y) == (samples if halves else samples // 2 * 2)
    assert np.isfinite(table.X).all()
    assert set(table.y) <= set(range(len(table.classes)))
    assert len(table.feature_names) == table.X.shape[1]
    again = load_table(source(samples=samples, seed=seed), np.random.RandomState(seed))
    assert (table.X == again.X).all()


def test_a_stream_takes_the_place_of_the_seed() -> None:
    assert not np.array_equal(load_table(Moons(seed=1)).X, load_table(Moons(seed=1), np.random.RandomState(2)).X)
    assert np.array_equal(load_table(Moons(seed=2)).X, load_table(Moons(seed=1), np.random.RandomState(2)).X)
