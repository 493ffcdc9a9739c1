"""Compiled grading against the functions that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.numerics.grading import Grader
from engine.numerics.losses import make_exit
from engine.numerics.metrics import Sums

EXIT = make_exit("sigmoid", "bce")


@given(
    seeds=st.integers(1, 3),
    rows=st.integers(1, 9),
    scale=st.sampled_from([0.0, 1.0, 100.0]),
    excess=st.sampled_from([0.5, 1.0, 3.0]),
    seed=st.integers(0, 2**32 - 1),
)
def test_it_adds_what_the_plain_way_adds_however_often(
    seeds: int, rows: int, scale: float, excess: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    buffer, y = np.empty((seeds, rows)), random.integers(2, size=(seeds, rows)).astype(float)
    grader, sums, plain = Grader(buffer, 2 * y - 1, excess), Sums(EXIT, seeds, None), Sums(EXIT, seeds, None)
    for _ in range(2):
        z = random.normal(size=(seeds, rows)) * scale
        buffer[...] = z * excess
        grader.add_to(sums)
        plain.add(z[:, None], y[:, None])
        np.testing.assert_allclose(sums.loss(), plain.loss(), rtol=1e-12, atol=1e-300)
        np.testing.assert_array_equal(sums.score(), plain.score())


def test_very_sure_and_right_is_no_loss_and_very_sure_and_wrong_is_z() -> None:
    z, y = np.array([[200.0, -200.0, 200.0]], np.float32), np.array([[1.0, -1.0, -1.0]], np.float32)
    sums = Sums(EXIT, 1, None)
    Grader(z, y, 1.0).add_to(sums)
    assert sums.loss()[0] == pytest.approx(200 / 3)
    assert sums.score()[0] == pytest.approx(2 / 3)


def test_what_is_no_number_is_not_swallowed() -> None:
    sums = Sums(EXIT, 1, None)
    Grader(np.array([[np.nan, 1.0]]), np.array([[1.0, 1.0]]), 0.5).add_to(sums)
    assert np.isnan(sums.loss()[0])


@pytest.mark.parametrize(("activation", "loss", "outputs"), [("sigmoid", "mse", 1), ("softmax", "cce", 3)])
def test_others_are_graded_the_plain_way(activation: str, loss: str, outputs: int) -> None:
    assert not Grader.suits(make_exit(activation, loss), outputs)
    assert not Grader.suits(EXIT, 2)
