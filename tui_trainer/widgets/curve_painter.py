"""Axes and curves on cells: what every chart has, whatever stands on its horizontal axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tui_trainer.formatting import narrow, plain
from tui_trainer.themes.inks import Ink
from tui_trainer.view_models.curves import Chart, Points
from tui_trainer.view_models.plotted_curves import OTHER_INKS, PlottedCurve
from tui_trainer.widgets.bands import hollowed
from tui_trainer.widgets.grid import Cells, Grid
from tui_trainer.widgets.plot import BRAILLE_BLANK, DOTS_DOWN, Trace

LABELS = 6
"""Columns of the labels beside the vertical axis."""


class CurvePainter:
    """Draws the charts of one pane, one after the other."""

    def __init__(self) -> None:
        self._traces: defaultdict[int, Trace] = defaultdict(Trace)

    def paint(self, frame: Grid, field: Grid, chart: Chart, curves: Sequence[PlottedCurve]) -> None:
        """Draw axes on the frame, and the curves, each in its ink, on the field."""
        self._paint_axes(frame, field, chart)
        self._paint_curves(field, chart, curves)

    def _paint_axes(self, frame: Grid, field: Grid, chart: Chart) -> None:
        for y in range(field.height):
            frame.put(LABELS, y, "│", Ink.FAINT)
        for value in chart.limits.ticks(max(2, (field.height + 1) // 3)):
            y = round((1 - chart.limits.position(value)) * (field.height * DOTS_DOWN - 1)) // DOTS_DOWN
            frame.put_right(LABELS, y, narrow(value, LABELS, plain), Ink.MUTED)
            frame.put(LABELS, y, "┤", Ink.FAINT)
        frame.put(LABELS, field.height, "└" + "─" * field.width, Ink.FAINT)

    def _paint_curves(self, field: Grid, chart: Chart, curves: Sequence[PlottedCurve]) -> None:
        layers: list[tuple[list[Points], Ink]] = []
        layers += [(drawn.range_lines, curve.range_ink) for drawn, curve in zip(chart.curves, curves, strict=True)]
        layers += zip(chart.others, OTHER_INKS, strict=False)
        layers += [(drawn.lines, curve.ink) for drawn, curve in zip(chart.curves, curves, strict=True)]
        range_inks = [curve.range_ink for curve in curves]
        bands = [layer for layer, drawn in enumerate(chart.curves) if drawn.is_band and drawn.range_lines]
        self._paint_bands(field, {layer: layers[layer] for layer in bands})
        for layer, (lines, ink) in enumerate(layers):
            if not lines or layer in bands:
                continue
            cells = self._traces[layer].draw(field.width, field.height, lines)
            drawn = cells != 0
            # Lines that meet in a cell share it; a line takes it from a range, or it would look as broad as that.
            shared = (field.codes > BRAILLE_BLANK) & ~np.isin(field.inks, range_inks if ink not in range_inks else ())
            field.codes[drawn] = (np.where(shared, field.codes, BRAILLE_BLANK) | cells)[drawn]
            field.inks[drawn] = ink

    def _paint_bands(self, field: Grid, layers: Mapping[int, tuple[list[Points], Ink]]) -> None:
        """Draw the insides of all bands, then their edges: where bands overlap, the cells are theirs in turn."""
        bands = [
            (hollowed(self._traces[layer].draw(field.width, field.height, lines), number), ink)
            for number, (layer, (lines, ink)) in enumerate(layers.items())
        ]
        rows, columns = np.indices(field.codes.shape)
        for number, (band, ink) in enumerate(bands):
            is_dotted = field.codes > BRAILLE_BLANK
            mine = ~is_dotted | ((rows + columns) % len(bands) == number)
            _lay_over(field, band.inside, ink, mine)
        for band, ink in bands:
            _lay_over(field, band.edges, ink, np.ones_like(band.edges, bool))


def _lay_over(field: Grid, cells: Cells, ink: Ink, mine: NDArray[np.bool_]) -> None:
    """Add the dots of braille cells to those that are there; cells that are ``mine`` get the ink."""
    drawn = cells != 0
    dots = np.where(field.codes > BRAILLE_BLANK, field.codes, BRAILLE_BLANK) | cells
    field.codes[drawn] = dots[drawn]
    field.inks[drawn & mine] = ink
