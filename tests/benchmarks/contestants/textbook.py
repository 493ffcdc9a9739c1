"""NumPy as a good tutorial writes it: matrices, a loop over layers, a loop over parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.workloads import Workload

Floats = NDArray[np.floating[Any]]


def activate(name: str, z: Floats) -> Floats:
    if name == "relu":
        return np.asarray(np.maximum(z, 0))
    if name == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-z)))
    if name == "softmax":
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))
    return z


def slope(name: str, a: Floats) -> Floats:
    return np.asarray(a > 0 if name == "relu" else a * (1 - a))


class Network:
    """Layers, Adam or plain descent, dropout; float32."""

    def __init__(self, workload: Workload) -> None:
        self.random = np.random.default_rng(0)
        self.activations, self.dropout = workload.activations, workload.dropout
        self.adam, self.rate = workload.spec.training.optimizer == "adam", workload.spec.training.learning_rate
        self.parameters: list[Floats] = []
        for fan_in, out in zip(workload.sizes[:-1], workload.sizes[1:], strict=True):
            weights = self.random.normal(0, np.sqrt(1 / fan_in), (fan_in, out)).astype(np.float32)
            self.parameters += [weights, np.zeros(out, np.float32)]
        self.m = [np.zeros_like(parameter) for parameter in self.parameters]
        self.v = [np.zeros_like(parameter) for parameter in self.parameters]
        self.t = 0

    def forward(self, X: Floats, *, training: bool) -> Floats:
        self.inputs: list[Floats] = []
        self.a: list[Floats] = []
        self.masks: list[Floats | None] = []
        signal = X
        for index, (name, rate) in enumerate(zip(self.activations, self.dropout, strict=True)):
            self.inputs.append(signal)
            a = activate(name, signal @ self.parameters[2 * index] + self.parameters[2 * index + 1])
            self.a.append(a)
            mask = None
            if training and rate:
                mask = (self.random.random(a.shape, np.float32) >= rate) * np.float32(1 / (1 - rate))
            self.masks.append(mask)
            signal = a if mask is None else a * mask
        return signal

    def backward(self, Y: Floats) -> list[Floats]:
        gradients: list[Floats] = []
        delta = (self.a[-1] - Y) / np.float32(len(Y))
        for index in reversed(range(len(self.a))):
            gradients = [self.inputs[index].T @ delta, delta.sum(axis=0), *gradients]
            if index:
                delta = delta @ self.parameters[2 * index].T
                mask = self.masks[index - 1]
                if mask is not None:
                    delta = delta * mask
                delta = delta * slope(self.activations[index - 1], self.a[index - 1])
        return gradients

    def update(self, gradients: list[Floats]) -> None:
        self.t += 1
        for index, (parameter, g) in enumerate(zip(self.parameters, gradients, strict=True)):
            if not self.adam:
                parameter -= self.rate * g  # noqa: PLW2901 (in place)
                continue
            self.m[index] = 0.9 * self.m[index] + 0.1 * g
            self.v[index] = 0.999 * self.v[index] + 0.001 * g**2
            m_hat = self.m[index] / (1 - 0.9**self.t)
            v_hat = self.v[index] / (1 - 0.999**self.t)
            parameter -= self.rate * m_hat / (np.sqrt(v_hat) + 1e-7)  # noqa: PLW2901 (in place)


def loss_and_hits(p: Floats, Y: Floats) -> tuple[float, int]:
    p = np.clip(p, 1e-7, 1 - 1e-7)
    if Y.shape[1] > 1:
        return float(-(Y * np.log(p)).sum()), int((p.argmax(axis=1) == Y.argmax(axis=1)).sum())
    return float(-(Y * np.log(p) + (1 - Y) * np.log(1 - p)).sum()), int(((p >= 0.5) == Y).sum())


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more."""
    network, X, Y, size = Network(workload), workload.X, workload.Y, workload.batch_size
    shuffles = workload.steps > 1

    def epoch() -> tuple[float, float]:
        order = network.random.permutation(len(X)) if shuffles else np.arange(len(X))
        loss, hits = 0.0, 0
        for start in range(0, len(X), size):
            rows = order[start : start + size]
            x, y = (X[rows], Y[rows]) if shuffles else (X, Y)
            p = network.forward(x, training=True)
            batch_loss, batch_hits = loss_and_hits(p, y)
            loss, hits = loss + batch_loss, hits + batch_hits
            network.update(network.backward(y))
        return loss / len(X), hits / len(X)

    def train(count: int) -> None:
        with np.errstate(over="ignore"):  # of the naive sigmoid, where the network has become very sure
            for _ in range(count):
                epoch()

    return train
