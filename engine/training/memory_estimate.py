"""What a recipe takes of the memory: one that this machine has none for is refused before anything is made."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.data.memory import require_memory
from engine.spec import Spec
from engine.training.learner import batch_size

COPIES = 10
"""Of the parameters: themselves, gradient, two averages, what is computed with them, a checkpoint on its way."""
SIGNALS = 4
"""Of every neuron's activations over a mini-batch: themselves, their masks, what comes back, and their derivatives."""


def memory_estimate(spec: Spec, inputs: int, *, seeds: int, rows: int) -> int:
    """Return about how many bytes the training of a recipe takes, beside its data.

    Args:
        spec: The recipe.
        inputs: Columns of the data.
        seeds: Networks side by side.
        rows: Of a mini-batch.
    """
    sizes = [inputs, *(layer.units for layer in spec.network.layers)]
    parameters = sum((fan_in + 1) * out for fan_in, out in pairwise(sizes))
    numbers = COPIES * parameters + SIGNALS * rows * sum(sizes[1:])
    return seeds * numbers * np.dtype(spec.training.dtype).itemsize


def check_memory(spec: Spec, *, inputs: int, seeds: int, rows: int) -> None:
    """Refuse a recipe whose training takes more memory than it may; see ``memory_estimate``.

    Args:
        spec: The recipe.
        inputs: Columns of the data.
        seeds: Networks side by side.
        rows: N, the training rows.

    Raises:
        InputError: It takes more than half of the machine's memory.
    """
    estimate = memory_estimate(spec, inputs, seeds=seeds, rows=batch_size(spec.training, rows))
    doing = "training it" if seeds == 1 else f"training it with {seeds} seeds"
    require_memory("network.layers", estimate, doing)
