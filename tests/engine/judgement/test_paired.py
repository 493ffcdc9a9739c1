"""Two trainings compared over their common seeds, beside SciPy's test and the counting of all choices of signs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata, wilcoxon

from engine.judgement.paired import Paired, paired
from tests.properties import examples


def of(first: Iterable[float], second: Iterable[float], **options: object) -> Paired:
    """Return the comparison of values of the seeds from 0 on."""
    return paired(dict(enumerate(first)), dict(enumerate(second)), **options)  # type: ignore[arg-type]


def counted_p(differences: Sequence[float]) -> float:
    """Return p by trying every choice of signs: how often a sum of signed ranks is as far from 0."""
    kept = [each for each in differences if each]
    ranks = rankdata(np.abs(kept))
    measured = abs(sum(ranks * np.sign(kept)))
    sums = [abs(sum(ranks * np.array(signs))) for signs in itertools.product((-1, 1), repeat=len(kept))]
    return float(np.mean([each >= measured - 1e-9 for each in sums]))


whole = st.integers(-9, 9).map(float)


@settings(max_examples=examples(40))
@given(st.lists(whole, min_size=1, max_size=9).filter(any))
def test_p_is_the_share_of_all_choices_of_signs_that_are_as_lopsided(differences: list[float]) -> None:
    assert of([0.0] * len(differences), differences).p_value == pytest.approx(counted_p(differences))


@pytest.mark.parametrize("count", [6, 20, 47])
def test_p_is_scipys_where_no_two_differences_are_equal(count: int) -> None:
    generator = np.random.default_rng(count)
    first, second = generator.normal(size=count), generator.normal(0.3, size=count)
    assert of(first, second).p_value == pytest.approx(wilcoxon(second - first, method="exact").pvalue)


def test_p_of_many_seeds_is_scipys_normal_one() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.normal(size=500), generator.normal(0.1, size=500)
    expected = wilcoxon(second - first, method="approx", correction=False).pvalue
    assert of(first, second).p_value == pytest.approx(expected)


@given(st.lists(st.tuples(whole, whole), max_size=12))
@settings(max_examples=examples(60))
def test_who_is_compared_with_whom_makes_no_difference(pairs: list[tuple[float, float]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    there, back = of(first, second), of(second, first)
    assert there.p_value == back.p_value
    assert there.wins == back.wins[::-1]
    assert {there.leader, back.leader} in ({None}, {"first", "second"})
    assert [-each for each in there.differences] == list(back.differences)


def test_of_accuracies_the_higher_is_better() -> None:
    lower, higher = [0.90 + seed / 1000 for seed in range(8)], [0.95] * 8
    assert of(lower, higher, better="higher").winner == "second"
    assert of(lower, higher, better="lower").winner == "first"


def test_only_seeds_that_both_have_are_compared() -> None:
    found = paired({1: 0.5, 2: 0.4, 3: math.nan, 4: 0.1}, {2: 0.3, 3: 0.2, 4: 0.2, 9: 0.0})
    assert (found.seeds, found.unpaired) == ((2, 4), (1, 3, 9))
    assert found.differences == pytest.approx((-0.1, 0.1))


def test_a_seed_that_diverged_is_the_worst_of_them_and_no_more() -> None:
    found = of([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], [math.inf, 0.19, 0.28, 0.37, 0.46, 0.55, 0.64])
    assert found.differences[0] == math.inf
    assert found.p_value == pytest.approx(counted_p([99.0, -0.01, -0.02, -0.03, -0.04, -0.05, -0.06]))
    assert of([math.inf] * 2, [math.inf] * 2).words() == "the first and the second do not differ on 2 seeds"


def test_steps_of_an_accuracy_are_equal_whatever_their_rounding() -> None:
    first = [0.7, 0.6, 0.5, 0.9, 0.3, 0.2]
    second = [0.8, 0.7, 0.6, 1.0, 0.4, 0.1]
    assert of(first, second).p_value == pytest.approx(counted_p([1, 1, 1, 1, 1, -1]))


SPREAD = "the seeds' own spread"
WORDS = [
    ([], [], "A and B have no seed in common: they cannot be compared seed by seed"),
    ([0.5], [0.5], "A and B do not differ on the one seed in common"),
    (
        [0.5],
        [0.4],
        "B better than A on the one seed in common, by 0.1: one seed says nothing of the next, it takes 6 to tell",
    ),
    (
        [0.5, 0.6, 0.7, 0.8, 0.9],
        [0.4, 0.4, 0.4, 0.4, 0.4],
        f"B better than A on all 5 seeds, by 0.3 (0.1 to 0.5): too few to tell it from {SPREAD}, it takes 6",
    ),
    (
        [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        [0.2, 0.4, 0.6, 0.8, 1.0, 1.2],
        "A better than B on all 6 seeds, by 0.35 (0.1 to 0.6): more than the seeds' own spread (p = 0.031)",
    ),
    (
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [0.1, -0.2, 0.3, -0.4, 0.5, 0.0, -0.6],
        f"B better than A on 3 of 7 seeds, worse on 3, by 0 (−0.5 to 0.6): no more than {SPREAD} (p = 0.84)",
    ),
    (
        [0.0] * 7,
        [-1.0, -1.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        (
            "B better than A on 2 of 7 seeds, equal on the others, by 0 (0 to 1): too few that differ to tell it "
            "from the seeds' own spread, it takes 6"
        ),
    ),
    (
        [0.0] * 6,
        [1.0, 1.0, 1.0, -1.0, -1.0, -1.0],
        f"A better than B on 3 of 6 seeds, worse on 3, difference 0 (−1 to 1): no more than {SPREAD} (p = 1)",
    ),
]


@pytest.mark.parametrize(("first", "second", "words"), WORDS)
def test_it_is_said_in_words(first: list[float], second: list[float], words: str) -> None:
    assert of(first, second, names=("A", "B")).words() == words


def test_chance_seldom_finds_a_winner_where_there_is_none() -> None:
    generator = np.random.default_rng(7)
    found = [of(*generator.normal(size=(2, 12))).winner for _ in range(400)]
    assert sum(each is not None for each in found) <= 0.05 * 400 * 1.6  # 400 of 5 %: 20, with a deviation of 4.4
