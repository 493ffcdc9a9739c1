"""A row of the data by hand, as a document: forward, the loss, backward, a step, and the wiggles beside the slopes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.numerics.by_hand import Backward, Explanation, Forward, explain
from engine.numerics.wiggle import Check, Wiggle, parameter_name, wiggle
from engine.training.samples import Sample
from engine.views.by_hand import HandNetwork
from presets.labs.contract import Cell, Table
from tui_trainer.handouts import formulas, picture_drawing
from tui_trainer.handouts.document import Block, Document, Formula, Heading, Paragraph, Picture
from tui_trainer.handouts.formulas import number
from tui_trainer.handouts.network_drawing import can_be_drawn, drawing

_PARTS = {"train": "training", "validation": "validation"}
MOST_ROWS = 40
"""Rows of a table; of more, those that tell most."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is explained.

    Attributes:
        title: The network in a few words: preset or run, epoch, seed.
        sample: The row.
        explanation: Its way forward and back.
        after: The same row once the step has been taken; None where there is none.
        features: Names of the inputs.
        classes: Names of the classes; empty where values are predicted.
        image_shape: (height, width) where a row is a picture.
        check: The check of all parameters; None where it was not asked for.
        wiggles: The wiggle of each parameter, of a network small enough.
        penalised: Whether the recipe has penalties.
    """

    title: str
    sample: Sample
    explanation: Explanation
    after: Explanation | None
    features: Sequence[str]
    classes: Sequence[str]
    image_shape: tuple[int, int] | None = None
    check: Check | None = None
    wiggles: Sequence[Wiggle] = ()
    penalised: bool = False


@dataclass(frozen=True)
class Columns:
    """What the inputs and the answers of a network are called.

    Attributes:
        features: Names of the inputs.
        classes: Names of the classes; empty where values are predicted.
        image_shape: (height, width) where a row is a picture.
    """

    features: Sequence[str]
    classes: Sequence[str]
    image_shape: tuple[int, int] | None = None


def subject(
    name: str, network: HandNetwork, columns: Columns, sample: Sample, explanation: Explanation, check: Check | None
) -> Subject:
    """Return what is explained: a row through a network, which is called by the name of its preset, file or run."""
    training, shape = network.spec.training, columns.image_shape
    head, x, y = network.head, explanation.x, explanation.y
    after = explain(explanation.updates, x, y, head, explanation.rate) if explanation.updates else None
    layers = network.layers
    wiggles = [
        wiggle(layers, x, y, head, layer, index)
        for layer, each in enumerate(layers)
        for index in (*np.ndindex(each.weights.shape), *np.ndindex(each.biases.shape))
        if check is not None and network.parameter_count <= MOST_ROWS
    ]
    return Subject(
        title=f"{name}, epoch {network.epoch}, seed {network.seed}",
        sample=sample,
        explanation=explanation,
        after=after,
        features=columns.features,
        classes=columns.classes,
        image_shape=shape if shape and np.prod(shape) == len(x) else None,
        check=check,
        wiggles=wiggles,
        penalised=training.l1 > 0 or training.l2 > 0,
    )


def document(subject: Subject) -> Document:
    """Return the document."""
    sample = subject.sample
    row = "a row of one's own" if sample.part == "typed" else f"{sample.part} row {sample.row}"
    title = f"{subject.title}: {row}, by hand"
    blocks = [*_sample(subject), *_forward(subject), *_loss(subject)]
    if subject.explanation.backward:
        blocks += [*_first_links(subject), *_backward(subject), *_step(subject)]
    else:
        blocks.append(Paragraph("This network only goes forward: a step has no slope to learn from."))
    return Document(title, (*blocks, *_wiggles(subject)))


# What goes in


def _sample(subject: Subject) -> Iterator[Block]:
    sample, explanation = subject.sample, subject.explanation
    widths = [len(explanation.x), *(len(step.z) for step in explanation.forward)]
    parameters = sum(step.weights.size + step.biases.size for step in explanation.forward)
    row = "A row that was typed in"
    if sample.part != "typed":
        part = f"the {_PARTS[sample.part]} part, which has {sample.rows:,}"
        row = f"Row {sample.row} of {part} (row {sample.table_row} of the table)"
    yield Paragraph(
        f"{row}: {_target(subject)}. The network is {'→'.join(map(str, widths))}, {parameters:,} parameters; dropout "
        "is off."
    )
    if can_be_drawn(explanation):
        yield Picture("The network: values at its neurons, weights on its lines", drawing(explanation))
    if subject.image_shape is not None:
        yield _grid(subject, explanation.x, "The row, as the network sees it", signed=False)
        return
    rows = [
        (name, float(raw), float(x)) for name, raw, x in zip(subject.features, sample.raw, explanation.x, strict=True)
    ]
    yield from _table("Inputs", ("input", "in the data", "as the network sees it"), rows, np.abs(explanation.x))


def _target(subject: Subject) -> str:
    y = subject.explanation.y
    if not subject.classes:
        return f"y = {', '.join(map(number, y))}"
    place = int(y.argmax()) if len(y) > 1 else int(y[0] >= 0.5)
    return f"{subject.classes[place]}, so y = {', '.join(map(number, y))}"


# Forward


def _forward(subject: Subject) -> Iterator[Block]:
    yield Heading("Forward")
    for layer, step in enumerate(subject.explanation.forward, start=1):
        out, fan_in = step.shape
        below = "x" if layer == 1 else f"a{layer - 1}"
        yield Heading(f"Layer {layer}: {out} × {step.activation}", 3)
        shapes = f"({out}, {fan_in})·({fan_in},) + ({out},) → ({out},)"
        letters = formulas.value_letters(step)
        yield Formula((f"z{layer} = W{layer}·{below} + b{layer}", f"shapes: {shapes}", f"a{layer} = {letters}"))
        if formulas.is_small(step):
            yield Formula(tuple(formulas.forward_lines(layer, step)))
            if fan_in > 1:
                yield from _contributions(subject, layer, step)
        else:
            rows = [(neuron, *pair) for neuron, pair in enumerate(zip(step.z.tolist(), step.a.tolist(), strict=True))]
            yield from _table("", ("neuron", f"z{layer}", f"a{layer}"), rows, np.abs(step.a))


def _contributions(subject: Subject, layer: int, step: Forward) -> Iterator[Block]:
    """Yield what each input adds to z, of a neuron that stands alone."""
    if len(step.z) > 1:
        return
    names = subject.features if layer == 1 else [f"a{layer - 1}[{neuron}]" for neuron in range(step.shape[1])]
    added = step.contributions[0]
    rows = [
        (name, float(weight), float(value), float(product), "up" if product > 0 else "down" if product < 0 else "")
        for name, weight, value, product in zip(names, step.weights[0], step.inputs, added, strict=True)
    ]
    yield from _table(
        f"What each input adds to z{layer}[0]",
        ("input", "weight", "value", "weight · value", "pushes z"),
        rows,
        np.abs(added),
    )


# The loss, and the way back


def _loss(subject: Subject) -> Iterator[Block]:
    explanation = subject.explanation
    yield Heading("The loss")
    if len(explanation.outputs) > 1:
        names = subject.classes or [f"output {place}" for place in range(len(explanation.y))]
        rows = [
            (name, float(p), float(y)) for name, p, y in zip(names, explanation.outputs, explanation.y, strict=True)
        ]
        yield from _table("", ("output", "p", "y"), rows, explanation.outputs)
    yield Formula(tuple(formulas.loss_lines(explanation)))


def _first_links(subject: Subject) -> Iterator[Block]:
    explanation = subject.explanation
    loss = explanation.loss
    yield Heading("Backward")
    yield Heading("From the loss to the last z", 3)
    if len(explanation.y) == 1:
        yield Formula(tuple(formulas.link_lines(explanation)))
    else:
        letters = formulas.gradient_letters(loss.name, len(explanation.y))
        yield Formula((f"∂L/∂p = {letters}", "∂L/∂z = Σ ∂L/∂p · ∂p/∂z"))
        columns = ("output", "p", _target_letter(explanation), "∂L/∂p", "the links multiplied out", "δ")
        yield from _table("", columns, formulas.collapse_rows(explanation), np.abs(explanation.outputs))
    if loss.collapses:
        share = f", shared among {len(loss.gradient)} outputs" if loss.name == "bce" and len(loss.gradient) > 1 else ""
        weight = " times the weight of the row" if loss.class_weight != 1 else ""
        letter = _target_letter(explanation)
        yield Paragraph(f"The links collapse: whatever p is, their product is p − {letter}{share}{weight}. This is δ.")


def _target_letter(explanation: Explanation) -> str:
    return "smoothed y" if explanation.is_smoothed else "y"


def _backward(subject: Subject) -> Iterator[Block]:
    """Yield each layer on the way back, from the last to the first."""
    forward, backward = subject.explanation.forward, subject.explanation.backward
    for place in reversed(range(len(forward))):
        layer, step, back = place + 1, forward[place], backward[place]
        out, fan_in = step.shape
        below = "x" if layer == 1 else f"a{layer - 1}"
        yield Heading(f"Layer {layer}", 3)
        if layer < len(forward):
            yield from _error(layer, step, back, forward[layer], backward[layer].delta)
        yield Formula(
            (
                f"∂L/∂W{layer} = δ{layer}·{below}ᵀ",
                f"shapes: ({out}, 1)·(1, {fan_in}) → ({out}, {fan_in})",
                f"∂L/∂b{layer} = δ{layer}",
            )
        )
        if layer == 1 and subject.image_shape is not None and out == 1:
            yield _grid(subject, back.weights[0], "∂L/∂W1, pixel by pixel", signed=True)
        yield from _parameters(subject, place)


def _grid(subject: Subject, values: Floats, title: str, *, signed: bool) -> Picture:
    return Picture(title, picture_drawing.drawing(values.reshape(subject.image_shape), title, signed=signed))


def _error(layer: int, step: Forward, back: Backward, above: Forward, delta_above: Floats) -> Iterator[Block]:
    out, above_out = len(step.z), len(above.z)
    shapes = f"({out}, {above_out})·({above_out},) → ({out},)"
    slope = formulas.derivative_letters(step)
    yield Formula(
        (
            f"∂L/∂a{layer} = W{layer + 1}ᵀ·δ{layer + 1}",
            f"shapes: {shapes}",
            f"δ{layer} = ∂L/∂a{layer} · f′(z{layer}), f′ = {slope}",
        )
    )
    if formulas.is_small(step) and above_out <= 2 * formulas.MOST_TERMS:
        yield Formula(tuple(formulas.backward_lines(layer, back, above, delta_above)))
        return
    slopes = back.derivative if back.derivative is not None else np.full(out, np.nan)
    rows = [(neuron, *map(float, row)) for neuron, row in enumerate(np.column_stack((back.error, slopes, back.delta)))]
    yield from _table("", ("neuron", f"∂L/∂a{layer}", "f′(z)", f"δ{layer}"), rows, np.abs(back.delta))


def _parameters(subject: Subject, place: int) -> Iterator[Block]:
    """Yield the parameters of a layer before and after the step, with their slopes."""
    step, back = subject.explanation.forward[place], subject.explanation.backward[place]
    after = subject.explanation.updates[place]
    before = np.column_stack([step.weights, step.biases]).reshape(-1)
    slopes = np.column_stack([back.weights, back.biases]).reshape(-1)
    moved = np.column_stack([after.weights, after.biases]).reshape(-1)
    chosen = _telling(np.abs(slopes))
    rows = [
        (_name(place, int(each), step.shape[1]), float(before[each]), float(slopes[each]), float(moved[each]))
        for each in chosen
    ]
    columns = ("parameter", "value", "slope ∂L/∂w", "after the step")
    yield from _counted("", columns, rows, len(slopes), "the steepest")


def _name(layer: int, flat: int, fan_in: int) -> str:
    """Return a parameter's name by its place among the rows (out, in + 1), the bias last."""
    neuron, column = divmod(flat, fan_in + 1)
    return parameter_name(layer, (neuron,) if column == fan_in else (neuron, column))


# A step, and the wiggles


def _step(subject: Subject) -> Iterator[Block]:
    explanation, after = subject.explanation, subject.after
    yield Heading("One step")
    yield Formula((f"w ← w − {number(explanation.rate)} · ∂L/∂w",))
    if after is not None:
        p, before = (", ".join(map(number, each.outputs[:6])) for each in (after, explanation))
        yield Paragraph(
            f"With every parameter moved, p is {p} (it was {before}) and the loss of this row "
            f"{number(after.loss.value)} (it was {number(explanation.loss.value)})."
        )
    if subject.penalised:
        yield Paragraph(
            "The recipe also has penalties on the weights. They are no part of this row's loss, and of this step."
        )


def _wiggles(subject: Subject) -> Iterator[Block]:
    check = subject.check
    if check is None or check.worst is None:
        return
    yield Heading("Wiggled")
    yield Formula(("∂L/∂w ≈ (L(w + h) − L(w − h)) / 2h",))
    rows = [(each.name, each.slope, each.measured, each.relative_error) for each in subject.wiggles]
    if rows:
        yield from _counted("", ("parameter", "slope", "measured", "relative error"), rows, len(rows), "the first")
    kinks = f" {check.kinks} stand exactly at a kink of the loss, where it has two slopes." if check.kinks else ""
    yield Paragraph(
        f"{check.checked:,} parameters were moved a little to either side, each by itself. The largest relative error "
        f"is {number(check.worst.relative_error)}, at {check.worst.name}.{kinks}"
    )


# Tables that do not grow


def _telling(sizes: Floats) -> Sequence[int]:
    """Return the places of the largest of (B,) sizes, at most ``MOST_ROWS``, in their order."""
    if len(sizes) <= MOST_ROWS:
        return range(len(sizes))
    return sorted(np.argsort(-np.nan_to_num(sizes, nan=np.inf), kind="stable")[:MOST_ROWS].tolist())


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], sizes: Floats) -> Iterator[Block]:
    """Yield a table of the rows whose sizes (B,) are the largest, and how many there are in all."""
    chosen = [rows[place] for place in _telling(sizes)]
    yield from _counted(title, columns, chosen, len(rows), "the largest")


def _counted(
    title: str, columns: tuple[str, ...], rows: Sequence[tuple[Cell, ...]], count: int, which: str
) -> Iterator[Block]:
    yield Table(title, columns, tuple(rows))
    if count > len(rows):
        yield Paragraph(f"These are {len(rows)} of {count:,}, {which}; --json has all of them.")
