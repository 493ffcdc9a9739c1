"""A training step compiled once and replayed.

A small network's step is all overhead: the arithmetic of a 30-16-8-1 batch takes a few µs, and every Python call and
every new array costs more than that. So for one architecture, batch size and number of seeds, all buffers are laid out
beforehand, each batch of an epoch gets its list of (function, arguments) over fixed views of them, and a step is::

    for function, arguments in program:
        function(*arguments)

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

An epoch is walked in windows of batches, so that programs and buffers stay bounded however many rows there are. A
window's rows are gathered, its dropout masks drawn and its losses summed at once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics import kernels
from engine.numerics.dropout import DropoutMasks
from engine.numerics.losses import Exit
from engine.numerics.optimizers import Op
from engine.numerics.parameters import Parameters
from engine.numerics.running import RunningMetrics

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]
Program = list[Op]

WINDOW_BATCHES = 256
WINDOW_BYTES = 64 * 2**20
WIDE_INPUT = 512
"""From here on X·Wᵀ and a transposition of the small result beat W·Xᵀ."""
AT_ONCE = 16384
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
    exit: Exit
    dropout_mask: str = "example"


def run(program: Program) -> None:
    """Replay a program."""
    for function, arguments in program:
        function(*arguments)


def with_ones(X: Floats, dtype: np.dtype[Any]) -> Floats:
    """Return (N, n + 1): X in ``dtype``, and a column of ones."""
    return np.concatenate([X, np.ones((len(X), 1))], axis=1, dtype=dtype, casting="same_kind")


class _Signals:
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
        excess: Sequence[float],
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
            signal[...] = excess[layer + 1]
            self.inputs.append(signal)
            self.a.append(np.empty((seeds, units, rows), dtype) if drops else signal[:, :-1])


def folds(architecture: Architecture) -> bool:
    """Return whether factors can be folded into the rows; see the module."""
    return all(layer.activation == "relu" for layer in architecture.layers[:-1])


def alternates(architecture: Architecture) -> bool:
    """Return whether the excess alternates from layer to layer; see the module."""
    hidden = architecture.layers[:-1]
    all_sigmoid = all(layer.activation == "sigmoid" and not layer.dropout for layer in hidden)
    return bool(hidden) and all_sigmoid and architecture.exit.name == "sigmoid+bce"


def excess(architecture: Architecture) -> list[float]:
    """Return by which factor the signal into each layer is larger than the true one."""
    if alternates(architecture):
        return [2.0 if index % 2 else 0.5 for index in range(len(architecture.layers))]
    if not folds(architecture):
        return [1.0] * len(architecture.layers)
    factors = [1 / (1 - layer.dropout) for layer in architecture.layers[:-1]]
    wanted = kernels.wanted_excess(architecture.exit)
    return [wanted * math.prod(factors[index:]) for index in range(len(architecture.layers))]


class _Compiler:
    """Writes the operations of one network; holds what forward and backward share."""

    def __init__(self, parameters: Parameters, architecture: Architecture, excess: Sequence[float]) -> None:
        self.layers = architecture.layers
        self.folds = folds(architecture)
        self.excess = excess
        self.exit = architecture.exit
        self.seeds = len(parameters.flat)
        self.weights = [self.view(layer) for layer in parameters.layers]

    def product(self, left: Floats, right: Floats, out: Floats) -> Op:
        """Write left · right into ``out``."""
        # The method costs .1 µs less than np.dot, which asks each argument whether it would rather do it itself.
        return (left.dot, (right, out)) if self.seeds == 1 else (np.matmul, (left, right, out))

    def view(self, array: Floats) -> Floats:
        """Drop the seed axis where there is one seed."""
        return array[0] if self.seeds == 1 and array.ndim == 3 else array

    def linear(self, index: int, rows: Floats | None, signals: _Signals, out: Floats) -> Program:
        """Write z of layer ``index`` into ``out``; the first layer takes it from ``rows`` (…, B, n + 1)."""
        weights = self.weights[index]
        if index or rows is None:
            return [self.product(weights, self.view(signals.inputs[index - 1]), out)]
        if rows.shape[-1] > WIDE_INPUT:
            turned = np.empty((*out.shape[:-2], out.shape[-1], out.shape[-2]), out.dtype)
            return [
                self.product(rows, weights.swapaxes(-1, -2), turned),
                (np.copyto, (out, turned.swapaxes(-1, -2))),
            ]
        return [self.product(weights, rows.swapaxes(-1, -2), out)]

    def forward(self, rows: Floats, signals: _Signals, z_exit: Floats, masks: dict[int, Floats]) -> Program:
        """Rows (…, B, n + 1) to z of the exit (…, K, B); ``masks`` holds those of the layers that drop."""
        program: Program = []
        last = len(self.layers) - 1
        for index in range(last):
            a = self.view(signals.a[index])
            program += self.linear(index, rows if index == 0 else None, signals, a)
            program += self.activate(index, a)
            if index in masks:
                dropped = self.view(signals.inputs[index])[..., :-1, :]
                program.append((np.multiply, (a, self.view(masks[index]), dropped)))
        return program + self.linear(last, rows if last == 0 else None, signals, z_exit)

    def activate(self, index: int, a: Floats) -> Program:
        """Turn z of hidden layer ``index`` into a in place."""
        if self.layers[index].activation == "sigmoid":
            return kernels.sigmoid(a, *self.excess[index : index + 2])
        return kernels.activate(self.layers[index].activation, a)

    def backward(
        self,
        rows: Floats,
        signals: _Signals,
        z_exit: Floats,
        y: Floats,
        masks: dict[int, Floats],
        gradients: Sequence[Floats],
        *,
        fixed: bool,
    ) -> Program:
        """Z of the exit and encoded targets (…, K, B) to the slopes of the batch's mean loss.

        ``fixed`` says that the rows are always the same ones.
        """
        slopes = [self.view(layer) for layer in gradients]
        delta = np.empty_like(z_exit)
        program = kernels.exit_delta(self.exit, z_exit, y, delta, self.excess[-1])
        narrow = len(self.layers) == 2 and delta.shape[-2] == 1 and rows.shape[-1] <= slopes[0].shape[-2]
        if fixed and narrow and not masks:
            return program + self.backward_of_one_output(rows, signals, delta, slopes)
        at_once, factors = self.slopes_at_once(signals, masks)
        program += at_once
        for index in range(len(self.layers) - 1, 0, -1):
            program.append(self.product(delta, self.view(signals.inputs[index - 1]).swapaxes(-1, -2), slopes[index]))
            # Without the column of biases the weights were copied on each call; a row too many costs less.
            below = np.empty_like(self.view(signals.inputs[index - 1]))
            program.append(self.product(self.weights[index].swapaxes(-1, -2), delta, below))
            delta = below[..., :-1, :]
            if factors:
                program.append((np.multiply, (delta, factors[index - 1], delta)))
            else:
                program += self.through(index - 1, delta, signals, masks)
        program.append(self.product(delta, rows, slopes[0]))
        return program

    def backward_of_one_output(
        self, rows: Floats, signals: _Signals, delta: Floats, slopes: Sequence[Floats]
    ) -> Program:
        """One hidden layer below one output: its ∂L/∂z is (w δᵀ) ∘ f′, which need not be written out.

        For its slopes are ((w δᵀ) ∘ f′) X = w ∘ (f′ (δ ∘ X)), where δ ∘ X is small.
        """
        a = self.view(signals.a[0])
        slope = np.empty_like(a)
        write_slope, factor = kernels.write_scaled_slope(self.layers[0].activation, a, slope, self.excess[1])
        columns = np.ascontiguousarray(rows.swapaxes(-1, -2)) / rows.dtype.type(factor)
        levers, sums = np.empty_like(columns), np.empty_like(slopes[0].swapaxes(-1, -2), order="C")
        inputs = self.view(signals.inputs[0]).swapaxes(-1, -2)
        program: Program = [self.product(delta, inputs, slopes[1]), *write_slope]
        if self.seeds == 1 and len(columns) <= FEW_COLUMNS:
            for column, lever, total in zip(columns, levers, sums, strict=True):
                program += [(np.multiply, (column, delta[0], lever)), (slope.dot, (lever, total))]
        else:
            program += [(np.multiply, (columns, delta, levers)), self.product(levers, slope.swapaxes(-1, -2), sums)]
        weights = self.weights[1][..., :-1].swapaxes(-1, -2)
        return [*program, (np.multiply, (sums.swapaxes(-1, -2), weights, slopes[0]))]

    def slopes_at_once(self, signals: _Signals, masks: dict[int, Floats]) -> tuple[Program, list[Floats]]:
        """Write the slopes (masks included) of all hidden layers; nothing where they are not alike, or are large."""
        hidden = [layer.activation for layer in self.layers[:-1]]
        inputs = self.view(signals.all_inputs)
        if len(hidden) < 2 or len(set(hidden)) > 1 or inputs.size > AT_ONCE or (masks and not self.folds):
            return [], []
        excess = np.empty_like(signals.all_inputs)
        slopes, ends = np.empty_like(inputs), np.cumsum([signal.shape[1] for signal in signals.inputs]).tolist()
        parts = [slice(start, end) for start, end in pairwise([0, *ends])]
        for part, factor in zip(parts, self.excess[1:], strict=True):
            excess[:, part] = factor
        write = kernels.write_slope(hidden[0], inputs, slopes, self.view(excess))
        return write, [slopes[..., part, :][..., :-1, :] for part in parts]

    def through(self, index: int, delta: Floats, signals: _Signals, masks: dict[int, Floats]) -> Program:
        """Multiply delta by the mask and the slope of hidden layer ``index``."""
        a, activation = self.view(signals.a[index]), self.layers[index].activation
        if index not in masks:
            return kernels.multiply_by_slope(activation, delta, a, self.excess[index + 1])
        if self.folds:
            return kernels.multiply_by_slope(activation, delta, self.view(signals.inputs[index])[..., :-1, :])
        masked = (np.multiply, (delta, self.view(masks[index]), delta))
        return [masked, *kernels.multiply_by_slope(activation, delta, a)]


@dataclass(frozen=True)
class _Batch:
    """One batch of a window: its rows within the window, its program, and the buffers that the program fills."""

    start: int
    stop: int
    program: Program
    signals: _Signals


class TrainingPlan:
    """Forward and backward over the batches of an epoch, for S networks at once.

    Args:
        parameters: Read at each step; whoever updates them does so in place.
        architecture: Layers, exit, masks.
        X: (N, n) inputs, shared by all seeds.
        Y: (N, K) targets.
        gradient: (S, P), where the slopes of each batch's mean loss go.
        batch_size: Rows a batch; the last, smaller batch is kept.
        spread: For regression, ``metrics.spread`` of the targets.
        ordered: True where every epoch takes the rows as they stand.

    Attributes:
        steps: Batches an epoch.
        running: The running metrics.
        fresh: Whether no step has been done yet, so that there is no latest one to look at.
    """

    def __init__(
        self,
        parameters: Parameters,
        architecture: Architecture,
        X: Floats,
        Y: Floats,
        gradient: Floats,
        *,
        batch_size: int,
        spread: Floats | None = None,
        ordered: bool = False,
    ) -> None:
        dtype = parameters.flat.dtype
        self._gradients = parameters.split(gradient)
        self._architecture = architecture
        self._excess = excess(architecture)
        self._X = with_ones(X, dtype)
        self._X *= self._excess[0]
        self._Y = np.array(Y, dtype, order="C")
        kernels.encode_targets(architecture.exit, self._Y)
        self._seeds = len(parameters.flat)
        self.batch_size = min(batch_size, len(X))
        self.steps = -(-len(X) // self.batch_size)
        self.window = self._window_batches(ordered)
        self._window_rows = min(self.window * self.batch_size, len(X))
        self._allocate(ordered, parameters)
        self._batches = self._compile(_Compiler(parameters, architecture, self._excess), parameters)
        self._own_length = len(self._batches[0].program)
        self.running = RunningMetrics(
            architecture.exit,
            self._z,
            self._encoded,
            batch_size=self.batch_size,
            excess=self._excess[-1],
            spread=spread,
        )
        self._postpones = False
        self.fresh = True
        self._orders: Sequence[Indices] | None = None
        self._streams: Sequence[np.random.Generator] = ()

    def _window_batches(self, ordered: bool) -> int:
        if ordered and self.steps <= WINDOW_BATCHES:
            return self.steps  # the rows are not copied, so their size does not matter
        row_bytes = self._seeds * self._X.shape[1] * self._X.dtype.itemsize
        fitting = WINDOW_BYTES // (row_bytes * self.batch_size)
        return int(max(1, min(self.steps, WINDOW_BATCHES, fitting)))

    def _allocate(self, ordered: bool, parameters: Parameters) -> None:
        seeds, dtype, outputs = self._seeds, self._X.dtype, self._Y.shape[1]
        # With all rows in one window and always in the same order there is nothing to gather.
        self._gathers = not ordered or self.window < self.steps
        if self._gathers:
            self._rows = np.empty((seeds, self._window_rows, self._X.shape[1]), dtype)
            self._encoded = np.zeros((seeds, self._window_rows, outputs), dtype)
        else:
            self._rows = np.broadcast_to(self._X, (seeds, *self._X.shape))
            self._encoded = np.broadcast_to(self._Y, (seeds, *self._Y.shape)).copy()
        self._z = np.empty((seeds, self._window_rows * outputs), dtype)
        starts = range(0, self._window_rows, self.batch_size)
        batches = [min(self.batch_size, self._window_rows - start) for start in starts]
        rates = {
            index: (units, layer.dropout)
            for index, (units, layer) in enumerate(zip(parameters.sizes[1:], self._architecture.layers, strict=True))
            if layer.dropout
        }
        granularity, scaled = self._architecture.dropout_mask, not folds(self._architecture)
        self.masks = DropoutMasks(rates, batches, seeds, granularity, dtype, scaled=scaled)
        self._dropping = tuple(rates)

    def _compile(self, compiler: _Compiler, parameters: Parameters) -> list[_Batch]:
        """Return the batch of each step; steps at the same place of their windows share one."""
        signals: dict[int, _Signals] = {}
        batches: dict[tuple[int, int], _Batch] = {}
        dropped = [index in self._dropping for index in range(len(compiler.layers))]
        by_step: list[_Batch] = []
        for step in range(self.steps):
            rows = min(self.batch_size, len(self._X) - step * self.batch_size)
            place = step % self.window, rows
            if rows not in signals:
                signals[rows] = _Signals(parameters.sizes, dropped, self._excess, self._seeds, rows, self._X.dtype)
            if place not in batches:
                batches[place] = self._compile_batch(compiler, *place, signals[rows])
            by_step.append(batches[place])
        return by_step

    def _compile_batch(self, compiler: _Compiler, number: int, rows: int, signals: _Signals) -> _Batch:
        start = number * self.batch_size
        stop = start + rows
        X = compiler.view(self._rows[:, start:stop])
        y = compiler.view(self._encoded[:, start:stop].swapaxes(-1, -2))
        z = compiler.view(self._z_block(start, stop))
        masks = {layer: self.masks.block(layer, number)[..., :rows] for layer in self._dropping}
        program = [
            *compiler.forward(X, signals, z, masks),
            *compiler.backward(X, signals, z, y, masks, self._gradients, fixed=not self._gathers),
        ]
        return _Batch(start, stop, program, signals)

    def _z_block(self, start: int, stop: int) -> Floats:
        outputs = self._Y.shape[1]
        return self._z[:, outputs * start : outputs * stop].reshape(self._seeds, outputs, stop - start)

    @property
    def most_postponed(self) -> int:
        """How many epochs' metrics can be postponed at most; 0 where that is not worth it."""
        return self.running.capacity if self.window == self.steps else 0

    def begin_epoch(
        self,
        orders: Sequence[Indices] | None,
        streams: Sequence[np.random.Generator],
        *,
        postpone_metrics: bool = False,
    ) -> None:
        """Start an epoch in each seed's order of rows (None: as they stand), with each seed's stream of masks.

        Its metrics may be postponed: they then come from ``running.take``, with those of the epochs before and after.
        """
        self.running.sums.clear()
        self._orders, self._streams, self._postpones = orders, streams, postpone_metrics

    def state(self) -> dict[str, Floats]:
        """Return what a save in the middle of an epoch must hold beside the order of rows and the streams."""
        masks = {f"masks.{layer}": array for layer, array in self.masks.arrays.items()}
        return {"z": self._z, "sums": self.running.sums.state(), **masks}

    def restore(self, step: int, state: Mapping[str, Floats]) -> None:
        """Go on after ``begin_epoch`` where ``state`` was taken: ``step`` batches of the epoch are done."""
        self._z[...] = state["z"]
        self.running.sums.restore(state["sums"])
        for layer, array in self.masks.arrays.items():
            array[...] = state[f"masks.{layer}"]
        self.fresh = False
        if step % self.window:
            self._gather(step // self.window * self.window)

    def then(self, update: Program) -> None:
        """Let these operations follow the backward pass of every batch, in place of those given before."""
        for batch in {id(batch): batch for batch in self._batches}.values():
            batch.program[self._own_length :] = update

    def step(self, first: int, count: int = 1) -> None:
        """Do so many batches of the epoch from number ``first`` on: forward, backward, and what is to follow."""
        self.fresh = False
        for number in range(first, first + count):
            if number % self.window == 0:
                self._open_window(number)
            for function, arguments in self._batches[number].program:
                function(*arguments)
            if (number + 1) % self.window == 0 or number + 1 == self.steps:
                self._close_window(number)

    def _open_window(self, step: int) -> None:
        self._gather(step)
        self.masks.draw(self._streams, first_of_epoch=step == 0)

    def _gather(self, step: int) -> None:
        if not self._gathers:
            return
        first = step * self.batch_size
        for seed in range(self._seeds):
            order = self._chosen(seed, first, first + self._window_rows)
            self._X.take(order, 0, self._rows[seed, : len(order)], "clip")
            self._Y.take(order, 0, self._encoded[seed, : len(order)], "clip")

    def _chosen(self, seed: int, start: int, stop: int) -> Indices:
        """Return the row numbers that stand at ``start`` … ``stop`` in this epoch's order."""
        if self._orders is None:
            return np.arange(start, min(stop, len(self._X)))
        return self._orders[seed][start:stop]

    def _close_window(self, step: int) -> None:
        """Grade the window's rows."""
        if self._postpones:
            self.running.postpone()
        else:
            self.running.add(self._rows_done_in_window(step))

    def _rows_done_in_window(self, step: int) -> int:
        first = step // self.window * self.window * self.batch_size
        return min((step + 1) * self.batch_size, len(self._X)) - first

    def latest(self, step: int) -> LatestStep:
        """Return what batch ``step``, the latest one, looked like from inside: true signals and masks, copied."""
        batch = self._batches[step]
        rows = batch.stop - batch.start
        first = step // self.window * self.window * self.batch_size
        return LatestStep(
            rows=[self._chosen(seed, first + batch.start, first + batch.stop) for seed in range(self._seeds)],
            masks={layer: self._true_mask(layer, step, rows) for layer in self._dropping},
            activations=[
                signal[:, :-1] / factor for signal, factor in zip(batch.signals.inputs, self._excess[1:], strict=True)
            ],
        )

    def _true_mask(self, layer: int, step: int, rows: int) -> Floats:
        mask = self.masks.block(layer, step % self.window)[..., :rows]
        return mask * (self._excess[layer] / self._excess[layer + 1])


@dataclass(frozen=True)
class LatestStep:
    """The inside of the latest forward pass.

    Attributes:
        rows: Row numbers (B,) of the training part, one array a seed.
        masks: (S, units, B), 0 or 1/(1 − p), of each hidden layer that drops.
        activations: (S, units, B) of each hidden layer, after dropout.
    """

    rows: list[Indices]
    masks: dict[int, Floats]
    activations: list[Floats]


class ForwardPlan:
    """Forward only, dropout off, over fixed rows: the evaluation of a part.

    Args:
        parameters: Read at each run.
        architecture: Layers and exit.
        X: (N, n) inputs.
        chunk: Rows at a time; bounds the memory.
    """

    def __init__(self, parameters: Parameters, architecture: Architecture, X: Floats, chunk: int = 4096) -> None:
        dtype = parameters.flat.dtype
        self._exit = architecture.exit
        self._z = np.empty((len(parameters.flat), parameters.sizes[-1], len(X)), dtype)
        whole = len(X) <= chunk
        self._chunks: list[tuple[slice, Program, Floats, _Signals]] = []
        true = [1.0] * len(architecture.layers)
        compiler = _Compiler(parameters, architecture, true)
        rows = with_ones(X, dtype)
        for start in range(0, len(X), chunk):
            block = rows[start : start + chunk]
            layers, seeds = len(architecture.layers), len(parameters.flat)
            signals = _Signals(parameters.sizes, [False] * layers, true, seeds, len(block), dtype)
            z = self._z if whole else np.empty((*self._z.shape[:2], len(block)), dtype)
            program = compiler.forward(block, signals, compiler.view(z), {})
            self._chunks.append((slice(start, start + len(block)), program, z, signals))

    def run(self) -> Floats:
        """Return z of the exit, (S, K, N); the array is overwritten by the next run."""
        for chosen, program, z, _ in self._chunks:
            run(program)
            if z is not self._z:
                self._z[..., chosen] = z
        return self._z

    def outputs(self) -> Floats:
        """Return p, (S, K, N)."""
        return self._exit.value(self.run())

    def activations(self) -> list[Floats]:
        """Return (S, units, N) of each hidden layer, as the latest ``run`` left them."""
        hidden = len(self._chunks[0][3].inputs)
        return [
            np.concatenate([signals.inputs[layer][:, :-1] for *_, signals in self._chunks], axis=-1)
            for layer in range(hidden)
        ]
