"""Loss and accuracy of a window of rows in one program: those of ``OutputHead.row_losses``, without new arrays.

Where an epoch is a single step, ``MetricAccumulator.add`` would take as long as a third of the step.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.numerics.losses import OutputHead
from engine.numerics.metrics import MetricAccumulator
from engine.numerics.optimizers import Op


class FusedMetricKernel:
    """Losses and hits of what lies in fixed buffers; for sigmoid with BCE and a single output.

    Args:
        z: (…, B) of the output, times the signal scale.
        y: (…, B) targets, −1 to 1, as ``kernels.encode_targets`` gives them.
        signal_scale: z over the true z.
        head: Its class weights and label smoothing are heeded.
        weights: (…, B) what the rows' losses are multiplied by, beside that.
    """

    def __init__(
        self, z: Floats, y: Floats, signal_scale: float, head: OutputHead, weights: Floats | None = None
    ) -> None:
        self._losses = np.empty_like(z)
        self._correct, true = np.empty(z.shape, np.bool_), np.empty(z.shape, np.bool_)
        half = z if signal_scale == 0.5 else np.empty_like(z)
        losses, part = self._losses, np.empty_like(z)
        halved: list[Op] = [] if half is z else [(np.multiply, (z, np.array(0.5 / signal_scale, z.dtype), half))]
        kept = 1 - head.label_smoothing  # of y, which is −1 or 1
        smoothing: list[Op] = [(np.multiply, (losses, np.array(kept, z.dtype), losses))] if kept != 1 else []
        # ln(1 + e^z) − (y + 1)/2 · z = |z/2| − y · z/2 + ln(1 + e^−|z|), whose exponent is never positive
        self._program: list[Op] = [
            (np.greater_equal, (z, np.zeros_like(z), self._correct)),
            (np.greater_equal, (y, np.zeros_like(y), true)),
            (np.equal, (self._correct, true, self._correct)),
            *halved,
            (np.multiply, (half, y, losses)),
            *smoothing,
            (np.absolute, (half, part)),
            (np.subtract, (part, losses, losses)),
            (np.multiply, (part, np.array(-2, z.dtype), part)),
            (np.exp, (part, part)),
            (np.log1p, (part, part)),
            (np.add, (losses, part, losses)),
        ]
        if head.class_weights:
            of_classes = np.array(head.class_weights, z.dtype)
            self._program += [(of_classes.take, (true, None, part, "clip")), (np.multiply, (losses, part, losses))]
        if weights is not None:
            self._program.append((np.multiply, (losses, weights, losses)))

    @staticmethod
    def supports(head: OutputHead, outputs: int) -> bool:
        """Return whether this kernel is for such an output: sigmoid with BCE, K = 1."""
        return head.name == "sigmoid+bce" and outputs == 1

    def add_to(self, accumulator: MetricAccumulator) -> None:
        """Add losses and hits of the rows, as the buffers now hold them, to the accumulator."""
        for function, arguments in self._program:
            function(*arguments)
        accumulator.add_losses(self._losses, self._correct)
