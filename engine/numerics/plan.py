"""A training step compiled once and replayed.

A small network's step is all overhead: the arithmetic of a 30-16-8-1 batch takes a few µs, and every Python call and
every new array costs more than that. So for one architecture, batch size and number of seeds, all buffers are laid out
beforehand, each batch of an epoch gets its list of (function, arguments) over fixed views of them, and a step is::

    for function, arguments in program:
        function(*arguments)

Layout: a layer's signal is (S, units + 1, B), neurons first, with a last row of ones that meets the bias, the last
column of the layer's parameters. S is the number of seeds; for one seed the views drop that axis, because ``np.dot``
on matrices costs less than ``np.matmul`` on stacks of them.

An epoch is walked in windows of batches, so that programs and buffers stay bounded however many rows there are. A
window's rows are gathered, its dropout masks drawn and its losses summed at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.numerics import kernels
from engine.numerics.dropout import DropoutMasks
from engine.numerics.losses import Exit
from engine.numerics.metrics import Sums
from engine.numerics.optimizers import Op
from engine.numerics.parameters import Parameters

Floats = NDArray[np.floating[Any]]
Indices = NDArray[np.intp]
Program = list[Op]

WINDOW_BATCHES = 256
WINDOW_BYTES = 64 * 2**20
WIDE_INPUT = 512
"""From here on X·Wᵀ and a transposition of the small result beat W·Xᵀ."""


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
        a: Each layer's activations (S, units, B), before dropout.
        inputs: What each layer but the first takes in: (S, units + 1, B), the ones last. Shares its memory with ``a``
            where nothing is dropped in between.
    """

    def __init__(
        self, sizes: Sequence[int], dropped: Sequence[bool], seeds: int, rows: int, dtype: np.dtype[Any]
    ) -> None:
        self.a: list[Floats] = []
        self.inputs: list[Floats] = []
        for units, drops in zip(sizes[1:-1], dropped, strict=False):
            signal = np.ones((seeds, units + 1, rows), dtype)
            self.inputs.append(signal)
            self.a.append(np.empty((seeds, units, rows), dtype) if drops else signal[:, :-1])
        self.a.append(np.empty((seeds, sizes[-1], rows), dtype))


class _Compiler:
    """Writes the operations of one network; holds what forward and backward share."""

    def __init__(self, parameters: Parameters, architecture: Architecture) -> None:
        self.layers = architecture.layers
        self.exit = architecture.exit
        self.seeds = len(parameters.flat)
        self.weights = [self.view(layer) for layer in parameters.layers]
        self.dot = np.dot if self.seeds == 1 else np.matmul

    def view(self, array: Floats) -> Floats:
        """Drop the seed axis where there is one seed."""
        return array[0] if self.seeds == 1 and array.ndim == 3 else array

    def linear(self, index: int, rows: Floats | None, signals: _Signals, out: Floats) -> Program:
        """Write z of layer ``index`` into ``out``; the first layer takes it from ``rows`` (…, B, n + 1)."""
        weights = self.weights[index]
        if index or rows is None:
            return [(self.dot, (weights, self.view(signals.inputs[index - 1]), out))]
        if rows.shape[-1] > WIDE_INPUT:
            turned = np.empty((*out.shape[:-2], out.shape[-1], out.shape[-2]), out.dtype)
            return [
                (self.dot, (rows, weights.swapaxes(-1, -2), turned)),
                (np.copyto, (out, turned.swapaxes(-1, -2))),
            ]
        return [(self.dot, (weights, rows.swapaxes(-1, -2), out))]

    def forward(self, rows: Floats, signals: _Signals, z_exit: Floats, masks: dict[int, Floats]) -> Program:
        """Rows (…, B, n + 1) to z of the exit (…, K, B); ``masks`` holds those of the layers that drop."""
        program: Program = []
        last = len(self.layers) - 1
        for index, layer in enumerate(self.layers[:-1]):
            a = self.view(signals.a[index])
            program += self.linear(index, rows if index == 0 else None, signals, a)
            program += kernels.activate(layer.activation, a)
            if index in masks:
                dropped = self.view(signals.inputs[index])[..., :-1, :]
                program.append((np.multiply, (a, self.view(masks[index]), dropped)))
        return program + self.linear(last, rows if last == 0 else None, signals, z_exit)

    def outputs(self, signals: _Signals, z_exit: Floats) -> Program:
        """Z of the exit to p, which lands in the last ``a``."""
        p = self.view(signals.a[-1])
        return [(np.copyto, (p, z_exit)), *kernels.activate(self.exit.activation.name, p)]

    def backward(
        self, rows: Floats, signals: _Signals, y: Floats, masks: dict[int, Floats], gradients: Parameters
    ) -> Program:
        """P and targets y (…, K, B) to the slopes of the batch's mean loss."""
        slopes = [self.view(layer) for layer in gradients.layers]
        delta = np.empty_like(self.view(signals.a[-1]))
        program = kernels.exit_delta(self.exit, self.view(signals.a[-1]), y, delta)
        for index in range(len(self.layers) - 1, 0, -1):
            program.append((self.dot, (delta, self.view(signals.inputs[index - 1]).swapaxes(-1, -2), slopes[index])))
            below = np.empty_like(self.view(signals.a[index - 1]))
            program.append((self.dot, (self.weights[index][..., :-1].swapaxes(-1, -2), delta, below)))
            if index - 1 in masks:
                program.append((np.multiply, (below, self.view(masks[index - 1]), below)))
            program += kernels.multiply_by_slope(
                self.layers[index - 1].activation, below, self.view(signals.a[index - 1])
            )
            delta = below
        program.append((self.dot, (delta, rows, slopes[0])))
        return program


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
        batch_size: Rows a batch; the last, smaller batch is kept.
        spread: For regression, ``metrics.spread`` of the targets.
        ordered: True where every epoch takes the rows as they stand.

    Attributes:
        gradients: Slopes of the latest batch's mean loss.
        steps: Batches an epoch.
        sums: Running sums over the current epoch's finished windows.
        fresh: Whether no step has been done yet, so that there is no latest one to look at.
    """

    def __init__(
        self,
        parameters: Parameters,
        architecture: Architecture,
        X: Floats,
        Y: Floats,
        *,
        batch_size: int,
        spread: Floats | None = None,
        ordered: bool = False,
    ) -> None:
        dtype = parameters.flat.dtype
        self.gradients = parameters.like()
        self._architecture = architecture
        self._X = with_ones(X, dtype)
        self._Y = np.ascontiguousarray(Y, dtype)
        self._seeds = len(parameters.flat)
        self.batch_size = min(batch_size, len(X))
        self.steps = -(-len(X) // self.batch_size)
        self.window = self._window_batches(ordered)
        self._window_rows = min(self.window * self.batch_size, len(X))
        self._allocate(ordered, parameters)
        self._batches = self._compile(_Compiler(parameters, architecture), parameters)
        self._spread = spread
        self.sums = self._new_sums()
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
            self._targets = np.empty((seeds, self._window_rows, outputs), dtype)
        else:
            self._rows = np.broadcast_to(self._X, (seeds, *self._X.shape))
            self._targets = np.broadcast_to(self._Y, (seeds, *self._Y.shape))
        self._z = np.empty((seeds, self._window_rows * outputs), dtype)
        starts = range(0, self._window_rows, self.batch_size)
        batches = [min(self.batch_size, self._window_rows - start) for start in starts]
        rates = {
            index: (units, layer.dropout)
            for index, (units, layer) in enumerate(zip(parameters.sizes[1:], self._architecture.layers, strict=True))
            if layer.dropout
        }
        self.masks = DropoutMasks(rates, batches, seeds, self._architecture.dropout_mask, dtype)
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
                signals[rows] = _Signals(parameters.sizes, dropped, self._seeds, rows, self._X.dtype)
            if place not in batches:
                batches[place] = self._compile_batch(compiler, *place, signals[rows])
            by_step.append(batches[place])
        return by_step

    def _compile_batch(self, compiler: _Compiler, number: int, rows: int, signals: _Signals) -> _Batch:
        start = number * self.batch_size
        stop = start + rows
        X = compiler.view(self._rows[:, start:stop])
        y = compiler.view(self._targets[:, start:stop].swapaxes(-1, -2))
        z = compiler.view(self._z_block(start, stop))
        masks = {layer: self.masks.block(layer, number)[..., :rows] for layer in self._dropping}
        program = [
            *compiler.forward(X, signals, z, masks),
            *compiler.outputs(signals, z),
            *compiler.backward(X, signals, y, masks, self.gradients),
        ]
        return _Batch(start, stop, program, signals)

    def _z_block(self, start: int, stop: int) -> Floats:
        outputs = self._Y.shape[1]
        return self._z[:, outputs * start : outputs * stop].reshape(self._seeds, outputs, stop - start)

    def begin_epoch(self, orders: Sequence[Indices] | None, streams: Sequence[np.random.Generator]) -> None:
        """Start an epoch in each seed's order of rows (None: as they stand), with each seed's stream of masks."""
        self.sums = self._new_sums()
        self._orders, self._streams = orders, streams

    def state(self) -> dict[str, Floats]:
        """Return what a save in the middle of an epoch must hold beside the order of rows and the streams."""
        masks = {f"masks.{layer}": array for layer, array in self.masks.arrays.items()}
        return {"z": self._z, "sums": self.sums.state(), **masks}

    def restore(self, step: int, state: Mapping[str, Floats]) -> None:
        """Go on after ``begin_epoch`` where ``state`` was taken: ``step`` batches of the epoch are done."""
        self._z[...] = state["z"]
        self.sums.restore(state["sums"])
        for layer, array in self.masks.arrays.items():
            array[...] = state[f"masks.{layer}"]
        self.fresh = False
        if step % self.window:
            self._gather(step // self.window * self.window)

    def _new_sums(self) -> Sums:
        return Sums(self._architecture.exit, self._seeds, self._spread)

    def forward_backward(self, step: int) -> None:
        """Do batch ``step`` of the epoch: ``gradients`` then holds the slopes of its mean loss."""
        if step % self.window == 0:
            self._open_window(step)
        self.fresh = False
        for function, arguments in self._batches[step].program:
            function(*arguments)
        if (step + 1) % self.window == 0 or step + 1 == self.steps:
            self._close_window(step)

    def _open_window(self, step: int) -> None:
        self._gather(step)
        self.masks.draw(self._streams, first_of_epoch=step == 0)

    def _gather(self, step: int) -> None:
        if not self._gathers:
            return
        first = step * self.batch_size
        for seed in range(self._seeds):
            order = self._chosen(seed, first, first + self._window_rows)
            np.take(self._X, order, axis=0, out=self._rows[seed, : len(order)], mode="clip")
            np.take(self._Y, order, axis=0, out=self._targets[seed, : len(order)], mode="clip")

    def _chosen(self, seed: int, start: int, stop: int) -> Indices:
        """Return the row numbers that stand at ``start`` … ``stop`` in this epoch's order."""
        if self._orders is None:
            return np.arange(start, min(stop, len(self._X)))
        return self._orders[seed][start:stop]

    def _close_window(self, step: int) -> None:
        """Add the window's rows to the sums, from the stored z: once per window costs less than once per batch."""
        rows = self._rows_done_in_window(step)
        full = rows // self.batch_size * self.batch_size
        outputs = self._Y.shape[1]
        blocks = self._z[:, : outputs * full].reshape(self._seeds, -1, outputs, self.batch_size).swapaxes(1, 2)
        z = blocks.reshape(self._seeds, outputs, full)
        if full < rows:
            z = np.concatenate([z, self._z_block(full, rows)], axis=-1)
        self.sums.add(z, self._targets[:, :rows].swapaxes(-1, -2))

    def _rows_done_in_window(self, step: int) -> int:
        first = step // self.window * self.window * self.batch_size
        return min((step + 1) * self.batch_size, len(self._X)) - first

    def latest(self, step: int) -> LatestStep:
        """Return what batch ``step``, the latest one, looked like from inside; views, valid until the next step."""
        batch = self._batches[step]
        rows = batch.stop - batch.start
        first = step // self.window * self.window * self.batch_size
        return LatestStep(
            rows=[self._chosen(seed, first + batch.start, first + batch.stop) for seed in range(self._seeds)],
            masks={layer: self.masks.block(layer, step % self.window)[..., :rows] for layer in self._dropping},
            activations=[signal[:, :-1] for signal in batch.signals.inputs],
        )


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
        self._chunks: list[tuple[slice, Program, Floats, _Signals]] = []
        compiler = _Compiler(parameters, architecture)
        rows = with_ones(X, dtype)
        for start in range(0, len(X), chunk):
            block = rows[start : start + chunk]
            signals = _Signals(
                parameters.sizes, [False] * len(architecture.layers), len(parameters.flat), len(block), dtype
            )
            z = np.empty((len(parameters.flat), parameters.sizes[-1], len(block)), dtype)
            program = compiler.forward(block, signals, compiler.view(z), {})
            self._chunks.append((slice(start, start + len(block)), program, z, signals))

    def run(self) -> Floats:
        """Return z of the exit, (S, K, N); the array is overwritten by the next run."""
        for chosen, program, z, _ in self._chunks:
            run(program)
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
