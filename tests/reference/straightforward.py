"""Training as one would write it in an afternoon: the oracle of the trainer, with which it shares no code.

Rows are examples, weights are (out, in).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": lambda z: (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z)),
    "relu": lambda z: z * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "softmax": lambda z: np.exp(z) / np.exp(z).sum(axis=1, keepdims=True),
}
SLOPES: dict[str, Callable[[Floats], Floats]] = {
    "identity": np.ones_like,
    "sigmoid": lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2,
    "tanh": lambda z: 4 / (np.exp(z) + np.exp(-z)) ** 2,
    "relu": lambda z: 1.0 * (z > 0),
    "leaky_relu": lambda z: np.where(z > 0, 1, 0.01),
}


ROW_LOSSES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "bce": lambda p, y: -np.log(np.where(y == 1, p, 1 - p)).mean(axis=1),
    "cce": lambda p, y: -np.log((p * y).sum(axis=1)),
    "mse": lambda p, y: ((p - y) ** 2).mean(axis=1),
    "mae": lambda p, y: np.abs(p - y).mean(axis=1),
}
LOSS_SLOPES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "bce": lambda p, y: (p - y) / (p * (1 - p)) / y.shape[1],
    "cce": lambda p, y: -y / p,
    "mse": lambda p, y: 2 * (p - y) / y.shape[1],
    "mae": lambda p, y: np.sign(p - y) / y.shape[1],
}


def row_losses(loss: str, activation: str, z: Floats, y: Floats) -> Floats:
    """Return the loss of each row (B,) from the exit's z and targets (B, K)."""
    if (activation, loss) == ("sigmoid", "bce"):  # −ln of the right answer's probability; 1 − σ(z) is σ(−z)
        return np.asarray(np.log1p(np.exp(np.where(y == 1, -z, z))).mean(axis=1))
    return ROW_LOSSES[loss](ACTIVATIONS[activation](z), y)


def output_error(loss: str, activation: str, z: Floats, p: Floats, y: Floats) -> Floats:
    """Return ∂(mean loss)/∂z of the exit (B, K), by the chain rule; softmax with its whole Jacobian."""
    if (activation, loss) == ("sigmoid", "bce"):  # the quotient of p (1 − p) by itself is 0 / 0 for a sure network
        return (p - y) / y.size
    slope = LOSS_SLOPES[loss](p, y) / len(y)
    if activation != "softmax":
        return np.asarray(slope * SLOPES[activation](z))
    jacobians = np.stack([np.diag(row) - np.outer(row, row) for row in p])
    return np.asarray(np.einsum("bkj,bj->bk", jacobians, slope))


@dataclass
class Network:
    """Weights (out, in), biases (out,) and the activation of each layer."""

    weights: list[Floats]
    biases: list[Floats]
    activations: Sequence[str]

    def forward(self, X: Floats, masks: Sequence[Floats | None] | None = None) -> tuple[list[Floats], list[Floats]]:
        """Return z and the (masked) activations of each layer, the inputs first among the latter."""
        zs: list[Floats] = []
        signals: list[Floats] = [X]
        for index, (W, b, activation) in enumerate(zip(self.weights, self.biases, self.activations, strict=True)):
            zs.append(signals[-1] @ W.T + b)
            a = ACTIVATIONS[activation](zs[-1])
            mask = masks[index] if masks is not None else None
            signals.append(a if mask is None else a * mask)
        return zs, signals

    def gradients(
        self, X: Floats, y: Floats, loss: str, masks: Sequence[Floats | None] | None = None
    ) -> tuple[list[Floats], list[Floats], Floats]:
        """Return the slopes of weights and biases, and z of the exit."""
        zs, signals = self.forward(X, masks)
        error = output_error(loss, self.activations[-1], zs[-1], signals[-1], y)
        dW: list[Floats] = []
        db: list[Floats] = []
        for index in reversed(range(len(self.weights))):
            dW.insert(0, error.T @ signals[index])
            db.insert(0, error.sum(axis=0))
            if index:
                error = error @ self.weights[index] * SLOPES[self.activations[index - 1]](zs[index - 1])
                mask = masks[index - 1] if masks is not None else None
                error = error if mask is None else error * mask
        return dW, db, zs[-1]


@dataclass
class Update:
    """Moves every array of a network by its slope; the averages are kept by array."""

    optimizer: str = "sgd"
    momentum: float = 0.9
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-7
    weight_decay: float = 0.01
    l1: float = 0.0
    l2: float = 0.0
    clip: float = 0.0
    steps: int = 0
    averages: dict[tuple[str, int], Floats] = field(default_factory=dict)

    def apply(self, network: Network, dW: list[Floats], db: list[Floats], rate: float) -> None:
        self.steps += 1
        dW = [g + self.l1 * np.sign(W) + self.l2 * W for g, W in zip(dW, network.weights, strict=True)]
        length = math.sqrt(sum(float((g**2).sum()) for g in [*dW, *db]))
        shrink = self.clip / length if self.clip and length > self.clip else 1.0
        arrays, slopes = [*network.weights, *network.biases], [*dW, *db]
        for index, (array, slope) in enumerate(zip(arrays, slopes, strict=True)):
            decayed = rate * self.weight_decay * array if self.optimizer == "adamw" else 0
            array[...] += self._move(index, slope * shrink, rate) - decayed

    def _move(self, index: int, g: Floats, rate: float) -> Floats:
        if self.optimizer == "sgd":
            return -rate * g
        if self.optimizer == "momentum":
            return self._average("v", index, self.momentum, -rate * g)
        if self.optimizer == "rmsprop":
            v = self._average("v", index, self.momentum, (1 - self.momentum) * g**2)
            return np.asarray(-rate * g / (np.sqrt(v) + self.epsilon))
        m = self._average("m", index, self.beta1, (1 - self.beta1) * g)
        v = self._average("v", index, self.beta2, (1 - self.beta2) * g**2)
        m_hat, v_hat = m / (1 - self.beta1**self.steps), v / (1 - self.beta2**self.steps)
        return np.asarray(-rate * m_hat / (np.sqrt(v_hat) + self.epsilon))

    def _average(self, name: str, index: int, decay: float, new: Floats) -> Floats:
        self.averages[name, index] = decay * self.averages.get((name, index), np.zeros_like(new)) + new
        return self.averages[name, index]


def score(p: Floats, y: Floats, *, classes: bool) -> float:
    """Return the accuracy of outputs (B, K) for targets (B, K), or r²."""
    if not classes:
        return float((1 - ((p - y) ** 2).sum(axis=0) / ((y - y.mean(axis=0)) ** 2).sum(axis=0)).mean())
    if y.shape[1] == 1:
        return float(((p >= 0.5) == (y == 1)).mean())
    return float((p.argmax(axis=1) == y.argmax(axis=1)).mean())


def train(
    network: Network,
    X: Floats,
    y: Floats,
    loss: str,
    update: Update,
    rate: float,
    epochs: Iterable[Sequence[NDArray[np.intp]]],
) -> list[tuple[float, float]]:
    """Train in place over epochs of batches of row numbers; return each epoch's running loss and accuracy."""
    log = []
    for batches in epochs:
        losses, hits = 0.0, 0.0
        for rows in batches:
            dW, db, z = network.gradients(X[rows], y[rows], loss)
            losses += float(row_losses(loss, network.activations[-1], z, y[rows]).sum())
            hits += score(ACTIVATIONS[network.activations[-1]](z), y[rows], classes=True) * len(rows)
            update.apply(network, dW, db, rate)
        log.append((losses / len(X), hits / len(X)))
    return log


def full_batch(X: Floats, epochs: int) -> list[list[NDArray[np.intp]]]:
    """Return epochs of one batch each."""
    return [[np.arange(len(X))]] * epochs
