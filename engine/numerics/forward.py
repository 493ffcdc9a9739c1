"""The forward pass alone, compiled once and replayed: dropout off, over rows that stay the same.

Many rows are taken in chunks through one set of buffers, so that the memory depends on neither their number nor the
width of the layers, and a chunk stays in the cache from layer to layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.numerics.compiler import Architecture, Compiler, Program, Signals, run_program, with_ones
from engine.numerics.parameters import Parameters

CHUNK_BYTES = 8 * 2**20
FEWEST_ROWS, MOST_ROWS = 128, 4096
"""In a chunk."""


@dataclass(frozen=True)
class _Pass:
    """Forward over so many rows: where they go in, what is done, and where z and the signals come out."""

    rows: Floats
    program: Program
    z: Floats
    signals: Signals


class ForwardPlan:
    """Forward over fixed rows: the evaluation of a part, or of a plane through the inputs.

    Args:
        parameters: Read at each run.
        architecture: Layers and output head.
        X: (N, n) inputs.
        chunk: Rows at a time; by default so many that a chunk and what the layers make of it take a few megabytes.
    """

    def __init__(self, parameters: Parameters, architecture: Architecture, X: Floats, chunk: int | None = None) -> None:
        dtype, seeds = parameters.flat.dtype, len(parameters.flat)
        self._head = architecture.head
        self._rows = with_ones(X, dtype)
        self._z = np.empty((seeds, parameters.sizes[-1], len(X)), dtype)
        row_size = parameters.sizes[0] + seeds * sum(parameters.sizes[1:])
        chunk = chunk or _rows_within(CHUNK_BYTES, row_size * dtype.itemsize)
        self._chunks = [slice(start, min(start + chunk, len(X))) for start in range(0, len(X), chunk)]
        compiler = Compiler(parameters, architecture, [1.0] * len(architecture.layers), keeps_nan=True)
        sizes = {chosen.stop - chosen.start for chosen in self._chunks}
        self._passes = {size: self._compile(compiler, parameters.sizes, size) for size in sizes}

    def _compile(self, compiler: Compiler, sizes: Sequence[int], count: int) -> _Pass:
        dtype, seeds, layers = self._z.dtype, len(self._z), len(sizes) - 1
        whole = count == len(self._rows)
        rows = self._rows if whole else np.empty((count, self._rows.shape[1]), dtype)
        z = self._z if whole else np.empty((*self._z.shape[:2], count), dtype)
        signals = Signals(sizes, [False] * layers, [1.0] * layers, seeds, count, dtype)
        return _Pass(rows, compiler.forward(rows, signals, compiler.view(z), {}), z, signals)

    def _walk(self) -> Iterator[tuple[slice, _Pass]]:
        """Yield chunk by chunk the rows' places and the pass over them, whose buffers the next chunk overwrites."""
        for chosen in self._chunks:
            forward = self._passes[chosen.stop - chosen.start]
            if forward.rows is not self._rows:
                np.copyto(forward.rows, self._rows[chosen])
            run_program(forward.program)
            yield chosen, forward

    def run(self) -> Floats:
        """Return z of the output, (S, K, N); the array is overwritten by the next run."""
        for chosen, forward in self._walk():
            if forward.z is not self._z:
                self._z[..., chosen] = forward.z
        return self._z

    def outputs(self) -> Floats:
        """Return the outputs p, (S, K, N)."""
        return self._head.value(self.run())

    def activations(self) -> list[Floats]:
        """Return (S, units, N) of each hidden layer."""
        chunks = [[signal[:, :-1].copy() for signal in forward.signals.inputs] for _, forward in self._walk()]
        return [np.concatenate(layer, axis=-1) for layer in zip(*chunks, strict=True)]

    def neuron(self, layer: int, neuron: int) -> Floats:
        """Return (S, N), the activations of one neuron of a hidden layer."""
        return np.concatenate([forward.signals.inputs[layer][:, neuron].copy() for _, forward in self._walk()], axis=-1)


def _rows_within(size: int, row_bytes: int) -> int:
    return max(FEWEST_ROWS, min(MOST_ROWS, size // row_bytes))
