"""The gradient of a training step against PyTorch and the textbook, on random networks, tiny to huge inputs.

30 networks in ``make test``; all 300 with ``pytest --hypothesis-profile=long`` and this file. PyTorch is no dependency:
where it is not installed its test is skipped (``pip install torch``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from engine.array_types import Floats
from engine.declarations.activations import LEAK
from engine.numerics import textbook
from engine.numerics.losses import CLIP, make_output_head
from tests.engine.training.random_networks import HEADS, Step, random_step
from tests.properties import examples

NETWORKS = 30
MOST_ERROR = 1e-9
"""As a share of the array's largest gradient."""
ROUNDING = 8 * np.finfo(np.float64).eps
"""As a share of the terms that a gradient is the sum of. Where these cancel, or a sigmoid is so sure that 1 − p is
rounding error, no two libraries agree further: 7 of the 300 networks, of which PyTorch and the textbook differ on 3."""


def largest_error(step: Step, expected: Sequence[Floats]) -> float:
    """Return the largest error of a layer's weights, or of its biases, as a share of what it may be at most."""
    shares = []
    for ours, theirs, terms in zip(step.gradients, expected, sums_of_terms(step), strict=True):
        for part in (np.s_[:, :-1], np.s_[:, -1]):
            error = np.abs(ours[part] - theirs[part])
            allowed = np.maximum(MOST_ERROR * np.abs(theirs[part]).max(), ROUNDING * terms[part])
            shares.append(float((error / np.where(error > 0, allowed, 1)).max()))
    return max(shares)


def sums_of_terms(step: Step) -> list[Floats]:
    """Return for each layer (out, in + 1) a bound of Σ|term| of its gradient: every derivative is at most 1."""
    head = make_output_head(step.layers[-1].activation, step.spec.training.loss)
    trace = textbook.forward(step.layers, step.X, step.masks)
    matched = head.name in ("sigmoid+bce", "softmax+cce")
    delta = np.ones_like(step.Y) if matched else np.abs(head.loss.gradient(trace.outputs.T, step.Y.T)).T
    delta, sums = delta / len(delta), []
    for index in reversed(range(len(step.layers))):
        sums.append(np.column_stack([delta.T @ np.abs(trace.inputs[index]), delta.sum(axis=0)]))
        mask = step.masks[index - 1] if index else None
        delta = delta @ np.abs(step.layers[index].weights) * (1.0 if mask is None else mask)
    return sums[::-1]


def by_the_textbook(step: Step) -> list[Floats]:
    head = make_output_head(step.layers[-1].activation, step.spec.training.loss)
    trace = textbook.forward(step.layers, step.X, step.masks)
    gradients = textbook.backward(step.layers, trace, step.Y, head)
    return [np.column_stack([gradient.weights, gradient.biases]) for gradient in gradients]


def by_pytorch(step: Step) -> list[Floats]:
    import torch
    from torch.nn import functional

    def activate(name: str, z: Any) -> Any:
        if name == "leaky_relu":
            return functional.leaky_relu(z, LEAK)
        return z if name == "identity" else torch.softmax(z, 1) if name == "softmax" else getattr(torch, name)(z)

    parameters = [[torch.tensor(a, requires_grad=True) for a in (layer.weights, layer.biases)] for layer in step.layers]
    signal, y = torch.tensor(step.X), torch.tensor(step.Y)
    z = signal
    for layer, (weights, biases), mask in zip(step.layers, parameters, step.masks, strict=True):
        z = functional.linear(signal, weights, biases)
        signal = activate(layer.activation, z)
        signal = signal if mask is None else signal * torch.tensor(mask)
    loss = step.spec.training.loss
    if loss == "bce" and step.layers[-1].activation == "sigmoid":
        value = -functional.logsigmoid(torch.where(y > 0.5, z, -z)).mean()
    elif loss == "bce":
        p = signal.clamp(CLIP, 1 - CLIP)
        value = -(y * torch.log(p) + (1 - y) * torch.log1p(-p)).mean()
    elif loss == "cce":
        value = functional.cross_entropy(z, y)
    else:
        value = (functional.mse_loss if loss == "mse" else functional.l1_loss)(signal, y)
    value.backward()
    return [np.column_stack([weights.grad.numpy(), biases.grad.numpy()]) for weights, biases in parameters]


@pytest.mark.parametrize("number", range(examples(NETWORKS)))
def test_the_gradient_is_the_textbooks(number: int) -> None:
    step = random_step(number)
    with np.errstate(all="ignore"):
        assert largest_error(step, by_the_textbook(step)) <= 1


@pytest.mark.parametrize("number", range(examples(NETWORKS)))
def test_the_gradient_is_pytorchs(number: int) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install torch")
    step = random_step(number)
    assert largest_error(step, by_pytorch(step)) <= 1


def test_every_pair_of_output_and_loss_is_among_the_networks() -> None:
    assert len(HEADS) <= NETWORKS
    found = {(step.layers[-1].activation, step.spec.training.loss) for step in map(random_step, range(len(HEADS)))}
    assert found == set(HEADS)
