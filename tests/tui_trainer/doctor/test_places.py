from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_trainer.doctor import places
from tui_trainer.doctor.findings import Finding


def found() -> dict[str, Finding]:
    return {finding.name: finding for finding in places.examine_places()}


@pytest.fixture(autouse=True)
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder for temporary files, whose path is short enough for sockets to lie below it."""
    with tempfile.TemporaryDirectory(prefix="d") as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)


def test_folders_of_ones_own_are_well_and_nothing_is_left_in_them(home: Path) -> None:
    before = sorted(home.rglob("*"))
    assert {finding.grade for finding in found().values() if finding.name != "store"} == {"ok"}
    assert sorted(home.rglob("*")) == before


def test_what_is_no_folder_is_named_with_the_variable_that_moves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    for variable in ("TUI_TRAINER_HOME", "TUI_TRAINER_CONFIG", "TUI_TRAINER_CACHE"):
        monkeypatch.setenv(variable, str(tmp_path / "file"))
    faults = {name: finding.advice for name, finding in found().items() if finding.grade == "fault"}
    assert {name: advice.split()[1] for name, advice in faults.items()} == {
        "store": "TUI_TRAINER_HOME",
        "settings": "TUI_TRAINER_CONFIG",
        "cache": "TUI_TRAINER_CACHE",
    }


def test_a_store_open_to_others_is_told_how_to_close_it(home: Path) -> None:
    store = home / "store"
    store.mkdir(mode=0o755)
    store.chmod(0o755)
    assert found()["store"].advice == f"chmod 700 {store}"


@pytest.mark.parametrize(("kind", "word"), [("nfs4", "network"), ("fuse.sshfs", "network"), ("tmpfs", "next start")])
def test_a_file_system_that_is_slow_or_does_not_last_is_said(
    kind: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_file_system", lambda _: kind)
    assert word in found()["store"].text
    assert "TUI_TRAINER_HOME" in found()["store"].advice


def test_a_disk_that_is_nearly_full_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_file_system", lambda _: "ext4")
    assert found()["store"].grade == "ok"
    monkeypatch.setattr(places, "LITTLE_ROOM", 2**62)
    assert "prune" in found()["store"].advice


def test_a_folder_of_sockets_open_to_others_is_a_fault(temporary: Path) -> None:
    folder = temporary / f"tui-trainer-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    finding = found()["sockets"]
    assert finding.grade == "fault"
    assert "777" in finding.text
