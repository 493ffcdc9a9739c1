"""PyTorch on the CPU, eagerly, in the fastest of the usual ways: fused optimiser, metrics once an epoch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from tests.benchmarks.workloads import Workload

ACTIVATIONS: dict[str, Callable[[], Any]] = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def network(workload: Workload) -> Any:
    """Return the layers up to the exit's z, which the losses take."""
    layers: list[Any] = []
    for index, name in enumerate(workload.activations):
        layers.append(nn.Linear(workload.sizes[index], workload.sizes[index + 1]))
        if index < len(workload.activations) - 1:
            layers.append(ACTIVATIONS[name]())
        if workload.dropout[index]:
            layers.append(nn.Dropout(workload.dropout[index]))
    return nn.Sequential(*layers)


def prepare(workload: Workload) -> Callable[[int], None]:
    """Return a function that trains so many epochs more."""
    torch.manual_seed(0)
    model, training = network(workload), workload.spec.training
    if training.optimizer == "adam":
        optimizer: Any = torch.optim.Adam(model.parameters(), training.learning_rate, fused=True)
    else:
        optimizer = torch.optim.SGD(model.parameters(), training.learning_rate, fused=True)
    several = workload.Y.shape[1] > 1
    loss_of: Any = nn.CrossEntropyLoss() if several else nn.BCEWithLogitsLoss()
    X = torch.from_numpy(workload.X)
    Y = torch.from_numpy(workload.Y.argmax(axis=1)) if several else torch.from_numpy(workload.Y)
    rows, size, shuffles = len(X), workload.batch_size, workload.steps > 1

    def grade(z: Any, y: Any) -> tuple[float, float]:
        hits = z.argmax(1) == y if several else (z >= 0) == (y == 1)
        return loss_of(z, y).item(), hits.float().mean().item()

    def epoch() -> None:
        order = torch.randperm(rows) if shuffles else None
        x, y = (X, Y) if order is None else (X[order], Y[order])
        outputs = []
        for start in range(0, rows, size):
            optimizer.zero_grad(set_to_none=True)
            z = model(x[start : start + size])
            loss_of(z, y[start : start + size]).backward()
            optimizer.step()
            outputs.append(z.detach())
        with torch.no_grad():
            grade(torch.cat(outputs), y)

    def train(count: int) -> None:
        for _ in range(count):
            epoch()

    return train
