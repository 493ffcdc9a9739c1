"""Forward and backward through a network, written as programs: lists of (function, arguments) over fixed buffers.

Layout: a layer's input signal is (S, units + 1, B), neurons first, with a last row of ones that meets the bias, which
is the last column of the layer's parameters (S, out, in + 1). For one seed the views drop the seed axis, because
``np.dot`` on matrices costs less than ``np.matmul`` on stacks of them. Letters as in ``engine.numerics.axes``.

**Signal scale.** Where it saves multiplications, buffers hold a multiple of the true signal::

    signal into layer l = scale_l · true signal        (the row of ones holds scale_l)
    delta of layer l    = ∂L/∂z_l / scale_l            (so that their product, the gradient of the weights, is true)

``signal_scales`` gives scale_l. Those who divide it out again: ``plan.latest`` (activations and masks shown),
``running`` (z of the output), ``kernels.output_delta`` (starts delta with 1/scale of the last layer).

1. All hidden layers are ReLU. A positive factor passes through, relu(c·z) = c·relu(z), so dropout's 1/(1 − p) and what
   ``kernels.preferred_scale`` asks for need no multiplication on the way: the rows come in with the product of all
   factors, and a layer that drops, with masks of 0 and 1, leaves the factors of the layers above. One gate, taken from
   the dropped signal, serves as both mask and derivative.
2. All hidden layers are sigmoid, below sigmoid with BCE. As σ(z) = ½ tanh(z/2) + ½, the scale alternates between ½ and
   2: a layer whose input is scaled by ½ gets z/2 for nothing and hands on tanh + 1 = 2σ(z); its derivative, read off
   that, is 4 times too large, and turns a delta divided by 2 (above) into one divided by ½ (here). The next layer has
   it the other way round, and saves nothing.
3. Else every scale is 1.
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
from engine.declarations.activations import LEAK
from engine.numerics import kernels
from engine.numerics.activations import Activation, activation
from engine.numerics.losses import OutputHead
from engine.numerics.optimizers import Op
from engine.numerics.parameters import Parameters
from engine.numerics.workspace import Workspace

Program = list[Op]

WIDE_INPUT = 512
"""From here on X·Wᵀ and a transposition of the small result beat W·Xᵀ."""
MAX_SIZE_AT_ONCE = 16384
"""Up to so many activations all layers' derivatives are written at once; else one by one, in the cache."""
FEW_COLUMNS = 4
"""Up to here a matrix times one column after the other beats a product of two matrices."""


@dataclass(frozen=True)
class Layer:
    """What the plan must know of a layer beside its parameters.

    Attributes:
        activation: The activation's name.
        dropout: The rate p of its dropout.
        negative_slope: Of leaky ReLU.
    """

    activation: str
    dropout: float = 0.0
    negative_slope: float = LEAK

    @property
    def function(self) -> Activation:
        """The activation."""
        return activation(self.activation, self.negative_slope)


@dataclass(frozen=True)
class Architecture:
    """What is compiled beside the parameters: layers, the output head, and the granularity of dropout masks."""

    layers: tuple[Layer, ...]
    head: OutputHead
    dropout_mask: str = "example"


@dataclass(frozen=True)
class Mask:
    """A layer's dropout mask of one batch, as ``dropout.DropoutMasks`` holds it.

    Attributes:
        block: Numbers (S, units, B), or truth values of that shape or of (S, units, 1).
        scale: Factor by which the masked signal is yet to be multiplied: 1/(1 − p), or 1.
    """

    block: NDArray[Any]
    scale: float


def run_program(program: Program) -> None:
    """Call every function of a program with its arguments, in order."""
    for function, arguments in program:
        function(*arguments)


def with_ones(X: Floats, dtype: np.dtype[Any]) -> Floats:
    """Return (N, n + 1): X (N, n) in ``dtype``, and a column of ones."""
    return np.concatenate([X, np.ones((len(X), 1))], axis=1, dtype=dtype, casting="same_kind")


class Signals:
    """Buffers of a forward pass for one batch size.

    Args:
        sizes: n, then units of each layer.
        dropped: Whether each hidden layer drops.
        signal_scales: Of each layer; see the module.
        seeds: S.
        rows: B.
        dtype: Of the run.

    Attributes:
        a: Each hidden layer's activations (S, units, B), before dropout.
        inputs: Input signal of each layer but the first: (S, units + 1, B), the row of ones last. Shares its memory
            with ``a`` where nothing is dropped in between.
        all_inputs: The same, one above the other: (S, Σ (units + 1), B).
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
    """Return whether dropout's factors can be folded into the rows: all hidden layers are ReLU (case 1 above)."""
    return all(layer.activation == "relu" for layer in architecture.layers[:-1])


def alternates_sigmoid_scale(architecture: Architecture) -> bool:
    """Return whether the signal scale alternates between ½ and 2: sigmoid throughout, no dropout (case 2 above)."""
    hidden = architecture.layers[:-1]
    all_sigmoid = all(layer.activation == "sigmoid" and not layer.dropout for layer in hidden)
    return bool(hidden) and all_sigmoid and architecture.head.name == "sigmoid+bce"


def signal_scales(architecture: Architecture) -> list[float]:
    """Return scale_l of each layer: what its input buffer holds, over the true signal. See the module."""
    if alternates_sigmoid_scale(architecture):
        return [2.0 if index % 2 else 0.5 for index in range(len(architecture.layers))]
    if not can_fold_dropout(architecture):
        return [1.0] * len(architecture.layers)
    factors = [1 / (1 - layer.dropout) for layer in architecture.layers[:-1]]
    preferred = kernels.preferred_scale(architecture.head)
    return [preferred * math.prod(factors[index:]) for index in range(len(architecture.layers))]


class Compiler:
    """Writes the programs of one network; holds what forward and backward share.

    Every method returns operations; nothing is computed before they are run. "…" is S, or nothing for one seed.

    Args:
        parameters: Read whenever a program runs.
        architecture: Layers and output head.
        signal_scales: One a layer; all 1 for a pass whose signals are to be read as they are.
        keeps_nan: Whether ReLU leaves NaN as it is, which takes a little longer.
    """

    def __init__(
        self,
        parameters: Parameters,
        architecture: Architecture,
        signal_scales: Sequence[float],
        *,
        keeps_nan: bool = False,
    ) -> None:
        self._keeps_nan = keeps_nan
        self.layers = architecture.layers
        self.folds_dropout = can_fold_dropout(architecture)
        self.signal_scales = signal_scales
        self.head = architecture.head
        self.seeds = len(parameters.flat)
        self.weights = [self.view(layer) for layer in parameters.layers]
        self.space = Workspace()

    def matmul(self, left: Floats, right: Floats, out: Floats) -> Op:
        """Write left (…, i, j) · right (…, j, k) into ``out`` (…, i, k)."""
        # The method costs .1 µs less than np.dot, which asks each argument whether it would rather do it itself.
        return (left.dot, (right, out)) if self.seeds == 1 else (np.matmul, (left, right, out))

    def view(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the array (S, ·, ·) without its seed axis where there is one seed."""
        return array[0] if self.seeds == 1 and array.ndim == 3 else array

    def linear(self, index: int, rows: Floats | None, signals: Signals, out: Floats) -> Program:
        """Write z of layer ``index`` into ``out`` (…, out, B); the first layer reads ``rows`` (…, B, n + 1)."""
        weights = self.weights[index]
        if index or rows is None:
            return [self.matmul(weights, self.view(signals.inputs[index - 1]), out)]
        if rows.shape[-1] > WIDE_INPUT:
            transposed = self.space.empty("transposed", (*out.shape[:-2], out.shape[-1], out.shape[-2]), out.dtype)
            return [
                self.matmul(rows, weights.swapaxes(-1, -2), transposed),
                (np.copyto, (out, transposed.swapaxes(-1, -2))),
            ]
        return [self.matmul(weights, rows.swapaxes(-1, -2), out)]

    def forward(self, rows: Floats, signals: Signals, z_output: Floats, masks: dict[int, Mask]) -> Program:
        """Write z of the output (…, K, B) from ``rows`` (…, B, n + 1); ``masks`` are those of the layers that drop."""
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
        """Write signal ∘ mask · scale into ``dropped``, all (…, units, B)."""
        program: Program = [(np.multiply, (signal, self.view(mask.block), dropped))]
        if mask.scale != 1:
            program.append((np.multiply, (dropped, self.space.constant(mask.scale, dropped.dtype), dropped)))
        return program

    def activate(self, index: int, a: Floats) -> Program:
        """Turn z (…, units, B) of hidden layer ``index`` into its activations in place."""
        if self.layers[index].activation == "sigmoid":
            return kernels.sigmoid(a, self.space, *self.signal_scales[index : index + 2])
        return kernels.activate(self.layers[index].function, a, self.space, keeps_nan=self._keeps_nan)

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
        row_weights: Floats | None = None,
    ) -> Program:
        """Write the gradient of the batch's mean loss, layer by layer from the output down (Rumelhart et al. 1986).

        Args:
            rows: (…, B, n + 1), as ``forward`` took them.
            signals: Buffers that ``forward`` has filled.
            z_output: (…, K, B), of the output; overwritten.
            y: (…, K, B) targets, as ``kernels.encode_targets`` gives them.
            masks: Of the layers that drop.
            gradients: (S, out, in + 1) of each layer, to be written.
            fixed: Whether the rows are the same ones at every run.
            row_weights: (…, 1, B) what the rows' losses are multiplied by.
        """
        gradients = [self.view(layer) for layer in gradients]
        delta = self.space.like("delta of the output", z_output)
        program = kernels.output_delta(self.head, z_output, y, delta, self.space, self.signal_scales[-1])
        if row_weights is not None:
            program.append((np.multiply, (delta, row_weights, delta)))
        narrow = len(self.layers) == 2 and delta.shape[-2] == 1 and rows.shape[-1] <= gradients[0].shape[-2]
        if fixed and narrow and not masks:
            return program + self.backward_of_one_output(rows, signals, delta, gradients)
        return program + self.backward_of_layers(rows, signals, delta, masks, gradients)

    def backward_of_layers(
        self, rows: Floats, signals: Signals, delta: Floats, masks: dict[int, Mask], gradients: Sequence[Floats]
    ) -> Program:
        """Write the gradients (…, out, in + 1) of all layers from delta (…, K, B) of the output, which is written."""
        program, factors = self.derivatives_at_once(signals, masks)
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
        """Write Wᵀ δ from δ (…, out, B) of layer ``index``: ∂L/∂a (…, in, B) of the layer below, in a buffer."""
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
        """Write the gradients of one hidden layer (H units) below one output, over rows that stay the same.

        With δ (1, B) of the output, its weights w (H, 1), f′ (H, B) and X (B, n + 1)::

            ((w δ) ∘ f′) X  =  w ∘ (f′ · (δᵀ ∘ X))        (H, n + 1)

        The right side needs no product over (H, B) but one: δᵀ ∘ X is (B, n + 1), and small where n < H.
        """
        a = self.view(signals.a[0])
        derivative = self.space.like("derivative of the hidden layer", a)
        write_derivative = kernels.write_derivative(
            self.layers[0].function, a, derivative, self.space, self.signal_scales[1]
        )
        columns = np.ascontiguousarray(rows.swapaxes(-1, -2))
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
        # With the long axis last; the other way round takes half as long again.
        return [*program, (np.multiply, (sums, self.weights[1][..., :-1], gradients[0].swapaxes(-1, -2)))]

    def derivatives_at_once(self, signals: Signals, masks: dict[int, Mask]) -> tuple[Program, list[Floats]]:
        """Write f′ ∘ mask of all hidden layers in one go, where they share an activation and are small.

        Returns:
            The program, and f′ ∘ mask (…, units, B) of each hidden layer; both empty where it is not worth it.
        """
        hidden = self.layers[:-1]
        inputs = self.view(signals.all_inputs)
        if (
            len(hidden) < 2
            or len({layer.activation for layer in hidden}) > 1
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
        write = kernels.write_derivative(hidden[0].function, inputs, derivatives, self.space, self.view(scales))
        return write, [derivatives[..., part, :][..., :-1, :] for part in parts]

    def multiply_by_mask_and_derivative(
        self, index: int, delta: Floats, signals: Signals, masks: dict[int, Mask]
    ) -> Program:
        """Multiply delta (…, units, B) in place by the mask and the derivative of hidden layer ``index``."""
        a, activation = self.view(signals.a[index]), self.layers[index].function
        if index not in masks:
            return kernels.multiply_by_derivative(activation, delta, a, self.space, self.signal_scales[index + 1])
        if self.folds_dropout:
            inputs = self.view(signals.inputs[index])[..., :-1, :]
            return kernels.multiply_by_derivative(activation, delta, inputs, self.space)
        return [
            *self.apply_dropout(delta, masks[index], delta),
            *kernels.multiply_by_derivative(activation, delta, a, self.space),
        ]
