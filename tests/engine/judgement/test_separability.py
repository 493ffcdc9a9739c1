"""Linear programmes of separability, against exact arithmetic and against points that are separable by construction."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.judgement.separability import best_linear_accuracy, separation
from presets.check.facts.lines import PATTERNS, picture
from tests.properties import examples

X = np.array([picture(pattern) for pattern in PATTERNS])
VERTICAL = np.array([pattern[0] == "V" for pattern in PATTERNS])


def test_the_proof_that_no_perceptron_can_tell_the_six_lines_apart() -> None:
    """By hand: the columns add up to the picture of ones, and so do the rows."""
    np.testing.assert_array_equal(X[VERTICAL].sum(axis=0), np.ones(9))
    np.testing.assert_array_equal(X[~VERTICAL].sum(axis=0), np.ones(9))
    found = separation(X, VERTICAL)
    assert not found.is_separable
    assert found.mixture is not None
    weights = [Fraction(weight).limit_denominator(100) for weight in found.mixture]
    assert weights == [Fraction(1, 3)] * 6


def test_any_five_of_them_can_be_separated() -> None:
    for some in combinations(range(6), 5):
        chosen = list(some)
        rule = separation(X[chosen], VERTICAL[chosen]).weights
        assert rule is not None
        assert np.array_equal(X[chosen] @ rule[:-1] + rule[-1] > 0, VERTICAL[chosen])


def test_the_best_rule_gives_up_the_rarest_line() -> None:
    assert best_linear_accuracy(X, VERTICAL, np.array([5, 4, 3, 9, 2, 7])) == 28 / 30


def test_xor_cannot_be_separated_either() -> None:
    corners = np.array([[0, 0], [1, 1], [0, 1], [1, 0]], float)
    positive = np.array([True, True, False, False])
    mixture = separation(corners, positive).mixture
    assert mixture is not None
    np.testing.assert_allclose(mixture, 0.5)
    assert best_linear_accuracy(corners, positive, np.ones(4, np.intp)) == 0.75


@settings(max_examples=examples(40))
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(2, 12))
def test_either_a_rule_separates_the_points_or_the_mixture_proves_that_none_can(
    seed: int, columns: int, rows: int
) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(size=(rows, columns))
    positive = np.arange(rows) < max(1, rows // 2)
    found = separation(points, positive)
    if found.weights is not None:
        assert np.array_equal(points @ found.weights[:-1] + found.weights[-1] > 0, positive)
        return
    mixture = found.mixture
    assert mixture is not None
    assert (mixture >= 0).all()
    np.testing.assert_allclose([mixture[positive].sum(), mixture[~positive].sum()], 1, atol=1e-7)
    np.testing.assert_allclose(mixture[positive] @ points[positive], mixture[~positive] @ points[~positive], atol=1e-6)
