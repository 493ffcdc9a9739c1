"""Folders of pictures: classes and parts by folder, and files that are no pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import memory
from engine.data.registry import load_table
from engine.errors import InputError
from engine.spec.sources.files import ImageFolder

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    def to(name: str, grey: int = 100, size: tuple[int, int] = (8, 8), mode: str = "L") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, grey if mode == "L" else (grey,) * 3).save(path)
        return path

    return to


def test_a_folder_for_each_class(draw: Draw, tmp_path: Path) -> None:
    draw("dogs/b.png", 200, (30, 20))
    draw("cats/a.png", 10)
    draw("cats/c.JPG", 50, mode="RGB")
    table = load_table(ImageFolder(source=tmp_path, size=4))
    assert table.X.shape == (3, 16)
    assert table.image_shape == (4, 4)
    assert table.classes == ("cats", "dogs")
    assert table.y.tolist() == [0, 0, 1]
    np.testing.assert_allclose(table.X.mean(axis=1), [10, 50, 200], atol=1)
    assert table.subsets == {}


def test_folders_that_divide_the_pictures(draw: Draw, tmp_path: Path) -> None:
    for part in ("train", "Val", "test"):
        draw(f"{part}/cats/a.png", 10)
        draw(f"{part}/dogs/b.png", 200)
    table = load_table(ImageFolder(source=tmp_path, size=2))
    assert sorted(table.subsets) == ["test", "validation"]
    for rows in table.subsets.values():
        assert table.y[rows].tolist() == [0, 1]


def test_a_picture_is_read_row_by_row_and_resized_by_averaging(tmp_path: Path) -> None:
    pixels = np.kron(np.array([[0, 40], [80, 240]]), np.ones((8, 8))).astype(np.uint8)
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        Image.fromarray(pixels).save(tmp_path / label / "x.png")
    whole = load_table(ImageFolder(source=tmp_path, size="original"))
    assert (whole.X[0].reshape(16, 16) == pixels).all()
    small = load_table(ImageFolder(source=tmp_path, size=2))
    assert small.X[0].tolist() == [0, 40, 80, 240]


def test_sixteen_bits_a_pixel_keep_their_shades(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        Image.fromarray(np.array([[0, 257 * 100, 65535]], dtype=np.uint16)).save(tmp_path / label / "x.png")
    assert load_table(ImageFolder(source=tmp_path, size="original")).X[0].tolist() == [0, 100, 255]


def test_other_files_are_passed_by_and_counted(draw: Draw, tmp_path: Path) -> None:
    draw("a/x.png")
    draw("b/x.png")
    (tmp_path / "a" / "notes.txt").write_text("not a picture")
    (tmp_path / "a" / ".DS_Store").write_text("")
    assert "1 files are no images by their names and were left out" in load_table(ImageFolder(source=tmp_path)).notes


def test_an_image_that_is_none_is_named(draw: Draw, tmp_path: Path) -> None:
    draw("a/x.png")
    whole = draw("b/x.png", size=(200, 200)).read_bytes()
    (tmp_path / "b" / "y.png").write_text("not a picture")
    with pytest.raises(InputError, match=r"b/y\.png: expected an image, this file is none$"):
        load_table(ImageFolder(source=tmp_path))
    (tmp_path / "b" / "y.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"b/y\.png: this image cannot be read \("):
        load_table(ImageFolder(source=tmp_path))


def test_mixed_sizes_are_refused_where_none_is_asked_for(draw: Draw, tmp_path: Path) -> None:
    draw("a/x.png", size=(8, 6))
    draw("b/y.png", size=(7, 6))
    with pytest.raises(InputError, match=r"b/y\.png: 7×6 pixels, but x\.png has 8×6; set data\.size"):
        load_table(ImageFolder(source=tmp_path, size="original"))


def test_folders_that_hold_no_classes_are_refused(draw: Draw, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such folder"):
        load_table(ImageFolder(source=tmp_path / "nowhere"))
    (tmp_path / "rows.csv").touch()
    with pytest.raises(InputError, match=r"rows\.csv: expected a folder of images; this is none"):
        load_table(ImageFolder(source=tmp_path / "rows.csv"))
    with pytest.raises(InputError, match="expected a folder for each class"):
        load_table(ImageFolder(source=tmp_path))
    draw("a/x.png")
    with pytest.raises(InputError, match=r"two or more classes \(there: a\)"):
        load_table(ImageFolder(source=tmp_path))
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match=r"/b: expected images \(such as \.png or \.jpg\), there are none"):
        load_table(ImageFolder(source=tmp_path))


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refuse)
        with pytest.raises(InputError, match=rf"{tmp_path}: cannot be read \(permission denied\)"):
            load_table(ImageFolder(source=tmp_path))


def test_more_pictures_than_memory_holds_are_refused(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw("a/x.png")
    draw("b/x.png")
    monkeypatch.setattr(memory, "limit", lambda: 2 * 64 * 64 * 8 - 1)
    with pytest.raises(InputError, match="too large"):
        load_table(ImageFolder(source=tmp_path))
