"""The sample that a worker has answered with, for the by-hand screen; and what is said of it in a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from engine.declarations.activations import LEAK
from engine.errors import sanitize
from engine.numerics.by_hand import Penalties, float64_layers
from engine.numerics.losses import OutputHead, make_output_head
from engine.protocol.queries import AnyQuery, ByHandQuery, WeightsQuery
from engine.protocol.views import by_layer
from tui_trainer.formatting import count
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import HIDDEN, ByHandModel
from tui_trainer.view_models.by_hand_numbers import number
from tui_trainer.view_models.by_hand_sample import Sample, is_same_row
from tui_trainer.view_models.by_hand_steps import Step
from tui_trainer.view_models.dashboard import DashboardModel
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

Arrays = Mapping[str, NDArray[Any]]
ID = "by-hand"
LONGEST_NAME = 24
PARTS: Final = ("train", "validation", "typed")
"""By the numbers that an answer has for them; the last is a row of one's own."""


def queries_for(query: ByHandQuery, run: RunModel) -> tuple[AnyQuery, ...]:
    """Return what frames must answer: the row; and the weights, where the network is too large to come with it."""
    arrays = run.answers.get(ID, {})
    return (query, WeightsQuery()) if arrays and "0" not in arrays else (query,)


def is_answered(run: RunModel, query: ByHandQuery) -> bool:
    """Return whether the newest answer is to this very query."""
    answer = run.answered.get(ID)
    return answer is not None and answer.query == query


def refusal(run: RunModel) -> str:
    """Return why there is no sample to show, empty where there is one or nobody has answered."""
    answer = run.answered.get(ID)
    return sanitize(answer.refusal).removeprefix(f"{ID}: ") if answer is not None and answer.refusal else ""


def sample_of(model: DashboardModel, *, masked: bool) -> Sample | None:
    """Return the sample that was answered with, None where there is none, or not all of its network yet.

    Args:
        model: The run that is shown.
        masked: Whether the masks of the latest batch are to be on it, where it was in that.
    """
    run = model.run
    arrays = run.answers.get(ID, {})
    layers = [layer.activation for layer in run.spec.network.layers]
    parameters = by_layer(arrays) or run.weights
    if "x" not in arrays or sorted(parameters) != list(range(len(layers))):
        return None
    if parameters[0].shape[1] != len(arrays["x"]) + 1:
        return None
    row, _, part, rows = (int(number) for number in arrays["place"])
    training = run.spec.training
    masks = by_layer(arrays, "masks")
    return Sample(
        layers=tuple(float64_layers([parameters[index] for index in range(len(layers))], layers, _slope(arrays))),
        x=arrays["x"],
        y=arrays["y"],
        head=_head(run, arrays),
        rate=float(arrays["rate"][0]),
        penalties=Penalties(training.l1, training.l2),
        masks=[masks.get(index) for index in range(len(layers))] if masks else None,
        masked=masked,
        raw=arrays["raw"],
        features=tuple(sanitize(name, LONGEST_NAME) for name in run.welcome.feature_names),
        classes=tuple(sanitize(name, LONGEST_NAME) for name in run.welcome.classes),
        part=PARTS[part],
        row=row,
        rows=rows,
        epoch=run.frame.epoch if model.visiting is None else model.visiting,
        step=run.frame.step if model.visiting is None else 0,
        picture=run.welcome.image_shape,
    )


def held(before: Sample, now: Sample) -> Sample:
    """Return a sample in the network as it was with the one before; masks of a batch since then are not its own."""
    if is_same_row(before, now):
        return before if before.masked == now.masked else replace(before, masked=now.masked)
    network = {name: getattr(before, name) for name in ("layers", "rate", "head", "epoch", "step")}
    return replace(now, masks=None, **network)


def _head(run: RunModel, arrays: Arrays) -> OutputHead:
    head = make_output_head(run.spec.network.layers[-1].activation, run.spec.training.loss, _slope(arrays))
    if "class_weights" in arrays:
        head = replace(head, class_weights=tuple(float(weight) for weight in arrays["class_weights"]))
    if "label_smoothing" in arrays:
        head = replace(head, label_smoothing=float(arrays["label_smoothing"][0]))
    return head


def _slope(arrays: Arrays) -> float:
    """Return the slope of leaky ReLU left of zero, which is told where it is not the usual one."""
    return float(arrays["negative_slope"][0]) if "negative_slope" in arrays else LEAK


def place_text(model: DashboardModel, sample: Sample) -> str:
    """Return when the network was as it is: ``epoch 12, step 3``."""
    step = f", {model.word('step')} {sample.step}" if sample.step else ""
    return f"{model.word('epoch')} {count(sample.epoch)}{step}"


def sample_parts(model: DashboardModel, by_hand: ByHandModel, *, follows: bool) -> list[StyledLine]:
    """Return what is said of the sample, the most important first: which, the truth, the answer, when."""
    sample = by_hand.known.sample
    parts: list[StyledLine] = [
        [(_row_text(model, sample), Ink.BRIGHT)],
        [("truth ", Ink.MUTED), (_truth(sample), Ink.TEXT)],
        _answer(by_hand),
        [(place_text(model, sample), Ink.MUTED)],
    ]
    if sample.masks_on is not None:
        parts.append([("with the mask of its batch", Ink.ACCENT)])
    if model.is_running and not follows:
        parts.append([("stands while training goes on", Ink.WARNING)])
    return parts


def _row_text(model: DashboardModel, sample: Sample) -> str:
    if sample.part == "typed":
        return "a row of your own"
    return f"{model.word(sample.part)} row {count(sample.row)} of {count(sample.rows)}"


def _truth(sample: Sample) -> str:
    y = sample.y
    if not sample.classes:
        return ", ".join(number(float(value)) for value in y[:3])
    which = int(y.argmax()) if len(y) > 1 else int(y[0] >= 0.5)
    return sample.classes[which] if which < len(sample.classes) else str(which)


def _answer(by_hand: ByHandModel) -> StyledLine:
    """Return the network's answer, and whether that is right; nothing where it is to be guessed."""
    sample, outputs = by_hand.known.sample, by_hand.known.explanation.outputs
    last = Step("a", len(by_hand.path.widths) - 2)
    outputs_shown = [by_hand.shown(last, unit) for unit in range(len(outputs))]
    if any(text == HIDDEN for text, _ in outputs_shown) or not np.isfinite(outputs).all():
        return [("answer ", Ink.MUTED), (HIDDEN, Ink.WARNING)]
    if not sample.classes:
        return [("answer ", Ink.MUTED), (", ".join(text for text, _ in outputs_shown[:3]), Ink.TEXT)]
    lone = len(outputs) == 1
    which = int(outputs[0] >= 0.5) if lone else int(outputs.argmax())
    truth = int(sample.y[0] >= 0.5) if lone else int(sample.y.argmax())
    sure = float(outputs[0] if lone and which else 1 - outputs[0] if lone else outputs[which])
    name = sample.classes[which] if which < len(sample.classes) else str(which)
    verdict = ("right", Ink.GOOD) if which == truth else ("wrong", Ink.ERROR)
    return [("answer ", Ink.MUTED), (f"{name} {number(sure)}, ", Ink.TEXT), verdict]
