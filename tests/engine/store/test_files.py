"""Writing durably, format versions, and what a path lies on."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from engine.errors import InputError, TrainerError
from engine.store.files import check_format, file_system, make_folder, write_durably

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
box:/export /home nfs4 rw,vers=4.2 0 0
/dev/vdb /home/local\\040disk xfs rw 0 0
user@box:/ /home/local\\040disk/far fuse.sshfs rw 0 0
/dev/vdc /twice ext4 rw 0 0
//box/share /twice cifs rw 0 0
"""


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a file"
    write_durably(path, b"first, and longer")
    write_durably(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a file"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    path = tmp_path / "a file"
    write_durably(path, b"old")
    with full_disk(1000), pytest.raises(TrainerError, match="a file: cannot be written") as caught:
        write_durably(path, bytes(1001))
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a file"]


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="cannot be written"):
        write_durably(tmp_path / "nowhere" / "file", b"")


def test_folders_and_the_names_of_those_that_were_made_above_them_are_durable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_ino))
    make_folder(tmp_path / "a" / "b", parents=True)
    assert synced == [tmp_path.stat().st_ino, (tmp_path / "a").stat().st_ino]
    make_folder(tmp_path / "a" / "b", parents=True)
    assert len(synced) == 2


@pytest.mark.parametrize("refusal", [errno.EINVAL, errno.ENOTSUP])
def test_a_file_system_that_syncs_no_folders_can_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: int
) -> None:
    sync = os.fsync

    def of_files_alone(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(refusal, os.strerror(refusal))
        sync(descriptor)

    monkeypatch.setattr("os.fsync", of_files_alone)
    write_durably(tmp_path / "a file", b"all of it")
    assert (tmp_path / "a file").read_bytes() == b"all of it"


@pytest.mark.parametrize("found", [None, "1", 0, -1, 1.0, True, [1]])
def test_no_format_version(found: object) -> None:
    with pytest.raises(InputError, match=r"run\.json: no format version"):
        check_format(Path("run.json"), found, known=2)


def test_formats_up_to_the_known_one_are_read() -> None:
    check_format(Path("run.json"), 1, known=2)
    check_format(Path("run.json"), 2, known=2)
    with pytest.raises(InputError, match=r"run\.json: written by a newer tui-trainer \(format 3"):
        check_format(Path("run.json"), 3, known=2)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/tmp/x", "ext4"),
        ("/homes/x", "ext4"),
        ("/home", "nfs4"),
        ("/home/user/store", "nfs4"),
        ("/home/local disk/store", "xfs"),
        ("/home/local disk/far/store", "fuse.sshfs"),
        ("/twice/store", "cifs"),
    ],
)
def test_the_deepest_and_latest_mount_holds_a_path(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind
