"""What the curves of losses and scores show."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.judgement.case import Case, Floats
from engine.judgement.rules.cures import (
    HIDDEN_LAYER,
    edit_network,
    faster,
    in_new_run,
    slower,
    slower_in_new_run,
    steps_are_large,
    with_value,
)
from engine.judgement.rules.findings import say, verdict_at, verdicts_of_stretches
from engine.judgement.rules.recipe import unscaled_inputs
from engine.judgement.stretches import Bools, Indices, run_lengths, smoothed, stretches, trailing_mean
from engine.run.verdicts import Convergence, Cure, Verdict

RISE = 1.2
"""Overfitting: the validation loss against its lowest."""
LEAST_RISE = 0.08
"""Overfitting: the rise, against the uninformed loss; 30 rows to validate on go up and down by less."""
FORGOTTEN_AFTER = 100
"""Epochs after which L2 should have left little of what the rows do not hold up."""
DEEP, SHARE_OF_DEEP = 3, 0.4
"""Layers beyond which plain descent is given this share of the L2."""
LEAST_EPOCHS, LEAST_SHARE = 10, 0.1
"""Overfitting is told after so many epochs, and after this share of those done."""
DIVERGED = 1.5
"""Against the larger of the first loss and the uninformed one."""
LOST = 1e3
"""Diverging: likewise, from where on a smaller learning rate takes longer to come back than to begin anew."""
RINGING = 0.3
"""Mean change from epoch to epoch, against the loss."""
FLAT = 0.02
"""Fall of the loss over a stretch, as a share of it."""
FLAT_FROM = 20
"""Epochs before which no curve is called flat."""
FOR_GOOD_FROM = 100
"""Epochs before which no standstill is called the end."""
FAR = 0.5
"""Share of the uninformed loss: above it, a loss is far from what the data allow."""
FORESEEN = 30
"""Times the epochs done, beyond which the pace of a loss says nothing of what will come."""
LITTLE = 0.3
"""Share of the loss: what is to come has to be more, for a slow fall to be none."""
LEARNED_NOTHING = 0.98
"""Share of the uninformed loss: above it there may be the rows' noise alone, and a standstill is the start's fault."""
HALF = 0.5
"""Share of the changes that go the other way, from which on a loss rings."""
USUAL_L2 = 0.01


def non_finite(case: Case) -> list[Verdict]:
    """Find a value that is not a number any more."""
    if case.overflow is None:
        return []
    cure = slower_in_new_run(case, 10)
    rate = f"{cure.turns[0].value:g}"
    advice = f"start anew with a smaller learning rate ({rate}), scaled inputs, or clipped gradients"
    if unscaled_inputs(case):
        cure = in_new_run("scaler.kind", "standard")
    return [verdict_at("non-finite", case.overflow.epoch, case.overflow.cause, advice, cure)]


def diverging(case: Case) -> list[Verdict]:
    """Find a training loss that has risen above where it began, and above what knowing nothing costs."""
    curves, loss = case.curves, case.curves.train_loss
    if not len(curves):
        return []
    level = trailing_mean(loss, _widths(loss, 3))
    lowest = np.minimum.accumulate(level)
    reference = max(float(loss[0]), case.data.uninformed_loss)
    holds = (level > 2 * lowest) & (level > DIVERGED * reference) & (np.arange(len(loss)) >= 4)

    def evidence(place: int) -> str:
        return f"the training loss is {say(level[place])}, and was {say(lowest[place])}"

    is_lost = loss[-1] > LOST * reference
    cure = slower_in_new_run(case, 10) if is_lost else slower(case, 10)
    advice = "a smaller learning rate" + (", and a new start: weights so large do not come back" if is_lost else "")
    return verdicts_of_stretches(case.curves, "diverging", stretches(holds, 3), evidence, advice, cure)


def oscillating(case: Case) -> list[Verdict]:
    """Find a training loss that goes up and down by a good part of itself, instead of falling."""
    jumps, turns = _ringing(case)
    level = trailing_mean(case.curves.train_loss, _windows(case.curves.train_loss))
    holds = ringing(case)

    def evidence(place: int) -> str:
        return (
            f"the training loss, about {say(level[place])}, changes by {jumps[place]:.0%} an epoch, and back again "
            f"{turns[place]:.0%} of the time"
        )

    return verdicts_of_stretches(
        case.curves, "oscillating", stretches(holds, 5), evidence, "a smaller learning rate", slower(case, 3)
    )


def ringing(case: Case) -> Bools:
    """Return (k,): whether the training loss goes up and down without getting anywhere."""
    loss = case.curves.train_loss
    jumps, turns = _ringing(case)
    level = trailing_mean(loss, _windows(loss))
    far = level >= 0.3 * case.data.uninformed_loss
    return np.asarray(far & (jumps >= RINGING) & (turns >= HALF) & (np.arange(len(loss)) >= FLAT_FROM))


def _ringing(case: Case) -> tuple[Floats, Floats]:
    """Return (k,) the mean change against the loss, and (k,) the share of changes that go the other way."""
    loss = case.curves.train_loss
    changes = np.diff(loss, prepend=loss[:1])
    windows = _windows(loss)
    level = trailing_mean(np.abs(loss), windows)
    jumps = trailing_mean(np.abs(changes), windows) / np.where(level > 0, level, 1)
    turned = np.append(False, np.sign(changes[1:]) * np.sign(changes[:-1]) < 0)[: len(loss)]
    return np.asarray(jumps), trailing_mean(turned.astype(np.float64), windows)


def overfitting(case: Case) -> list[Verdict]:
    """Find a network that learns its training rows, and others worse.

    Either the validation loss has risen well above its lowest while the training loss has fallen on; a training loss
    above what knowing nothing costs is that of a network that has not learned its rows yet. Or the rows are learned,
    and others are answered worse than by knowing nothing: from large first weights that loss may never have been lower.
    """
    curves, uninformed = case.curves, case.data.uninformed_loss
    is_known = np.isfinite(curves.validation_loss)
    if not is_known.any():
        return []
    validation, train = smoothed(np.where(is_known, curves.validation_loss, 0.0)), smoothed(curves.train_loss)
    lowest = np.minimum.accumulate(validation)
    at_lowest = np.maximum.accumulate(np.where(validation <= lowest, np.arange(len(validation)), 0))
    is_far_above = (validation >= RISE * lowest) & (validation - lowest >= LEAST_RISE * uninformed)
    has_risen = is_far_above & (train < np.minimum(train[at_lowest], uninformed))
    is_worse_than_nothing = (validation >= RISE * uninformed) & (train <= FAR * uninformed)
    holds = (has_risen | is_worse_than_nothing) & is_known
    least = np.maximum(LEAST_EPOCHS, (LEAST_SHARE * np.arange(len(holds))).astype(np.intp))

    def evidence(place: int) -> str:
        best = int(at_lowest[place])
        if not has_risen[place]:
            return (
                f"training loss {say(train[place])}, but validation loss {say(validation[place])}: "
                f"to answer without looking costs {say(uninformed)}"
            )
        times = validation[place] / lowest[place]
        above = f"{times - 1:.0%} above its lowest" if times < 10 else f"and {say(lowest[place])} at its lowest"
        return (
            f"validation loss {say(validation[place])}, {above} (epoch {curves.epochs[best]}), "
            f"while training fell {say(train[best])} → {say(train[place])}"
        )

    advice, cure = (
        "L2, dropout, more rows, a smaller network, or stopping where it was lowest",
        _cure_of_overfitting(case),
    )
    return verdicts_of_stretches(curves, "overfitting", stretches(holds, least), evidence, advice, cure)


def _cure_of_overfitting(case: Case) -> Cure:
    """Return L2 that takes back what was learned by heart: dropout, once it is learned, leaves the large weights.

    Plain descent forgets no faster than L2 lets it: so much that within a hundred epochs little is left of what the
    rows do not hold up. The answers of a deep network fall with each of its layers, so that it forgets its rows as
    well: that of cats-dogs-deep did at 0.1, and not at 0.04. Adam and RMSProp divide the strength by the gradients'
    size.
    """
    training = case.spec.training
    batch = case.data.rows if training.batch_size == "full" else training.batch_size
    steps = FORGOTTEN_AFTER * math.ceil(case.data.rows / batch)
    is_plain = training.optimizer in ("sgd", "momentum")
    strength = 1 / (training.learning_rate * steps) if is_plain and training.learning_rate else USUAL_L2
    if is_plain and len(case.spec.network.layers) > DEEP:
        strength *= SHARE_OF_DEEP
    return with_value("training.l2", max(float(f"{strength:.1g}"), 3 * training.l2))


def plateau(case: Case) -> list[Verdict]:
    """Find a training loss that stands still far above what the data allow, though not for so long as to be the end.

    Of rows that no line separates a single layer stands where it has to: that is told as such.
    """
    if case.separable is False and len(case.spec.network.layers) == 1:
        return []
    holds = _stands_still(case) & ~_stands_for_good(case)
    if steps_are_large(case):
        advice, cure = "another start (R), a larger network, or a smaller learning rate", _larger_network(case)
    else:
        advice, cure = "a larger learning rate, another start (R), or momentum", faster(case, 3)
    return verdicts_of_stretches(case.curves, "plateau", stretches(holds, 5), _standstill(case), advice, cure)


def underfitting(case: Case) -> list[Verdict]:
    """Find a network that has learned what it can, and that is not enough for its training rows."""
    holds = _stands_for_good(case)
    advice, cure = "a larger network, derived columns, or less regularisation", _larger_network(case)
    return verdicts_of_stretches(case.curves, "underfitting", stretches(holds, 5), _standstill(case), advice, cure)


def _larger_network(case: Case) -> Cure | None:
    """Return the edit that doubles the first hidden layer, or adds one; None where nothing is trained."""
    hidden = case.spec.network.layers[:-1]
    if hidden:
        return edit_network({"kind": "set-units", "layer": 0, "units": 2 * hidden[0].units})
    return edit_network(*HIDDEN_LAYER) if case.spec.training.epochs else None


def flat(case: Case, since: float = 0.75) -> Bools:
    """Return (k,): whether the training loss has hardly fallen since a share of the epochs."""
    loss = smoothed(case.curves.train_loss)
    places = np.arange(len(loss))
    before = loss[(since * places).astype(np.intp)]
    return np.asarray((np.abs(before - loss) <= FLAT * np.abs(before)) & (places >= FLAT_FROM))


def _is_far(case: Case) -> Bools:
    return np.asarray(smoothed(case.curves.train_loss) >= FAR * case.data.uninformed_loss)


def _is_slow(case: Case) -> Bools:
    """Return (k,): whether little will come of the epochs that are left, at the pace of the latest half of those done.

    A loss that falls slowly and steadily is on its way, as is one that has yet to begin.
    """
    loss, epochs = smoothed(case.curves.train_loss), case.curves.epochs
    half = np.arange(len(loss)) // 2
    pace = np.maximum(loss[half] - loss, 0) / np.maximum(epochs - epochs[half], 1)
    ahead = np.clip(case.spec.training.epochs - epochs, 0, FORESEEN * epochs)
    return np.asarray(pace * ahead <= LITTLE * loss)


def _stands_still(case: Case) -> Bools:
    return flat(case) & _is_far(case) & _is_slow(case)


def _stands_for_good(case: Case) -> Bools:
    """Return (k,): whether the loss has been flat for half of all epochs, and has not moved since.

    It is above what the data allow, but below what knowing nothing costs.
    """
    loss, still = smoothed(case.curves.train_loss), _stands_still(case)
    places = np.arange(len(loss))
    learned = loss <= LEARNED_NOTHING * case.data.uninformed_loss
    is_for_good = still & flat(case, 0.5) & learned & (case.curves.epochs > FOR_GOOD_FROM)
    latest = np.maximum.accumulate(np.where(is_for_good, places, -1)) if len(places) else places
    return np.asarray(still & (latest > places - run_lengths(still)))


def _standstill(case: Case) -> Callable[[int], str]:
    def evidence(place: int) -> str:
        loss, uninformed = case.curves.train_loss[place], case.data.uninformed_loss
        return f"the training loss stays at {say(loss)}; to answer without looking costs {say(uninformed)}"

    return evidence


def not_linearly_separable(case: Case) -> list[Verdict]:
    """Tell that no single layer can be right about all training rows, as a linear programme has proved."""
    if case.separable is not False or len(case.spec.network.layers) > 1 or not len(case.curves):
        return []
    proof = f"no line separates the {case.data.rows} training rows, as a linear programme proves"
    cure = edit_network(*HIDDEN_LAYER)
    advice = "a hidden layer, or derived columns such as x1·x2"
    verdict = verdict_at("not-linearly-separable", 1, f"{proof}: never all right", advice, cure)
    lately = f"{proof}: accuracy, now {case.curves.train_score[-1]:.3f}, stays below 1"
    return [verdict.model_copy(update={"lately": lately})]


def convergence(case: Case) -> Convergence | None:
    """Return where the training loss is going: ringing, flat or falling; None before there is a curve to speak of."""
    if len(case.curves) <= FLAT_FROM:
        return None
    with np.errstate(all="ignore"):
        if ringing(case)[-1]:
            return "ringing"
        return "flat" if flat(case)[-1] else "falling"


def _windows(values: Floats) -> Indices:
    """Return (k,): the latest tenth, at least ten."""
    return np.maximum(10, np.arange(len(values)) // 10)


def _widths(values: Floats, width: int) -> Indices:
    return np.full(len(values), width)
