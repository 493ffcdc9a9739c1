"""Where sockets lie, and whom the folder is trusted from."""

from __future__ import annotations

import os
import re
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.store.sockets import MAX_PATH_BYTES, longest_path, socket_path


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put the system's temporary directory at a place of its own, with a path that is short enough for sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        monkeypatch.setattr(tempfile, "tempdir", directory)
        yield Path(directory)


@pytest.fixture
def folder(temporary: Path) -> Path:
    return temporary / f"tui-trainer-{os.getuid()}"


def refusal() -> str:
    with pytest.raises(InputError) as caught:
        socket_path(Path("/store"), "run")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_folder_is_made_private_whatever_the_umask(folder: Path) -> None:
    umask = os.umask(0)
    try:
        path = socket_path(Path("/store"), "run")
    finally:
        os.umask(umask)
    assert path.parent == folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert re.fullmatch(r"[0-9a-f]{16}\.sock", path.name)


def test_each_run_of_each_store_has_a_path_of_its_own(temporary: Path) -> None:
    places = [("/a", "x"), ("/a", "y"), ("/b", "x"), ("/ax", "x"), ("/a", "xx")]
    assert len({socket_path(Path(root), name) for root, name in places}) == len(places)


def test_the_path_is_the_same_through_a_link(temporary: Path) -> None:
    (temporary / "real").mkdir()
    (temporary / "link").symlink_to("real")
    assert socket_path(temporary / "real", "run") == socket_path(temporary / "link", "run")


def test_a_symbolic_link_is_refused(folder: Path, tmp_path: Path) -> None:
    folder.symlink_to(tmp_path)
    assert "symbolic link" in refusal()


def test_a_dangling_link_or_a_file_is_refused(folder: Path) -> None:
    folder.symlink_to("nowhere")
    assert "cannot be made" in refusal()
    folder.unlink()
    folder.write_text("")
    assert "cannot be made" in refusal()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_an_open_folder_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    assert f"mode {mode:o}" in refusal()


def test_a_folder_of_another_user_is_refused(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = os.getuid() + 1
    (temporary / f"tui-trainer-{other}").mkdir(mode=0o700)
    monkeypatch.setattr(os, "getuid", lambda: other)
    assert "another user" in refusal()


def test_the_longest_path_allowed_is_the_longest_the_system_takes(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = MAX_PATH_BYTES - len(os.fsencode(socket_path(Path("/store"), "run")))
    longest, too_long = (temporary / ("x" * length) for length in (spare - 1, spare))
    longest.mkdir()
    too_long.mkdir()

    monkeypatch.setattr(tempfile, "tempdir", str(longest))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(socket_path(Path("/store"), "run")))

    monkeypatch.setattr(tempfile, "tempdir", str(too_long))
    assert "107 bytes" in refusal()
    name = next(longest.rglob("*.sock")).name
    with socket.socket(socket.AF_UNIX) as listener, pytest.raises(OSError, match="too long"):
        listener.bind(str(too_long / f"tui-trainer-{os.getuid()}" / name))


def test_other_systems_take_shorter_paths() -> None:
    assert {system: longest_path(system) for system in ("linux", "darwin", "freebsd14")} == {
        "linux": 107,
        "darwin": 103,
        "freebsd14": 103,
    }
