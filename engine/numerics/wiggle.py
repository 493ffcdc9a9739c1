"""Derivatives of one sample's loss, measured by moving a parameter a little, beside those of backpropagation.

Everything is float64. Layers are counted from 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Floats, Indices
from engine.numerics import textbook
from engine.numerics.by_hand import MATCHED, Explanation, Masks, explain, rows_of
from engine.numerics.losses import CLIP, OutputHead
from engine.numerics.textbook import Layer

WIDTH = 1e-5
"""h of a wiggle, in units of the parameter, where what the parameter is multiplied by is at most 1."""
NARROWEST = 1e-9
"""To which h is narrowed where a kink lies within its reach."""
NOISE = 1e6
"""Relative errors are of at least so many times the rounding of a measured slope: below, they would be of noise."""
CHUNK = 2**18
"""Values of a layer that ``check`` works out at a time."""
KINKED = ("relu", "leaky_relu")


@dataclass(frozen=True)
class Wiggle:
    """One parameter moved a little to either side, beside its slope by backpropagation.

    Attributes:
        layer: Counted from 0.
        index: (neuron, input), or (neuron,) of a bias.
        value: The parameter.
        width: h, by which it was moved.
        below: Loss at value − h.
        loss: Loss at value.
        above: Loss at value + h.
        slope: ∂L/∂(parameter) by backpropagation.
        kink: Whether the loss has a kink at the value, so that its slopes to the left and right differ.
        floor: The least that ``relative_error`` is relative to: what rounding of the loss makes of a slope, times
            ``NOISE``.
    """

    layer: int
    index: tuple[int, ...]
    value: float
    width: float
    below: float
    loss: float
    above: float
    slope: float
    kink: bool
    floor: float

    @property
    def measured(self) -> float:
        """The central difference (above − below) / 2h."""
        return (self.above - self.below) / (2 * self.width)

    @property
    def one_sided(self) -> tuple[float, float]:
        """The slopes (loss − below) / h to the left and (above − loss) / h to the right."""
        return (self.loss - self.below) / self.width, (self.above - self.loss) / self.width

    @property
    def relative_error(self) -> float:
        """|measured − slope| / max(|measured|, |slope|, floor); at a kink of the slope's distance from both sides."""
        nearest = min(max(self.slope, min(self.one_sided)), max(self.one_sided)) if self.kink else self.measured
        scale = max(abs(nearest), abs(self.slope), self.floor)
        return abs(nearest - self.slope) / scale

    @property
    def name(self) -> str:
        """As ``W1[0,3]`` or ``b1[0]``: layers from 1, neurons and inputs from 0."""
        return parameter_name(self.layer, self.index)


def parameter_name(layer: int, index: tuple[int, ...]) -> str:
    """Return what a parameter is called: ``W1[0,3]``, or ``b1[0]``; the layer is counted from 0 here, from 1 there."""
    return f"{'W' if len(index) == 2 else 'b'}{layer + 1}[{','.join(map(str, index))}]"


def wiggle(
    layers: Sequence[Layer],
    x: Floats,
    y: Floats,
    head: OutputHead,
    layer: int,
    index: tuple[int, ...],
    width: float | None = None,
    masks: Masks | None = None,
) -> Wiggle:
    """Return the loss beside one parameter, and its slope by backpropagation.

    Args:
        layers: The network; left as it was.
        x: (n,) inputs, as the network sees them.
        y: (K,) targets.
        head: The last activation with its loss.
        layer: Counted from 0.
        index: (neuron, input) of a weight, (neuron,) of a bias.
        width: h. Where None, ``WIDTH`` over what the parameter is multiplied by, and narrower where a kink (of ReLU, of
            |p − y|) lies within reach.
        masks: Of dropout, one a layer; None for no dropout.

    Raises:
        ValueError: The network only goes forward.
        IndexError: There is no such parameter.
    """
    return _Prober(layers, x, y, head, masks).wiggle(layer, index, width)


class _Prober:
    """A network of which one parameter at a time is moved, on a sample.

    Args:
        layers: The network; copied.
        x: (n,) inputs.
        y: (K,) targets.
        head: The last activation with its loss.
        masks: Of dropout, one a layer; None for no dropout.

    Attributes:
        explanation: The sample and the network as it stands.

    Raises:
        ValueError: The network only goes forward.
    """

    def __init__(self, layers: Sequence[Layer], x: Floats, y: Floats, head: OutputHead, masks: Masks | None) -> None:
        self.explanation = explain(layers, x, y, head, 0.0, masks=masks)
        if not self.explanation.backward:
            raise ValueError("a network that only goes forward has no slopes")
        steps = self.explanation.forward
        self._layers = [replace(step.layer, weights=step.weights.copy(), biases=step.biases.copy()) for step in steps]
        self._head, self._masks = head, rows_of(self._layers, masks)
        self._here = _sides(self._layers, [step.z for step in steps], steps[-1].a, self.explanation.y, head)

    def wiggle(self, layer: int, index: tuple[int, ...], width: float | None = None) -> Wiggle:
        """Return the loss beside one parameter; see ``wiggle``."""
        step, back = self.explanation.forward[layer], self.explanation.backward[layer]
        of_bias, loss = len(index) == 1, self.explanation.loss.value
        array = self._layers[layer].biases if of_bias else self._layers[layer].weights
        h = WIDTH if of_bias else WIDTH / max(1.0, abs(float(step.inputs[index[1]])))
        h = h if width is None else width
        (below, kink_below), (above, kink_above) = (self._moved(array, index, move) for move in (-h, h))
        while width is None and h > NARROWEST and (kink_below or kink_above):
            h /= 10
            (below, kink_below), (above, kink_above) = (self._moved(array, index, move) for move in (-h, h))
        slope = float(back.biases[index] if of_bias else back.weights[index])
        floor = NOISE * float(np.finfo(np.float64).eps) * max(1.0, abs(loss)) / h
        kink = kink_below or kink_above
        return Wiggle(layer, index, float(array[index]), h, below, loss, above, slope, kink, floor)

    def _moved(self, array: Floats, index: tuple[int, ...], move: float) -> tuple[float, bool]:
        """Return the loss with one entry of the parameters moved, and whether a kink lies in between."""
        value, y = array[index], self.explanation.y
        with np.errstate(all="ignore"):
            try:
                array[index] = value + move
                trace = textbook.forward(self._layers, self.explanation.x[None], self._masks)
            finally:
                array[index] = value
            loss = float(self._head.row_losses(trace.z[-1].T, y[:, None])[0])
        moved_sides = _sides(self._layers, [z[0] for z in trace.z], trace.outputs[0], y, self._head)
        return loss, any((one != other).any() for one, other in zip(self._here, moved_sides, strict=True))


def _sides(layers: Sequence[Layer], zs: Sequence[Floats], outputs: Floats, y: Floats, head: OutputHead) -> list[Floats]:
    """Return −1, 0 or 1 for the side of each kink, (…, units): of ReLU and leaky ReLU, of |p − y|, of a clipped p."""
    sides = [np.sign(z) for layer, z in zip(layers, zs, strict=True) if layer.activation in KINKED]
    if head.loss.name == "mae":
        sides.append(np.sign(outputs - y))
    if head.loss.name in {"bce", "cce"} and head.name not in MATCHED:
        sides += [np.sign(outputs - CLIP), np.sign(outputs - (1 - CLIP))]
    return sides


@dataclass(frozen=True)
class Check:
    """How far the check of all parameters has come.

    Attributes:
        checked: Parameters wiggled so far.
        total: Parameters of the network.
        kinks: How many of them stand at a kink.
        worst: The one of the largest relative error so far; None before the first.
    """

    checked: int
    total: int
    kinks: int
    worst: Wiggle | None


def check(
    layers: Sequence[Layer],
    x: Floats,
    y: Floats,
    head: OutputHead,
    masks: Masks | None = None,
) -> Iterator[Check]:
    """Wiggle every weight and bias for a sample x (n,) with targets y (K,); yield how far it has come.

    It goes layer by layer, and the last time yields all of them.

    Many parameters of one layer are moved at a time, each in a row of its own: moving a weight by h moves its neuron's
    z by h times its input, and the layers above are gone through anew. Where a kink lies within reach, and for the
    worst one, ``wiggle`` does it slowly.

    Raises:
        ValueError: The network only goes forward.
    """
    prober = _Prober(layers, x, y, head, masks)
    steps = prober.explanation.forward
    done = Check(0, sum(step.weights.size + step.biases.size for step in steps), 0, None)
    for layer, step in enumerate(steps):
        widest = max(len(above.z) for above in steps[layer:])
        for flat in _chunks(step.weights.size + step.biases.size, max(1, CHUNK // widest)):
            suspects = flat[_suspects(*_errors(prober.explanation, head, layer, flat))]
            indices = [_index(int(number), step.shape[1]) for number in suspects]
            done = _with(done, len(flat), [prober.wiggle(layer, index) for index in indices])
            yield done


def _suspects(errors: Floats, kink_within: NDArray[np.bool_]) -> Indices:
    """Return the places of those with a kink within reach, and of the largest of the other errors (B,)."""
    chosen = kink_within.copy()
    if not kink_within.all():
        chosen[np.argmax(np.where(kink_within, -1.0, np.nan_to_num(errors, nan=np.inf)))] = True
    return np.flatnonzero(chosen)


def _chunks(count: int, size: int) -> Iterator[Indices]:
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def _index(number: int, fan_in: int) -> tuple[int, ...]:
    """Return the index of a parameter by its place in (out, in + 1), the bias last."""
    neuron, column = divmod(number, fan_in + 1)
    return (neuron,) if column == fan_in else (neuron, column)


def _with(done: Check, count: int, wiggles: Sequence[Wiggle]) -> Check:
    known = [] if done.worst is None else [done.worst]
    worst = max([*known, *wiggles], key=lambda each: float(np.nan_to_num(each.relative_error, nan=np.inf)))
    kinks = done.kinks + sum(each.kink for each in wiggles)
    return replace(done, checked=done.checked + count, kinks=kinks, worst=worst)


def _errors(explanation: Explanation, head: OutputHead, layer: int, flat: Indices) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the relative errors (B,) of parameters of a layer, and whether a kink lies within reach of each, (B,)."""
    step, back = explanation.forward[layer], explanation.backward[layer]
    fan_in = step.shape[1]
    neurons, columns = np.divmod(flat, fan_in + 1)
    factors = np.append(step.inputs, 1.0)[columns]
    h = WIDTH / np.maximum(1.0, np.abs(factors))
    slopes = np.column_stack([back.weights, back.biases]).reshape(-1)[flat]
    here = _losses_above(explanation, head, layer, step.z[None])[1]
    losses, kink_within = [], np.zeros(len(flat), np.bool_)
    for moved in (-h, h):
        z = np.tile(step.z, (len(flat), 1))
        z[np.arange(len(flat)), neurons] += moved * factors
        loss, sides = _losses_above(explanation, head, layer, z)
        losses.append(loss)
        for there, still in zip(sides, here, strict=True):
            kink_within |= (there != still).any(axis=1)
    with np.errstate(all="ignore"):
        measured = (losses[1] - losses[0]) / (2 * h)
        floor = NOISE * np.finfo(np.float64).eps * max(1.0, abs(explanation.loss.value)) / h
        scale = np.maximum(np.maximum(np.abs(measured), np.abs(slopes)), floor)
        return np.abs(measured - slopes) / scale, kink_within


def _activate(layer: Layer, z: Floats) -> Floats:
    """Return a (B, out) from z (B, out), to rounding as the textbook does.

    Of 574,081 parameters in layers of 128 sigmoids, ``sigmoid`` by logarithms took 21 of 38 seconds.
    """
    if layer.activation == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-z)))
    return layer.function.value(z.T).T


def _losses_above(explanation: Explanation, head: OutputHead, layer: int, z: Floats) -> tuple[Floats, list[Floats]]:
    """Return the losses (B,) of rows of z (B, out) of a layer, and on which side of each kink they lie."""
    steps, y = explanation.forward, explanation.y
    zs = [z]
    with np.errstate(all="ignore"):
        for step, above in zip(steps[layer:], steps[layer + 1 :], strict=False):
            signal = _activate(step.layer, zs[-1])
            signal = signal if step.mask is None else signal * step.mask
            zs.append(signal @ above.weights.T + above.biases)
        outputs = _activate(steps[-1].layer, zs[-1])
        layers = [step.layer for step in steps[layer:]]
        losses = head.row_losses(zs[-1].T, np.tile(y[:, None], (1, len(z))))
        return losses, _sides(layers, zs, outputs, y, head)
