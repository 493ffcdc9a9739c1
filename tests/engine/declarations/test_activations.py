"""What is declared of an activation is true of its arithmetic, and no part of one is forgotten."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import pytest

from engine.declarations.activations import (
    DECLARED_ACTIVATIONS,
    HANDING_ON,
    ActivationName,
    LossName,
    pair_gain,
)
from engine.numerics.activations import ACTIVATIONS, softmax
from engine.numerics.kernels import ACTIVATION_KERNELS
from engine.numerics.losses import LOSSES

WIDE = np.concatenate([-np.logspace(3, -3, 40), [0.0], np.logspace(-3, 3, 40)])


def test_name_declaration_formula_and_kernel_are_all_there() -> None:
    assert set(get_args(ActivationName)) == set(DECLARED_ACTIVATIONS) == set(ACTIVATIONS) == set(ACTIVATION_KERNELS)
    assert all(name == declared.name for name, declared in DECLARED_ACTIVATIONS.items())


def test_every_loss_has_an_activation_and_every_activation_losses() -> None:
    used = {loss for declared in DECLARED_ACTIVATIONS.values() for loss in declared.losses}
    assert used == set(get_args(LossName)) == set(LOSSES)
    assert all(declared.losses for declared in DECLARED_ACTIVATIONS.values())


@pytest.mark.parametrize("name", DECLARED_ACTIVATIONS)
def test_its_values_reach_to_where_it_says_and_no_farther(name: ActivationName) -> None:
    declared, z = DECLARED_ACTIVATIONS[name], WIDE
    values = softmax(np.stack([z, -z])) if name == "softmax" else ACTIVATIONS[name].value(z)
    for bound, extreme in ((declared.low, values.min()), (declared.high, values.max())):
        if math.isfinite(bound):
            assert extreme == pytest.approx(bound, abs=1e-6)
        else:
            assert abs(extreme) >= 9  # 1000 leaks 10
            assert math.copysign(1, extreme) == math.copysign(1, bound)


@pytest.mark.parametrize("name", DECLARED_ACTIVATIONS)
def test_what_learns_in_a_hidden_layer_has_a_derivative(name: ActivationName) -> None:
    declared = DECLARED_ACTIVATIONS[name]
    assert (ACTIVATIONS[name].derivative is not None) == (declared.hidden and declared.learns)


@pytest.mark.parametrize("name", [name for name in DECLARED_ACTIVATIONS if name != "softmax"])
def test_what_hands_on_is_the_identity_by_itself_or_as_a_pair(name: ActivationName) -> None:
    declared, f, x = DECLARED_ACTIVATIONS[name], ACTIVATIONS[name].value, np.linspace(0.1, 5, 9)
    assert declared.linear == bool(np.array_equal(f(x), x) and np.array_equal(f(-x), -x))
    assert (name in HANDING_ON) == declared.hands_on
    if declared.hands_on:
        np.testing.assert_array_equal(f(x), x)
        np.testing.assert_allclose(f(x) - f(-x), pair_gain(name) * x, rtol=1e-12)
