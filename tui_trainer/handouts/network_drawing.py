"""A small network drawn, with a row's numbers: activations at the neurons, weights and their slopes on the lines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.numerics.by_hand import Explanation
from tui_trainer.formatting import cell_text
from tui_trainer.handouts.svg import Point, element, line, text

MOST_NEURONS = 6
"""In a layer that is drawn."""
MOST_LINES = 24
COLUMN, ROW, RADIUS, EDGE = 240, 104, 26, 60
LABEL_CELL = 6.4
"""How wide a character of the numbers on the lines is, about."""


def can_be_drawn(explanation: Explanation) -> bool:
    """Return whether a network is small enough for its numbers to stand on its lines."""
    widths = [len(explanation.x), *(len(step.z) for step in explanation.forward)]
    lines = sum(step.weights.size for step in explanation.forward)
    return max(widths) <= MOST_NEURONS and lines <= MOST_LINES and len(widths) <= 5


def drawing(explanation: Explanation) -> str:
    """Return the network as SVG, from the inputs on the left to the outputs on the right."""
    columns = [explanation.x, *(step.a for step in explanation.forward)]
    tallest = max(map(len, columns))
    width, height = EDGE * 2 + COLUMN * (len(columns) - 1), EDGE * 2 + ROW * (tallest - 1) + 26
    places: list[list[Point]] = [
        [(EDGE + COLUMN * column, EDGE + ROW * (place + (tallest - len(values)) / 2)) for place in range(len(values))]
        for column, values in enumerate(columns)
    ]
    parts = [*_lines(explanation, places), *_neurons(explanation, places)]
    if explanation.backward:
        legend = "on the lines: the weight, and below it its slope ∂L/∂w; under the neurons: their δ"
        parts.append(text(EDGE - RADIUS, height - 8, legend, font_size="10", fill="#666"))
    return element(max(width, 460), height, "The network with the numbers of this row", parts)


def _lines(explanation: Explanation, places: list[list[Point]]) -> Iterator[str]:
    labels: list[str] = []
    for layer, step in enumerate(explanation.forward):
        largest = float(np.nanmax(np.abs(step.weights), initial=0)) or 1.0
        for neuron, end in enumerate(places[layer + 1]):
            for below, start in enumerate(places[layer]):
                weight = float(step.weights[neuron, below])
                strength = abs(weight) / largest if np.isfinite(weight) else 1.0
                yield line(start, end, "#d55e00" if weight < 0 else "#0072b2", 0.8 + 2.2 * strength)
                share = 0.3 + 0.4 * below / max(1, len(places[layer]) - 1)  # numbers of lines that cross lie apart
                x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
                labels += _label(x, y - 3, _short(weight), "#111")
                if explanation.backward:
                    slope = float(explanation.backward[layer].weights[neuron, below])
                    labels += _label(x, y + 10, _short(slope), "#555")
    yield from labels


def _label(x: float, y: float, content: str, color: str) -> list[str]:
    """Return a number on a line, and below it what hides the line: an outline is not drawn alike by all programs."""
    width = LABEL_CELL * len(content) + 2
    hiding = f'<rect x="{x - width / 2:g}" y="{y - 9:g}" width="{width:g}" height="12" fill="#fff" opacity="0.85"/>'
    return [hiding, text(x, y, content, "middle", fill=color, font_size="11")]


def _neurons(explanation: Explanation, places: list[list[Point]]) -> Iterator[str]:
    for place, (x, y) in enumerate(places[0]):
        yield _circle(x, y, "#f4f4f1")
        yield text(x, y + 4, _short(float(explanation.x[place])), "middle", font_size="11")
        yield text(x, y - RADIUS - 4, f"x[{place}]", "middle", font_size="11", fill="#666")
    for layer, step in enumerate(explanation.forward):
        for place, (x, y) in enumerate(places[layer + 1]):
            yield _circle(x, y, "#fff")
            yield text(x, y + 4, _short(float(step.a[place])), "middle", font_size="11", font_weight="bold")
            bias = f"a{layer + 1}[{place}], b {_short(float(step.biases[place]))}"
            yield text(x, y - RADIUS - 4, bias, "middle", font_size="11", fill="#666")
            if explanation.backward:
                delta = f"δ {_short(float(explanation.backward[layer].delta[place]))}"
                yield text(x, y + RADIUS + 13, delta, "middle", font_size="11", fill="#666")


def _short(value: float) -> str:
    return cell_text(value, 3)


def _circle(x: float, y: float, fill: str) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{RADIUS}" fill="{fill}" stroke="#333" stroke-width="1.3"/>'
