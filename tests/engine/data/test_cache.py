"""The cache of data: what is kept comes back as it was, and nothing that is wrong with it is an error."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import cache
from engine.data.cache import DataCache, Entry
from tests.properties import examples

KEY = {"function": "make_something", "options": {"noise": 0.1}}
ENTRY = Entry({"X": np.arange(6.0).reshape(2, 3), "words": np.array([1, 2**32 - 1], np.uint32)}, {"names": ["a", "ü"]})


def only_file(folder: Path) -> Path:
    [path] = folder.iterdir()
    return path


def test_what_is_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    DataCache(tmp_path / "c").write(KEY, ENTRY)
    found = DataCache(tmp_path / "c").read(KEY)
    assert found is not None
    assert found.meta == ENTRY.meta
    for name, array in ENTRY.arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].tobytes() == array.tobytes()
        assert found.arrays[name].flags.writeable
    assert DataCache(tmp_path / "c").read({**KEY, "options": {"noise": 0.2}}) is None


@given(place=st.integers(0), bit=st.integers(0, 7))
@settings(max_examples=examples(60))
def test_a_flipped_bit_makes_an_entry_count_as_not_there(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    DataCache(folder).write(KEY, ENTRY)
    path = only_file(folder)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    path.write_bytes(data)
    assert DataCache(folder).read(KEY) is None
    DataCache(folder).write(KEY, ENTRY)
    assert DataCache(folder).read(KEY) is not None


def test_a_cut_entry_and_one_of_another_key_count_as_not_there(tmp_path: Path) -> None:
    DataCache(tmp_path).write(KEY, ENTRY)
    path, other = only_file(tmp_path), {"function": "another"}
    path.rename(DataCache._path(tmp_path, other))
    assert DataCache(tmp_path).read(other) is None
    DataCache(tmp_path).write(KEY, ENTRY)
    for length in (0, 7, 40, len(path.read_bytes()) - 1):
        path.write_bytes(path.read_bytes()[:length])
        assert DataCache(tmp_path).read(KEY) is None
    path.unlink()
    path.mkdir()
    assert DataCache(tmp_path).read(KEY) is None
    DataCache(tmp_path).write(KEY, ENTRY)  # a folder in its place


@pytest.mark.parametrize("place", ["/dev/null/cache", "~nobody-of-this-name/cache"])
def test_a_place_that_cannot_be_is_no_error(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "TUI_TRAINER_CACHE": place})
    DataCache().write(KEY, ENTRY)
    assert DataCache().read(KEY) is None


def test_the_folder_and_its_files_are_the_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_TRAINER_CACHE", str(tmp_path / "deep" / "cache"))
    before = os.umask(0)
    try:
        DataCache().write(KEY, ENTRY)
    finally:
        os.umask(before)
    folder = tmp_path / "deep" / "cache"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "data")] == [0o700, 0o700]
    assert stat.S_IMODE(only_file(folder / "data").stat().st_mode) == 0o600


def test_without_a_name_it_lies_where_the_platform_has_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUI_TRAINER_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    DataCache().write(KEY, ENTRY)
    assert only_file(tmp_path / "tui-trainer" / "data").is_file()


def test_what_was_used_longest_ago_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    DataCache(tmp_path).write(KEY, ENTRY)
    size = only_file(tmp_path).stat().st_size
    monkeypatch.setattr(cache, "MOST_BYTES", int(3.5 * size))
    keys = [KEY, *({"function": f"make_something{number}", "options": {"noise": 0.1}} for number in range(3))]
    for age, key in enumerate(keys[:3]):
        DataCache(tmp_path).write(key, ENTRY)
        path = DataCache._path(tmp_path, key)
        os.utime(path, (age, age))
    assert DataCache(tmp_path).read(keys[0]) is not None  # the oldest, but used just now
    DataCache(tmp_path).write(keys[3], ENTRY)
    assert [DataCache(tmp_path).read(key) is not None for key in keys] == [True, False, True, True]
    monkeypatch.setattr(cache, "LARGEST_ENTRY", 100)
    DataCache(tmp_path).write({"function": "large"}, ENTRY)
    assert DataCache(tmp_path).read({"function": "large"}) is None
