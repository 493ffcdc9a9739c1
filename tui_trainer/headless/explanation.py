"""A row of the data by hand, as JSON lines: forward, the loss, backward, and what a step makes of each parameter."""

from __future__ import annotations

from collections.abc import Iterator

from engine.numerics.by_hand import Explanation
from engine.numerics.wiggle import Check
from engine.training.samples import Sample
from tui_trainer.headless.lines import Line


def lines(explanation: Explanation, chosen: Sample) -> Iterator[Line]:
    """Yield the lines of a row; those of the way back only where there is one. Layers count from 1."""
    yield {
        "kind": "sample",
        "part": chosen.part,
        "row": chosen.row if chosen.part != "typed" else None,
        "x": explanation.x.tolist(),
        "y": explanation.y.tolist(),
    }
    for layer, step in enumerate(explanation.forward, start=1):
        yield {
            "kind": "forward",
            "layer": layer,
            "activation": step.activation,
            "shape": list(step.shape),
            "z": step.z.tolist(),
            "a": step.a.tolist(),
        }
    yield {"kind": "loss", "name": explanation.loss.name, "value": explanation.loss.value}
    for layer, back in reversed(list(enumerate(explanation.backward, start=1))):
        yield {
            "kind": "backward",
            "layer": layer,
            "delta": back.delta.tolist(),
            "weights": back.weights.tolist(),
            "biases": back.biases.tolist(),
        }
    for layer, after in enumerate(explanation.updates, start=1):
        yield {"kind": "update", "layer": layer, "weights": after.weights.tolist(), "biases": after.biases.tolist()}


def wiggle_line(checked: Check) -> Line:
    """Return the line of a check of all parameters that is complete."""
    worst = checked.worst
    return {
        "kind": "wiggle",
        "checked": checked.checked,
        "largest_relative_error": None if worst is None else worst.relative_error,
        "at": None if worst is None else worst.name,
    }
