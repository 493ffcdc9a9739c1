"""Forward and backward through a network, written as programs: lists of (function, arguments) over fixed buffers.

Layout: a layer's signal is (S, units + 1, B), neurons first, with a last row of ones that meets the bias, the last
column of the layer's parameters. S is the number of seeds; for one seed the views drop that axis, because ``np.dot``
on matrices costs less than ``np.matmul`` on stacks of them.

ReLU lets positive factors through: c · relu(z) = relu(c · z). So where all hidden layers are ReLU, dropout's factors
1/(1 − p), and a factor that the exit asks for, need no multiplications on the way. The rows, ones included, come in
with the product of all the factors, their excess; each layer that drops, with masks of 0 and 1, hands on a signal with
the excess of the factors still to come. What comes back at a layer is ∂L/∂z divided by the excess of the signal that
went in, and in their product, the slope of the weights, the two cancel. A gate that looks at the dropped signal serves
for mask and ReLU.

A sigmoid is ½ tanh(z / 2) + ½. Where all hidden layers are sigmoid, below sigmoid with BCE, the excess of the signals
alternates between ½ and 2: z / 2 comes in by itself, and twice the sigmoid, tanh + 1, goes out; the slope, read off
that, is 4 times too large, which is what the excess of 2 above and ½ below ask for. The next layer has it the other way
round, and saves nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats
from engine.numerics import kernels
from engine.numerics.losses import OutputHead
from engine.numerics.optimizers import Op
from engine.numerics.parameters import Parameters
from engine.numerics.workspace import Workspace

Program = list[Op]

WIDE_INPUT = 512
"""From here on X·Wᵀ and a transposition of the small result beat W·Xᵀ."""
MAX_SIZE_AT_ONCE = 16384
"""Up to so many activations the slopes of all layers are written at once; larger ones by layer, while in the cache."""
FEW_COLUMNS = 4
"""Up to here a matrix times one column after the other beats a product of two matrices."""


@dataclass(frozen=True)
class Layer:
    """What the plan must know of a layer beside its parameters."""

    activation: str
    dropout: float = 0.0


@dataclass(frozen=True)
class Architecture:
    """What is compiled beside the parameters: layers, the exit, and the granularity of dropout masks."""

    layers: tuple[Layer, ...]
    head: OutputHead
    dropout_mask: str = "example"


@dataclass(frozen=True)
class Mask:
    """A layer's dropout mask of one batch, as ``dropout.DropoutMasks`` holds it.

    Attributes:
        block: Numbers (S, units, B), or truth values of that shape or of (S, units, 1).
        scale: What is yet to be multiplied by.
    """

    block: NDArray[Any]
    scale: float


def run_program(program: Program) -> None:
    """Replay a program."""
    for function, arguments in program:
        function(*arguments)


def with_ones(X: Floats, dtype: np.dtype[Any]) -> Floats:
    """Return (N, n + 1): X in ``dtype``, and a column of ones."""
    return np.concatenate([X, np.ones((len(X), 1))], axis=1, dtype=dtype, casting="same_kind")


class Signals:
    """Buffers of a forward pass for one batch size.

    Attributes:
        a: Each hidden layer's activations (S, units, B), before dropout.
        inputs: What each layer but the first takes in: (S, units + 1, B), the ones last. Shares its memory with ``a``
            where nothing is dropped in between.
        all_inputs: The same, one above the other: (S, Σ units + 1, B).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        dropped: Sequence[bool],
        signal_scales: Sequence[float],
        seeds: int,
        rows: int,
        dtype: np.dtype[Any],
    ) -> None:
        self.a: list[Floats] = []
        self.inputs: list[Floats] = []
        ends = np.cumsum([0, *(units + 1 for units in sizes[1:-1])]).tolist()
        self.all_inputs = np.empty((seeds, ends[-1], rows), dtype)
        for layer, (units, drops) in enumerate(zip(sizes[1:-1], dropped, strict=False)):
            signal = self.all_inputs[:, ends[layer] : ends[layer + 1]]
            signal[...] = signal_scales[layer + 1]
            self.inputs.append(signal)
            self.a.append(np.empty((seeds, units, rows), dtype) if drops else signal[:, :-1])


def can_fold_dropout(architecture: Architecture) -> bool:
    """Return whether factors can be folded into the rows; see the module."""
    return all(layer.activation == "relu" for layer in architecture.layers[:-1])


def alternates_sigmoid_scale(architecture: Architecture) -> bool:
    """Return whether the excess alternates from layer to layer; see the module."""
    hidden = architecture.layers[:-1]
    all_sigmoid = all(layer.activation == "sigmoid" and not layer.dropout for layer in hidden)
    return bool(hidden) and all_sigmoid and architecture.head.name == "sigmoid+bce"


def signal_scales(architecture: Architecture) -> list[float]:
    """Return by which factor the signal into each layer is larger than the true one."""
    if alternates_sigmoid_scale(architecture):
        return [2.0 if index % 2 else 0.5 for index in range(len(architecture.layers))]
    if not can_fold_dropout(architecture):
        return [1.0] * len(architecture.layers)
    factors = [1 / (1 - layer.dropout) for layer in architecture.layers[:-1]]
    preferred = kernels.preferred_scale(architecture.head)
    return [preferred * math.prod(factors[index:]) for index in range(len(architecture.layers))]


class Compiler:
    """Writes the operations of one network; holds what forward and backward share."""

    def __init__(self, parameters: Parameters, architecture: Architecture, signal_scales: Sequence[float]) -> None:
        self.layers = architecture.layers
        self.folds_dropout = can_fold_dropout(architecture)
        self.signal_scales = signal_scales
        self.head = architecture.head
        self.seeds = len(parameters.flat)
        self.weights = [self.view(layer) for layer in parameters.layers]
        self.space = Workspace()

    def matmul(self, left: Floats, right: Floats, out: Floats) -> Op:
        """Write left · right into ``out``."""
        # The method costs .1 µs less than np.dot, which asks each argument whether it would rather do it itself.
        return (left.dot, (right, out)) if self.seeds == 1 else (np.matmul, (left, right, out))

    def view(self, array: NDArray[Any]) -> NDArray[Any]:
        """Drop the seed axis where there is one seed."""
        return array[0] if self.seeds == 1 and array.ndim == 3 else array

    def linear(self, index: int, rows: Floats | None, signals: Signals, out: Floats) -> Program:
        """Write z of layer ``index`` into ``out``; the first layer takes it from ``rows`` (…, B, n + 1)."""
        weights = self.weights[index]
        if index or rows is None:
            return [self.matmul(weights, self.view(signals.inputs[index - 1]), out)]
        if rows.shape[-1] > WIDE_INPUT:
            turned = self.space.empty("turned", (*out.shape[:-2], out.shape[-1], out.shape[-2]), out.dtype)
            return [
                self.matmul(rows, weights.swapaxes(-1, -2), turned),
                (np.copyto, (out, turned.swapaxes(-1, -2))),
            ]
        return [self.matmul(weights, rows.swapaxes(-1, -2), out)]

    def forward(self, rows: Floats, signals: Signals, z_output: Floats, masks: dict[int, Mask]) -> Program:
        """Rows (…, B, n + 1) to z of the exit (…, K, B); ``masks`` holds those of the layers that drop."""
        program: Program = []
        last = len(self.layers) - 1
        for index in range(last):
            a = self.view(signals.a[index])
            program += self.linear(index, rows if index == 0 else None, signals, a)
            program += self.activate(index, a)
            if index in masks:
                program += self.apply_dropout(a, masks[index], self.view(signals.inputs[index])[..., :-1, :])
        return program + self.linear(last, rows if last == 0 else None, signals, z_output)

    def apply_dropout(self, signal: Floats, mask: Mask, dropped: Floats) -> Program:
        """Write signal ∘ mask into ``dropped``."""
        program: Program = [(np.multiply, (signal, self.view(mask.block), dropped))]
        if mask.scale != 1:
            program.append((np.multiply, (dropped, self.space.constant(mask.scale, dropped.dtype), dropped)))
        return program

    def activate(self, index: int, a: Floats) -> Program:
        """Turn z of hidden layer ``index`` into a in place."""
        if self.layers[index].activation == "sigmoid":
            return kernels.sigmoid(a, self.space, *self.signal_scales[index : index + 2])
        return kernels.activate(self.layers[index].activation, a, self.space)

    def backward(
        self,
        rows: Floats,
        signals: Signals,
        z_output: Floats,
        y: Floats,
        masks: dict[int, Mask],
        gradients: Sequence[Floats],
        *,
        fixed: bool,
    ) -> Program:
        """Z of the exit and encoded targets (…, K, B) to the slopes of the batch's mean loss.

        ``fixed`` says that the rows are always the same ones.
        """
        gradients = [self.view(layer) for layer in gradients]
        delta = self.space.like("delta of the exit", z_output)
        program = kernels.output_delta(self.head, z_output, y, delta, self.space, self.signal_scales[-1])
        narrow = len(self.layers) == 2 and delta.shape[-2] == 1 and rows.shape[-1] <= gradients[0].shape[-2]
        if fixed and narrow and not masks:
            return program + self.backward_of_one_output(rows, signals, delta, gradients)
        at_once, factors = self.derivatives_at_once(signals, masks)
        program += at_once
        for index in range(len(self.layers) - 1, 0, -1):
            program.append(self.matmul(delta, self.view(signals.inputs[index - 1]).swapaxes(-1, -2), gradients[index]))
            write_below, delta = self.propagate_below(index, delta)
            program.append(write_below)
            if factors:
                program.append((np.multiply, (delta, factors[index - 1], delta)))
            else:
                program += self.multiply_by_mask_and_derivative(index - 1, delta, signals, masks)
        program.append(self.matmul(delta, rows, gradients[0]))
        return program

    def propagate_below(self, index: int, delta: Floats) -> tuple[Op, Floats]:
        """Write Wᵀ δ of layer ``index``, without the row of the biases: ∂L/∂a of the layer below, a buffer."""
        weights, rows = self.weights[index].swapaxes(-1, -2), delta.shape[-1]
        if self.seeds == 1:
            # Without the column of biases dot would copy the weights on each call; a row too many costs less.
            below = self.space.empty(("below", index), (len(weights), rows), delta.dtype)
            return self.matmul(weights, delta, below), below[:-1]
        below = self.space.empty(("below", index), (self.seeds, weights.shape[-2] - 1, rows), delta.dtype)
        write = np.multiply if delta.shape[-2] == 1 else np.matmul
        return (write, (weights[:, :-1], delta, below)), below

    def backward_of_one_output(
        self, rows: Floats, signals: Signals, delta: Floats, gradients: Sequence[Floats]
    ) -> Program:
        """One hidden layer below one output: its ∂L/∂z is (w δᵀ) ∘ f′, which need not be written out.

        For its slopes are ((w δᵀ) ∘ f′) X = w ∘ (f′ (δ ∘ X)), where δ ∘ X is small.
        """
        a = self.view(signals.a[0])
        derivative = self.space.like("derivative of the hidden layer", a)
        write_derivative, factor = kernels.write_scaled_derivative(
            self.layers[0].activation, a, derivative, self.space, self.signal_scales[1]
        )
        columns = np.ascontiguousarray(rows.swapaxes(-1, -2)) / rows.dtype.type(factor)
        scaled_inputs, sums = (
            self.space.like("scaled_inputs", columns),
            self.space.like("sums", gradients[0].swapaxes(-1, -2)),
        )
        inputs = self.view(signals.inputs[0]).swapaxes(-1, -2)
        program: Program = [self.matmul(delta, inputs, gradients[1]), *write_derivative]
        if self.seeds == 1 and len(columns) <= FEW_COLUMNS:
            for column, scaled_input, total in zip(columns, scaled_inputs, sums, strict=True):
                program += [(np.multiply, (column, delta[0], scaled_input)), (derivative.dot, (scaled_input, total))]
        else:
            program += [
                (np.multiply, (columns, delta, scaled_inputs)),
                self.matmul(scaled_inputs, derivative.swapaxes(-1, -2), sums),
            ]
        weights = self.weights[1][..., :-1].swapaxes(-1, -2)
        return [*program, (np.multiply, (sums.swapaxes(-1, -2), weights, gradients[0]))]

    def derivatives_at_once(self, signals: Signals, masks: dict[int, Mask]) -> tuple[Program, list[Floats]]:
        """Write the slopes (masks included) of all hidden layers; nothing where they are not alike, or are large."""
        hidden = [layer.activation for layer in self.layers[:-1]]
        inputs = self.view(signals.all_inputs)
        if (
            len(hidden) < 2
            or len(set(hidden)) > 1
            or inputs.size > MAX_SIZE_AT_ONCE
            or (masks and not self.folds_dropout)
        ):
            return [], []
        scales = self.space.like("scales", signals.all_inputs)
        derivatives = self.space.like("derivatives", inputs)
        ends = np.cumsum([signal.shape[1] for signal in signals.inputs]).tolist()
        parts = [slice(start, end) for start, end in pairwise([0, *ends])]
        for part, factor in zip(parts, self.signal_scales[1:], strict=True):
            scales[:, part] = factor
        write = kernels.write_derivative(hidden[0], inputs, derivatives, self.space, self.view(scales))
        return write, [derivatives[..., part, :][..., :-1, :] for part in parts]

    def multiply_by_mask_and_derivative(
        self, index: int, delta: Floats, signals: Signals, masks: dict[int, Mask]
    ) -> Program:
        """Multiply delta by the mask and the slope of hidden layer ``index``."""
        a, activation = self.view(signals.a[index]), self.layers[index].activation
        if index not in masks:
            return kernels.multiply_by_derivative(activation, delta, a, self.space, self.signal_scales[index + 1])
        if self.folds_dropout:
            inputs = self.view(signals.inputs[index])[..., :-1, :]
            return kernels.multiply_by_derivative(activation, delta, inputs, self.space)
        return [
            *self.apply_dropout(delta, masks[index], delta),
            *kernels.multiply_by_derivative(activation, delta, a, self.space),
        ]
