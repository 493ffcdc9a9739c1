"""Drawings as SVG: plots of curves, and small networks with the numbers of a row on their lines.

Every drawing is one ``<svg>`` element without blank lines, so that it may stand inside Markdown; it has no colours that
paper cannot tell apart alone: curves differ in their dashes as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape, quoteattr

from engine.errors import sanitize
from presets.labs.contract import Curve, Plot
from tui_trainer.formatting import cell_text, cell_width
from tui_trainer.view_models.axes import Limits

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 52
LEGEND_LINE = 18
TICKS = 6
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#a6761d", "#000000")
"""Okabe and Ito's, which those who see fewer colours can tell apart, too."""
DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 5")
MARGIN = 0.04
"""Share of an axis beyond the data at either end."""
LARGEST = 1e300
"""Beyond it, or on a logarithmic axis below its inverse, there is no room for an axis around a value."""
NARROWEST = 2.0
"""Where a logarithmic axis reaches over less than this factor it is widened, so that it has round numbers for ticks."""
FONT = 'font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="12"'

Point = tuple[float, float]


def element(width: float, height: float, title: str, parts: Iterable[str]) -> str:
    """Return an ``<svg>`` element of that size around its parts."""
    name = sanitize(title, 200)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
    head += f'height="{_n(height)}" role="img" aria-label={quoteattr(name)} {FONT}>'
    return "\n".join([head, f"<title>{escape(name)}</title>", *parts, "</svg>"])


def text(x: float, y: float, content: str, anchor: str = "start", **attributes: str) -> str:
    """Return a line of text at a point: its ``start``, ``middle`` or ``end``."""
    more = "".join(f" {key.replace('_', '-')}={quoteattr(value)}" for key, value in attributes.items())
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}"{more}>{escape(sanitize(content, 200))}</text>'


def line(start: Point, end: Point, color: str = "#888", width: float = 1.0) -> str:
    """Return a straight line."""
    (x1, y1), (x2, y2) = start, end
    return (
        f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{color}" stroke-width="{_n(width)}"/>'
    )


def plot(chart: Plot, width: float = WIDTH, height: float = HEIGHT) -> str:
    """Return curves over one pair of axes, with their names below; the names make it higher than ``height``."""
    legend = _legend_rows(chart.curves, width - LEFT - RIGHT)
    frame = _Frame(chart, width - LEFT - RIGHT, height - TOP - BOTTOM)
    parts = [text(LEFT, 22, chart.title, font_weight="bold", font_size="14"), *frame.axes()]
    for number, curve in enumerate(chart.curves):
        parts += _curve(frame, curve, COLORS[number % len(COLORS)], _dash(number, curve))
    for mark in chart.marks:
        if (point := frame.point(mark.x, mark.y)) is not None:
            parts += [_dot(point, "#000", 3.5), text(point[0] + 6, point[1] - 6, mark.text)]
    for row, names in enumerate(legend):
        parts += _legend(names, height + LEGEND_LINE * row)
    return element(width, height + LEGEND_LINE * len(legend), chart.title, parts)


def _dash(number: int, curve: Curve) -> str:
    """Return the dashes of a curve's line; dots tell it from others as well as dashes do."""
    if curve.style == "both":
        return ""
    return "7 3" if curve.style == "dashed" else DASHES[number % len(DASHES)]


class _Frame:
    """The axes of a plot, and where its points lie on the drawing."""

    def __init__(self, chart: Plot, width: float, height: float) -> None:
        self._chart = chart
        self._height = height
        self._width = width
        points = [pair for curve in chart.curves for pair in zip(curve.x, curve.y, strict=True)]
        points += [(mark.x, mark.y) for mark in chart.marks]
        drawable = [(x, y) for x, y in points if _can_stand(x, log=chart.log_x) and _can_stand(y, log=chart.log_y)]
        self._across = _limits([x for x, _ in drawable], log=chart.log_x, margin=0.0)
        self._up = _limits([y for _, y in drawable], log=chart.log_y, margin=MARGIN)
        if chart.equal:
            self._across, self._up = _equal(self._across, self._up, width / height)

    def point(self, x: float, y: float) -> Point | None:
        """Return where a point lies; None where it is no point of these axes."""
        if not (_can_stand(x, log=self._chart.log_x) and _can_stand(y, log=self._chart.log_y)):
            return None
        return self._x(x), self._y(y)

    def axes(self) -> Iterator[str]:
        """Yield axes, ticks and what they are of."""
        bottom, right = TOP + self._height, LEFT + self._width
        for tick in self._up.ticks(TICKS):
            y = self._y(tick)
            yield line((LEFT, y), (right, y), "#ddd")
            yield text(LEFT - 6, y + 4, cell_text(float(tick)), "end")
        for tick in self._across.ticks(TICKS):
            x = self._x(tick)
            yield line((x, bottom), (x, bottom + 5))
            yield text(x, bottom + 18, cell_text(float(tick)), "middle")
        yield line((LEFT, bottom), (right, bottom), "#333")
        yield line((LEFT, TOP), (LEFT, bottom), "#333")
        yield text(LEFT + self._width / 2, bottom + 38, self._chart.x_label, "middle")
        x, y = 16, TOP + self._height / 2
        yield text(x, y, self._chart.y_label, "middle", transform=f"rotate(-90 {_n(x)} {_n(y)})")

    def _x(self, value: float) -> float:
        return LEFT + self._across.position(value) * self._width

    def _y(self, value: float) -> float:
        return TOP + (1 - self._up.position(value)) * self._height


def _can_stand(value: float, *, log: bool) -> bool:
    """Return whether a value is finite, and so can be on an axis."""
    return abs(value) <= LARGEST and (value >= 1 / LARGEST or not log)


def _limits(values: Sequence[float], *, log: bool, margin: float) -> Limits:
    low, high = (min(values), max(values)) if values else (1.0, 10.0) if log else (0.0, 1.0)
    if log:
        low, high = (low / 2, high * 2) if high / low < NARROWEST else (low, high)
        spread = high**margin / low**margin
        return Limits(low / spread, high * spread, "log")
    size, half = max(abs(low), abs(high)), high / 2 - low / 2
    beyond = 2 * half * margin
    if half <= max(1e-12 * size, 1 / LARGEST):  # no room between them that numbers could tell
        beyond = size / 2 if size > 1 / LARGEST else 1.0
    return Limits(low - beyond, high + beyond, "linear")


def _equal(across: Limits, up: Limits, ratio: float) -> tuple[Limits, Limits]:
    """Return two linear axes, one widened around its middle, so that a unit is as long on both.

    Args:
        across: The axis to the right.
        up: The axis upwards.
        ratio: Width of the drawing, divided by its height.
    """
    if across.scale == "log" or up.scale == "log":
        return across, up
    width, height = across.high - across.low, up.high - up.low
    wide, high = max(width, height * ratio), max(height, width / ratio)
    return _widened(across, wide), _widened(up, high)


def _widened(axis: Limits, length: float) -> Limits:
    more = (length - (axis.high - axis.low)) / 2
    return Limits(axis.low - more, axis.high + more, "linear")


def _curve(frame: _Frame, curve: Curve, color: str, dash: str) -> Iterator[str]:
    """Yield the stretches of a curve between its gaps, and its dots."""
    points = [frame.point(x, y) for x, y in zip(curve.x, curve.y, strict=True)]
    if curve.style != "dots":
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        for stretch in _stretches(points):
            path = " ".join(f"{_n(x)},{_n(y)}" for x, y in stretch)
            yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.8"{dashes}/>'
    if curve.style in {"dots", "both"}:
        yield from (_dot(point, color, 2.6) for point in points if point is not None)


def _stretches(points: Sequence[Point | None]) -> Iterator[list[Point]]:
    stretch: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            stretch.append(point)
        elif stretch:
            yield stretch
            stretch = []


def _dot(point: Point, color: str, radius: float) -> str:
    return f'<circle cx="{_n(point[0])}" cy="{_n(point[1])}" r="{_n(radius)}" fill="{color}"/>'


def _legend_rows(curves: Sequence[Curve], width: float) -> list[list[tuple[int, Curve]]]:
    """Return the curves that have names, with their numbers, in rows that are not too wide."""
    rows: list[list[tuple[int, Curve]]] = []
    room = 0.0
    for number, curve in enumerate(curves):
        if not curve.name:
            continue
        needed = _legend_width(curve)
        if not rows or needed > room:
            rows.append([])
            room = width
        rows[-1].append((number, curve))
        room -= needed
    return rows


def _legend_width(curve: Curve) -> float:
    return 44 + 7 * cell_width(sanitize(curve.name, 60))


def _legend(curves: Sequence[tuple[int, Curve]], y: float) -> Iterator[str]:
    x = float(LEFT)
    for number, curve in curves:
        color, dash = COLORS[number % len(COLORS)], _dash(number, curve)
        if curve.style == "dots":
            yield _dot((x + 12, y), color, 3)
        else:
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            yield f'<path d="M{_n(x)} {_n(y)}h24" stroke="{color}" stroke-width="1.8"{dashes}/>'
        yield text(x + 30, y + 4, sanitize(curve.name, 60))
        x += _legend_width(curve)


def _n(value: float) -> str:
    """Return a coordinate in few characters."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
