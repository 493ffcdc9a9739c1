"""What is said of the reading of a large file while nobody can ask the worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import text_table
from engine.data.progress import tell
from engine.data.registry import load_table
from engine.spec.sources.files import CsvFile
from engine.store.runs import Run
from engine.worker.reading import noted, read_note


def test_a_note_stands_in_the_run_while_it_reads_and_is_gone_afterwards(tmp_path: Path) -> None:
    run = Run(tmp_path)
    assert read_note(run) == ""
    with noted(run):
        tell(Path("/data/houses.csv"), 0.254)
        assert read_note(run) == "reading houses.csv: 25%"
        tell(Path("/data/\x1b[31mred.csv"), 1.0)
        assert "\x1b" not in read_note(run)
    assert read_note(run) == ""
    with noted(Run(tmp_path / "gone")):
        tell(Path("a.csv"), 0.5)


def test_a_large_file_is_told_of_block_by_block_and_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_table, "BLOCK", 1024)
    monkeypatch.setattr(text_table, "TOLD_OF", 4096)
    path = tmp_path / "long.csv"
    path.write_text("x,y\n" + "".join(f"{row}.5,{row % 2}\n" for row in range(2000)))
    notes: list[str] = []
    run = Run(tmp_path)
    with noted(run):
        monkeypatch.setattr(Path, "write_text", lambda _self, text, **_: notes.append(text))
        table = load_table(CsvFile(source=path, target="y"))
    assert table.X[:, 0].tolist() == [row + 0.5 for row in range(2000)]
    assert notes[-1] == "reading long.csv: 100%"
    assert len(set(notes)) > 5
