"""What there is to find in a training: each rule takes a case, and returns the stretches in which it found its illness.

Losses are compared with the uninformed loss, that of the best answer that does not look at the input, so that a rule
means the same for every data set and loss.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
from pydantic import JsonValue

from engine.judgement.case import Case, Curves, Floats, LayerGradients, NeuronCount
from engine.judgement.stretches import Bools, Indices, Stretch, smoothed, stretches, trailing_mean
from engine.run.edits import EDIT_PATH
from engine.run.verdicts import Convergence, Cure, Turn, Verdict, VerdictName

RISE = 1.2
"""Overfitting: the validation loss against its lowest."""
LEAST_RISE = 0.08
"""Overfitting: the rise, against the uninformed loss; 30 rows to validate on go up and down by less."""
LEAST_EPOCHS, LEAST_SHARE = 10, 0.1
"""Overfitting is told after so many epochs, and after this share of those done."""
DIVERGED = 1.5
"""Against the larger of the first loss and the uninformed one."""
RINGING = 0.3
"""Mean change from epoch to epoch, against the loss."""
FLAT = 0.02
"""Fall of the loss over a stretch, as a share of it."""
FLAT_FROM = 20
"""Epochs before which no curve is called flat."""
FAR = 0.5
"""Share of the uninformed loss: above it, a loss is far from what the data allow."""
LEARNED_NOTHING = 0.95
UNSCALED = 10.0
"""Sum of the mean's size and the standard deviation of a column; scaled ones have about 1."""
IMBALANCE = 4.0
"""Rows of the largest class for each of the smallest."""
FEW_ROWS = 20
"""So few rows are an example to go through, and no sample of classes."""
HALF = 0.5
"""Dropout from which on a network is not made weaker by more of it."""
VANISHED, EXPLODED = 1e-2, 1e3
"""Root mean square of the first layer's gradient, against the last one's."""
LONG = 100.0
"""Length of a layer's gradient, against the largest slope of the loss by a score."""
BORN_WITH = 3
"""Epochs up to which what is wrong with gradients comes of how the weights were drawn."""
UNSOLVED = 0.2
"""Share of the uninformed loss: below it, small gradients are those of a problem that is solved."""

Edit = dict[str, JsonValue]
HIDDEN_LAYER: tuple[Edit, ...] = (
    {"kind": "set-initializer", "initializer": "glorot_uniform"},
    {"kind": "add-layer", "layer": 0, "units": 8, "activation": "tanh", "keep": False},
)
"""What a network without hidden layers is given; all weights are drawn afresh, as 8 neurons may be too few to keep."""
Rule = Callable[[Case], list[Verdict]]


# Before the first step


def leaky_scaler(case: Case) -> list[Verdict]:
    """Find a scaler that was fitted on the rows of the exam, too."""
    scaler = case.spec.scaler
    if scaler.fit != "all" or scaler.kind == "none":
        return []
    evidence = "scaler.fit is all: mean and spread were taken from the rows that judge the network, too"
    advice = "fit the scaler on the training rows alone: scaler.fit = train"
    return [_always("leaky-scaler", evidence, advice, _anew("scaler.fit", "train"))]


def graded_on_training(case: Case) -> list[Verdict]:
    """Find an exam that is sat on the rows that the network learns from."""
    if case.spec.split.graded_on != "train":
        return []
    evidence = f"split.graded_on is train: the exam asks for the {case.data.rows} rows that are learned from"
    advice = "sit the exam on rows held back: split.graded_on = test"
    return [_always("graded-on-training", evidence, advice, _anew("split.graded_on", "test"))]


def wrong_exit(case: Case) -> list[Verdict]:
    """Find an exit whose outputs are not what the loss takes them for."""
    training, layers = case.spec.training, case.spec.network.layers
    exit_name = layers[-1].activation
    if not training.epochs or training.loss != "bce" or exit_name == "sigmoid":
        return []
    cure = _edits({"kind": "set-activation", "layer": len(layers) - 1, "activation": "sigmoid"})
    evidence = f"bce takes the exit's answer for a probability, and {exit_name} may answer 14.7 as well as 0"
    return [_always("wrong-exit", evidence, "give the exit sigmoid", cure)]


def class_imbalance(case: Case) -> list[Verdict]:
    """Find classes of very different size, which nothing makes up for."""
    counts, names = case.data.class_counts, case.data.classes
    if (
        not case.spec.training.epochs
        or sum(counts) < FEW_ROWS
        or len(counts) < 2
        or case.spec.training.class_weight is not None
        or min(counts) * IMBALANCE > max(counts)
    ):
        return []
    largest, smallest = int(np.argmax(counts)), int(np.argmin(counts))
    share = counts[largest] / sum(counts)
    evidence = (
        f"{counts[largest]} training rows of {names[largest]}, {counts[smallest]} of {names[smallest]}: "
        f"always answering {names[largest]} scores {share:.3f}"
    )
    advice = "training.class_weight = balanced; judge by precision and recall, not by accuracy"
    return [_always("class-imbalance", evidence, advice, _anew("training.class_weight", "balanced"))]


def unscaled_inputs(case: Case) -> list[Verdict]:
    """Find inputs whose numbers are much larger than a network's first weights are made for."""
    column = case.data.largest_column
    if not case.spec.training.epochs or abs(column.mean) + column.deviation <= UNSCALED:
        return []
    evidence = f"{column.name} has mean {_say(column.mean)} and standard deviation {_say(column.deviation)}"
    advice = "scale the inputs: scaler.kind = standard"
    return [_always("unscaled-inputs", evidence, advice, _anew("scaler.kind", "standard"))]


# By the curves


def non_finite(case: Case) -> list[Verdict]:
    """Find a value that is not a number any more."""
    if case.overflow is None:
        return []
    rate = case.spec.training.learning_rate
    advice = f"start anew with a smaller learning rate ({_say(rate / 10)}), scaled inputs, or clipped gradients"
    cure = _anew("training.learning_rate", float(f"{rate / 10:.2g}"))
    if unscaled_inputs(case):
        cure = _anew("scaler.kind", "standard")
    return [_verdict("non-finite", case.overflow.epoch, case.overflow.cause, advice, cure)]


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
        return f"the training loss is {_say(loss[place])}, and was {_say(loss[: place + 1].min())}"

    return _told(case.curves, "diverging", stretches(holds, 3), evidence, "a smaller learning rate", _slower(case, 10))


def oscillating(case: Case) -> list[Verdict]:
    """Find a training loss that goes up and down by a good part of itself, instead of falling."""
    jumps, turns = _ringing(case)
    loss = case.curves.train_loss
    holds = ringing(case)

    def evidence(place: int) -> str:
        return (
            f"the training loss, {_say(loss[place])}, changes by {jumps[place]:.0%} an epoch, and back again "
            f"{turns[place]:.0%} of the time"
        )

    return _told(case.curves, "oscillating", stretches(holds, 5), evidence, "a smaller learning rate", _slower(case, 3))


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
    """Find a validation loss that has risen well above its lowest while the training loss has fallen on."""
    curves = case.curves
    if not np.isfinite(curves.validation_loss).any():
        return []
    known = np.where(np.isfinite(curves.validation_loss), curves.validation_loss, 0.0)
    validation, train = smoothed(known), smoothed(curves.train_loss)
    lowest = np.minimum.accumulate(validation)
    at_lowest = np.maximum.accumulate(np.where(validation <= lowest, np.arange(len(validation)), 0))
    rise = validation - lowest
    risen = (validation >= RISE * lowest) & (rise >= LEAST_RISE * case.data.uninformed_loss)
    holds = risen & (train < train[at_lowest]) & np.isfinite(curves.validation_loss)
    least = np.maximum(LEAST_EPOCHS, (LEAST_SHARE * np.arange(len(holds))).astype(np.intp))

    def evidence(place: int) -> str:
        best = int(at_lowest[place])
        return (
            f"validation loss {_say(validation[place])}, {validation[place] / lowest[place] - 1:.0%} above its lowest "
            f"(epoch {curves.epochs[best]}), while training fell {_say(train[best])} → {_say(train[place])}"
        )

    hidden = case.spec.network.layers[:-1]
    weaker = hidden and max(layer.dropout for layer in hidden) < HALF
    cure = _turn("network.dropout", 0.5) if weaker else _turn("training.l2", 0.01)
    advice = f"{'dropout' if weaker else 'L2'}, more rows, a smaller network, or stopping where the loss was lowest"
    return _told(case.curves, "overfitting", stretches(holds, least), evidence, advice, cure)


def plateau(case: Case) -> list[Verdict]:
    """Find a training loss that stands still far above what the data allow, though not for so long as to be the end."""
    holds = flat(case) & _is_far(case) & ~_stands_for_good(case)
    evidence = _standstill(case)
    advice = "a larger learning rate, another start (R), or momentum"
    return _told(case.curves, "plateau", stretches(holds, 5), evidence, advice, _slower(case, 1 / 3))


def underfitting(case: Case) -> list[Verdict]:
    """Find a network that has learned what it can, and that is not enough for its training rows."""
    holds = _stands_for_good(case)
    hidden = case.spec.network.layers[:-1]
    cure = None
    if hidden:
        cure = _edits({"kind": "set-units", "layer": 0, "units": 2 * hidden[0].units})
    elif case.spec.training.epochs:
        cure = _edits(*HIDDEN_LAYER)
    advice = "a larger network, derived columns, or less regularisation"
    return _told(case.curves, "underfitting", stretches(holds, 5), _standstill(case), advice, cure)


def flat(case: Case, since: float = 0.75) -> Bools:
    """Return (k,): whether the training loss has hardly fallen since a share of the epochs."""
    loss = smoothed(case.curves.train_loss)
    places = np.arange(len(loss))
    before = loss[(since * places).astype(np.intp)]
    return np.asarray((np.abs(before - loss) <= FLAT * np.abs(before)) & (places >= FLAT_FROM))


def _is_far(case: Case) -> Bools:
    return np.asarray(smoothed(case.curves.train_loss) >= FAR * case.data.uninformed_loss)


def _stands_for_good(case: Case) -> Bools:
    """Return (k,): flat for half of all epochs, above what the data allow, but below what knowing nothing costs."""
    loss = smoothed(case.curves.train_loss)
    learned = loss <= LEARNED_NOTHING * case.data.uninformed_loss
    return np.asarray(flat(case, 0.5) & _is_far(case) & learned & (np.arange(len(loss)) >= 100))


def _standstill(case: Case) -> Callable[[int], str]:
    def evidence(place: int) -> str:
        loss, uninformed = case.curves.train_loss[place], case.data.uninformed_loss
        return f"the training loss stays at {_say(loss)}; to answer without looking costs {_say(uninformed)}"

    return evidence


def not_linearly_separable(case: Case) -> list[Verdict]:
    """Tell that no single layer can be right about all training rows, as a linear programme has proved."""
    if case.separable is not False or len(case.spec.network.layers) > 1 or not len(case.curves):
        return []
    proof = f"no line separates the {case.data.rows} training rows, as a linear programme proves"
    cure = _edits(*HIDDEN_LAYER)
    advice = "a hidden layer, or derived columns such as x1·x2"
    verdict = _verdict("not-linearly-separable", 1, f"{proof}: never all right", advice, cure)
    lately = f"{proof}: accuracy, now {case.curves.train_score[-1]:.3f}, stays below 1"
    return [verdict.model_copy(update={"lately": lately})]


# By gradients and neurons


def vanishing_gradients(case: Case) -> list[Verdict]:
    """Find a first layer whose gradient is a small part of the last one's."""
    ratios = _gradient_ratios(case)
    holds = (ratios < VANISHED) & _is_unsolved(case)

    def evidence(place: int) -> str:
        return f"a weight's gradient in layer 1 is {_say(ratios[place])} of that in layer {len(case.parameters)}"

    advice = "ReLU instead of sigmoid or tanh, He's initialiser, fewer layers"
    bounded = [n for n, layer in enumerate(case.spec.network.layers[:-1]) if layer.activation in ("sigmoid", "tanh")]
    edits: list[Edit] = [{"kind": "set-activation", "layer": n, "activation": "relu", "keep": False} for n in bounded]
    cure = _edits({"kind": "set-initializer", "initializer": "he"}, *edits) if edits else None
    return _told(case.gradients, "vanishing-gradients", stretches(holds, 3), evidence, advice, cure)


def exploding_gradients(case: Case) -> list[Verdict]:
    """Find a first layer whose gradient is many times the last one's, or a layer whose gradient is out of all measure.

    The slope of bce and cce by a score is 1 at most, and that of mse about the targets' deviation: a gradient of a
    hundred times as much was blown up on its way through weights and activations.
    """
    ratios, norms = _gradient_ratios(case), case.gradients.norms
    largest = np.nan_to_num(norms, nan=0.0, posinf=np.inf).max(axis=1, initial=0.0)
    steps = max(1.0, float(np.sqrt(case.data.uninformed_loss)))
    holds = ((ratios > EXPLODED) | (largest > LONG * steps)) & (not unscaled_inputs(case))

    def evidence(place: int) -> str:
        if ratios[place] > EXPLODED:
            return f"a weight's gradient in layer 1 is {_say(ratios[place])} times that in layer {len(case.parameters)}"
        return f"the gradient of layer {int(np.nanargmax(norms[place])) + 1} has length {_say(largest[place])}"

    advice = "smaller first weights, clipping, a smaller learning rate"
    found = stretches(holds, 3)
    born = [each for each in found if case.gradients.epochs[each.first] <= BORN_WITH]
    cures = _drawn_afresh(case), _turn("training.clip", 1.0)
    of_the_start = _told(case.gradients, "exploding-gradients", born, evidence, advice, cures[0])
    later = [each for each in found if each not in born]
    return of_the_start + _told(case.gradients, "exploding-gradients", later, evidence, advice, cures[1])


def _gradient_ratios(case: Case) -> Floats:
    """Return (m,) root mean squares of the first layer's gradients over the last one's; 1 for shallow networks."""
    norms = case.gradients.norms
    if len(case.parameters) < 3 or norms.shape[1:] != (len(case.parameters),):
        return np.ones(len(norms))
    first, last = (norms[:, layer] / np.sqrt(case.parameters[layer]) for layer in (0, -1))
    known = np.isfinite(first) & np.isfinite(last) & (last > 0)
    return np.asarray(np.where(known, first / np.where(known, last, 1), 1.0))


def _is_unsolved(case: Case) -> Bools:
    """Return (m,): whether the training loss was not near 0 yet, where the gradients were measured."""
    if not len(case.curves):
        return np.ones(len(case.gradients.epochs), np.bool_)
    places = np.searchsorted(case.curves.epochs, case.gradients.epochs).clip(0, len(case.curves) - 1)
    return np.asarray(case.curves.train_loss[places] >= UNSOLVED * case.data.uninformed_loss)


def dead_neurons(case: Case) -> list[Verdict]:
    """Find layers of which half never fires on the training rows."""
    what = f"neurons of layer {{}} fire for none of the {case.data.rows} training rows"
    advice = "a smaller learning rate, leaky ReLU, He's initialiser"
    return [
        _of_layer("dead-neurons", of, of.dead, what, advice, _edits(_activation(of.layer, "leaky_relu", keep=True)))
        for of in case.neurons
        if of.is_dead
    ]


def saturated_neurons(case: Case) -> list[Verdict]:
    """Find layers of which half stays at its limits on nearly all training rows."""
    what = "neurons of layer {} stay at their limits for more than 95 % of the training rows"
    advice = "smaller first weights, scaled inputs, a smaller learning rate, or ReLU"
    return [
        _of_layer(
            "saturated-neurons",
            of,
            of.saturated,
            what,
            advice,
            _cure_of_saturation(case, of),
        )
        for of in case.neurons
        if of.is_saturated
    ]


def _cure_of_saturation(case: Case, of: NeuronCount) -> Cure:
    """Return what undoes what drove neurons to their limits: large inputs, large first weights, or large steps."""
    if unscaled_inputs(case):
        return _anew("scaler.kind", "standard")
    if of.epoch <= BORN_WITH:
        return _drawn_afresh(case, of.layer)
    slower, afresh = _slower(case, 10).turns, _edits({"kind": "set-initializer", "initializer": "he", "keep": False})
    return Cure(turns=(*slower, *afresh.turns))


def _drawn_afresh(case: Case, layer: int | None = None) -> Cure:
    """Return the cure that draws all weights as He does, and makes a layer ReLU.

    In a new run, where they are as large as a scale makes them that nothing can turn later.
    """
    if case.spec.network.initializer_scale > 1:
        turns = Turn(path="network.initializer", value="he"), Turn(path="network.initializer_scale", value=1.0)
        return Cure(turns=turns, anew=True)
    if layer is None:
        return _edits({"kind": "set-initializer", "initializer": "he", "keep": False})
    return _edits({"kind": "set-initializer", "initializer": "he"}, _activation(layer, "relu", keep=False))


def _activation(layer: int, activation: str, *, keep: bool) -> Edit:
    return {"kind": "set-activation", "layer": layer, "activation": activation, "keep": keep}


def _of_layer(name: VerdictName, of: NeuronCount, count: int, what: str, advice: str, cure: Cure) -> Verdict:
    evidence = f"{count} of {of.units} {what.format(of.layer + 1)}"
    verdict = _verdict(name, of.epoch, evidence, advice, cure)
    return verdict.model_copy(update={"layer": of.layer})


# How they are told


def _told(
    measured: Curves | LayerGradients,
    name: VerdictName,
    found: Sequence[Stretch],
    evidence: Callable[[int], str],
    advice: str,
    cure: Cure | None,
) -> list[Verdict]:
    """Return the verdicts of stretches of what was measured, with the first numbers that said so and the latest."""
    epochs = measured.epochs
    return [
        Verdict(
            name=name,
            since=int(epochs[stretch.first]),
            told=int(epochs[stretch.known]),
            until=None if stretch.open else int(epochs[stretch.last + 1]),
            evidence=evidence(stretch.known),
            lately=evidence(stretch.last) if stretch.last > stretch.known else "",
            advice=advice,
            cure=cure,
        )
        for stretch in found
    ]


def _verdict(name: VerdictName, since: int, evidence: str, advice: str, cure: Cure | None = None) -> Verdict:
    """Return a verdict that stands, and was plain at the epoch at which it began."""
    return Verdict(name=name, since=since, told=since, evidence=evidence, advice=advice, cure=cure)


def _always(name: VerdictName, evidence: str, advice: str, cure: Cure | None = None) -> Verdict:
    """Return a verdict that stood before the first step."""
    return _verdict(name, 0, evidence, advice, cure)


def _slower(case: Case, times: float) -> Cure:
    """Return the change that divides the learning rate."""
    return _turn("training.learning_rate", float(f"{case.spec.training.learning_rate / times:.2g}"))


def _turn(path: str, value: JsonValue) -> Cure:
    return Cure(turns=(Turn(path=path, value=value),))


def _edits(*edits: Edit) -> Cure:
    return Cure(turns=tuple(Turn(path=EDIT_PATH, value=edit) for edit in edits))


def _anew(path: str, value: JsonValue) -> Cure:
    """Return the cure that takes a new run with another value of the recipe."""
    return Cure(turns=(Turn(path=path, value=value),), anew=True)


def _windows(values: Floats) -> Indices:
    """Return (k,): the latest tenth, at least ten."""
    return np.maximum(10, np.arange(len(values)) // 10)


def _widths(values: Floats, width: int) -> Indices:
    return np.full(len(values), width)


def _say(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")


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


def convergence(case: Case) -> Convergence | None:
    """Return where the training loss is going: ringing, flat or falling; None before there is a curve to speak of."""
    if len(case.curves) <= FLAT_FROM:
        return None
    with np.errstate(all="ignore"):
        if ringing(case)[-1]:
            return "ringing"
        return "flat" if flat(case)[-1] else "falling"
