from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui_trainer.view_models.mosaic import MosaicMap, fit_mosaic

shapes = st.tuples(st.integers(2, 20), st.integers(2, 20))
rooms = st.tuples(st.integers(24, 90), st.integers(24, 120))


@st.composite
def mosaics(draw: st.DrawFn) -> MosaicMap:
    units = draw(st.integers(1, 60))
    return fit_mosaic(units, draw(shapes), *draw(rooms), draw(st.integers(0, units - 1)))


@given(st.integers(1, 200), shapes, rooms, st.data())
def test_it_fits_its_field_and_shows_the_neuron_asked_for(
    units: int, shape: tuple[int, int], room: tuple[int, int], data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, units - 1))
    mosaic = fit_mosaic(units, shape, *room, row)
    assert mosaic.height <= room[0]
    assert mosaic.width <= room[1]
    assert row in mosaic.shown
    assert (mosaic.note == "") == (mosaic.block == 1 and len(mosaic.shown) == units)


@given(mosaics(), st.data())
def test_a_spot_shows_its_value_and_leads_back_to_it(mosaic: MosaicMap, data: st.DataObject) -> None:
    inputs = mosaic.shape[0] * mosaic.shape[1]
    row = data.draw(st.sampled_from(mosaic.shown))
    column = data.draw(st.integers(0, inputs))
    matrix = np.zeros((mosaic.units, inputs + 1))
    matrix[row, column] = 7
    field = mosaic.pixels(matrix)
    assert field.shape == (mosaic.height, mosaic.width)
    spot = mosaic.spot(row, column)
    assert np.all(field[spot.down : spot.down + spot.high, spot.across : spot.across + spot.wide] == 7)
    assert np.sum(field == 7) == spot.high * spot.wide
    found_row, found = mosaic.value_at(spot.down, spot.across)
    assert found_row == row
    assert mosaic.spot(row, found) == spot


@given(mosaics())
def test_pictures_stand_apart(mosaic: MosaicMap) -> None:
    inputs = mosaic.shape[0] * mosaic.shape[1]
    field = mosaic.pixels(np.zeros((mosaic.units, inputs + 1)))
    shown = np.sum(~np.isnan(field))
    high, wide = (-(-side // mosaic.block) * mosaic.zoom for side in mosaic.shape)
    assert shown == len(mosaic.shown) * (high * wide + mosaic.zoom)


@given(mosaics(), st.data())
def test_every_step_leads_to_a_value_and_back_within_a_picture(mosaic: MosaicMap, data: st.DataObject) -> None:
    inputs = mosaic.shape[0] * mosaic.shape[1]
    row, column = data.draw(st.integers(0, mosaic.units - 1)), data.draw(st.integers(0, inputs))
    down, across = data.draw(st.sampled_from([(0, 1), (0, -1), (1, 0), (-1, 0)]))
    there = mosaic.moved(row, column, down, across)
    assert 0 <= there[0] < mosaic.units
    assert 0 <= there[1] <= inputs
    if there[0] == row and column < inputs and there[1] < inputs and mosaic.block == 1 and mosaic.units > 1:
        assert mosaic.moved(*there, -down, -across) == (row, column)


def test_every_value_can_be_reached() -> None:
    mosaic = fit_mosaic(3, (2, 3), 30, 30, 0)
    seen, edge = {(0, 0)}, [(0, 0)]
    while edge:
        here = edge.pop()
        for step in ((0, 1), (1, 0)):
            there = mosaic.moved(*here, *step)
            if there not in seen:
                seen.add(there)
                edge.append(there)
    assert seen == {(row, column) for row in range(3) for column in range(7)}


def test_the_digits_keep_their_size_where_not_all_have_room() -> None:
    mosaic = fit_mosaic(128, (8, 8), 30, 36, 100)
    assert (mosaic.zoom, mosaic.block, mosaic.across, mosaic.down) == (1, 1, 4, 3)
    assert mosaic.note == "101–112 of 128"
