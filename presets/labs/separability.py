"""Six lines in a 3×3 image that no single neuron can tell apart, any five of which it can: with the proof."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from presets.labs.contract import Cell, Lab, LabDial, LabResult, Plot, Settings, Table, curve

PATTERNS = ("H0", "H1", "H2", "V0", "V1", "V2")
"""Horizontal lines from the top, vertical ones from the left."""
NONE = "none"


def picture(name: str) -> Floats:
    """Return (9,), the pixels of a line, row by row."""
    image = np.zeros((3, 3))
    index = int(name[1])
    if name[0] == "H":
        image[index, :] = 1
    else:
        image[:, index] = 1
    return image.ravel()


def perceptron(patterns: Sequence[str], epochs: int) -> tuple[Floats, list[int]]:
    """Return weights and bias (10,) and the mistakes of each epoch, by Rosenblatt's rule; it ends with none.

    Where a line between the classes exists it is found, after a bounded number of mistakes (Novikoff 1962).
    """
    rows = np.array([[*picture(name), 1.0] for name in patterns])
    signs = np.array([1.0 if name[0] == "V" else -1.0 for name in patterns])
    weights, mistakes = np.zeros(rows.shape[1]), []
    for _ in range(epochs):
        wrong = 0
        for row, sign in zip(rows, signs, strict=True):
            if sign * (weights @ row) <= 0:
                weights = weights + sign * row
                wrong += 1
        mistakes.append(wrong)
        if not wrong:
            break
    return weights, mistakes


def _certificate(patterns: Sequence[str]) -> bool:
    """Return whether all verticals together are all horizontals together, in as many pictures: then no line exists."""
    sums = [sum((picture(name) for name in patterns if name[0] == kind), np.zeros(9)) for kind in "HV"]
    counts = [sum(name[0] == kind for name in patterns) for kind in "HV"]
    return counts[0] == counts[1] > 0 and bool((sums[0] == sums[1]).all())


def _without(left_out: str) -> list[str]:
    return [name for name in PATTERNS if name != left_out]


def _compute(settings: Settings) -> LabResult:
    epochs, left_out = settings.integer("epochs"), settings.text("without")
    counts = np.array(settings.numbers("counts"))
    fives = {name: perceptron(_without(name), epochs) for name in PATTERNS}
    chosen = _without(left_out)
    weights, mistakes = perceptron(chosen, epochs)
    return LabResult(
        values={
            "A10_not_separable": {
                "all_six_separable": not _certificate(PATTERNS),
                "any_five_separable": all(not history[-1] for _, history in fives.values()),
                "max_linear_accuracy_this_dataset": float(1 - counts.min() / counts.sum()),
                "max_linear_accuracy_patterns": 1 - 1 / len(PATTERNS),
            },
            "separability": {
                "separated": not mistakes[-1],
                "epochs": len(mistakes),
                "mistakes_in_last_epoch": mistakes[-1],
            },
        },
        tables=(_proof(), _answers(weights, left_out), _fives(fives), _counts_table(counts), _weights(weights)),
        plots=(_mistakes_plot(mistakes, left_out), _scores_plot(weights)),
        notes=_notes(mistakes, left_out, counts),
        formulas=(
            "suppose w·v + b > 0 for every vertical v, and w·h + b < 0 for every horizontal h",
            "Σ (w·v + b) = Σwᵢ + 3b > 0, since V0 + V1 + V2 fills the image",
            "Σ (w·h + b) = Σwᵢ + 3b < 0, since H0 + H1 + H2 fills it too",
            "one number cannot be both: no such w and b exist",
        ),
    )


def _rows_of(image: Floats) -> list[str]:
    return ["".join(f"{pixel:.0f}" for pixel in row) for row in image.reshape(3, 3)]


def _proof() -> Table:
    rows: list[tuple[Cell, ...]] = [(name, *_rows_of(picture(name))) for name in PATTERNS]
    for kind in "HV":
        total = np.sum([picture(name) for name in PATTERNS if name[0] == kind], axis=0)
        rows.append((f"{kind}0 + {kind}1 + {kind}2", *_rows_of(total)))
    return Table("The pictures, row by row, and their sums", ("line", "top", "middle", "bottom"), tuple(rows))


def _score(weights: Floats, name: str) -> float:
    return float(weights[:9] @ picture(name) + weights[9])


def _answers(weights: Floats, left_out: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name in PATTERNS:
        score = _score(weights, name)
        right = (score > 0) == (name[0] == "V")
        rows.append((name, score, "vertical" if score > 0 else "horizontal", "right" if right else "wrong"))
    title = "What the neuron says" if left_out == NONE else f"What the neuron says that never saw {left_out}"
    return Table(title, ("line", "score", "says", ""), tuple(rows))


def _fives(fives: dict[str, tuple[Floats, list[int]]]) -> Table:
    rows = tuple((f"all but {name}", len(history), history[-1]) for name, (_, history) in fives.items())
    return Table("Any five of them", ("lines", "epochs", "mistakes at the end"), rows)


def _counts_table(counts: Floats) -> Table:
    total = float(counts.sum())
    rows = tuple((name, int(count), float(1 - count / total)) for name, count in zip(PATTERNS, counts, strict=True))
    return Table("The tutorial's hundred pictures", ("given up", "of them", "accuracy at most"), rows)


def _weights(weights: Floats) -> Table:
    rows = tuple(tuple(float(weight) for weight in row) for row in weights[:9].reshape(3, 3))
    return Table(f"Weights as an image, bias {weights[9]:g}", ("left", "middle", "right"), rows)


def _mistakes_plot(mistakes: list[int], left_out: str) -> Plot:
    name = "all six" if left_out == NONE else f"all but {left_out}"
    return Plot(
        title="Mistakes in each epoch",
        x_label="epoch",
        y_label="wrong",
        curves=(curve(name, np.arange(1, len(mistakes) + 1), mistakes, "both"),),
    )


def _scores_plot(weights: Floats) -> Plot:
    index = np.arange(len(PATTERNS))
    scores = [_score(weights, name) for name in PATTERNS]
    return Plot(
        title="Scores of H0 H1 H2 V0 V1 V2",
        x_label="line",
        y_label="score",
        curves=(curve("score", index, scores, "dots"), curve("0", index, np.zeros(len(index)), "dashed")),
    )


def _notes(mistakes: list[int], left_out: str, counts: Floats) -> tuple[str, ...]:
    epochs, best = len(mistakes), 1 - counts.min() / counts.sum()
    if not mistakes[-1]:
        outcome = f"The perceptron makes no mistake any more after {epochs} epochs."
    elif left_out == NONE:
        outcome = f"In its last of {epochs} epochs the perceptron makes {mistakes[-1]} mistakes: it never ends."
    else:
        outcome = f"After {epochs} epochs the perceptron is not done yet; give it more."
    return (
        outcome,
        (
            f"The tutorial announces 95 % and more. A single neuron gives up at least one of the six lines: "
            f"{best:.0%} of these pictures at most, 5 of 6 where all are as frequent."
        ),
        "A score above 0 is called vertical. A hidden layer tells all six apart: the preset lines-hidden-layer.",
    )


LAB = Lab(
    name="separability",
    title="Six lines that no single neuron can tell apart",
    dials=(
        LabDial(
            key="without",
            label="left out",
            kind="choice",
            default=NONE,
            choices=(NONE, *PATTERNS),
            help="Which line the neuron never sees.",
        ),
        LabDial(
            key="epochs",
            label="epochs at most",
            kind="integer",
            default=60,
            low=1,
            high=1000,
            scale="log",
            help="After how many the perceptron gives up.",
        ),
        LabDial(
            key="counts",
            label="pictures of each",
            kind="list",
            default=(18.0, 21.0, 11.0, 15.0, 15.0, 20.0),
            low=1,
            high=1_000_000,
            whole=True,
            lengths=(6, 6),
            help="How many of the pictures show H0, H1, H2, V0, V1, V2.",
        ),
    ),
    compute=_compute,
)
