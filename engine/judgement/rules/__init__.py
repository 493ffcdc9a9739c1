"""What there is to find in a training: each rule takes a case, and returns the stretches in which it found its illness.

Rules are sorted by what they look at: the recipe and the rows, the curves, the inside of the network. Losses are
compared with the uninformed loss, that of the best answer that does not look at the input, so that a rule means the
same for every data set and loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np

from engine.judgement.case import Case
from engine.judgement.rules.curves import (
    diverging,
    non_finite,
    not_linearly_separable,
    oscillating,
    overfitting,
    plateau,
    underfitting,
)
from engine.judgement.rules.inside import dead_neurons, exploding_gradients, saturated_neurons, vanishing_gradients
from engine.judgement.rules.recipe import class_imbalance, graded_on_training, leaky_scaler, unscaled_inputs, wrong_exit
from engine.run.verdicts import Verdict, VerdictName

Rule = Callable[[Case], list[Verdict]]

OF_RECIPE: tuple[Rule, ...] = (leaky_scaler, graded_on_training, wrong_exit, class_imbalance, unscaled_inputs)
"""Those that look at recipe and data alone."""
OF_CURVES: tuple[Rule, ...] = (
    non_finite,
    diverging,
    oscillating,
    overfitting,
    underfitting,
    plateau,
    not_linearly_separable,
    vanishing_gradients,
    exploding_gradients,
)
"""Those that look back over the whole training, so that it is the same when they are asked."""
OF_NEURONS: tuple[Rule, ...] = (dead_neurons, saturated_neurons)
"""Those that look at the neurons as they are."""


def judged(case: Case, rules: Sequence[Rule] = (*OF_RECIPE, *OF_CURVES, *OF_NEURONS)) -> tuple[Verdict, ...]:
    """Return the verdicts of a training so far, also those that have passed, by the epoch at which they began."""
    with np.errstate(all="ignore"):
        asked = [rule for rule in rules if len(case.curves) or rule is non_finite or rule not in OF_CURVES]
        found = [verdict for rule in asked for verdict in rule(case)]
    return tuple(sorted(found, key=lambda verdict: verdict.since))


def names_of(rules: Sequence[Rule]) -> frozenset[VerdictName]:
    """Return the names of the verdicts that rules find: a rule is called as its verdict."""
    return frozenset(cast("VerdictName", rule.__name__.replace("_", "-")) for rule in rules)
