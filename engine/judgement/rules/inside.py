"""What gradients and neurons show of the inside of a network."""

from __future__ import annotations

import numpy as np

from engine.judgement.case import Case, Floats, NeuronCount
from engine.judgement.rules.cures import Edit, edit_network, in_new_run, slower, with_value
from engine.judgement.rules.findings import say, verdict_at, verdicts_of_stretches
from engine.judgement.rules.recipe import unscaled_inputs
from engine.judgement.stretches import Bools, stretches
from engine.run.verdicts import Cure, Turn, Verdict, VerdictName

VANISHED, EXPLODED = 1e-2, 1e3
"""Root mean square of the first layer's gradient, against the last one's."""
LONG = 100.0
"""Length of a layer's gradient, against the largest slope of the loss by a score."""
BORN_WITH = 3
"""Epochs up to which what is wrong with gradients comes of how the weights were drawn."""
UNSOLVED = 0.2
"""Share of the uninformed loss: below it, small gradients are those of a problem that is solved."""


def vanishing_gradients(case: Case) -> list[Verdict]:
    """Find a first layer whose gradient is a small part of the last one's."""
    ratios = _gradient_ratios(case)
    holds = (ratios < VANISHED) & _is_unsolved(case)

    def evidence(place: int) -> str:
        return f"a weight's gradient in layer 1 is {say(ratios[place])} of that in layer {len(case.parameters)}"

    advice = "ReLU instead of sigmoid or tanh, He's initialiser, fewer layers"
    bounded = [n for n, layer in enumerate(case.spec.network.layers[:-1]) if layer.activation in ("sigmoid", "tanh")]
    edits: list[Edit] = [{"kind": "set-activation", "layer": n, "activation": "relu", "keep": False} for n in bounded]
    cure = edit_network({"kind": "set-initializer", "initializer": "he"}, *edits) if edits else None
    return verdicts_of_stretches(case.gradients, "vanishing-gradients", stretches(holds, 3), evidence, advice, cure)


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
            return f"a weight's gradient in layer 1 is {say(ratios[place])} times that in layer {len(case.parameters)}"
        return f"the gradient of layer {int(np.nanargmax(norms[place])) + 1} has length {say(largest[place])}"

    advice = "smaller first weights, clipping, a smaller learning rate"
    found = stretches(holds, 3)
    born = [each for each in found if case.gradients.epochs[each.first] <= BORN_WITH]
    cures = _drawn_afresh(case), with_value("training.clip", 1.0)
    of_the_start = verdicts_of_stretches(case.gradients, "exploding-gradients", born, evidence, advice, cures[0])
    later = [each for each in found if each not in born]
    return of_the_start + verdicts_of_stretches(
        case.gradients, "exploding-gradients", later, evidence, advice, cures[1]
    )


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
        _of_layer("dead-neurons", of, of.dead, what, advice, _cure_of_death(case, of.layer))
        for of in case.neurons
        if of.is_dead
    ]


def saturated_neurons(case: Case) -> list[Verdict]:
    """Find layers of which half stays at its limits on nearly all training rows."""
    what = "neurons of layer {} stay at their limits for more than 95 % of the training rows"
    advice = "smaller first weights, scaled inputs, a smaller learning rate, or ReLU"
    return [
        _of_layer("saturated-neurons", of, of.saturated, what, advice, _cure_of_saturation(case, of))
        for of in case.neurons
        if of.is_saturated
    ]


def _cure_of_death(case: Case, layer: int) -> Cure:
    """Return what lets neurons fire again; of weights that are all 0 every gradient is 0 as well."""
    if case.spec.network.initializer == "zeros":
        return _drawn_afresh(case)
    return edit_network(_activation(layer, "leaky_relu", keep=True))


def _cure_of_saturation(case: Case, of: NeuronCount) -> Cure:
    """Return what undoes what drove neurons to their limits: large inputs, large first weights, or large steps."""
    if unscaled_inputs(case):
        return in_new_run("scaler.kind", "standard")
    if of.epoch <= BORN_WITH:
        return _drawn_afresh(case, of.layer)
    afresh = edit_network({"kind": "set-initializer", "initializer": "he", "keep": False})
    return Cure(turns=(*slower(case, 10).turns, *afresh.turns))


def _drawn_afresh(case: Case, layer: int | None = None) -> Cure:
    """Return the cure that draws all weights as He does, and makes a layer ReLU.

    In a new run, where they are as large as a scale makes them that nothing can turn later.
    """
    if case.spec.network.initializer_scale > 1:
        turns = Turn(path="network.initializer", value="he"), Turn(path="network.initializer_scale", value=1.0)
        return Cure(turns=turns, anew=True)
    if layer is None:
        return edit_network({"kind": "set-initializer", "initializer": "he", "keep": False})
    return edit_network({"kind": "set-initializer", "initializer": "he"}, _activation(layer, "relu", keep=False))


def _activation(layer: int, activation: str, *, keep: bool) -> Edit:
    return {"kind": "set-activation", "layer": layer, "activation": activation, "keep": keep}


def _of_layer(name: VerdictName, of: NeuronCount, count: int, what: str, advice: str, cure: Cure) -> Verdict:
    evidence = f"{count} of {of.units} {what.format(of.layer + 1)}"
    verdict = verdict_at(name, of.epoch, evidence, advice, cure)
    return verdict.model_copy(update={"layer": of.layer})
