"""Pictures by layout, orientation, range and transparency: seen as a viewer shows them, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data.table import Table
from engine.errors import InputError
from tests.cases.recipes import data_of

LEFT_WHITE = np.tile(np.repeat([255, 0], 4), (8, 1)).astype(np.uint8)
GREEN = 0.587 * 255


def table_of_arrays(path: Path, X: Any, **options: Any) -> Table:
    np.savez(path, X=X, y=np.arange(len(X)) % 2)
    return data_of(path, 2, **options).table


def green(shape: tuple[int, ...], axis: int, dtype: Any = np.uint8, white: float = 255) -> Any:
    """Return wholly green pictures with the channels on ``axis``."""
    X = np.zeros(shape, dtype)
    np.moveaxis(X, axis, -1)[..., 1] = white
    return X


@pytest.mark.parametrize(
    ("X", "image_shape"),
    [
        (green((4, 3, 12, 10), 1), (12, 10)),
        (green((4, 12, 10, 3), 3), (12, 10)),
        (green((4, 3, 4, 4), 1), (4, 4)),
        (green((4, 4, 4, 3), 3), (4, 4)),
    ],
    ids=["first", "last", "first, small and square", "last, small and square"],
)
def test_the_place_of_the_channels_is_seen(tmp_path: Path, X: Any, image_shape: tuple[int, int]) -> None:
    table = table_of_arrays(tmp_path / "green.npz", X)
    assert table.image_shape == image_shape
    np.testing.assert_allclose(table.X, GREEN)


def test_a_place_that_cannot_be_seen_is_asked_for(tmp_path: Path) -> None:
    X = green((4, 3, 3, 3), 1)
    with pytest.raises(InputError, match=r"the channels may be first or last; set data\.layout = 'channels-first'"):
        table_of_arrays(tmp_path / "green.npz", X)
    np.testing.assert_allclose(table_of_arrays(tmp_path / "green.npz", X, layout="channels-first").X, GREEN)
    turned = np.moveaxis(X, 1, -1)
    np.testing.assert_allclose(table_of_arrays(tmp_path / "green.npz", turned, layout="channels-last").X, GREEN)


def test_seven_channels_are_no_picture(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected pictures of 1 to 4 channels, first or last"):
        table_of_arrays(tmp_path / "bands.npz", np.zeros((4, 9, 9, 7)))


@pytest.mark.parametrize(
    ("dtype", "white"), [(np.uint8, 255), (np.uint16, 65535), (np.float32, 1.0), (np.float64, 255.0)]
)
def test_what_is_transparent_in_arrays_is_white(tmp_path: Path, dtype: Any, white: float) -> None:
    X = np.zeros((2, 8, 8, 4), dtype)
    X[:, 2:6, 2:6, 3] = white  # a black square on nothing
    X[1, ..., 3] = white
    table = table_of_arrays(tmp_path / "square.npz", X)
    first, opaque = table.X.reshape(2, 8, 8)
    assert (first[0] == white).all()
    assert (first[2:6, 2:6] == 0).all()
    assert (opaque == 0).all()
    assert "1 pictures are shown over white, being transparent" in table.notes


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Table]:
    def read(*images: Image.Image, ending: str = "png", **save: Any) -> Table:
        for label in ("a", "b"):
            (tmp_path / label).mkdir()
        for number, image in enumerate(images):
            image.save(tmp_path / "a" / f"{number}.{ending}", **save)
        Image.fromarray(LEFT_WHITE).save(tmp_path / "b" / "plain.png")
        return data_of(tmp_path, 2, size="original").table

    return read


ROTATIONS: dict[int, Callable[[Any], Any]] = {  # how a camera stores an upright picture, by EXIF's number for it
    2: np.fliplr,
    3: lambda picture: np.rot90(picture, 2),
    4: np.flipud,
    5: np.transpose,
    6: np.rot90,
    7: lambda picture: np.rot90(picture, 2).T,
    8: lambda picture: np.rot90(picture, -1),
}


@pytest.mark.parametrize("orientation", ROTATIONS)
def test_a_photograph_is_upright(folder: Callable[..., Table], orientation: int) -> None:
    upright = np.arange(64, dtype=np.uint8).reshape(8, 8) * 3
    stored = np.ascontiguousarray(ROTATIONS[orientation](upright))
    exif = Image.Exif()
    exif[0x0112] = orientation
    table = folder(Image.fromarray(stored), exif=exif)
    assert (table.X[0].reshape(8, 8) == upright).all()
    assert "1 pictures are turned as their EXIF says" in table.notes


@pytest.mark.parametrize(
    ("pixels", "right"),
    [
        (LEFT_WHITE.astype(np.float32) / 255, 255.0),
        (LEFT_WHITE.astype(np.float32) / 255 * 200.5, 200.5),
        (LEFT_WHITE.astype(np.int32), 255.0),
        (LEFT_WHITE.astype(np.int32) * 257, 255.0),
    ],
    ids=["fractions to 1", "fractions to 200.5", "32 bits to 255", "32 bits to 65535"],
)
def test_ranges_are_brought_to_255(folder: Callable[..., Table], pixels: Any, right: float) -> None:
    table = folder(Image.fromarray(pixels), ending="tiff")
    np.testing.assert_allclose(table.X[0].reshape(8, 8)[0], [right] * 4 + [0] * 4, rtol=1e-6)


@pytest.mark.parametrize("pixels", [LEFT_WHITE.astype(np.float32) * 1000, LEFT_WHITE.astype(np.float32) - 9])
def test_a_range_of_its_own_is_refused(folder: Callable[..., Table], pixels: Any) -> None:
    with pytest.raises(InputError, match=r"expected pictures of numbers from 0 … 1 or 0 … 255, got"):
        folder(Image.fromarray(pixels), ending="tiff")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_a_black_figure_on_nothing_is_seen_over_white(folder: Callable[..., Table], mode: str) -> None:
    pixels = np.zeros((8, 8, 4), np.uint8)
    pixels[2:6, 2:6, 3] = 255
    table = folder(Image.fromarray(pixels).convert(mode) if mode != "P" else Image.fromarray(pixels).quantize(4))
    seen = table.X[0].reshape(8, 8)
    assert (seen[2:6, 2:6] == 0).all()
    assert (seen[0] == 255).all()
    assert "1 pictures are shown over white, being transparent" in table.notes


def test_opacity_everywhere_changes_nothing(folder: Callable[..., Table]) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    opaque = np.dstack([colours, np.full((8, 8), 255, np.uint8)])
    table = folder(Image.fromarray(colours), Image.fromarray(opaque))
    assert (table.X[0] == table.X[1]).all()
    assert len(table.notes) == 1


def test_an_array_in_a_file_of_its_own(tmp_path: Path) -> None:
    for name, array in {"x": np.arange(8.0).reshape(4, 2), "y": np.array(["no", "yes"] * 2)}.items():
        np.save(tmp_path / f"{name}.npy", array)
    with pytest.raises(InputError, match=r"x\.npy: holds the inputs alone; set data\.labels_file to the \.npy file"):
        data_of(tmp_path / "x.npy", 2)
    table = data_of(tmp_path / "x.npy", 2, labels_file=str(tmp_path / "y.npy")).table
    assert table.X.tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert (table.classes, table.y.tolist()) == (("no", "yes"), [0, 1, 0, 1])
