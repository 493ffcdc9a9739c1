"""What can be done with a run, by who holds it."""

from __future__ import annotations

from typing import Literal, get_args

Capability = Literal[
    "steer", "edit", "epochs", "checkpoints", "recipe", "score", "weights", "neurons", "boundary", "data", "exam"
]
"""steer: pause, resume and turn dials; edit: change the architecture; epochs: train on; checkpoints: look at earlier
ones; recipe, score, weights, neurons, boundary, data: show these; exam: open it."""
CAPABILITIES: tuple[Capability, ...] = get_args(Capability)
