"""A program from its template: what all libraries have in common, and what is said of each."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import jinja2

from engine.data.derived import place_of
from engine.errors import sanitize
from engine.export.subject import Subject
from engine.run.changes import Change, EditNetwork, TurnDial
from engine.spec.expressions import Call, Column, Expression, Number, Operation, parse

Context = dict[str, Any]
"""What a template is filled in with, by name."""

_MANY_BLANK_LINES = re.compile(r"\n{3,}(?=[^ \n])|\n{2,}(?= )")
TOLD_CHANGES = 6
"""More are only counted."""


@dataclass(frozen=True)
class Program:
    """A program, and what it does not do as the run did, a line each."""

    text: str
    remarks: tuple[str, ...]


def fill_in(template: str, subject: Subject, title: str, context: Context, remarks: Sequence[str]) -> Program:
    """Return the program that a template makes of a subject.

    Args:
        template: The template's file name.
        subject: What is exported.
        title: The first line of the program's docstring.
        context: What is the library's own.
        remarks: What the library does not do as the run did.
    """
    said = (*common_remarks(subject), *remarks)
    every = {**common(subject), **context, "title": title, "remarks": [_in_docstring(remark) for remark in said]}
    text = _templates().get_template(template).render(every)
    return Program(_MANY_BLANK_LINES.sub(_blank_lines, text).rstrip("\n") + "\n", said)


def _blank_lines(match: re.Match[str]) -> str:
    return "\n\n\n" if match.string[match.end() : match.end() + 1] not in {" ", '"', "}", "]"} else "\n\n"


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("engine.export"),
        autoescape=False,  # noqa: S701 - these are programs, no pages; texts from outside come as literals
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = quoted
    return environment


def quoted(text: str) -> str:
    """Return a text as a literal of Python, in double quotes."""
    escaped = sanitize(text, 1000).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_docstring(text: str) -> str:
    return sanitize(text, 1000).replace("\\", "\\\\").replace('"""', "'''").replace('"', "'")


def common(subject: Subject) -> Context:
    """Return what every template is filled in with."""
    training, network = subject.training, subject.network
    learned = subject.learned is not None
    meaning = "X: the raw rows; answers: the run's" if learned else "X: made-up rows; answers: the run's"
    what = "class numbers" if subject.classes else "values"
    return {
        "trains": not subject.why_not_trained,
        "why_not": subject.why_not_trained,
        "meaning_of_weights": "W1 (out, in), b1 (out,), W2 …, and what inputs are scaled by",
        "meaning_of_data": meaning + (f"; y: {what}; validation: rows held out" if learned else ""),
        "columns": subject.columns,
        "outputs": subject.outputs,
        "sizes": subject.sizes,
        "dtype": f"np.{training.dtype}",
        "scale": scale(subject),
        "drops": subject.drops,
        "mask": network.spec.network.dropout_mask,
        "hidden": len(subject.layers) > 1,
        "validates": subject.validates,
        "patience": subject.patience,
        "minimum_change": training.stopping.minimum_change,
        "restores_best": training.stopping.restore_best,
        "clip": training.clip,
        "shuffles": training.shuffle and training.batch_size != "full",
        "score_name": "accuracy" if subject.classes else "r²",
    }


def scale(subject: Subject) -> list[str]:
    """Return the body of ``scale(X)``, line by line: missing values filled in, then the affine map, in float64."""
    lines = derived_columns(subject)
    fills = bool(getattr(subject.network.spec.data, "missing", "") == "mean")
    lines += ['X = np.where(np.isnan(X), stored["fill"], X)  # missing values'] if fills else []
    unscaled = subject.network.preparation.scaler.kind == "none"
    scaled = "X" if unscaled else '((X - stored["offset"]) / stored["scale"])'
    return [*lines, f"return {scaled}.astype(np.{subject.training.dtype})"]


def derived_columns(subject: Subject) -> list[str]:
    """Return the lines that append the derived columns to raw rows X."""
    preparation = subject.network.preparation
    if not preparation.derived:
        return []
    formulas = [
        f"    {ast.unparse(_code(parse(text), preparation.feature_names))},  # {sanitize(text)}"
        for text in preparation.derived
    ]
    return ["derived = [", *formulas, "]", "X = np.column_stack([X, *derived])"]


_OPERATORS: Mapping[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "^": ast.Pow(),
}


def _code(expression: Expression, names: Sequence[str]) -> ast.expr:
    """Return a formula over the columns ``names`` as Python's syntax over the rows X."""
    match expression:
        case Number(value):
            return ast.Constant(int(value) if value.is_integer() and abs(value) < 2**53 else value)
        case Column(name):
            place = ast.Tuple([ast.Slice(), ast.Constant(place_of(name, names))])
            return ast.Subscript(ast.Name("X"), place)
        case Call("-", argument):
            return ast.UnaryOp(ast.USub(), _code(argument, names))
        case Call(function, argument):
            return ast.Call(ast.Attribute(ast.Name("np"), function), [_code(argument, names)], [])
        case Operation(operator, left, right):
            return ast.BinOp(_code(left, names), _OPERATORS[operator], _code(right, names))


def title_of(subject: Subject, library: str) -> str:
    """Return the first line of a program's docstring."""
    network, sizes = subject.network, "-".join(map(str, subject.sizes))
    title = f"Run {network.run.name} (seed {network.seed}, epoch {network.epoch}) in {library}: {sizes}."
    return textwrap.shorten(title, 110, placeholder=" …")


def constants(
    subject: Subject, activations: Sequence[str], *, listed_sizes: bool = True, averages: bool = True
) -> list[str]:
    """Return the lines that name the recipe's numbers: those that the program uses."""
    training = subject.training
    lines = [f"SIZES = {subject.sizes}"] if listed_sizes else []
    if "leaky_relu" in activations:
        lines.append(f"NEGATIVE_SLOPE = {subject.network.spec.network.negative_slope!r}")
    if subject.why_not_trained:
        return lines
    if subject.drops and listed_sizes:
        lines.append(f"DROPOUT = {[layer.dropout for layer in subject.layers]}")
    lines.append(
        "RATE, BATCH, EPOCHS, SEED = "
        f"{training.learning_rate!r}, {subject.batch}, {training.epochs}, {subject.network.seed}"
    )
    used = {
        "MOMENTUM": (training.momentum, training.optimizer in {"momentum", "rmsprop"}),
        "BETA1": (training.beta1, training.optimizer in {"adam", "adamw"}),
        "BETA2": (training.beta2, training.optimizer in {"adam", "adamw"}),
        "EPSILON": (training.epsilon, training.optimizer in {"rmsprop", "adam", "adamw"}),
        "WEIGHT_DECAY": (training.weight_decay, training.optimizer == "adamw"),
        "L1": (training.l1, bool(training.l1)),
        "L2": (training.l2, bool(training.l2)),
        "CLIP": (training.clip, bool(training.clip)),
        "SMOOTHING": (training.label_smoothing, bool(training.label_smoothing)),
        "PATIENCE": (subject.patience, bool(subject.patience)),
    }
    wanted = used.keys() if averages else {"PATIENCE"}
    names = [name for name, (_, is_used) in used.items() if is_used and name in wanted]
    if names:
        lines.append(f"{', '.join(names)} = {', '.join(repr(used[name][0]) for name in names)}")
    if subject.learned is not None and subject.learned.class_weights:
        weights = ", ".join(f"{weight:.9g}" for weight in subject.learned.class_weights)
        lines.append(f"CLASS_WEIGHTS = np.array([{weights}], np.{training.dtype})")
    return lines


def rate_factor(subject: Subject, passed: str) -> str:
    """Return what the rate is multiplied by after epochs ``passed``, in Python; empty where it is constant."""
    training, schedule = subject.training, subject.training.schedule
    factor, every = schedule.factor, schedule.every
    cosine = f"0.5 * (1 + np.cos(np.pi * {passed} / {max(training.epochs - 1, 1)}))"
    return {
        "constant": "",
        "step": f"{factor!r} ** ({passed} // {every})",
        "exponential": f"{factor!r} ** {passed}",
        "cosine": f"{factor!r} + {1 - factor!r} * {cosine}",
        "inverse": f"1 / (1 + {factor!r} * {passed})",
    }[schedule.kind]


def rescaled(subject: Subject, outputs: str) -> str:
    """Return the answers in the data's own units, as an expression over the outputs."""
    scales = subject.network.preparation.target_scaler is not None
    return f'{outputs} * stored["target_scale"] + stored["target_offset"]' if scales else outputs


def _told(change: Change) -> str:
    match change:
        case TurnDial():
            return f"{change.path} = {sanitize(change.value, 40)} from epoch {change.epoch}"
        case EditNetwork(edit=edit):
            values = edit.model_dump(exclude={"kind", "layer", "keep"}, exclude_none=True)
            to = "".join(f", {name} {value}" for name, value in values.items())
            return f"{edit.kind.replace('-', ' ')} (layer {edit.layer + 1}{to}) in epoch {change.epoch}"
    return f"{change.kind.replace('-', ' ')} in epoch {change.epoch}"


def common_remarks(subject: Subject) -> list[str]:
    """Return what no program does as the run did."""
    remarks = []
    seeds = subject.network.run.description.seeds
    if len(seeds) > 1:
        remarks.append(f"the run has {len(seeds)} networks; this is the one of seed {subject.network.seed}")
    if subject.learned is None:
        remarks.append(f"data.npz has made-up rows, as the run's cannot be read any more: {subject.missing}")
    changes = subject.changes()
    if changes and not subject.why_not_trained:
        told = [_told(change) for change in changes[:TOLD_CHANGES]]
        more = f", and {len(changes) - TOLD_CHANGES} more" if len(changes) > TOLD_CHANGES else ""
        remarks.append(
            f"--train follows the recipe as it stood in the end; in the run it became so: {', '.join(told)}{more}"
        )
    return remarks
