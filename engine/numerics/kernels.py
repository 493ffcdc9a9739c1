"""Activations and output heads as operations on fixed buffers: ``activations`` and ``losses`` without new arrays.

Each function returns a list of (function, arguments); nothing runs here. Buffers are (…, units, B). Where two ways give
the same numbers, the one with fewer or cheaper calls was chosen, measured in float32: on (16, 32) ``fmax`` with a
same-shaped zero takes 0.28 µs against 0.34 for ``maximum`` with a scalar, which is also not vectorised; on (64, 500)
the gate of ReLU as a comparison, whose truth values are then copied as bytes, takes 6 µs, as ``ceil(fmin(a, 1))`` 9, as
``sign(a)`` 18. Every gate is exact: any positive number opens it, however small. ``fmax`` makes 0 of NaN, where
``maximum``, whose output has to be given by name, would take .15 µs more a step; only evaluations keep NaN, and
``engine.training.finiteness`` looks for it each epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.array_types import Floats
from engine.declarations.activations import LEAK
from engine.numerics.activations import Activation
from engine.numerics.losses import OutputHead
from engine.numerics.optimizers import Op
from engine.numerics.workspace import Workspace

SMALL = 1024
"""Up to so many numbers in a buffer one slow call costs less than two fast ones."""


def sigmoid(a: Floats, space: Workspace, signal_scale: float = 1.0, into: float = 1.0) -> list[Op]:
    """Return operations that turn z into σ(z) = ½ tanh(z / 2) + ½ in place.

    Args:
        a: (…, units, B), ``signal_scale`` · z before, ``into`` · σ(z) after.
        space: For constants.
        signal_scale: Scale of what comes in.
        into: Scale of what goes out.
    """
    half = space.constant(into / 2, a.dtype)
    halved = [] if signal_scale == 0.5 else [(np.multiply, (a, space.constant(0.5 / signal_scale, a.dtype), a))]
    scaled = [] if into == 2 else [(np.multiply, (a, half, a))]
    return [*halved, (np.tanh, (a, a)), *scaled, (np.add, (a, half, a))]


def sigmoid_derivative(a: Floats, derivative: Floats, signal_scale: float | Floats = 1.0) -> list[Op]:
    """Return operations that write a (1 − a) into ``derivative``; signal_scale² times as much where a is scaled.

    All are (…, units, B); the scale is a number, or an array of that shape.
    """
    one = np.asarray(signal_scale, a.dtype)  # never a Python float: a conversion per call
    return [(np.subtract, (one, a, derivative)), (np.multiply, (derivative, a, derivative))]


def _relu_derivative(a: Floats, gate: Floats, space: Workspace) -> list[Op]:
    """Write 1 where a (…, units, B), which is never negative, is positive, else 0."""
    if a.size <= SMALL:
        return [(np.sign, (a, gate))]
    is_open = space.empty("is open", a.shape, np.bool_)
    return [(np.greater, (a, space.constant(0, a.dtype), is_open)), (np.copyto, (gate, is_open.view(np.int8)))]


def _leaky_relu(slope: float, a: Floats, space: Workspace) -> list[Op]:
    leaked = space.like("leaked", a)
    return [(np.multiply, (a, space.constant(slope, a.dtype), leaked)), (np.fmax, (a, leaked, a))]


def _leaky_relu_derivative(slope: float, a: Floats, derivative: Floats, space: Workspace) -> list[Op]:
    return [
        (np.sign, (a, derivative)),
        (np.fmax, (derivative, space.constant(slope, a.dtype, a.shape), derivative)),
    ]


def _softmax(a: Floats, space: Workspace) -> list[Op]:
    row = space.like("a row", a[..., :1, :])
    return [
        (np.maximum.reduce, (a, -2, None, row, True)),
        (np.subtract, (a, row, a)),
        (np.exp, (a, a)),
        (np.add.reduce, (a, -2, None, row, True)),
        (np.divide, (a, row, a)),
    ]


@dataclass(frozen=True)
class ActivationKernel:
    """An activation as operations on buffers (…, units, B).

    Attributes:
        activate: Operations that turn z into a in place, from (a, workspace).
        derivative: Operations that write f′(z), read off a, from (a, derivative, workspace); None where a layer with
            this activation does not learn, or only in the output.
    """

    activate: Callable[[Floats, Workspace], list[Op]]
    derivative: Callable[[Floats, Floats, Workspace], list[Op]] | None = None


def _leaky_relu_kernel(slope: float) -> ActivationKernel:
    return ActivationKernel(partial(_leaky_relu, slope), partial(_leaky_relu_derivative, slope))


ACTIVATION_KERNELS: dict[str, ActivationKernel] = {
    "identity": ActivationKernel(
        lambda _a, _space: [],
        lambda a, derivative, space: [(np.copyto, (derivative, space.constant(1, a.dtype)))],
    ),
    "step": ActivationKernel(lambda a, space: [(np.heaviside, (a, space.constant(0, a.dtype, a.shape), a))]),
    "sigmoid": ActivationKernel(sigmoid, lambda a, derivative, _space: sigmoid_derivative(a, derivative)),
    "tanh": ActivationKernel(
        lambda a, _space: [(np.tanh, (a, a))],
        lambda a, derivative, space: [
            (np.multiply, (a, a, derivative)),
            (np.subtract, (space.constant(1, a.dtype), derivative, derivative)),
        ],
    ),
    # In a band the zeros are those of one seed, which the others share.
    "relu": ActivationKernel(
        lambda a, space: [(np.fmax, (a, space.constant(0, a.dtype, a.shape[-2:]), a))], _relu_derivative
    ),
    "leaky_relu": _leaky_relu_kernel(LEAK),
    "softmax": ActivationKernel(_softmax),
}
"""By name; a sigmoid whose signals are scaled has ``sigmoid`` and ``sigmoid_derivative`` to itself, and leaky ReLU,
of another slope than usual, has a kernel of its own."""


def _kernel(activation: Activation) -> ActivationKernel:
    if activation.name == "leaky_relu":
        return _leaky_relu_kernel(activation.negative_slope)
    return ACTIVATION_KERNELS[activation.name]


def activate(activation: Activation, a: Floats, space: Workspace, *, keeps_nan: bool = False) -> list[Op]:
    """Return operations that turn z (…, units, B) into a in place; unless ``keeps_nan``, ReLU makes 0 of NaN."""
    if keeps_nan and activation.name == "relu":
        return [(partial(np.maximum, out=a), (a, space.constant(0, a.dtype, a.shape[-2:])))]
    return _kernel(activation).activate(a, space)


def write_derivative(
    activation: Activation, a: Floats, derivative: Floats, space: Workspace, signal_scale: float | Floats = 1.0
) -> list[Op]:
    """Return operations that write f′(z), read off a, into ``derivative``; all are (…, units, B).

    Args:
        activation: f.
        a: Activations; a sigmoid's may be scaled.
        derivative: What is written: f′(z), times signal_scale² for a sigmoid.
        space: For constants.
        signal_scale: a over the true a; a number, or an array of a's shape.

    Raises:
        ValueError: The activation has no derivative of its own: softmax, step.
    """
    if activation.name == "sigmoid":
        return sigmoid_derivative(a, derivative, signal_scale)
    write = _kernel(activation).derivative
    if write is None:
        raise ValueError(f"{activation.name} has no derivative of its own")
    return write(a, derivative, space)


def multiply_by_derivative(
    activation: Activation, delta: Floats, a: Floats, space: Workspace, signal_scale: float = 1.0
) -> list[Op]:
    """Return operations that multiply delta (…, units, B) by what ``write_derivative`` writes, in place.

    Raises:
        ValueError: The activation has no derivative of its own.
    """
    if activation.name == "identity":
        return []
    if activation.name == "relu" and a.ndim == 3:
        # Slower by itself than the gate as numbers, but what a band works on has to stay in the cache.
        gate = space.empty("gate", a.shape, np.bool_)
        return [(np.greater, (a, space.constant(0, a.dtype), gate)), (np.multiply, (delta, gate, delta))]
    derivative = space.like("derivative", a)
    write = write_derivative(activation, a, derivative, space, signal_scale)
    return [*write, (np.multiply, (delta, derivative, delta))]


def preferred_scale(head: OutputHead) -> float:
    """Return the signal scale of z that spares ``output_delta`` a multiplication: ½ where it takes tanh(z / 2)."""
    return 0.5 if head.name == "sigmoid+bce" else 1.0


def encode_targets(head: OutputHead, y: Floats) -> None:
    """Turn targets y (any shape) in place into what ``output_delta`` takes: 2y − 1 for sigmoid with BCE, else y."""
    if head.name == "sigmoid+bce":
        np.multiply(y, 2, out=y)
        np.subtract(y, 1, out=y)


def decode_targets(head: OutputHead, y: Floats) -> Floats:
    """Return the targets y that ``encode_targets`` was given, in the shape of the encoded ones."""
    return np.asarray((y + 1) * y.dtype.type(0.5)) if head.name == "sigmoid+bce" else y


def output_delta(
    head: OutputHead, z: Floats, y: Floats, delta: Floats, space: Workspace, signal_scale: float
) -> list[Op]:
    """Return operations that write ∂(mean loss)/∂z, divided by the signal scale, into ``delta``.

    Args:
        head: Last activation and loss.
        z: (…, K, B), times the signal scale; may be overwritten.
        y: (…, K, B) targets, as ``encode_targets`` gives them.
        delta: (…, K, B), written.
        space: For constants and the outputs.
        signal_scale: 1, but for sigmoid with BCE.
    """
    if head.class_weights:
        unweighted = output_delta(replace(head, class_weights=()), z, y, delta, space, signal_scale)
        return [*unweighted, *_weigh_rows(head.class_weights, y, delta, space)]
    if head.label_smoothing:
        smoothed = space.like("smoothed targets", y)
        plain = output_delta(replace(head, label_smoothing=0.0), z, smoothed, delta, space, signal_scale)
        return [*_smooth_targets(head, y, smoothed, space), *plain]
    outputs, rows = z.shape[-2:]
    if head.name == "sigmoid+bce":
        return _sigmoid_bce_delta(z, y, delta, space, signal_scale)
    p = space.like("outputs", z)
    to_outputs = [(np.copyto, (p, z)), *activate(head.activation, p, space)]
    if head.name == "softmax+cce":
        return [
            *to_outputs,
            (np.subtract, (p, y, delta)),
            (np.multiply, (delta, space.constant(1 / rows, z.dtype), delta)),
        ]
    if head.loss.name == "mse":
        return [
            *to_outputs,
            (np.subtract, (p, y, delta)),
            (np.multiply, (delta, space.constant(2 / (outputs * rows), z.dtype), delta)),
            *multiply_by_derivative(head.activation, delta, p, space),
        ]
    # Rare pairs are not worth operations of their own.
    return [*to_outputs, (_general_delta, (head, p, y, delta, 1 / rows))]


def _sigmoid_bce_delta(z: Floats, y: Floats, delta: Floats, space: Workspace, signal_scale: float) -> list[Op]:
    """Write (p − y) / (K B), from p − y = ½ (tanh(z / 2) − (2y − 1)); y holds 2y − 1."""
    outputs, rows = z.shape[-2:]
    halved = [] if signal_scale == 0.5 else [(np.multiply, (z, space.constant(0.5 / signal_scale, z.dtype), delta))]
    return [
        *halved,
        (np.tanh, (delta if halved else z, delta)),
        (np.subtract, (delta, y, delta)),
        (np.multiply, (delta, space.constant(0.5 / (signal_scale * outputs * rows), z.dtype), delta)),
    ]


def _smooth_targets(head: OutputHead, y: Floats, smoothed: Floats, space: Workspace) -> list[Op]:
    """Write encoded targets (…, K, B) drawn towards all classes alike: of −1 and 1 a factor is all it takes."""
    scale: Op = (np.multiply, (y, space.constant(1 - head.label_smoothing, y.dtype), smoothed))
    if head.name == "sigmoid+bce":
        return [scale]
    return [scale, (np.add, (smoothed, space.constant(head.smoothed_zero(y.shape[-2]), y.dtype), smoothed))]


def _weigh_rows(class_weights: tuple[float, ...], y: Floats, delta: Floats, space: Workspace) -> list[Op]:
    """Multiply delta (…, K, B) by the weight of each row's class; encoded targets (…, K, B) tell classes at ½ too."""
    of_rows = (*y.shape[:-2], y.shape[-1])
    weights = space.empty("row weights", of_rows, delta.dtype)
    if y.shape[-2] == 1:
        classes = space.empty("second class", of_rows, np.bool_)
        find_classes: Op = (np.greater_equal, (y[..., 0, :], space.constant(0.5, y.dtype), classes))
    else:
        classes = space.empty("class numbers", of_rows, np.intp)
        find_classes = (np.argmax, (y, -2, classes))
    return [
        find_classes,
        (np.array(class_weights, delta.dtype).take, (classes, None, weights, "clip")),
        (np.multiply, (delta, weights[..., None, :], delta)),
    ]


def _general_delta(head: OutputHead, p: Floats, y: Floats, delta: Floats, share: float) -> None:
    np.multiply(head.delta(p, y), delta.dtype.type(share), out=delta)
