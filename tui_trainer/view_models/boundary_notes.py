"""Lines beside the boundary's field: the user's own point, what colours and signs mean, the doubtful points."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

from engine.errors import sanitize
from engine.protocol.queries import BoundaryQuery
from tui_trainer.formatting import cell_width, count, metric, narrow, plain, within
from tui_trainer.themes.inks import (
    DARK_PEN,
    PROBABILITY_STEPS,
    SPOT,
    VALUE_STEPS,
    Ink,
    class_tint,
    halves,
    probability_tint,
    sign_ink,
    value_tint,
)
from tui_trainer.view_models.boundary import BoundarySnapshot, answer_of, said_of, share, value_near
from tui_trainer.view_models.class_signs import class_signs, point_signs
from tui_trainer.view_models.data import target_text
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.styled_text import StyledLine

Word = Callable[[str], str]

NAME = 18
MOST_ROWS = 4
"""Classes that have a line each; more stand two to a line."""

PROBABILITY_TINTS = [probability_tint(step) for step in range(PROBABILITY_STEPS)]
VALUE_TINTS = [value_tint(step) for step in range(VALUE_STEPS)]


def point_lines(run: RunModel, snapshot: BoundarySnapshot, plane: BoundaryQuery, width: int) -> list[StyledLine]:
    """Return the coordinates of the point in ``plane``, and the answer there as far as ``snapshot`` has it."""
    if plane.point is None:
        return [
            [("your point", Ink.TEXT)],
            [("click, ← ↑ ↓ →, or enter", Ink.MUTED)],
            [("to type two numbers", Ink.MUTED)],
            [],
        ]
    places: list[StyledLine] = [
        [(f"{column_name(run, column, NAME):<{NAME}} ", Ink.MUTED), (narrow(value, 8), Ink.TEXT)]
        for column, value in zip(snapshot.columns, plane.point, strict=True)
    ]
    return [[("your point ", Ink.TEXT), ("✚", Ink.BRIGHT)], *places, answer_words(run, snapshot, plane, width)]


def answer_words(run: RunModel, snapshot: BoundarySnapshot, plane: BoundaryQuery, width: int) -> StyledLine:
    """Return the network's answer at the user's point: the figure, and what it means."""
    if snapshot.plane.columns != plane.columns or plane.point is None:
        return [("…", Ink.MUTED)]
    if snapshot.own is not None and snapshot.plane.point == plane.point:
        return _said(said_of(snapshot, snapshot.own.tolist(), run.welcome.classes), width)
    # The worker has not answered yet, or is gone; the field knows, as long as it shows the answer.
    near = value_near(snapshot, plane.point) if snapshot.plane.neuron is None else None
    return [("…" if near is None else f"≈ {metric(near)}", Ink.MUTED)]


def _said(said: list[tuple[str, str]], width: int) -> StyledLine:
    """Return figures and what they mean, as many as there is room for."""
    (figure, meaning), *others = said
    words: StyledLine = [(figure, Ink.BRIGHT), (f" {sanitize(meaning, 20)}", Ink.TEXT)]
    for figure, meaning in others:
        more = f"  {figure} {sanitize(meaning, 20)}"
        if sum(len(text) for text, _ in words) + len(more) > width:
            break
        words.append((more, Ink.MUTED))
    return words


def field_lines(
    run: RunModel, snapshot: BoundarySnapshot, ends: tuple[float, float], width: int, word: Word
) -> list[StyledLine]:
    """Return what the colours of the field mean."""
    if snapshot.plane.neuron is not None:
        layer, neuron = snapshot.plane.neuron
        name = f"{word('layer')} {layer + 1}, {word('neuron')} {neuron + 1}"
        return [[(name, Ink.TEXT), (": its activation", Ink.MUTED)], _scale(ends, VALUE_TINTS, width)]
    if snapshot.answer == "class":
        return [[("likeliest class", Ink.TEXT), (", dim p < .6", Ink.MUTED)]]
    if snapshot.answer == "value":
        return [[("the value it gives", Ink.TEXT)], _scale(ends, VALUE_TINTS, width)]
    name = sanitize(run.welcome.classes[1], 20)
    return [[(f"p of {name}", Ink.TEXT), (" · line: .5", Ink.MUTED)], _scale(ends, PROBABILITY_TINTS, width)]


def sign_lines(run: RunModel, width: int, word: Word) -> list[StyledLine]:
    """Return what the signs mean: classes by shape, parts filled or hollow; and what is not shown."""
    classes = run.welcome.classes
    name_width = min(20, (width if len(classes) <= MOST_ROWS else width // 2) - 6)
    entries: list[StyledLine] = [
        [*_class_signs(run, number), (f" {within(sanitize(name), name_width)}", Ink.MUTED)]
        for number, name in enumerate(classes)
    ]
    train, validation = ([piece] for piece in _part_signs(run))
    parts: StyledLine = [*train, (f" {word('train')}", Ink.MUTED)]
    if run.has_validation:
        parts += [("  ", Ink.MUTED), *validation, (f" {word('validation')}", Ink.MUTED)]
    lines: list[StyledLine] = [*_side_by_side(entries, width), parts]
    if sealed := run.welcome.rows[2]:
        lines.append([(f"{word('test')}: {count(sealed)} rows, not shown", Ink.MUTED)])
    return lines


def _class_signs(run: RunModel, number: int) -> StyledLine:
    """Return a class's signs on its ground, and a piece of that without one."""
    signs, ground = class_signs(run.welcome.classes), _ground(run, number)
    at = number % len(signs.filled)
    pieces: StyledLine = [(" ", halves(ground, ground)), (signs.filled[at], signs.ink(number, ground, is_filled=True))]
    if run.has_validation:
        pieces.append((signs.hollow[at], signs.ink(number, ground, is_filled=False)))
    return [*pieces, (" ", halves(ground, ground))]


def _part_signs(run: RunModel) -> tuple[tuple[str, int], tuple[str, int]]:
    """Return a sign as it is for training rows, and for validation rows."""
    signs = class_signs(run.welcome.classes)
    if not signs.are_letters:
        return (signs.filled[0], Ink.MUTED), (signs.hollow[0], Ink.MUTED)
    ground = _ground(run, 0)
    filled, hollow = (signs.ink(0, ground, is_filled=is_filled) for is_filled in (True, False))
    return (signs.filled[0], filled), (signs.hollow[0], hollow)


def _ground(run: RunModel, number: int) -> int:
    """Return the tint of the field where it is surely this class."""
    if answer_of(run) == "probability":
        return PROBABILITY_TINTS[-1 if number else 0]
    return class_tint(number, 1)


def doubtful_lines(run: RunModel, snapshot: BoundarySnapshot, most: int, width: int) -> list[StyledLine]:
    """Return a heading and the points in doubt, the first one first, ``most`` lines in all."""
    doubtful = snapshot.doubtful
    headings = {"probability": "ambiguous, p .4–.6", "class": "ambiguous, p < .6", "value": "furthest off"}
    number = "" if snapshot.answer == "value" else f"  {count(len(doubtful))}/{count(len(snapshot.p))}"
    heading: StyledLine = [(headings[snapshot.answer], Ink.TEXT), (number, Ink.MUTED)]
    codes = point_signs(snapshot, run.welcome.classes).codes
    lines = [
        _fitting(_doubtful_line(run, snapshot, index, chr(int(codes[index]))), width)
        for index in doubtful[: max(0, most - 1)].tolist()
    ]
    return [heading, *lines][: max(0, most)]


def column_name(run: RunModel, column: int, limit: int = 30) -> str:
    """Return the name of an input, harmless to print."""
    names = run.welcome.feature_names
    return sanitize(names[column], limit) if column < len(names) else f"input {column + 1}"


def _doubtful_line(run: RunModel, snapshot: BoundarySnapshot, index: int, sign: str) -> StyledLine:
    case = f" case {count(int(snapshot.rows[index]))}"
    label = float(snapshot.labels[index])
    if snapshot.answer == "value":
        return [
            (sign, sign_ink(DARK_PEN, SPOT)),
            (f" {metric(float(snapshot.p[index])):>5}", Ink.TEXT),
            (f" not {metric(label)}", Ink.MUTED),
            (case, Ink.MUTED),
        ]
    true = target_text(run.welcome.classes, [label])
    return [
        (sign, sign_ink(DARK_PEN, SPOT)),
        (f" {share(float(snapshot.p[index]))}", Ink.TEXT),
        (case, Ink.MUTED),
        (f" {true}", Ink.MUTED),
    ]


def _fitting(pieces: StyledLine, width: int) -> StyledLine:
    """Return as many pieces of a line as there is room for: a number that is cut would be another one."""
    ends = itertools.accumulate(cell_width(text) for text, _ in pieces)
    return [piece for piece, end in zip(pieces, ends, strict=True) if end <= width]


def _scale(ends: tuple[float, float], tints: Sequence[int], width: int) -> StyledLine:
    swatches: StyledLine = [("  ", halves(tint, tint)) for tint in tints]
    low, high = (narrow(end, (width - 2 * len(tints) - 2) // 2, plain) for end in ends)
    return [(f"{low} ", Ink.MUTED), *swatches, (f" {high}", Ink.MUTED)]


def _side_by_side(entries: list[StyledLine], width: int) -> list[StyledLine]:
    """Return entries one to a line, or two where there are many."""
    if len(entries) <= MOST_ROWS:
        return entries
    lines = []
    for left, right in zip(entries[::2], [*entries[1::2], []], strict=False):
        used = sum(cell_width(text) for text, _ in left)
        lines.append([*left, (" " * max(1, width // 2 - used), Ink.MUTED), *right])
    return lines
