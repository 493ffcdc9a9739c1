"""A step by hand of its whole layer: the shapes of what is multiplied, and small matrices written out."""

from __future__ import annotations

from typing import Final

from tui_trainer.formatting import cell_width, rjust
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.by_hand import ByHandModel
from tui_trainer.view_models.by_hand_names import Piece, delta, joined, op, parameter, signal, vector, weight
from tui_trainer.view_models.by_hand_sample import Quantity
from tui_trainer.view_models.styled_text import StyledLine

MOST_ROWS: Final = 4
"""Rows and columns of the matrices that are written out."""


def shapes(model: ByHandModel) -> str:
    """Return the shapes of what the step multiplies, for the whole layer: (rows, columns), of one sample."""
    layer, explanation = model.step.layer, model.known.explanation
    out, fan_in = explanation.forward[layer].shape
    n, above = layer + 1, model.path.widths[min(layer + 2, len(model.path.widths) - 1)]
    fed = vector(model, layer - 1)
    texts = {
        "z": f"W{n} ({out},{fan_in}) · {fed} ({fan_in},1) + b{n} ({out},1) → z{n} ({out},1)",
        "a": f"({out},1) → ({out},1)",
        "signal": f"a{n} ({out},1) ⊙ mask ({out},1) → s{n} ({out},1)",
        "loss": f"p ({out},1) and y ({out},1) → L, one number",
        "output": f"p ({out},1) − y ({out},1) → δ{n} ({out},1)",
        "weights": f"δ{n} ({out},1) · {fed}ᵀ (1,{fan_in}) → ∂L/∂W{n} ({out},{fan_in}), as W{n} is",
        "biases": f"δ{n} ({out},1) → ∂L/∂b{n} ({out},1)",
        "error": f"W{n + 1}ᵀ ({out},{above}) · δ{n + 1} ({above},1) → ({out},1)",
        "delta": f"({out},1) ⊙ ({out},1) → δ{n} ({out},1)",
        "update": f"W{n} ({out},{fan_in}) − rate · ({out},{fan_in}) → ({out},{fan_in})",
    }
    return texts[model.step.kind]


def matrix_lines(model: ByHandModel, width: int) -> list[StyledLine]:
    """Return the step of the whole layer as matrices, where they are small, more than one number, and have room."""
    parts = _matrix_parts(model)
    blocks = [part for part in parts if isinstance(part, list)]
    sizes = [(len(block), len(block[0])) for block in blocks]
    if not blocks or max(max(size) for size in sizes) > MOST_ROWS or all(size == (1, 1) for size in sizes):
        return []
    height = max(rows for rows, _ in sizes)
    columns = [_bracketed(part, height) if isinstance(part, list) else _beside(part, height) for part in parts]
    lines = [[piece for column in columns for piece in column[row]] for row in range(height)]
    fits = all(sum(cell_width(text) for text, _ in line) <= width for line in lines)
    return lines if fits else []


Block = list[list[Piece]]


def _matrix_parts(model: ByHandModel) -> list[Block | str]:
    """Return matrices of numbers, and what stands between them."""
    layer, widths = model.step.layer, model.path.widths
    if model.step.kind not in {"z", "weights", "error"} or max(widths[layer : layer + 3]) > MOST_ROWS:
        return []
    out, fan_in = range(widths[layer + 1]), range(widths[layer])
    if model.step.kind == "z":
        weights = [[weight(model, layer, i, j) for j in fan_in] for i in out]
        fed = [[signal(model, layer - 1, j)] for j in fan_in]
        biases = [[parameter(model, Quantity("bias", layer, (i,)))] for i in out]
        return [weights, " · ", fed, " + ", biases, " = ", [[model.shown(model.step, i)] for i in out]]
    if model.step.kind == "weights":
        errors = [[delta(model, layer, i)] for i in out]
        row = [[signal(model, layer - 1, j) for j in fan_in]]
        return [errors, " · ", row, " = ", [[model.shown(model.step, i, j) for j in fan_in] for i in out]]
    above = range(widths[layer + 2])
    turned = [[weight(model, layer + 1, k, i) for k in above] for i in out]
    return [
        turned,
        " · ",
        [[delta(model, layer + 1, k)] for k in above],
        " = ",
        [[model.shown(model.step, i)] for i in out],
    ]


def _bracketed(block: Block, height: int) -> list[StyledLine]:
    """Return a matrix in brackets, in the middle of so many rows."""
    wide = [max(cell_width(row[column][0]) for row in block) for column in range(len(block[0]))]
    rows: list[StyledLine] = []
    for row in block:
        cells = [(rjust(text, room), ink) for (text, ink), room in zip(row, wide, strict=True)]
        rows.append([op("["), *joined([[cell] for cell in cells], " "), op("]")])
    return _in_the_middle(rows, height, sum(wide) + len(wide) + 1)


def _beside(text: str, height: int) -> list[StyledLine]:
    return _in_the_middle([[op(text)]], height, cell_width(text))


def _in_the_middle(rows: list[StyledLine], height: int, width: int) -> list[StyledLine]:
    top = (height - len(rows)) // 2
    blank: StyledLine = [(" " * width, Ink.TEXT)]
    return [rows[row - top] if 0 <= row - top < len(rows) else blank for row in range(height)]
