from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.filter_tiles import FilterTiles, fit_filter_tiles

shapes = st.tuples(st.integers(2, 20), st.integers(2, 20))
rooms = st.tuples(st.integers(24, 90), st.integers(24, 120))


@st.composite
def mosaics(draw: st.DrawFn) -> FilterTiles:
    units = draw(st.integers(1, 60))
    return fit_filter_tiles(units, draw(shapes), *draw(rooms), draw(st.integers(0, units - 1)))


@given(st.integers(1, 200), shapes, rooms, st.data())
def test_it_fits_its_field_and_shows_the_neuron_asked_for(
    units: int, shape: tuple[int, int], room: tuple[int, int], data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, units - 1))
    tiles = fit_filter_tiles(units, shape, *room, row)
    assert tiles.height <= room[0]
    assert tiles.width <= room[1]
    assert row in tiles.shown
    assert (tiles.note == "") == (tiles.block == 1 and len(tiles.shown) == units)


@given(mosaics(), st.data())
def test_a_spot_shows_its_value_and_leads_back_to_it(tiles: FilterTiles, data: st.DataObject) -> None:
    inputs = tiles.shape[0] * tiles.shape[1]
    row = data.draw(st.sampled_from(tiles.shown))
    column = data.draw(st.integers(0, inputs))
    matrix = np.zeros((tiles.units, inputs + 1))
    matrix[row, column] = 7
    field = tiles.pixels(matrix)
    assert field.shape == (tiles.height, tiles.width)
    rect = tiles.rect(row, column)
    assert np.all(field[rect.down : rect.down + rect.high, rect.across : rect.across + rect.wide] == 7)
    assert np.sum(field == 7) == rect.high * rect.wide
    found_row, found = tiles.value_at(rect.down, rect.across)
    assert found_row == row
    assert tiles.rect(row, found) == rect


@given(mosaics())
def test_pictures_stand_apart(tiles: FilterTiles) -> None:
    inputs = tiles.shape[0] * tiles.shape[1]
    field = tiles.pixels(np.zeros((tiles.units, inputs + 1)))
    shown = np.sum(~np.isnan(field))
    high, wide = (-(-side // tiles.block) * tiles.zoom for side in tiles.shape)
    assert shown == len(tiles.shown) * (high * wide + tiles.zoom)


@given(mosaics(), st.data())
def test_every_step_leads_to_a_value_and_back_within_a_picture(tiles: FilterTiles, data: st.DataObject) -> None:
    inputs = tiles.shape[0] * tiles.shape[1]
    row, column = data.draw(st.integers(0, tiles.units - 1)), data.draw(st.integers(0, inputs))
    down, across = data.draw(st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
    there = tiles.moved(row, column, down, across)
    assert 0 <= there[0] < tiles.units
    assert 0 <= there[1] <= inputs
    if there[0] == row and column < inputs and there[1] < inputs and tiles.block == 1 and tiles.units > 1:
        assert tiles.moved(*there, -down, -across) == (row, column)


def test_every_value_can_be_reached() -> None:
    tiles = fit_filter_tiles(3, (2, 3), 30, 30, 0)
    seen, edge = {(0, 0)}, [(0, 0)]
    while edge:
        here = edge.pop()
        for step in ((0, 1), (1, 0)):
            there = tiles.moved(*here, *step)
            if there not in seen:
                seen.add(there)
                edge.append(there)
    assert seen == {(row, column) for row in range(3) for column in range(7)}


def test_the_digits_keep_their_size_where_not_all_have_room() -> None:
    tiles = fit_filter_tiles(128, (8, 8), 30, 36, 100)
    assert (tiles.zoom, tiles.block, tiles.across, tiles.down) == (1, 1, 4, 3)
    assert tiles.note == "101–112 of 128"
