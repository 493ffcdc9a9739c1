"""The network, drawn: a column of neurons for each layer, as dots, or with the field of each of them."""

from __future__ import annotations

from typing import Final

import numpy as np

from engine.declarations.activations import DECLARED_ACTIVATIONS
from engine.protocol.queries import AnyQuery
from engine.spec import Spec
from tui_trainer.formatting import count
from tui_trainer.themes.inks import Ink, heat
from tui_trainer.view_models.diagram import Column, columns_of, lines_between
from tui_trainer.view_models.run import RunModel
from tui_trainer.view_models.thumbnails import Levels, Thumbnails, input_levels, levels_of, pictures, thumbnails
from tui_trainer.widgets.grid import BLANK, Grid

FOOT: Final = 2
"""Rows below the neurons: widths and activations."""


def fields_queries(run: RunModel, width: int, height: int) -> tuple[AnyQuery, ...]:
    """Return what frames must answer for a drawing in so many cells."""
    small = thumbnails(run, width, height - FOOT) if height >= FOOT + 3 else None
    return (small.query,) if small else ()


def paint_diagram(grid: Grid, spec: Spec, run: RunModel, marked: int | None) -> None:
    """Draw a column of neurons for each layer, with lines between them, and the widths below.

    Args:
        grid: Where to.
        spec: The network as it is planned; small pictures are drawn where it is the one that there is.
        run: The run.
        marked: The layer that is chosen, from 0; −1 for the input.
    """
    widths = [run.welcome.inputs, *(layer.units for layer in spec.network.layers)]
    height = grid.height - FOOT
    if height < 3:
        return
    small = thumbnails(run, grid.width, height) if spec.network.layers == run.spec.network.layers else None
    columns = small.columns if small else columns_of(widths, grid.width, height)
    field = grid.window(0, 0, None, height)
    field.codes[:] = lines_between(columns, field.width, field.height)
    field.inks[:] = Ink.FAINT
    for index, (column, units) in enumerate(zip(columns, widths, strict=False)):
        ink = Ink.ACCENT if index - 1 == marked else Ink.TEXT
        for row in column.rows:
            field.put(column.x, row, "●", ink)
        if not column.whole:
            field.put(column.x, column.rows[-1] + 1 + (small.height // 2 if small else 0), "┊", ink)
        _put_centred(grid, column.x, grid.height - FOOT, count(units), ink)
    for column, layer in zip(columns[1:], spec.network.layers, strict=False):
        _put_centred(grid, column.x, grid.height - 1, DECLARED_ACTIVATIONS[layer.activation].short_name, Ink.MUTED)
    if small:
        _paint_pictures(field, small, run)
    if len(columns) < len(widths):
        grid.put_right(grid.width, 0, f" {len(widths) - len(columns)} more →", Ink.MUTED)


def _paint_pictures(field: Grid, small: Thumbnails, run: RunModel) -> None:
    """Draw the field of each neuron, where frames have told them, and those of the two inputs."""
    fields = pictures(run, small)
    if not fields:
        return
    of_layers = [levels_of(array, run.spec, layer) for layer, array in sorted(fields.items())]
    for number, row in enumerate(small.columns[0].rows):
        levels = input_levels(number, small)
        if levels is not None:
            _paint_picture(field, small.columns[0], row, small, levels)
    for column, layer in zip(small.columns[1:], of_layers, strict=False):
        for row, levels in zip(column.rows, layer, strict=False):
            _paint_picture(field, column, row, small, levels)


def _paint_picture(field: Grid, column: Column, row: int, small: Thumbnails, levels: Levels) -> None:
    """Draw the field of a neuron around its place."""
    window = field.window(
        max(0, column.x - small.width // 2), max(0, row - small.height // 2), small.width, small.height
    )
    top, bottom = levels[::2][: window.height, : window.width], levels[1::2][: window.height, : window.width]
    window.codes[: len(top), : top.shape[1]] = np.where(top == bottom, BLANK, ord("▀"))
    window.inks[: len(top), : top.shape[1]] = heat(top, bottom)


def _put_centred(grid: Grid, x: int, y: int, text: str, ink: Ink) -> None:
    grid.put(min(max(0, x - len(text) // 2), grid.width - len(text)), y, text, ink)
