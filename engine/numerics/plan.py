"""A training step compiled once and replayed.

A small network's step is all overhead: the arithmetic of a 30-16-8-1 batch takes a few µs, and every Python call and
every new array costs more than that. So for one architecture, batch size and number of seeds, all buffers are laid out
beforehand, each batch of an epoch gets its list of (function, arguments) over fixed views of them, and a step is::

    for function, arguments in program:
        function(*arguments)

``engine.numerics.compiler`` writes these lists, and says how signals are laid out.

An epoch is walked in windows of batches, so that programs and buffers stay bounded however many rows there are. A
window's rows are gathered, its dropout masks drawn and its losses summed at once. In a band of seeds, each of which has
rows of its own in every batch, those of a window would be megabytes, long out of the cache when their turn comes; so
there each batch gathers its own, for all seeds in one call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Indices
from engine.numerics import kernels
from engine.numerics.compiler import (
    Architecture,
    Compiler,
    Mask,
    Program,
    Signals,
    can_fold_dropout,
    signal_scales,
    with_ones,
)
from engine.numerics.dropout import DropoutMasks
from engine.numerics.parameters import Parameters
from engine.numerics.running import RunningMetrics

WINDOW_BATCHES = 256
WINDOW_BYTES = 64 * 2**20


@dataclass(frozen=True)
class _Batch:
    """One batch of a window: its rows within the window, its program, and the buffers that the program fills."""

    start: int
    stop: int
    program: Program
    signals: Signals


class TrainingPlan:
    """Forward and backward over the batches of an epoch, for S networks at once.

    Args:
        parameters: Read at each step; the update operations change them in place.
        architecture: Layers, output head, granularity of masks.
        X: (N, n) inputs, shared by all seeds.
        Y: (N, K) targets; or (N, K + 1), of which the last column is what loss and gradient of a row are multiplied by.
        gradient: (S, P), where the gradient of each batch's mean loss is written.
        batch_size: Rows a batch; the last, smaller batch is kept.
        total_sum_of_squares: For regression, ``metrics.total_sum_of_squares`` of the targets.
        ordered: True where every epoch takes the rows as they stand.

    Attributes:
        steps: Batches an epoch.
        batch_size: Rows of every batch but the last.
        window: Batches that share one set of gathered rows, masks and targets.
        masks: Dropout's, of the current window.
        running: The running metrics of the epoch.
        fresh: Whether no step has been done yet, so that ``latest`` has nothing to show.
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
        total_sum_of_squares: Floats | None = None,
        ordered: bool = False,
    ) -> None:
        dtype = parameters.flat.dtype
        self._gradients = parameters.split(gradient)
        self._architecture = architecture
        self._signal_scales = signal_scales(architecture)
        self._X = with_ones(X, dtype)
        self._X *= self._signal_scales[0]
        self._Y = np.array(Y, dtype, order="C")
        self._outputs = parameters.sizes[-1]
        kernels.encode_targets(architecture.head, self._Y[:, : self._outputs])
        self._seeds = len(parameters.flat)
        self.batch_size = min(batch_size, len(X))
        self.steps = -(-len(X) // self.batch_size)
        self.window = self._window_batches(ordered)
        self._window_rows = min(self.window * self.batch_size, len(X))
        self._allocate(ordered, parameters)
        self._batches = self._compile(Compiler(parameters, architecture, self._signal_scales), parameters)
        self._own_length = len(self._batches[0].program)
        self.running = RunningMetrics(
            architecture.head,
            self._z,
            self._encoded,
            batch_size=self.batch_size,
            signal_scale=self._signal_scales[-1],
            total_sum_of_squares=total_sum_of_squares,
        )
        self._defers = False
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
        seeds, dtype = self._seeds, self._X.dtype
        # With all rows in one window and always in the same order there is nothing to gather.
        self._gathers = not ordered or self.window < self.steps
        self._gathers_by_batch = self._gathers and seeds > 1
        self._order = np.zeros((seeds, self._window_rows), np.intp)
        if self._gathers:
            held = self.batch_size if self._gathers_by_batch else self._window_rows
            self._rows = np.empty((seeds, held, self._X.shape[1]), dtype)
            self._encoded = np.zeros((seeds, self._window_rows, self._Y.shape[1]), dtype)
        else:
            self._rows = np.broadcast_to(self._X, (seeds, *self._X.shape))
            self._encoded = np.broadcast_to(self._Y, (seeds, *self._Y.shape)).copy()
        self._z = np.zeros((seeds, self._window_rows * self._outputs), dtype)
        starts = range(0, self._window_rows, self.batch_size)
        batches = [min(self.batch_size, self._window_rows - start) for start in starts]
        rates = {
            index: (units, layer.dropout)
            for index, (units, layer) in enumerate(zip(parameters.sizes[1:], self._architecture.layers, strict=True))
            if layer.dropout
        }
        granularity, scaled = self._architecture.dropout_mask, not can_fold_dropout(self._architecture)
        self.masks = DropoutMasks(rates, batches, seeds, granularity, dtype, scaled=scaled)
        self._dropping = tuple(rates)

    def _compile(self, compiler: Compiler, parameters: Parameters) -> list[_Batch]:
        """Return the batch of each step; steps at the same place of their windows share one."""
        signals: dict[int, Signals] = {}
        batches: dict[tuple[int, int], _Batch] = {}
        dropped = [index in self._dropping for index in range(len(compiler.layers))]
        by_step: list[_Batch] = []
        for step in range(self.steps):
            rows = min(self.batch_size, len(self._X) - step * self.batch_size)
            key = step % self.window, rows
            if rows not in signals:
                signals[rows] = Signals(
                    parameters.sizes, dropped, self._signal_scales, self._seeds, rows, self._X.dtype
                )
            if key not in batches:
                batches[key] = self._compile_batch(compiler, *key, signals[rows])
            by_step.append(batches[key])
        return by_step

    def _compile_batch(self, compiler: Compiler, number: int, rows: int, signals: Signals) -> _Batch:
        start = number * self.batch_size
        stop = start + rows
        gather, X = self._rows_of_batch(start, stop)
        X = compiler.view(X)
        encoded = self._encoded[:, start:stop].swapaxes(-1, -2)
        y = compiler.view(encoded[:, : self._outputs])
        weights = compiler.view(encoded[:, self._outputs :]) if self._Y.shape[1] > self._outputs else None
        z = compiler.view(self._z_block(start, stop))
        masks = {
            layer: Mask(self.masks.block(layer, number)[..., :rows], self.masks.scales[layer])
            for layer in self._dropping
        }
        program = [
            *gather,
            *compiler.forward(X, signals, z, masks),
            *compiler.backward(X, signals, z, y, masks, self._gradients, fixed=not self._gathers, row_weights=weights),
        ]
        return _Batch(start, stop, program, signals)

    def _rows_of_batch(self, start: int, stop: int) -> tuple[Program, Floats]:
        """Return the rows (S, B, n + 1) that stand at ``start`` … ``stop`` of a window, and what has to write them."""
        if not self._gathers_by_batch:
            return [], self._rows[:, start:stop]
        whole = stop - start == self._rows.shape[1]
        rows = self._rows if whole else np.empty((self._seeds, stop - start, self._rows.shape[2]), self._rows.dtype)
        return [(self._X.take, (self._order[:, start:stop], 0, rows, "clip"))], rows

    def _z_block(self, start: int, stop: int) -> Floats:
        outputs = self._outputs
        return self._z[:, outputs * start : outputs * stop].reshape(self._seeds, outputs, stop - start)

    @property
    def max_deferred_epochs(self) -> int:
        """How many epochs' metrics can be deferred at most; 0 where that saves nothing."""
        return self.running.capacity if self.window == self.steps else 0

    def begin_epoch(
        self,
        orders: Sequence[Indices] | None,
        streams: Sequence[np.random.Generator],
        *,
        defer_metrics: bool = False,
    ) -> None:
        """Start an epoch.

        Args:
            orders: (N,) row numbers of each of S seeds; None takes the rows as they stand.
            streams: One a seed, which its dropout masks are drawn from.
            defer_metrics: Leave loss and score to ``running.flush``, together with those of other epochs.
        """
        self.running.accumulator.clear()
        self._orders, self._streams, self._defers = orders, streams, defer_metrics

    def state(self) -> dict[str, NDArray[Any]]:
        """Return what a checkpoint within an epoch must hold beside the order of rows and the streams.

        Returns:
            z (S, window rows · K), sums (S, 3 or 3 + K), and masks.L (S, units · draws) of each layer L that drops.
        """
        masks = {f"masks.{layer}": kept for layer, kept in self.masks.state().items()}
        return {"z": self._z, "sums": self.running.accumulator.state(), **masks}

    def restore(self, step: int, state: Mapping[str, NDArray[Any]]) -> None:
        """Continue, after ``begin_epoch``, where ``state`` was taken: ``step`` batches of the epoch are done.

        Args:
            step: How many.
            state: By name, of the shapes that ``state`` tells.
        """
        self._z[...] = state["z"]
        self.running.accumulator.restore(state["sums"])
        prefix = "masks."
        self.masks.restore({name.removeprefix(prefix): kept for name, kept in state.items() if name.startswith(prefix)})
        self.fresh = False
        if step % self.window:
            self._gather(step // self.window * self.window)

    def set_update_operations(self, update: Program) -> None:
        """Set the operations that follow the backward pass of every batch; they replace those set before."""
        for batch in {id(batch): batch for batch in self._batches}.values():
            batch.program[self._own_length :] = update

    def step(self, first: int, count: int = 1) -> None:
        """Run ``count`` batches of the epoch from number ``first`` on: forward, backward, update."""
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
        chosen = [self._chosen(seed, first, first + self._window_rows) for seed in range(self._seeds)]
        rows = len(chosen[0])
        if self._gathers_by_batch:
            order = np.stack(chosen, out=self._order[:, :rows])
            self._Y.take(order, 0, self._encoded[:, :rows], "clip")
            return
        self._X.take(chosen[0], 0, self._rows[0, :rows], "clip")
        self._Y.take(chosen[0], 0, self._encoded[0, :rows], "clip")

    def _chosen(self, seed: int, start: int, stop: int) -> Indices:
        """Return the row numbers that stand at ``start`` … ``stop`` in this epoch's order."""
        if self._orders is None:
            return np.arange(start, min(stop, len(self._X)))
        return self._orders[seed][start:stop]

    def _close_window(self, step: int) -> None:
        """Add the window's rows to the running metrics, or defer them."""
        if self._defers:
            self.running.defer()
        else:
            self.running.add(self._rows_done_in_window(step))

    def _rows_done_in_window(self, step: int) -> int:
        first = step // self.window * self.window * self.batch_size
        return min((step + 1) * self.batch_size, len(self._X)) - first

    def latest(self, step: int) -> LatestStep:
        """Return copies of rows, masks and activations of batch ``step``, the latest one, without signal scales."""
        batch = self._batches[step]
        rows = batch.stop - batch.start
        first = step // self.window * self.window * self.batch_size
        return LatestStep(
            rows=[self._chosen(seed, first + batch.start, first + batch.stop) for seed in range(self._seeds)],
            masks={layer: self._true_mask(layer, step, rows) for layer in self._dropping},
            activations=[
                signal[:, :-1] / factor
                for signal, factor in zip(batch.signals.inputs, self._signal_scales[1:], strict=True)
            ],
        )

    def _true_mask(self, layer: int, step: int, rows: int) -> Floats:
        mask = self.masks.block(layer, step % self.window)[..., :rows]
        scale = self.masks.scales[layer] * self._signal_scales[layer] / self._signal_scales[layer + 1]
        shape = *mask.shape[:-1], rows
        whole = mask if mask.shape == shape else np.broadcast_to(mask, shape)
        return np.asarray(whole * self._X.dtype.type(scale))


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
