"""Checkpoints: codec, damage, labels, thinning."""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import struct
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.errors import InputError, TrainerError
from engine.store.checkpoints import Checkpoint, Checkpoints, checkpoints_to_prune, read_checkpoint, write_checkpoint
from tests.engine.store.complaints import complaint_of, is_none_or_names
from tests.properties import examples

DTYPES = ("float32", "float64", "int64", "uint64", "int32", "uint32", "uint8", "bool")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**130), 2**130) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=12).filter(lambda name: name != "__metadata__"),
    st.sampled_from(DTYPES).flatmap(lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0))),
    max_size=4,
)


def small(epoch: int = 3) -> Checkpoint:
    return Checkpoint(epoch, {"W": np.arange(6, dtype=np.float32).reshape(2, 3)}, {"state": 2**127 + 1})


def file(header: object, body: bytes = b"") -> bytes:
    """Return a safetensors file by hand: the header's length, the header, the tensors."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def signed(document: object) -> bytes:
    return file({"__metadata__": {"tui-trainer": json.dumps(document)}})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.safetensors"


@pytest.fixture(scope="module")
def module_path() -> Iterator[Path]:
    """A place for hypothesis, which runs many examples within one call of a test."""
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "a.safetensors"


# Codec


@given(epoch=st.integers(0, 10**9), arrays=ARRAYS, meta=st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_what_is_written_is_read(
    module_path: Path, epoch: int, arrays: dict[str, np.ndarray[Any, Any]], meta: dict[str, Any]
) -> None:
    write_checkpoint(module_path, Checkpoint(epoch, arrays, meta))
    found = read_checkpoint(module_path)
    assert found.epoch == epoch
    assert found.meta == meta
    assert found.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(found.arrays[name], array, strict=True)  # NaN equals NaN here


def test_arrays_of_any_memory_layout(path: Path) -> None:
    base = np.arange(24.0).reshape(4, 6)
    views = {"transposed": base.T, "strided": base[::2, 1::3], "reversed": base[::-1]}
    write_checkpoint(path, Checkpoint(0, views, {}))
    for name, array in read_checkpoint(path).arrays.items():
        np.testing.assert_array_equal(array, views[name], strict=True)


def test_the_file_is_plain_safetensors_that_other_programs_read(path: Path) -> None:
    write_checkpoint(path, small())
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert header["W"] == {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    assert np.frombuffer(data[8 + length :], "<f4").tolist() == [0, 1, 2, 3, 4, 5]
    assert json.loads(header["__metadata__"]["tui-trainer"]) == {
        "format_version": 2,
        "epoch": 3,
        "meta": {"state": 2**127 + 1},
    }
    checksum = header["__metadata__"]["sha256"]
    assert hashlib.sha256(data.replace(checksum.encode(), b"0" * 64)).hexdigest() == checksum


# Damage


@settings(max_examples=examples(300))
@given(place=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_named(module_path: Path, place: int, bit: int) -> None:
    write_checkpoint(module_path, small())
    data = bytearray(module_path.read_bytes())
    data[place % len(data)] ^= 1 << bit
    module_path.write_bytes(data)
    complaint = complaint_of(lambda: read_checkpoint(module_path))
    assert complaint is not None
    assert is_none_or_names(module_path, complaint)


def test_every_flipped_bit_of_the_numbers_leads_to_the_checkpoint_before(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for epoch in (1, 2):
        checkpoints.save(small(epoch))
    newest = max(tmp_path.iterdir())
    whole = newest.read_bytes()
    for place in range(len(whole) - 24, len(whole)):  # six numbers of four bytes
        for bit in range(8):
            data = bytearray(whole)
            data[place] ^= 1 << bit
            newest.write_bytes(data)
            latest = checkpoints.latest()
            assert latest is not None
            assert latest.epoch == 1


def test_a_checkpoint_of_todays_format_without_its_checksum_is_named(path: Path) -> None:
    path.write_bytes(signed({"format_version": 2, "epoch": 3, "meta": {}}))
    with pytest.raises(InputError, match=r"damaged \(it has no sha256\)"):
        read_checkpoint(path)
    path.write_bytes(signed({"format_version": 1, "epoch": 3, "meta": {}}))
    assert read_checkpoint(path).epoch == 3


def test_a_file_cut_at_any_length_is_named(path: Path) -> None:
    write_checkpoint(path, small())
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"a\.safetensors: damaged, or no checkpoint"):
            read_checkpoint(path)


@given(place=st.integers(0), value=st.integers(0, 255))
def test_a_changed_byte_is_read_or_named(module_path: Path, place: int, value: int) -> None:
    write_checkpoint(module_path, small())
    data = bytearray(module_path.read_bytes())
    data[place % len(data)] = value
    module_path.write_bytes(data)
    assert is_none_or_names(module_path, complaint_of(lambda: read_checkpoint(module_path)))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 a zip, perhaps", "damaged"),
        (struct.pack("<Q", 2**63), "damaged"),
        (file({"W": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}, b"00"), "damaged"),
        (file({"W": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}, b"0"), "damaged"),
        (file({"W": {"dtype": "F64", "shape": [0, 2**63 - 1], "data_offsets": [0, 0]}}), "damaged"),
        (file({"W": {"dtype": "F64", "shape": [1] * 100, "data_offsets": [0, 8]}}, bytes(8)), "damaged"),
        (file(b'{"a":' * 10_000), "damaged"),
        (file({}), "no checkpoint of tui-trainer"),
        (file({"__metadata__": {"tui-trainer": "{"}}), "no checkpoint of tui-trainer"),
        (file({"__metadata__": {"tui-trainer": "[" * 10_000}}), "no checkpoint of tui-trainer"),
        (signed([1]), "no checkpoint of tui-trainer"),
        (signed({"epoch": 3, "meta": {}}), "no checkpoint of tui-trainer"),
        (signed({"format_version": "x", "epoch": 3, "meta": {}}), "no format version"),
        (signed({"format_version": 3}), "newer tui-trainer"),
        (signed({"format_version": 2, "epoch": 3}), "meta: this key is required"),
        (signed({"format_version": 2, "epoch": -1, "meta": {}}), "epoch: "),
        (signed({"format_version": 2, "epoch": "\x1b[31m", "meta": {}}), "epoch: "),
    ],
)
def test_what_is_no_checkpoint_is_named(path: Path, content: bytes, complaint: str) -> None:
    path.write_bytes(content)
    with pytest.raises(InputError, match=complaint) as caught:
        read_checkpoint(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).isprintable()


def test_a_missing_file_and_a_folder_are_named(path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.safetensors: cannot be read \(No such file"):
        read_checkpoint(path)
    path.mkdir()
    with pytest.raises(InputError, match=r"a\.safetensors: "):
        read_checkpoint(path)


# A run's checkpoints


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    (tmp_path / "run").mkdir()
    return Checkpoints(tmp_path / "run" / "checkpoints")


def test_none_yet(checkpoints: Checkpoints) -> None:
    assert checkpoints.epochs() == []
    assert checkpoints.latest() is None
    assert checkpoints.best() is None
    with pytest.raises(InputError, match=r"no checkpoint of epoch 1 \(there: none\)"):
        checkpoints.load(1)


def test_saved_ones_are_found(checkpoints: Checkpoints) -> None:
    checkpoints.save(small(0), keep="first")
    checkpoints.save(small(20), keep="best")
    checkpoints.save(small(9))
    checkpoints.save(small(30), keep="best")
    checkpoints.save(small(100), keep="change")
    assert checkpoints.epochs() == [0, 9, 20, 30, 100]
    assert checkpoints.load(9).epoch == 9
    latest, best = checkpoints.latest(), checkpoints.best()
    assert latest is not None
    assert latest.epoch == 100
    assert best is not None
    assert best.epoch == 30


def test_an_epoch_saved_again_is_replaced_and_keeps_its_labels(checkpoints: Checkpoints) -> None:
    checkpoints.save(small(0))
    checkpoints.save(small(5), keep="change")
    checkpoints.save(small(5), keep="best")
    checkpoints.save(Checkpoint(5, {}, {"again": True}))
    assert len(list(checkpoints.directory.iterdir())) == 2
    best = checkpoints.best()
    assert best is not None
    assert best.meta == {"again": True}
    for epoch in range(6, 200):
        checkpoints.save(small(epoch), keep="best" if epoch == 150 else None)
    assert 5 in checkpoints.epochs()  # no longer the best, but still at a change


def test_a_damaged_latest_falls_back_and_says_so(checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture) -> None:
    for epoch in (1, 2, 3):
        checkpoints.save(small(epoch))
    for damaged in sorted(checkpoints.directory.iterdir())[1:]:
        damaged.write_bytes(damaged.read_bytes()[:50])
    with caplog.at_level(logging.WARNING):
        latest = checkpoints.latest()
    assert latest is not None
    assert latest.epoch == 1
    warned = [record.getMessage() for record in caplog.records]
    assert ["0000000003" in warned[0], "0000000002" in warned[1]] == [True, True]


def test_where_none_can_be_read_there_is_none(checkpoints: Checkpoints, caplog: pytest.LogCaptureFixture) -> None:
    for epoch in (0, 10):
        checkpoints.save(small(epoch))
    for path in checkpoints.directory.iterdir():
        path.write_bytes(b"cut")
    with caplog.at_level(logging.WARNING):
        assert checkpoints.latest() is None
    assert [message.rpartition("; ")[2] for message in caplog.messages] == [
        "going back to the checkpoint before it",
        "there is none before it",
    ]


def test_a_damaged_best_is_not_passed_over(checkpoints: Checkpoints) -> None:
    checkpoints.save(small(1), keep="best")
    checkpoints.save(small(2), keep="best")
    max(checkpoints.directory.iterdir()).write_bytes(b"")
    with pytest.raises(InputError, match="0000000002-best"):
        checkpoints.best()


def test_what_killed_saves_left_is_cleared(checkpoints: Checkpoints) -> None:
    checkpoints.save(small(1))
    (checkpoints.directory / ".0000000002.safetensors.k1ll3d.tmp").write_bytes(b"half")
    older, newer = (checkpoints.directory / f"0000000003{label}.safetensors" for label in ("-best", "-best-change"))
    write_checkpoint(older, Checkpoint(3, {}, {"newer": False}))
    write_checkpoint(newer, Checkpoint(3, {}, {"newer": True}))
    assert checkpoints.epochs() == [1, 3]
    assert checkpoints.load(3).meta == {"newer": True}
    checkpoints.save(small(3))
    assert {path.name for path in checkpoints.directory.iterdir()} == {"0000000001.safetensors", newer.name}


def test_other_files_are_left_alone(checkpoints: Checkpoints) -> None:
    checkpoints.save(small(1))
    others = [checkpoints.directory / name for name in ("notes.txt", "1.safetensors", "0000000001-mine.safetensors")]
    for other in others:
        other.write_text("mine")
    for epoch in range(2, 100):
        checkpoints.save(small(epoch))
    assert all(other.read_text() == "mine" for other in others)
    assert checkpoints.load(1).epoch == 1


def test_a_full_disk_loses_no_earlier_checkpoint(
    checkpoints: Checkpoints, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    checkpoints.save(small(1))
    with full_disk(100), pytest.raises(TrainerError, match="cannot be written"):
        checkpoints.save(small(2))
    assert checkpoints.epochs() == [1]
    checkpoints.save(small(2))
    latest = checkpoints.latest()
    assert latest is not None
    assert latest.epoch == 2


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(TrainerError, match="checkpoints: cannot be written"):
        Checkpoints(tmp_path / "run" / "checkpoints").save(small())


def test_a_run_that_was_deleted_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match=r"checkpoints: cannot be written \(No such file"):
        Checkpoints(tmp_path / "run" / "checkpoints").save(small())
    assert list(tmp_path.iterdir()) == []


def test_a_long_run_keeps_few(checkpoints: Checkpoints) -> None:
    labels: dict[int, Any] = {0: "first", 40: "change", 41: "change", 77: "best", 120: "best"}
    for epoch in range(160):
        checkpoints.save(small(epoch), keep=labels.get(epoch))
    epochs = checkpoints.epochs()
    assert {0, 40, 41, 120, 159} <= set(epochs)
    assert len(epochs) == 5 + 64
    assert len(list(checkpoints.directory.iterdir())) == len(epochs)


# Thinning

EPOCHS = st.sets(st.integers(0, 10**6), max_size=150)


@given(epochs=EPOCHS, keep=st.sets(st.integers(0, 10**6), max_size=5), limit=st.integers(0, 20), data=st.data())
def test_thinning_keeps_what_must_stay_and_no_more(
    epochs: set[int], keep: set[int], limit: int, data: st.DataObject
) -> None:
    keep |= set(data.draw(st.lists(st.sampled_from(sorted(epochs)), max_size=9))) if epochs else set()
    deleted = checkpoints_to_prune(sorted(epochs), keep, limit)
    left = epochs - set(deleted)
    assert len(set(deleted)) == len(deleted)
    protected = (keep & epochs) | ({min(epochs), max(epochs)} if epochs else set())
    assert protected <= left
    assert len(left - protected) == min(limit, len(epochs - protected))
    assert checkpoints_to_prune(sorted(left), keep, limit) == []


@given(epochs=EPOCHS, order=st.randoms(use_true_random=False))
def test_thinning_asks_for_no_order(epochs: set[int], order: Any) -> None:
    shuffled = sorted(epochs)
    order.shuffle(shuffled)
    assert checkpoints_to_prune(shuffled, (), 10) == checkpoints_to_prune(sorted(epochs), (), 10)


@given(steps=st.lists(st.integers(1, 400), min_size=1, max_size=300), limit=st.integers(4, 64))
def test_a_growing_run_stays_covered(steps: list[int], limit: int) -> None:
    """Two neighbours between which something was deleted are near each other, as seen from the start and from now.

    Said without logarithms: going from a to b multiplies (epochs since the start + 1) / (epochs until now + 1) by at
    most (all epochs + 1)^(4/(limit + 1)), whatever was deleted while the run was shorter.
    """
    saved = np.cumsum([0, *steps]).tolist()
    left: list[int] = []
    for epoch in saved:
        left.append(epoch)
        left = sorted(set(left) - set(checkpoints_to_prune(left, (), limit)))
        gone = set(saved[: saved.index(epoch) + 1]) - set(left)
        for a, b in itertools.pairwise(left):
            if gone & set(range(a, b)):
                ratio = (b + 1) / (a + 1) * (epoch - a + 1) / (epoch - b + 1)
                assert ratio <= (epoch + 1) ** (4 / (limit + 1)) * (1 + 1e-9)
    assert left[0] == 0
    assert left[-1] == saved[-1]


class PanicException(BaseException):
    """What safetensors raises where memory is short."""


def test_too_little_memory_for_a_checkpoint_is_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def panic(*_: object, **__: object) -> bytes:
        raise PanicException("PyObject pointer is null")

    monkeypatch.setattr("engine.store.checkpoints.to_safetensors", panic)
    with pytest.raises(TrainerError, match=r"a\.safetensors: cannot be written \(there is no memory left"):
        write_checkpoint(path, small())
    assert not path.exists()
