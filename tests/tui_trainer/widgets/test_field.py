from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tui_trainer.layout import Rect
from tui_trainer.themes.field import field_style
from tui_trainer.themes.inks import EMPTY, FIELD_BASE, LINE, SPOT, halves, sign_ink
from tui_trainer.themes.palette import style_of
from tui_trainer.view_models.axes import Limits
from tui_trainer.view_models.boundary import LABELS, PlaneProjection
from tui_trainer.widgets.field import paint_axes, paint_pixels, paint_signs
from tui_trainer.widgets.grid import Grid
from tui_trainer.widgets.terminal import sgr_of

tints = hnp.arrays(np.int64, hnp.array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, SPOT))
sides = st.integers(0, 12)


@given(tints, sides, sides)
def test_each_half_of_a_cell_shows_its_pixel(pixels: NDArray[np.int64], width: int, height: int) -> None:
    grid = Grid(width, height)
    paint_pixels(grid, pixels)
    for y in range(height):
        for x in range(width):
            top = pixels[2 * y, x] if 2 * y < pixels.shape[0] and x < pixels.shape[1] else None
            if top is None:
                assert grid.inks[y, x] < FIELD_BASE
                continue
            bottom = pixels[2 * y + 1, x] if 2 * y + 1 < pixels.shape[0] else EMPTY
            assert grid.inks[y, x] == halves(top, bottom)
            assert chr(grid.codes[y, x]) == (" " if top == bottom else "▀")


@given(tints)
def test_a_pixel_s_colour_does_not_depend_on_how_its_cell_is_written(pixels: NDArray[np.int64]) -> None:
    for tint in np.unique(pixels).tolist():
        alone, above = field_style(halves(tint, tint)), field_style(halves(tint, EMPTY))
        assert alone.bgcolor is not None
        if tint != EMPTY:
            assert above.color is not None
            assert above.color.triplet == alone.bgcolor.triplet


def test_signs_stand_on_the_tint_of_their_pixel_and_those_outside_are_left_out() -> None:
    grid, pixels = Grid(3, 2), np.full((4, 3), LINE)
    pixels[3, 2] = SPOT
    places = np.array([[2, 3], [3, 0], [-1, 0], [0, 4]])
    paint_pixels(grid, pixels)
    paint_signs(grid, pixels, places, np.array([ord(char) for char in "abcd"], np.uint32), np.arange(4))
    assert chr(grid.codes[1, 2]) == "a"
    assert grid.inks[1, 2] == sign_ink(0, SPOT)
    assert (grid.codes == ord(" ")).sum() == 5
    paint_signs(grid, pixels, places, np.full(4, ord("z"), np.uint32), np.arange(4), EMPTY)
    assert grid.inks[1, 2] == sign_ink(0, EMPTY)


def test_of_signs_that_share_a_cell_the_last_is_seen() -> None:
    grid, pixels = Grid(1, 1), np.zeros((2, 1), np.int64)
    paint_signs(grid, pixels, np.array([[0, 0], [0, 1]]), np.array([ord("a"), ord("b")], np.uint32), np.array([0, 1]))
    assert chr(grid.codes[0, 0]) == "b"


@given(st.integers(20, 120), st.integers(4, 50), st.floats(-1e4, 1e4), st.floats(1e-2, 1e4))
@example(20, 47, 0.0, 3.0)  # ticks in the middle between two pixels
def test_ticks_stand_at_the_pixels_of_their_values(width: int, height: int, low: float, span: float) -> None:
    grid, field = Grid(LABELS + width, height + 2), Rect(LABELS, 0, width, height)
    ends = (low, low + span, low, low + span)
    paint_axes(grid, field, ends)
    projection, ticks = PlaneProjection(ends, width, 2 * height), Limits(low, low + span, "linear")
    for value in ticks.ticks(max(2, width // 12)):
        column = projection.pixels(np.array([[value, low]]))[0, 0]
        assert chr(grid.codes[height, LABELS + column]) == "┴"
    for value in ticks.ticks(max(2, height // 4)):
        row = projection.pixels(np.array([[low, value]]))[0, 1]
        assert chr(grid.codes[row // 2, LABELS - 1]) == "┤"


def test_every_colour_lies_on_the_256_colour_cube() -> None:
    from rich.color import ColorSystem

    for tint in range(SPOT + 1):
        for ink in (halves(tint, EMPTY), *(sign_ink(pen, tint) for pen in range(10))):
            pen = sgr_of(style_of(ink), ColorSystem.TRUECOLOR)
            assert pen.foreground.startswith(("38;5;", "39"))
            assert pen.background.startswith("48;5;")
