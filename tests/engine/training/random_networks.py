"""Random networks, data and options: what a step of ours is held against PyTorch and against the textbook with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.declarations.activations import HIDDEN_ACTIVATIONS, OUTPUT_LOSSES
from engine.numerics import textbook
from engine.spec import Spec, validate
from engine.training.trainer import Trainer

HEADS = [(name, loss) for name, losses in OUTPUT_LOSSES.items() if name != "step" for loss in losses]
SMALLEST, LARGEST = -18, 6
"""Powers of ten of the inputs."""
LARGEST_BATCH = 1000


@dataclass(frozen=True)
class Step:
    """A step that a trainer has just done, of one of its seeds.

    Attributes:
        spec: Its recipe.
        layers: The network as the step found it.
        X: (B, n) inputs of the batch.
        Y: (B, K) its targets.
        masks: (B, units) of each layer, None where nothing is dropped.
        gradients: (out, in + 1) of each layer, as ``Trainer.gradients`` gave them.
    """

    spec: Spec
    layers: Sequence[textbook.Layer]
    X: Floats
    Y: Floats
    masks: list[Floats | None]
    gradients: Sequence[Floats]


def random_step(number: int) -> Step:
    """Return the step of random network ``number``: heads go round, all else is drawn."""
    random = np.random.default_rng(number)
    spec = _recipe(random, *HEADS[number % len(HEADS)])
    seeds = int(random.choice([1, 1, 3]))
    trainer = Trainer(spec, seeds=range(seeds))
    seed = int(random.integers(seeds))
    layers = [textbook.Layer(w.copy(), b.copy(), name) for w, b, name in _views(trainer, seed)]
    with np.errstate(all="ignore"):
        trainer.step()
    latest, gradients = trainer.inside.latest_step(), trainer.gradients()
    assert latest is not None
    assert gradients is not None
    rows, train = latest.rows[seed], trainer.data.train
    masks = [latest.masks[index][seed].T if index in latest.masks else None for index in range(len(layers))]
    Y = train.y if train.y.ndim == 2 else train.y[:, None]
    split = [layer[seed] for layer in trainer.network.parameters.split(gradients)]
    return Step(spec, layers, train.X[rows], Y[rows], masks, split)


def _views(trainer: Trainer, seed: int) -> list[tuple[Floats, Floats, str]]:
    return [(view.weights, view.bias, view.activation) for view in trainer.network.views(seed)]


def _recipe(random: np.random.Generator, output: str, loss: str) -> Spec:
    batch = int(np.exp(random.uniform(0, np.log(LARGEST_BATCH + 1))))
    rows, inputs = batch + int(random.integers(3)), int(random.integers(1, 7))
    X = random.standard_normal((rows, inputs)) * 10.0 ** random.uniform(SMALLEST, LARGEST)
    hidden = [
        {
            "units": int(random.integers(1, 13)),
            "activation": str(random.choice(HIDDEN_ACTIVATIONS)),
            "dropout": float(random.choice([0, 0, 0.005, 0.3, 0.5, 0.95])),
        }
        for _ in range(random.integers(4))
    ]
    if hidden and random.random() < 0.5:  # one activation throughout has programs of its own
        hidden = [{**layer, "activation": hidden[0]["activation"]} for layer in hidden]
    units = int(random.integers(2, 5)) if loss == "cce" else 1
    kinds = units if loss == "cce" else 2 if loss == "bce" else 0
    document: dict[str, Any] = {
        "name": "random",
        "data": {"source": "rows", "X": X.tolist(), "classes": [f"class {kind}" for kind in range(kinds)]},
        "network": {
            "layers": [*hidden, {"units": units, "activation": output}],
            "initializer": str(random.choice(["glorot_uniform", "he", "normal"])),
            "bias_initializer": str(random.choice(["zeros", "normal"])),
            "dropout_mask": str(random.choice(["example", "step", "epoch"])),
        },
        "training": {"loss": loss, "optimizer": str(random.choice(["sgd", "adam"])), "dtype": "float64"},
    }
    document["data"]["y"] = (random.integers(kinds, size=rows) if kinds else random.standard_normal(rows)).tolist()
    document["training"] |= {"batch_size": batch, "epochs": 1, "seed": int(random.integers(1000))}
    return validate(document, "a random recipe")
