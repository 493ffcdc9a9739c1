"""Conditions on a run, as tasks write them: ``validation.accuracy >= 0.95``.

What is measured has a name here and a meaning; a watcher of the run computes it (``tui_trainer.view_models.measures``).
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import nearest, sanitize
from engine.strict_model import key_error

MEASURES: Final[Mapping[str, str]] = {
    "train.loss": "the training loss of the last epoch; infinite where it is no number",
    "train.accuracy": "the training accuracy of the last epoch",
    "validation.loss": "the validation loss of the last epoch; infinite where it is no number",
    "validation.accuracy": "the validation accuracy of the last epoch",
    "train.loss.rise": "the training loss of the last epoch, divided by the lowest of all epochs",
    "validation.loss.rise": "the validation loss of the last epoch, divided by the lowest of all epochs",
    "train.loss.ups": "of the last ten epochs' steps from one training loss to the next, the share that went up",
    "accuracy.gap": "training accuracy minus validation accuracy of the last epoch",
    "epochs": "epochs completed",
    "epochs.planned": "the epoch at which the run ends",
    "parameters": "weights and biases of the network",
    "hidden.layers": "layers before the last",
    "hidden.linear": "layers before the last whose activation is identity",
    "hidden.neurons": "neurons in all layers before the last",
    "dead": "hidden neurons that fire for no row of the training set",
    "dead.by.hand": "those of them of which a weight or the bias was set by hand",
    "set.by.hand": "weights and biases that were set by hand",
    "gradient.ratio": "gradient norm of the first layer, divided by that of the last",
    "learning.rate": "the learning rate",
    "learning.rate.changes": "how often the learning rate was changed by hand",
    "batch.size": "rows in a step; with the whole training set in one, all of it",
    "dropout": "the largest dropout of a hidden layer",
    "l2": "the L2 penalty",
    "changes": "what was changed by hand in this run: dials, weights, the architecture",
    "exam.opened": "1 where the exam has been opened, else 0",
    "exam.accuracy": "accuracy in the exam as it was opened last",
}
"""What can be measured of a run, and what that is."""

RELATIONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION: Final = re.compile(r"\s*([\w.]+)\s*(>=|<=|>|<|=)\s*(\S+)\s*")


@dataclass(frozen=True)
class Condition:
    """A measure of a run, and the number that it is to be compared with."""

    measure: str
    relation: str
    number: float

    def __str__(self) -> str:
        return f"{self.measure} {self.relation} {self.number:g}"

    def holds(self, value: float | None) -> bool:
        """Return whether it holds for a measured value; None fulfils no condition."""
        return value is not None and not math.isnan(value) and RELATIONS[self.relation](value, self.number)


def parse_condition(text: Any) -> Condition:
    """Return the condition that a text is.

    Raises:
        PydanticCustomError: Not a condition, or of a measure that is not known.
    """
    if isinstance(text, Condition):
        return text
    match = _CONDITION.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise key_error(f"expected a condition as in validation.accuracy >= 0.95 (got {sanitize(repr(text), 60)})")
    measure, relation, written = match.groups()
    if measure not in MEASURES:
        raise key_error(f"there is no measure {sanitize(measure, 40)}{nearest(measure, MEASURES)}")
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        raise key_error(f"expected a number after {relation} (got {sanitize(written, 40)})")
    return Condition(measure, relation, number)
